"""Tests Iceberg tables at an earlier snapshot or moment; Trino answers the same (`make conformance`)."""

from __future__ import annotations

import time

import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow


@pytest.fixture
def versions(house: House) -> list[tuple[str, str]]:
    """The ids and moments of two snapshots of table t: the first has (1, x), the second also (2, y) and a column c."""
    house.iceberg("t", "select 1 as a, 'x' as p", "'p'")
    # The moments of the two snapshots must differ in milliseconds.
    time.sleep(0.01)
    house.run("alter table t add columns (c string)")
    house.run("insert into t values (2, 'y', 'z')")
    rows = house.rows(
        'select cast(snapshot_id as varchar), cast(committed_at as varchar) from "t$snapshots" order by committed_at'
    )
    return [(str(identity), str(moment)) for identity, moment in rows]


@pytest.mark.truth
def test_a_snapshot_has_the_rows_and_columns_of_then(house: House, versions: list[tuple[str, str]]) -> None:
    (first, moment), (second, later) = versions

    assert house.rows(f"select * from t for version as of {first}") == [("1", "x")]
    assert house.rows(f"select * from t for timestamp as of timestamp '{moment}'") == [("1", "x")]
    assert house.rows(f"select * from t for version as of {second} order by a") == [
        ("1", "x", None),
        ("2", "y", "z"),
    ]
    assert house.rows(f"select count(*) from t for timestamp as of timestamp '{later}'") == [("2",)]
    assert house.rows(f"select count(*) from t for version as of {first} where p = 'y'") == [("0",)]


@pytest.mark.truth
def test_one_query_reads_a_table_at_two_versions(house: House, versions: list[tuple[str, str]]) -> None:
    joined = (
        "select new.a, old.a from t as new "
        f"left join t for version as of {versions[0][0]} as old on new.a = old.a order by new.a"
    )

    assert house.rows(joined) == [("1", "1"), ("2", None)]


@pytest.mark.truth
@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("version as of 12345678901", "INVALID_ARGUMENTS"),
        ("version as of 12", "NOT_SUPPORTED"),
        ("timestamp as of current_timestamp + interval '1' hour", "INVALID_ARGUMENTS"),
        ("version as of 'nope'", "INVALID_ARGUMENTS"),
        ("timestamp as of timestamp '2020-01-01 00:00:00 UTC'", "INVALID_ARGUMENTS"),
        ("timestamp as of date '2020-01-01'", "INVALID_ARGUMENTS"),
    ],
)
def test_a_version_that_is_not_there_is_told(
    house: House, versions: list[tuple[str, str]], version: str, code: str
) -> None:
    assert versions
    assert house.fails(f"select * from t for {version}").startswith(f"{code}: ")


@pytest.mark.truth
def test_only_iceberg_tables_have_versions(house: House) -> None:
    location = f"s3://{house.bucket}/plain/"
    house.run(f"create table plain with (external_location = '{location}') as select 1 as a")

    assert house.fails("select * from plain for version as of 1").startswith("NOT_SUPPORTED: ")


# Trino's answers to these two cannot be compared. It rounds the current time up or down, so its answer to the first is
# random. For the second it returns the view's current rows.


def test_the_present_is_not_past(house: House, versions: list[tuple[str, str]]) -> None:
    assert versions
    assert house.fails("select * from t for timestamp as of current_timestamp").startswith(
        "INVALID_ARGUMENTS: "
    )


def test_a_view_has_no_versions(house: House) -> None:
    house.run("create view seen as select 1 as a")

    assert house.fails("select * from seen for version as of 1").startswith("NOT_SUPPORTED: ")
