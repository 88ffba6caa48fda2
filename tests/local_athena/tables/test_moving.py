"""Tests ALTER TABLE SET LOCATION, and other statements that change or describe a Hive table."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow


def _text_table(house: House, name: str, folder: str, more: str = "") -> None:
    house.run(
        f"create external table {name} (n int) {more} row format delimited fields terminated by ',' "
        f"location 's3://{house.bucket}/{folder}/'"
    )


def test_a_table_is_read_at_its_new_location(house: House) -> None:
    house.put("old/a.csv", b"1\n")
    house.put("new/a.csv", b"2\n")
    _text_table(house, "t", "old")

    assert house.rows("select n from t") == [("1",)]
    house.run(f"alter table t set location 's3://{house.bucket}/new/'")
    assert house.rows("select n from t") == [("2",)]
    assert "is not an S3 location" in house.fails("alter table t set location '/new'")


def test_a_partition_is_read_at_its_new_location(house: House) -> None:
    house.put("t/p=1/a.csv", b"1\n")
    house.put("new/a.csv", b"2\n")
    _text_table(house, "t", "t", "partitioned by (p string)")
    house.run("msck repair table t")

    house.run(f"alter table t partition (p = '1') set location 's3://{house.bucket}/new/'")

    assert house.rows("select n, p from t") == [("2", "1")]
    assert "Cannot find partition" in house.fails(
        f"alter table t partition (p = '2') set location 's3://{house.bucket}/new/'"
    )


@pytest.mark.parametrize("sql", ["alter table t set fileformat parquet", "delete from t returning n"])
def test_what_athena_does_not_know_starts_nothing(house: House, sql: str) -> None:
    with pytest.raises(ClientError, match="InvalidRequestException"):
        house.start(sql)


def test_the_catalog_has_a_location_without_the_slash_at_its_end(house: House) -> None:
    _text_table(house, "t", "t")

    table = house.glue.get_table(DatabaseName=house.database, Name="t")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{house.bucket}/t"


def test_a_table_whose_property_says_hive_is_a_hive_table(house: House) -> None:
    house.put("t/a.csv", b"1\n")
    house.run(
        "create external table t (n int) row format delimited fields terminated by ',' "
        f"location 's3://{house.bucket}/t/' tblproperties ('table_type' = 'hive')"
    )

    assert house.rows("select n from t") == [("1",)]
    assert house.rows_of(house.run("show columns from t")) == [(f"{'n':20}",)]


def test_with_no_data_makes_an_empty_table(house: House) -> None:
    house.run("create table t as select 1 as n, 'x' as s with no data")
    house.iceberg("i", "select 1 as n, 'x' as s with no data")

    for name in ("t", "i"):
        assert house.rows(f"select count(*), max(n), max(s) from {name}") == [("0", None, None)]
    house.run("insert into t values (2, 'y')")
    assert house.rows("select n, s from t") == [("2", "y")]


def test_timestamps_of_hive_tables_have_96_bits_and_their_whole_range(house: House) -> None:
    last = "9999-12-31 23:59:59.999"
    house.run(f"create table t with (format = 'parquet') as select timestamp '{last}' as at, 1 as n")

    (key,) = (key for key in house.keys("results/tables/") if key.endswith(".parquet"))
    file = pq.ParquetFile(io.BytesIO(house.read(f"s3://{house.bucket}/{key}")))
    assert file.schema.column(0).physical_type == "INT96"
    assert house.rows("select at from t") == [(last,)]


def test_unsigned_integers_are_read_as_wider_ones(house: House) -> None:
    body = io.BytesIO()
    pq.write_table(
        pa.table({"a": pa.array([255], pa.uint8()), "b": pa.array([2**32 - 1], pa.uint32())}), body
    )
    house.put("t/a.parquet", body.getvalue())
    house.run(
        f"create external table t (a smallint, b bigint) stored as parquet location 's3://{house.bucket}/t/'"
    )

    assert house.rows("select a, b from t") == [("255", "4294967295")]


def test_a_column_of_type_char_is_refused_by_name(house: House) -> None:
    house.glue.create_table(
        DatabaseName=house.database,
        TableInput={
            "Name": "t",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": {"Columns": [{"Name": "c", "Type": "char(3)"}], "Location": "s3://none/t"},
        },
    )

    assert "does not support the type char" in house.fails("select * from t")


def test_injected_values_are_those_that_the_query_names(house: House) -> None:
    for key in "ab":
        house.put(f"t/{key}/x.csv", f"{key}\n".encode())
    location = f"s3://{house.bucket}/t"
    house.run(
        "create external table t (s string) partitioned by (p string) row format delimited "
        f"fields terminated by ',' location '{location}' tblproperties ('projection.enabled' = 'true', "
        f"'projection.p.type' = 'injected', 'storage.location.template' = '{location}/${{p}}')"
    )

    assert house.rows("select s, p from t where p = 'a'") == [("a", "a")]
    assert house.rows("select count(*) from t where p = 'c'") == [("0",)]
    assert house.fails("select s from t").startswith("CONSTRAINT_VIOLATION: For the injected projected")
    assert house.fails("select s from t where p > 'a'").startswith("CONSTRAINT_VIOLATION: ")


def test_the_catalog_has_the_classes_and_comments_that_athena_writes(house: House) -> None:
    classes = {
        "": "HiveIgnoreKeyTextOutputFormat",
        "stored as textfile": "HiveIgnoreKeyTextOutputFormat",
        "row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'": "HiveIgnoreKeyTextOutputFormat",
        "row format serde 'org.openx.data.jsonserde.JsonSerDe'": "IgnoreKeyTextOutputFormat",
    }
    for number, (clause, output) in enumerate(classes.items()):
        house.run(
            f"create external table t{number} (s string) comment 'one\n\n  comment' {clause} "
            f"location 's3://{house.bucket}/{number}/' tblproperties ('note' = '{{\n  a\tb }}\n')"
        )
        table = house.glue.get_table(DatabaseName=house.database, Name=f"t{number}")["Table"]
        assert table["StorageDescriptor"]["OutputFormat"].rsplit(".", 1)[-1] == output, clause
        assert table["Parameters"]["comment"] == "one comment"
        # A single white-space character stays.
        assert table["Parameters"]["note"] == "{ a\tb }\n"
