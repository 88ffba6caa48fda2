"""Tests local Athena with clients that others wrote: PyAthena's cursors and the AWS command line."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyathena
import pytest
from dbt.adapters.athena.connections import AthenaResultSet
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import Cursor, DictCursor
from pyathena.error import OperationalError
from pyathena.pandas.cursor import PandasCursor

from tests.local_athena.conftest import REGION, House

pytestmark = pytest.mark.slow

QUERY = """
    select * from (values
        (1, 'a', 1.5e0, date '2025-08-10', cast('2025-08-10 01:02:03' as timestamp), true),
        (2, null, null, null, null, null)
    ) as t (n, s, d, day, at, yes) order by n
"""


@pytest.fixture
def connect(house: House, monkeypatch: pytest.MonkeyPatch):
    # PyAthena also creates an S3 client. Both clients take their endpoints from the environment.
    for name, value in house.environment.items():
        monkeypatch.setenv(name, value)

    def open_connection(cursor_class: type[Any]) -> Any:
        return pyathena.connect(
            s3_staging_dir=f"s3://{house.bucket}/results/",
            schema_name=house.database,
            region_name=REGION,
            cursor_class=cursor_class,
            poll_interval=0.02,
        ).cursor()

    return open_connection


def test_the_plain_cursors_read_typed_rows(connect) -> None:
    cursor = connect(Cursor).execute(QUERY)

    assert [column[0] for column in cursor.description] == ["n", "s", "d", "day", "at", "yes"]
    assert cursor.fetchall() == [
        (1, "a", 1.5, dt.date(2025, 8, 10), dt.datetime(2025, 8, 10, 1, 2, 3), True),
        (2, None, None, None, None, None),
    ]
    assert connect(DictCursor).execute("select 1 as one").fetchall() == [{"one": 1}]


def test_parameters_of_either_style(connect) -> None:
    cursor = connect(Cursor)

    assert cursor.execute("select %(text)s as t", {"text": "it's"}).fetchall() == [("it's",)]
    assert cursor.execute("select ? as n, ? as t", ["1", "'x'"], paramstyle="qmark").fetchall() == [(1, "x")]


def test_the_async_cursor_cancels(connect) -> None:
    cursor = connect(AsyncCursor)

    query_id, future = cursor.execute("select 1 as n")

    assert future.result().fetchall() == [(1,)]
    assert cursor.query_execution(query_id).result().state == "SUCCEEDED"


def test_the_pandas_cursor_reads_the_csv(connect) -> None:
    frame = connect(PandasCursor).execute(QUERY).as_pandas()

    assert list(frame["n"]) == [1, 2]
    assert frame["s"][0] == "a"
    assert frame["s"].isna().tolist() == [False, True]
    assert frame["at"][0] == dt.datetime(2025, 8, 10, 1, 2, 3)


def test_a_write_reports_its_rows(connect, house: House) -> None:
    house.iceberg("t", "select bigint '1' as n")

    cursor = connect(Cursor).execute("insert into t select * from unnest(sequence(2, 4)) as v (n)")

    assert cursor.rowcount == 3


def test_a_drop_of_an_iceberg_table_with_two_empty_rows_is_read(connect, house: House) -> None:
    house.iceberg("t", "select 1 as n")
    house.iceberg("u", "select 1 as n")

    assert connect(Cursor).execute("drop table t").fetchall() == []
    query_id = house.run("drop table u")["QueryExecutionId"]
    result = AthenaResultSet(house.athena, query_id, True)
    assert result.column_info == []
    assert list(result) == [("",), ("",)]


def test_a_failure_raises_with_athenas_reason(connect) -> None:
    with pytest.raises(OperationalError, match=r"Cannot apply operator: varchar\(1\) = date"):
        connect(Cursor).execute("select 1 where 'a' = date '2025-08-10'")


def test_the_aws_command_line(house: House) -> None:
    aws = Path(sys.executable).with_name("aws")

    def run(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [str(aws), "athena", *arguments, "--output", "json"],
            env={**os.environ, **house.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")

    query_id = run(
        "start-query-execution",
        "--query-string", "select 'x' as a",
        "--query-execution-context", f"Database={house.database}",
        "--result-configuration", f"OutputLocation=s3://{house.bucket}/results/",
    )["QueryExecutionId"]  # fmt: skip
    house.wait(query_id)

    assert (
        run("get-query-execution", "--query-execution-id", query_id)["QueryExecution"]["Query"]
        == "select 'x' as a"
    )
    rows = run("get-query-results", "--query-execution-id", query_id)["ResultSet"]["Rows"]
    assert rows == [{"Data": [{"VarCharValue": "a"}]}, {"Data": [{"VarCharValue": "x"}]}]
