"""Tests SHOW and DESCRIBE against measurements of Athena (docs/athena-measured.md)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow


def shown(house: House, sql: str) -> tuple[list[tuple[str, str]], list[str | None], int | None, str]:
    """The columns, rows, update count and substatement type of a statement."""
    execution = house.run(sql)
    found = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    columns = found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert all(column["Precision"] == 0 and not column["CaseSensitive"] for column in columns)
    rows: list[Any] = [row["Data"][0].get("VarCharValue") for row in found["ResultSet"]["Rows"]]
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert house.read(location).decode() == "\n".join(rows)
    names = [(column["Name"], column["Type"]) for column in columns]
    return names, rows, found.get("UpdateCount"), execution["SubstatementType"]


def test_a_hive_table_is_padded(house: House) -> None:
    house.run(
        "create external table t (n int comment 'abc', s struct<a:int,b:array<string>>, c21_abcdefghijklmnopq double) "
        f"partitioned by (p string comment 'pc') stored as parquet location 's3://{house.bucket}/t/'"
    )
    columns = [("col_name", "string"), ("data_type", "string"), ("comment", "string")]
    key = f"{'p':20}\t{'string':20}\t{'pc':20}"

    described = shown(house, f"describe awsdatacatalog.{house.database}.t")
    assert described == (
        columns,
        [
            f"{'n':20}\t{'int':20}\t{'abc':20}",
            f"{'s':20}\tstruct<a:int,b:array<string>>\t{'':20}",
            f"c21_abcdefghijklmnopq\t{'double':20}\t{'':20}",
            key,
            "\t \t ",
            "# Partition Information\t \t ",
            "# col_name            \tdata_type           \tcomment             ",
            "\t \t ",
            key,
        ],
        None,
        "DESCRIBE_TABLE",
    )
    names = [f"{'n':20}", f"{'s':20}", "c21_abcdefghijklmnopq", f"{'p':20}"]
    assert shown(house, "show columns from t") == ([("field", "string")], names, 0, "SHOW_COLUMNS")


def test_an_iceberg_table_is_not_padded_and_shows_its_partitions(house: House) -> None:
    house.run(
        "create table t (n int comment 'abc', s string, ts timestamp, d decimal(10,2), st struct<a:int,b:string>) "
        f"partitioned by (s, bucket(4, n), day(ts), truncate(3, s)) location 's3://{house.bucket}/t/' "
        "tblproperties ('table_type' = 'ICEBERG')"
    )

    _, rows, count, _ = shown(house, "desc t")
    assert count == 0
    assert rows == [
        "# Table schema:\t\t",
        "# col_name\tdata_type\tcomment",
        "n\tint\tabc",
        "s\tstring\t",
        "ts\ttimestamp\t",
        "d\tdecimal(10, 2)\t",
        "st\tstruct<a: int, b: string>\t",
        "\t\t",
        "# Partition spec:\t\t",
        "# field_name\tfield_transform\tcolumn_name",
        "s\tidentity\ts",
        "n_bucket\tbucket[4]\tn",
        "ts_day\tday\tts",
        "s_trunc\ttruncate[3]\ts",
    ]
    assert shown(house, "show columns in t")[1] == ["n", "s", "ts", "d", "st"]


def test_a_view_shows_trinos_types(house: House) -> None:
    house.run("create view v as select 1 as n, 'a' as s")
    expected = ([("column", "varchar"), ("type", "varchar")], ["n\tinteger", "s\tvarchar(1)"], 0, "DESC_VIEW")

    assert shown(house, "describe v") == expected
    assert shown(house, "show columns from v") == expected
    assert shown(house, "show create view v")[0] == [("create view", "varchar")]
    assert shown(house, "show views") == ([("views", "varchar")], ["v"], 0, "SHOW_VIEWS")


def test_tables_databases_and_properties(house: House) -> None:
    house.run(
        f"create external table abc (n int) location 's3://{house.bucket}/t/' tblproperties ('note' = 'x')"
    )
    house.run(f"create external table other (n int) location 's3://{house.bucket}/u/'")

    assert shown(house, "show tables") == ([("tab_name", "string")], ["abc", "other"], 0, "SHOW_TABLES")
    assert shown(house, f"show tables in {house.database} 'a.*'")[1] == ["abc"]
    assert shown(house, f"show tables in awsdatacatalog.{house.database} like 'a*'")[1] == ["abc"]
    databases = shown(house, f"show schemas like '{house.database}'")
    assert databases == ([("database_name", "string")], [house.database], 0, "SHOW_DATABASES")
    assert shown(house, f"show databases like '{house.database[:3]}*'")[1] == []
    heading, rows, _, kind = shown(house, "show tblproperties abc")
    assert heading == [("prpt_name", "string"), ("prpt_value", "string")]
    assert "note\tx" in rows
    assert kind == "SHOW_TABLE_PROPERTIES"
    assert shown(house, f"show tblproperties awsdatacatalog.{house.database}.abc('note')")[1] == ["x"]


def test_a_missing_table_is_refused_before_the_statement_starts(house: House) -> None:
    for sql in ("describe missing", "show columns from missing"):
        with pytest.raises(ClientError, match="Entity Not Found") as caught:
            house.start(sql)
        assert caught.value.response["AthenaErrorCode"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("create table t (n int)", "No location was specified for table. An S3 location must be specified"),
        ("create table t (n int) location 's3://b/t/'", "External keyword required for table type HIVE"),
    ],
)
def test_a_table_without_a_place_is_refused(house: House, sql: str, message: str) -> None:
    with pytest.raises(ClientError) as caught:
        house.start(sql)
    assert caught.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"
    assert caught.value.response["Error"]["Message"] == message


def test_no_statement_acts_on_the_default_catalog_in_place_of_another(house: House) -> None:
    house.iceberg("t", "select 1 as n")
    name = f"othercatalog.{house.database}.t"

    for sql in (
        f"drop table {name}",
        f"insert into {name} select 2",
        f"delete from {name}",
        f"create view othercatalog.{house.database}.v as select 1 as n",
        f"create table othercatalog.{house.database}.u with (format = 'parquet') as select 1 as n",
        f"create table othercatalog.{house.database}.u with (table_type = 'iceberg', is_external = false, "
        f"location = 's3://{house.bucket}/u/') as select 1 as n",
        f"create external table othercatalog.{house.database}.u (n int) location 's3://{house.bucket}/u/'",
        f"create database othercatalog.{house.database}_2",
        f"drop database othercatalog.{house.database}",
        f"drop view {name}",
        f"update {name} set n = 2",
        f"merge into {name} t using (select 1 as n) s on t.n = s.n when matched then delete",
        f"optimize {name} rewrite data using bin_pack",
        f"vacuum {name}",
        f"alter table {name} add columns (m int)",
        f"alter table {name} set tblproperties ('a' = 'b')",
        f"alter table {name} set location 's3://{house.bucket}/u/'",
        f"alter table {name} add partition (p = 'x')",
        f"alter table {name} drop partition (p = 'x')",
        f"msck repair table {name}",
        f"show partitions {name}",
        f"show tblproperties {name}",
        f"show create table {name}",
        f"show create view {name}",
        f"show tables in othercatalog.{house.database}",
        f"select * from {name}",
        f"unload (select * from {name}) to 's3://{house.bucket}/u/' with (format = 'parquet')",
    ):
        assert "Catalog 'othercatalog' does not exist" in house.fails(sql), sql
    assert house.rows("select * from t") == [("1",)]
    assert len(house.rows('select * from "t$snapshots"')) == 1
    assert house.rows_of(house.run("show tables")) == [("t",)]


def test_msck_decodes_what_the_folders_names_encode(house: House) -> None:
    house.run(
        "create external table t (n int) partitioned by (p string) "
        f"row format delimited fields terminated by ',' location 's3://{house.bucket}/t/'"
    )
    house.put("t/p=a%3Ab/x.csv", b"1\n")

    rows = house.rows_of(house.run("msck repair table t"))

    assert ("Repair: Added partition to metastore t:p=a%3Ab",) in rows
    assert house.rows_of(house.run("show partitions t")) == [("p=a%3Ab",)]
    assert house.rows("select n, p from t") == [("1", "a:b")]
    assert house.rows('select * from "t$partitions"') == [("a:b",)]
