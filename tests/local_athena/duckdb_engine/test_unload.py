"""Tests UNLOAD, and the tables of information_schema."""

from __future__ import annotations

import gzip
import io

import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow


def test_unload_writes_files_and_a_manifest(house: House) -> None:
    execution = house.run(
        f"unload (select * from (values (1, 'a'), (2, ')')) as t (n, s)) to 's3://{house.bucket}/out/' "
        "with (format = 'PARQUET', compression = 'SNAPPY')"
    )

    manifest = house.read(execution["Statistics"]["DataManifestLocation"]).decode().split()
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "UNLOAD")
    assert len(manifest) == 1
    assert pq.read_table(io.BytesIO(house.read(manifest[0]))).to_pylist() == [
        {"n": 1, "s": "a"},
        {"n": 2, "s": ")"},
    ]
    assert "HIVE_PATH_ALREADY_EXISTS" in house.fails(
        f"unload (select 1 as n) to 's3://{house.bucket}/out/' with (format = 'PARQUET')"
    )


def test_unload_of_no_rows_has_an_empty_manifest(house: House) -> None:
    execution = house.run(
        f"unload (select 1 as n where false) to 's3://{house.bucket}/none/' with (format = 'PARQUET')"
    )

    assert house.read(execution["Statistics"]["DataManifestLocation"]) == b""
    assert house.keys("none/") == []


def test_unload_parts_text_by_folder(house: House) -> None:
    house.run(
        "unload (select n, s, day from (values (1, 'a', '2025-01-01'), (2, null, '2025-01-02')) as t (n, s, day)) "
        f"to 's3://{house.bucket}/out/' with (format = 'TEXTFILE', field_delimiter = ',', partitioned_by = array['day'])"
    )

    found = {
        key.split("/")[1]: gzip.decompress(house.read(f"s3://{house.bucket}/{key}"))
        for key in house.keys("out/")
    }
    assert found == {"day=2025-01-01": b"1,a\n", "day=2025-01-02": b"2,\\N\n"}


def test_unload_binds_parameters_and_names_what_is_wrong(house: House) -> None:
    to = f"to 's3://{house.bucket}/out/' with (format = 'PARQUET')"
    execution = house.run(f"unload (select ? as n) {to}", ExecutionParameters=["7"])
    (key,) = house.read(execution["Statistics"]["DataManifestLocation"]).decode().split()

    assert pq.read_table(io.BytesIO(house.read(key))).to_pylist() == [{"n": 7}]
    assert "COLUMN_NOT_FOUND: line 2:9" in house.fails(
        f"unload (\n select missing from (values 1) as t (n)) {to}"
    )
    assert "writing the format AVRO" in house.fails(
        f"unload (select 1 as n) to 's3://{house.bucket}/avro/' with (format = 'AVRO')"
    )
    with pytest.raises(ClientError, match="expecting UNLOAD"):
        house.start("unload select 1 to 's3://b/'")


def test_information_schema_shows_the_catalog(house: House) -> None:
    house.run(
        "create external table h (a int, b array<string>) partitioned by (p string) "
        f"stored as parquet location 's3://{house.bucket}/h/'"
    )
    house.iceberg("i", "select cast(1 as bigint) as n, decimal '1.50' as d")
    house.run("create view v as select n from i")
    where = f"where table_schema = '{house.database}'"

    assert house.rows(f"select table_name, table_type from information_schema.tables {where} order by 1") == [
        ("h", "BASE TABLE"),
        ("i", "BASE TABLE"),
        ("v", "VIEW"),
    ]
    columns = "table_name, column_name, ordinal_position, is_nullable, data_type"
    assert house.rows(f"select {columns} from information_schema.columns {where} order by 1, 3") == [
        ("h", "a", "1", "YES", "integer"),
        ("h", "b", "2", "YES", "array(varchar)"),
        ("h", "p", "3", "YES", "varchar"),
        ("i", "n", "1", "YES", "bigint"),
        ("i", "d", "2", "YES", "decimal(3,2)"),
        ("v", "n", "1", "YES", "bigint"),
    ]
    assert house.rows(
        f"select extra_info from awsdatacatalog.information_schema.columns {where} and table_name = 'h' and column_name = 'p'"
    ) == [("partition key",)]
    assert house.rows(
        f"select count(*) from information_schema.schemata where schema_name = '{house.database}'"
    ) == [("1",)]
    assert house.rows(f"select view_definition from information_schema.views {where}") == [
        ("SELECT n\nFROM\n  i\n",)
    ]
    assert "information_schema.roles" in house.fails("select * from information_schema.roles")


def test_an_iceberg_tables_snapshots_and_history(house: House) -> None:
    house.iceberg("t", "select 1 as n")
    house.run("insert into t select 2")

    assert house.rows('select operation from "t$snapshots" order by committed_at') == [
        ("append",),
        ("append",),
    ]
    assert house.rows('select count(*) from "t$history" where is_current_ancestor') == [("2",)]
    assert house.rows('select sum(record_count) from "t$files"') == [("2",)]
    assert 'the metadata table "t$entries"' in house.fails('select * from "t$entries"')


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("time '01:02:03'", "Unsupported Hive type: time(0)"),
        ("now()", "Unsupported Hive type: timestamp(3) with time zone"),
        (
            "cast(timestamp '2025-01-01 00:00:00' as timestamp(6))",
            "Incorrect timestamp precision for timestamp(6); the configured precision is MILLISECONDS",
        ),
    ],
)
def test_unload_knows_the_types_of_hives_files_only(house: House, value: str, reason: str) -> None:
    failure = house.fails(
        f"unload (select {value} as a) to 's3://{house.bucket}/out/' with (format = 'parquet')"
    )

    assert failure == f"NOT_SUPPORTED: {reason}"
    assert house.keys("out/") == []
