"""Tests the objects at the output location against measurements of real Athena (docs/athena-measured.md)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_athena.conftest import ENDLESS, House

pytestmark = pytest.mark.slow

APPLICATION, BINARY = "application/octet-stream", "binary/octet-stream"


def stored(house: House, execution: dict[str, Any]) -> dict[str, tuple[bytes, str]]:
    """The bytes and content type of the objects of an execution, by the end of their keys behind the query id."""
    prefix = execution["ResultConfiguration"]["OutputLocation"].partition(f"{house.bucket}/")[2]
    prefix = prefix.partition(execution["QueryExecutionId"])[0] + execution["QueryExecutionId"]
    found = {}
    for key in house.keys(prefix):
        answer = house.s3.get_object(Bucket=house.bucket, Key=key)
        found[key.removeprefix(prefix)] = answer["Body"].read(), answer["ContentType"]
    return found


def types(house: House, execution: dict[str, Any]) -> dict[str, str]:
    """The content types of the objects of an execution."""
    return {name: kind for name, (_, kind) in stored(house, execution).items()}


def fields(message: bytes) -> list[tuple[int, int | bytes]]:
    """The fields of a protobuf message: their numbers and values."""
    found: list[tuple[int, int | bytes]] = []

    def number(place: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = message[place]
            value |= (byte & 0x7F) << shift
            place, shift = place + 1, shift + 7
            if byte < 0x80:
                return value, place

    place = 0
    while place < len(message):
        tag, place = number(place)
        value, place = number(place)
        if tag & 7 == 2:
            found.append((tag >> 3, message[place : place + value]))
            place += value
        else:
            found.append((tag >> 3, value))
    return found


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "select 1, 'it''s, (so'",
        "SELECT - 1.5E0 AS x, true",
        "select ((1)) as \"x\", ('a') b",
        "select(-1)",
        "/* c */ select /* c */ 1 -- c",
        "select 1;",
    ],
)
def test_a_select_of_literals_alone_has_s3s_default_type_and_the_querys_id(house: House, sql: str) -> None:
    execution = house.run(sql)

    assert types(house, execution) == {".csv": BINARY, ".csv.metadata": BINARY}
    first = fields(stored(house, execution)[".csv.metadata"][0])[:3]
    assert first == [(1, execution["QueryExecutionId"].encode()), (2, b""), (3, 0)]


@pytest.mark.parametrize(
    "sql",
    [
        "select 1 + 1",
        "select -(1)",
        "select +1",
        "select null",
        "select row(1, 2)",
        "select date '2020-01-01'",
        "select 1 as i where false",
        "select 1 limit 1",
        "(select 1)",
        "values 1",
        "select 1 union all select 2",
        "select * from (values 1) as t (n)",
    ],
)
def test_any_other_query_has_a_type_of_its_own_and_the_engines_id(house: House, sql: str) -> None:
    execution = house.run(sql)

    assert types(house, execution) == {".csv": APPLICATION, ".csv.metadata": APPLICATION}
    (number, query_id), (after, _), *_ = fields(stored(house, execution)[".csv.metadata"][0])
    assert (number, after) == (1, 4)
    assert isinstance(query_id, bytes)
    assert len(query_id) == 27


def test_what_writes_leaves_metadata_of_athenas_size(house: House) -> None:
    location = f"s3://{house.bucket}/i/"
    created = house.run(
        f"create table i with (table_type = 'iceberg', is_external = false, location = '{location}') as select 1 as n"
    )
    sizes = {
        "insert into i select 2": (".metadata", 75),
        "update i set n = 3 where false": (".csv.metadata", 75),
        "delete from i where n = 2": (".csv.metadata", 75),
        "merge into i using (values 9) as s (n) on i.n = s.n when matched then delete": (".csv.metadata", 74),
    }

    assert types(house, created) == {".metadata": APPLICATION}
    assert len(stored(house, created)[".metadata"][0]) == 81
    for sql, (name, size) in sizes.items():
        ((found, (body, kind)),) = stored(house, house.run(sql)).items()
        assert (found, len(body), kind) == (name, size, APPLICATION), sql


def test_a_metadata_file_has_the_numbers_that_the_type_has(house: House) -> None:
    values = {
        "1": (10, 0, 3, 0),
        "cast(1 as decimal(5, 2))": (5, 2, 3, 0),
        "cast('a' as varchar)": (2147483647, 0, 3, 1),
        "timestamp '2026-09-17 12:34:56.789 UTC'": (3, 0, 3, 0),
        "time '12:34:56.789'": (3, 0, 3, 0),
        "true": (None, None, 3, 0),
        "date '2020-01-01'": (None, 0, 3, 0),
        "array[1]": (None, None, 3, None),
        "map(array[1], array[2])": (None, None, 3, None),
        "row(1)": (None, None, 3, None),
        "json_parse('1')": (None, None, 3, None),
    }
    execution = house.run("select " + ", ".join(f"{value} as v" for value in values))

    _, *columns = fields(stored(house, execution)[".csv.metadata"][0])
    infos = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"][
        "ResultSetMetadata"
    ]["ColumnInfo"]
    for value, (_, column), info in zip(values, columns, infos, strict=True):
        assert isinstance(column, bytes)
        found = dict(fields(column))
        assert tuple(map(found.get, (7, 8, 9, 10))) == values[value], value
        assert (info["Precision"], info["Scale"]) == (found.get(7, 0), found.get(8, 0)), value
        assert info["CaseSensitive"] == bool(found.get(10)), value


def test_ddl_and_show_leave_text_with_s3s_default_type(house: House) -> None:
    location = f"s3://{house.bucket}/h/"
    house.run(f"create external table h (n int) partitioned by (p string) location '{location}'")
    house.iceberg("i", "select 1 as n")
    house.run("create view v as select 1 as n")
    shows = [
        "show tables", "show databases", "show columns from h", "show columns from i", "show tblproperties h",
        "show views", "show partitions h", "show create view v", "show create table i", "describe i", "describe v",
    ]  # fmt: skip
    without_columns = [
        "create database if not exists unused_of_result_files",
        "drop database unused_of_result_files",
        f"create external table g (n int) location '{location}g/'",
        "alter table h add partition (p = 'a')",
        "alter table h drop partition (p = 'a')",
        "alter table h set tblproperties ('a' = 'b')",
        f"alter table h set location '{location}'",
        "alter table i add columns (m int)",
        "alter table i drop column m",
        "alter table i rename to j",
        "drop view v",
        "drop table h",
        "drop table if exists h",
    ]

    for sql in shows:
        assert types(house, house.run(sql)) == {".txt": BINARY, ".txt.metadata": BINARY}, sql
    for sql in without_columns:
        assert stored(house, house.run(sql)) == {".txt": (b"", BINARY)}, sql


def test_what_has_no_update_count_but_columns_has_a_type_of_its_own(house: House) -> None:
    house.run(f"create external table h (n int) location 's3://{house.bucket}/h/'")

    for sql, size in {"describe h": 152, "desc h": 152, "show create table h": 88}.items():
        execution = house.run(sql)
        assert types(house, execution) == {".txt": APPLICATION, ".txt.metadata": APPLICATION}, sql
        body, _ = stored(house, execution)[".txt.metadata"]
        assert (len(body), fields(body)[0]) == (size, (1, execution["QueryExecutionId"].encode())), sql
    for sql in ("explain select 1", "explain (type validate) select 1"):
        execution = house.run(sql)
        assert types(house, execution) == {".txt": APPLICATION, ".txt.metadata": APPLICATION}, sql
        assert len(fields(stored(house, execution)[".txt.metadata"][0])[0][1]) == 27, sql  # type: ignore[arg-type]


def test_dropping_an_iceberg_table_leaves_a_line_feed(house: House) -> None:
    house.iceberg("i", "select 1 as n")
    house.run(
        f"create table p (n int) location 's3://{house.bucket}/p/' tblproperties ('table_type' = 'iceberg')"
    )

    for sql in ("drop table i", "drop table if exists p"):
        execution = house.run(sql)
        objects = stored(house, execution)
        body, kind = objects.pop(".txt.metadata")
        assert objects == {".txt": (b"\n", APPLICATION)}
        assert (len(body), kind) == (41, APPLICATION)
        assert fields(body)[1:] == [(2, b"DROP TABLE")]
        answer = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        assert answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"] == []
        assert [row["Data"] for row in answer["ResultSet"]["Rows"]] == [[{"VarCharValue": ""}]] * 2
        assert "UpdateCount" not in answer
        assert house.rows_of(execution) == [("",), ("",)]


def test_the_columns_of_a_hive_table_are_changed_with_metadata_of_the_id_alone(house: House) -> None:
    house.run(f"create external table h (n int) location 's3://{house.bucket}/h/'")

    for sql in ("alter table h add columns (m int)", "alter table h replace columns (n int, s string)"):
        execution = house.run(sql)
        body = b"\n$" + execution["QueryExecutionId"].encode()
        assert stored(house, execution) == {".txt": (b"", APPLICATION), ".txt.metadata": (body, APPLICATION)}
        assert house.rows_of(execution) == []


def test_a_repair_leaves_metadata_of_the_id_alone(house: House) -> None:
    house.run(f"create external table h (n int) partitioned by (p string) location 's3://{house.bucket}/h/'")
    house.put("h/p=1/x", b"1\n")

    for _ in range(2):
        execution = house.run("msck repair table h")
        body = b"\n$" + execution["QueryExecutionId"].encode()
        assert stored(house, execution)[".txt.metadata"] == (body, APPLICATION)
        assert types(house, execution)[".txt"] == APPLICATION


def test_a_stopped_statement_leaves_nothing(house: House) -> None:
    query_id = house.start(ENDLESS)
    house.wait(query_id, "RUNNING")
    house.athena.stop_query_execution(QueryExecutionId=query_id)

    assert stored(house, house.wait(query_id)) == {}


def test_hives_failures_leave_their_reason_and_an_empty_result(house: House) -> None:
    for sql in ("show tables in no_such_database", "drop table no_such_table"):
        execution = house.wait(house.start(sql))
        reason = execution["Status"]["StateChangeReason"]
        assert reason.startswith("FAILED: "), sql
        assert stored(house, execution) == {".txt": (reason.encode(), APPLICATION)}, sql
        answer = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        assert answer["ResultSet"]["Rows"] == []
        assert "ResultSetMetadata" not in answer["ResultSet"]


def test_failures_of_iceberg_tables_and_queries_leave_nothing(house: House) -> None:
    house.iceberg("i", "select 1 as n")
    codes = {
        f"alter table i set location 's3://{house.bucket}/j/'": "RESULT_NOT_FOUND",
        "alter table i replace columns (n int)": "RESULT_NOT_FOUND",
        "alter table i drop partition (p = 'a')": "RESULT_NOT_FOUND",
        "select 1 / 0": "INVALID_QUERY_EXECUTION_STATE",
        "insert into nothing select 1": "INVALID_QUERY_EXECUTION_STATE",
        "create table t as select no_such_function(1) as n": "INVALID_QUERY_EXECUTION_STATE",
        "explain select * from nothing": "INVALID_QUERY_EXECUTION_STATE",
    }

    for sql, code in codes.items():
        execution = house.wait(house.start(sql))
        assert execution["Status"]["State"] == "FAILED", sql
        assert stored(house, execution) == {}, sql
        with pytest.raises(ClientError) as caught:
            house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        assert caught.value.response["AthenaErrorCode"] == code, sql
