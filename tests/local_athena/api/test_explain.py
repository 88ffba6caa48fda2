"""Tests EXPLAIN: it checks the statement, shows a plan in Athena's layout, and changes nothing."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local_athena.conftest import House


def _results(house: House, sql: str) -> tuple[dict[str, object], list[str | None]]:
    """The type information of the first column, and the rows."""
    execution = house.run(sql)
    assert execution["StatementType"] == "DML"
    assert execution["SubstatementType"] == "EXPLAIN"
    page = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert page.get("UpdateCount") is None
    rows = [row[0] for row in house.rows_of(execution)]
    written = house.read(execution["ResultConfiguration"]["OutputLocation"]).decode()
    assert written == "\n".join(row or "" for row in rows)
    return page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0], rows


def test_a_plan_is_a_row_a_line_under_the_columns_name(house: House) -> None:
    house.iceberg("t", "select 1 as n, 'a' as s")

    column, rows = _results(house, "explain select s from t where n > 1")

    assert (column["Name"], column["Type"]) == ("Query Plan", "varchar")
    assert column["Precision"] == len("\n".join(row or "" for row in rows[1:-1]))
    assert rows[0] == "Query Plan"
    assert rows[-3:] == ["", "", ""]
    assert f"    TableScan[table = awsdatacatalog.{house.database}.t]" in rows


def test_validate_says_true(house: House) -> None:
    column, rows = _results(house, "explain (type validate) select 1")

    assert (column["Name"], column["Type"]) == ("Valid", "boolean")
    assert rows == ["Valid", "true", ""]


def test_analyze_runs_the_query(house: House) -> None:
    house.iceberg("t", "select 1 as n union all select 2")

    execution = house.run("explain analyze verbose select n from t")

    assert execution["Statistics"]["DataScannedInBytes"] > 0
    assert ("    Output: 2 rows",) in house.rows_of(execution)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t values (2)",
        "delete from t where n = 1",
        "update t set n = 2",
        "merge into t using (select 1 as n) s on t.n = s.n when matched then delete",
        "create table u with (format = 'parquet') as select n from t",
    ],
)
def test_what_writes_is_checked_and_not_run(house: House, statement: str) -> None:
    house.iceberg("t", "select 1 as n")

    house.run(f"explain {statement}")
    house.run(f"explain (type validate) {statement}")

    assert house.rows("select * from t") == [("1",)]
    assert house.rows_of(house.run("show tables")) == [("t",)]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("explain select nosuch from t", "COLUMN_NOT_FOUND: line 1:16"),
        ("explain (type validate)\nselect * from nosuch", "TABLE_NOT_FOUND: line 2:15"),
        ("explain insert into t values ('a')", "TYPE_MISMATCH"),
        ("explain (format json) select 1", "EXPLAIN (FORMAT JSON)"),
        ("explain (type io, format json) select 1", "EXPLAIN (TYPE IO)"),
        ("explain (format graphviz) select 1", "EXPLAIN (FORMAT GRAPHVIZ)"),
        ("explain drop table t", "EXPLAIN of DROP TABLE"),
        ("explain create view v as select 1 as n", "EXPLAIN of CREATE VIEW"),
        ("explain analyze delete from t", "EXPLAIN ANALYZE of DELETE"),
        ("explain create table u with (format = 'parquet') as select n from t with no data", "WITH NO DATA"),
    ],
)
def test_what_is_wrong_or_refused_fails_with_its_name(house: House, sql: str, reason: str) -> None:
    house.iceberg("t", "select 1 as n")

    assert reason in house.fails(sql)
    assert house.rows_of(house.run("show tables")) == [("t",)]


@pytest.mark.parametrize(
    "sql", ["explain", "explain selec 1", "explain (type nosuch) select 1", "explain select 1 +"]
)
def test_wrong_syntax_does_not_start(house: House, sql: str) -> None:
    with pytest.raises(ClientError) as caught:
        house.start(sql)
    assert caught.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"
