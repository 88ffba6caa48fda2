"""Tests timestamps with time zones where a single expression cannot: columns, results, tables, and what is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_athena.errors import Refused
from local_athena.values import zones
from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow


def test_a_result_shows_the_time_zone_of_each_column(house: House) -> None:
    zoned = "timestamp '2024-07-05 12:34:56.789 America/New_York'"
    execution = house.run(f"select {zoned} as a, {zoned} at time zone '+05:30' as b, array[{zoned}] as c")

    row = (
        "2024-07-05 12:34:56.789 America/New_York",
        "2024-07-05 22:04:56.789 +05:30",
        "[2024-07-05 12:34:56.789 America/New_York]",
    )
    assert house.rows_of(execution) == [("a", "b", "c"), row]
    written = house.read(execution["ResultConfiguration"]["OutputLocation"]).decode()
    assert written == '"a","b","c"\n' + ",".join(f'"{value}"' for value in row) + "\n"


def test_a_column_of_texts_is_cast_if_its_time_zones_are_utc(house: House) -> None:
    texts = "from (values '2020-01-01 00:00:00+00:00', '2020-01-01 00:00:00Z', '2020-01-01 10:20:30.98765') as t (x)"

    assert house.rows(f"select cast(x as timestamp with time zone) {texts}") == [
        ("2020-01-01 00:00:00.000 UTC",),
        ("2020-01-01 00:00:00.000 UTC",),
        ("2020-01-01 10:20:30.988 UTC",),
    ]


def test_a_column_of_texts_with_other_time_zones_is_refused(house: House) -> None:
    texts = "from (values '2020-01-01 00:00:00+02:00', '2020-01-01 00:00:00Z') as t (x)"

    reason = house.fails(f"select cast(x as timestamp with time zone) {texts}")

    assert "does not support the cast of '2020-01-01 00:00:00+02:00' in a column" in reason
    # As timestamps without time zone they need no common zone.
    assert house.rows(f"select cast(x as timestamp) {texts}") == [("2020-01-01 00:00:00.000",)] * 2


def test_a_result_whose_rows_have_several_time_zones_is_refused(house: House) -> None:
    several = "(values timestamp '2025-01-01 00:00:00 +02:00', timestamp '2025-01-01 00:00:00 UTC') as t (x)"

    assert "does not support timestamps in a result whose time zones differ" in house.fails(
        f"select x from {several}"
    )
    assert "does not support what reads a time zone that differs" in house.fails(
        f"select date_trunc('day', x) from {several}"
    )
    assert house.rows(
        f"select x = timestamp '2024-12-31 22:00:00 UTC' from {several} order by to_unixtime(x)"
    ) == [("true",), ("false",)]


def test_an_iceberg_table_keeps_only_the_moment(house: House) -> None:
    house.iceberg("moments", "select timestamp '2024-07-05 12:34:56.789012 America/New_York' as x")

    house.run("insert into moments values (timestamp '2024-07-05 12:34:56.789012 -04:00')")

    assert house.rows("select x from moments") == [("2024-07-05 16:34:56.789012 UTC",)] * 2
    assert house.rows("select cast(x at time zone 'Asia/Tokyo' as date) from moments limit 1") == [
        ("2024-07-06",)
    ]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("timestamp '1969-12-31 12:00:00 America/New_York'", "only 1970 to 2099 are certain"),
        ("timestamp '2020-01-01 00:00:00 America/Vancouver'", "the time zone 'America/Vancouver'"),
        ("cast('10000-01-01' as timestamp)", "the year 10000: only the years 1 to 9999"),
        ("cast(x as timestamp)", "the year 0: only the years 1 to 9999"),
        ("x at time zone x", "the function|AT TIME ZONE|TYPE_MISMATCH"),
    ],
)
def test_what_is_not_certain_is_refused(house: House, expression: str, reason: str) -> None:
    found = house.fails(f"select {expression} from (values '0000-01-01') as t (x)")

    assert any(each in found for each in reason.split("|"))


@given(
    st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2099, 1, 1)),
    st.sampled_from(
        ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "-03:30", "UTC"]
    ),
)
def test_a_moment_is_found_again_from_its_local_time(moment: dt.datetime, zone: str) -> None:
    local = zones.local(moment, zone)

    assert zones.moment_near(local, moment, zone) == moment
    try:
        assert zones.only_moment(local, zone) == moment
    except Refused:
        # The clock shows this local time twice.
        assert zones.local(zones.moment(local, zone), zone) == local
