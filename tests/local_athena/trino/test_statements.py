"""Tests the translation of Athena's statements into Trino's, and of Trino's types and values into local Athena's."""

from __future__ import annotations

import pytest

from local_athena.errors import QueryFailed, Refused
from local_athena.trino.statements import to_trino
from local_athena.values.trino_types import from_trino

QUERIES = ["select ';' as a", "merge into t using s on t.a = s.a when matched then delete", "delete from t"]


@pytest.mark.parametrize("sql", QUERIES)
def test_queries_run_unchanged(sql: str) -> None:
    assert to_trino(sql, "db").sql == (sql,)


def test_decimal_literals_become_doubles() -> None:
    sql = "select 1.5, .5, 1e0, 2.5e-1, '3.5', t1.\"4.5\", decimal '5.5' /* 6.5 */ from db2.t1 -- 7.5"

    assert to_trino(sql, "db").sql == (sql.replace("select 1.5, .5,", "select 1.5E0, .5E0,"),)


def test_iceberg_table_goes_to_the_iceberg_catalog() -> None:
    found = to_trino(
        'create table "awsdatacatalog"."db"."t" with (\n'
        "  table_type='iceberg', is_external=false, location='s3://b/t(1)/',\n"
        "  partitioning=ARRAY['day(d)', 'k'], format='parquet', write_compression='snappy',\n"
        "  vacuum_max_snapshot_age_seconds='86400'\n"
        ") as select 1 as k, ')' as x",
        "db",
    )
    assert found.sql == (
        'create table iceberg."db"."t" with (location = \'s3://b/t(1)/\', '
        "partitioning = ARRAY['day(d)', 'k'], format = 'parquet') as select 1 as k, ')' as x",
    )
    assert found.session == {"iceberg.compression_codec": "SNAPPY"}


def test_a_name_without_a_database_stands_in_the_statements_own() -> None:
    found = to_trino(
        "create table t with (table_type='iceberg', location='s3://b/t/') as select 1 as a", "db"
    )
    assert found.sql == ("create table iceberg.\"db\".t with (location = 's3://b/t/') as select 1 as a",)


def test_hive_table_keeps_its_location_and_partitions() -> None:
    found = to_trino(
        "create table db.t with (table_type='hive', external_location='s3://b/t/', format='parquet', "
        "partitioned_by=ARRAY['d'], write_compression='gzip') as select 1 as a, '2' as d",
        "db",
    )
    assert found.sql == (
        "create table db.t with (external_location = 's3://b/t/', format = 'parquet', "
        "partitioned_by = ARRAY['d']) as select 1 as a, '2' as d",
    )
    assert found.session == {"awsdatacatalog.compression_codec": "GZIP"}


@pytest.mark.parametrize(
    ("properties", "error"),
    [
        ("table_type='iceberg'", QueryFailed),
        ("external_location='s3://b/t/', serde='x'", Refused),
        ("format='parquet'", Refused),
        ("format", QueryFailed),
    ],
)
def test_properties_without_a_meaning_on_trino_fail(properties: str, error: type[QueryFailed]) -> None:
    with pytest.raises(error):
        to_trino(f"create table db.t with ({properties}) as select 1 as a", "db")


def test_maintenance_is_alter_table_execute() -> None:
    assert to_trino("optimize db.t rewrite data using bin_pack where d = '1'", "db").sql == (
        "alter table db.t execute optimize where d = '1'",
    )
    vacuum = to_trino("vacuum db.t", "db")
    assert vacuum.sql == (
        "alter table db.t execute expire_snapshots(retention_threshold => '432000s')",
        "alter table db.t execute remove_orphan_files(retention_threshold => '432000s')",
    )
    # Trino's minimum age of seven days is more than Athena's five.
    assert vacuum.session == {
        "iceberg.expire_snapshots_min_retention": "432000s",
        "iceberg.remove_orphan_files_min_retention": "432000s",
    }


@pytest.mark.parametrize(
    "text",
    [
        "integer",
        "varchar(3)",
        "decimal(12,2)",
        "timestamp(6) with time zone",
        "time(3)",
        "array(row(x integer, y varchar(3)))",
        "row(integer, varchar(1))",
        "map(varchar, array(timestamp(3)))",
    ],
)
def test_types_keep_their_names(text: str) -> None:
    assert str(from_trino(text)) == text


@pytest.mark.parametrize("text", ["char(3)", "interval day to second"])
def test_types_that_cannot_be_shown_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        from_trino(text)
