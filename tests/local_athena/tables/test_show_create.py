"""Tests that SHOW CREATE TABLE shows a statement that creates the same table again."""

from __future__ import annotations

import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow

#: `{_}` stands for the space that Hive leaves at the end of some lines.
HIVE = """\
CREATE EXTERNAL TABLE `{database}.t`(
  `n` int COMMENT 'a number',{_}
  `s` struct<a:int,b:array<string>>)
COMMENT 'a table'
PARTITIONED BY ({_}
  `p` string)
ROW FORMAT SERDE{_}
  'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'{_}
WITH SERDEPROPERTIES ({_}
  'escape.delim'='\\\\',{_}
  'field.delim'='\\t',{_}
  'serialization.format'='\\t'){_}
STORED AS INPUTFORMAT{_}
  'org.apache.hadoop.mapred.TextInputFormat'{_}
OUTPUTFORMAT{_}
  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION
  's3://{bucket}/t'
TBLPROPERTIES (
  'skip.header.line.count'='1')"""
ICEBERG = """\
CREATE TABLE {database}.t (
  n int COMMENT 'a number',
  d decimal(10,2),
  ts timestamp,
  s string)
PARTITIONED BY (s, bucket(4, n), day(ts), truncate(3, s))
LOCATION 's3://{bucket}/t'
TBLPROPERTIES (
  'table_type'='iceberg',
  'vacuum_max_snapshot_age_seconds'='60'
);"""


@pytest.mark.parametrize(("statement", "count"), [(HIVE, None), (ICEBERG, 0)])
def test_the_statement_shown_makes_the_table_again(house: House, statement: str, count: int | None) -> None:
    written = statement.format(database=house.database, bucket=house.bucket, _=" ")
    house.run(written)
    house.run("drop table t")
    house.run(written)

    execution = house.run(f"show create table {house.database}.t")
    found = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])

    assert "\n".join(str(row[0]) for row in house.rows_of(execution)) == written
    assert execution["SubstatementType"] == "SHOW_CREATE_TABLE"
    (column,) = found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert (column["Name"], column["Type"], found.get("UpdateCount")) == ("createtab_stmt", "string", count)


def test_the_name_stands_there_as_it_was_written(house: House) -> None:
    house.run(f"create external table t (n int) stored as parquet location 's3://{house.bucket}/t/'")

    lines = [str(row[0]) for row in house.rows_of(house.run("show create table `t`"))]

    assert lines[:4] == [
        "CREATE EXTERNAL TABLE `t`(",
        "  `n` int)",
        "ROW FORMAT SERDE ",
        "  'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' ",
    ]
    assert lines[4] == "STORED AS INPUTFORMAT "


def test_a_view_and_a_missing_table_say_so(house: House) -> None:
    house.run("create view v as select 1 as a")

    assert "use SHOW CREATE VIEW" in house.fails("show create table v")
    assert f"Table not found {house.database}.nope" in house.fails("show create table nope")
