"""Tests results: the text of each type, and the files at the output location."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from local_athena.api import results
from local_athena.values.types import Type
from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow


def test_a_querys_csv_quotes_every_value_and_leaves_null_empty(house: House) -> None:
    execution = house.run(
        """select 1 as n, 'say "hi", twice' as s, cast(null as varchar) as nothing, '' as empty"""
    )

    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{house.bucket}/results/{execution['QueryExecutionId']}.csv"
    assert house.read(location) == b'"n","s","nothing","empty"\n"1","say ""hi"", twice",,""\n'
    assert b"varchar" in house.read(f"{location}.metadata")


def test_a_query_without_rows_leaves_a_header(house: House) -> None:
    execution = house.run("select 1 as n where false")

    assert house.read(execution["ResultConfiguration"]["OutputLocation"]) == b'"n"\n'
    assert house.rows_of(execution) == [("n",)]


def test_ddl_leaves_text(house: House) -> None:
    house.iceberg("t", "select 1 as id")

    execution = house.run("show tables")
    answer = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])

    location = execution["ResultConfiguration"]["OutputLocation"]
    assert execution["StatementType"] == "UTILITY"
    assert location.endswith(".txt")
    assert house.read(location) == b"t"
    assert [row["Data"][0]["VarCharValue"] for row in answer["ResultSet"]["Rows"]] == ["t"]


def test_what_writes_names_its_files_in_a_manifest(house: House) -> None:
    house.run("create table t as select 1 as id")

    execution = house.run("insert into t select 2")

    assert execution["ResultConfiguration"]["OutputLocation"].endswith(execution["QueryExecutionId"])
    manifest = house.read(execution["Statistics"]["DataManifestLocation"]).decode().split()
    assert len(manifest) == 1
    assert house.read(manifest[0])[:4] == b"PAR1"


@pytest.mark.parametrize(
    ("sql", "text", "kind", "precision", "scale"),
    [
        ("1", "1", "integer", 10, 0),
        ("bigint '1'", "1", "bigint", 19, 0),
        ("decimal '1.50'", "1.50", "decimal", 3, 2),
        ("1e0", "1.0", "double", 17, 0),
        ("1e10", "1.0E10", "double", 17, 0),
        ("true", "true", "boolean", 0, 0),
        ("'a'", "a", "varchar", 1, 0),
        ("cast('a' as varchar)", "a", "varchar", 2147483647, 0),
        ("date '2025-08-10'", "2025-08-10", "date", 0, 0),
        ("cast('2025-08-10 01:02:03.5' as timestamp)", "2025-08-10 01:02:03.500", "timestamp", 3, 0),
        ("to_utf8('é')", "c3 a9", "varbinary", 1073741824, 0),
        ("array['a', null]", "[a, null]", "array", 0, 0),
        ("cast(row(1, 'b') as row(x integer, y varchar))", "{x=1, y=b}", "row", 0, 0),
        ("row(1, 'b')", "{1, b}", "row", 0, 0),
        ('json_parse(\'{"b": 1, "a": [2]}\')', '{"a":[2],"b":1}', "json", 0, 0),
    ],
)
def test_each_type_has_its_text_and_metadata(
    house: House, sql: str, text: str, kind: str, precision: int, scale: int
) -> None:
    answer = house.athena.get_query_results(
        QueryExecutionId=house.run(f"select {sql} as v")["QueryExecutionId"]
    )

    info = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0]
    assert answer["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"] == text
    assert (info["Type"], info["Precision"], info["Scale"]) == (kind, precision, scale)


def test_columns_without_a_name_are_numbered(house: House) -> None:
    assert house.rows_of(house.run("select 1, 2 as b, 3")) == [("_col0", "b", "_col2"), ("1", "2", "3")]


def test_a_stopped_query_formats_no_further_rows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    formatted = 0
    text, stopped = results.text, threading.Event()

    def counted(value: Any, kind: Type) -> str | None:
        nonlocal formatted
        formatted += 1
        stopped.wait()
        return text(value, kind)

    monkeypatch.setattr(results, "text", counted)
    monkeypatch.setattr(house.server.limits, "running", 1)
    query_id = house.start(
        "select n * 0.5e0 as x from unnest(sequence(1, 10000)) as t (n) cross join unnest(sequence(1, 10)) as u (k)"
    )
    while not formatted:
        time.sleep(0.01)
    house.athena.stop_query_execution(QueryExecutionId=query_id)
    stopped.set()
    # The one place is free again when the stopped query has really ended.
    house.run("select 1")

    assert formatted <= results.ROWS_AT_ONCE
