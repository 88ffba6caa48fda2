"""Tests tables of JSON lines with the SerDes of OpenX and Hive; Trino reads the same (`make conformance`)."""

from __future__ import annotations

import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow

OPENX, HIVE = "org.openx.data.jsonserde.JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe"
LINES = b"""\
{"b": true, "I": 1, "l": -9223372036854775808, "d": 1.5, "f": 0.25, "m": 12.30, "s": "a\\u00e9\\"b", "day": "2024-02-29",\
 "at": "2024-02-29 01:02:03.456", "list": [1, null, 3], "pairs": {"A": 1, "b": null}, "part": {"X": 7, "y": "z"}, "more": [1]}
{"b": null, "i": null, "d": 3, "s": ""}
{}
"""
COLUMNS = (
    "b boolean, i int, l bigint, d double, f float, m decimal(10,2), s string, day date, at timestamp, "
    "list array<int>, pairs map<string,int>, part struct<x:int,y:string>"
)


def table(house: House, serde: str, body: bytes, columns: str = COLUMNS, settings: str = "") -> None:
    house.put("t/a.json", body)
    house.run(
        f"create external table t ({columns}) row format serde '{serde}' {settings} "
        f"location 's3://{house.bucket}/t/'"
    )


@pytest.mark.truth
@pytest.mark.parametrize("serde", [OPENX, HIVE])
def test_values_are_read_in_the_columns_types(house: House, serde: str) -> None:
    table(house, serde, LINES)

    assert house.rows(
        "select b, i, l, d, f, m, s, day, at, list, pairs['A'], pairs['b'], part.x, part.y from t order by i, d"
    ) == [
        (
            "true", "1", "-9223372036854775808", "1.5", "0.25", "12.30", 'aé"b', "2024-02-29",
            "2024-02-29 01:02:03.456", "[1, null, 3]", "1", None, "7", "z",
        ),
        (None, None, None, "3.0", None, None, "", None, None, None, None, None, None, None),
        (None,) * 14,
    ]  # fmt: skip


@pytest.mark.truth
@pytest.mark.parametrize("serde", [OPENX, HIVE])
@pytest.mark.parametrize("line", [b'{"i": 1', b"{,}"])
def test_a_broken_object_fails_the_query(house: House, serde: str, line: bytes) -> None:
    table(house, serde, b'{"i": 1}\n' + line + b"\n", "i int")

    assert house.fails("select i from t").startswith("HIVE_")


@pytest.mark.parametrize(
    "line",
    [
        b'{"i": "1"}',
        b'{"i": 1.0}',
        b'{"i": 2147483648}',
        b'{"s": 1}',
        b'{"s": {}}',
        b'{"i": 1, "I": 2}',
        b"[1]",
        b"1",
        b" ",
        b"\xff",
    ],
)
def test_what_the_serdes_might_read_otherwise_is_refused(house: House, line: bytes) -> None:
    table(house, OPENX, line + b"\n", "i int, s string")

    assert "local Athena does not support" in house.fails("select i, s from t")


def test_settings_that_change_the_reading_are_refused(house: House) -> None:
    table(house, OPENX, b'{"i": 1}\n', "i int", "with serdeproperties ('dots.in.keys' = 'true')")

    assert "dots.in.keys" in house.fails("select i from t")


@pytest.mark.truth
@pytest.mark.parametrize("value", ["true", "TRUE", "1"])
def test_sound_lines_are_read_where_broken_ones_are_ignored(house: House, value: str) -> None:
    table(
        house,
        OPENX,
        b'{"i": 1}\n{}\n',
        "i int",
        f"with serdeproperties ('ignore.malformed.json' = '{value}')",
    )

    assert house.rows("select i from t order by i") == [("1",), (None,)]


def test_broken_lines_that_are_to_be_ignored_are_refused(house: House) -> None:
    table(house, OPENX, b'{"i": \n', "i int", "with serdeproperties ('ignore.malformed.json' = 'true')")

    assert "a broken line of JSON with ignore.malformed.json" in house.fails("select i from t")


def test_what_is_inserted_is_read_again(house: House) -> None:
    table(house, HIVE, b"", COLUMNS)
    values = (
        "select true, 1, cast(2 as bigint), 1e100, cast(0.1e0 as real), decimal '1.50', 'a\"\u00e9', date '2024-02-29', "
        "timestamp '2024-02-29 01:02:03.004', array[1, null], map(array['k'], array[2]), "
        "cast(row(3, cast(null as varchar)) as row(x integer, y varchar))"
    )
    house.run(f"insert into t {values}")

    assert house.rows("select * from t") == house.rows(values)


def test_unload_writes_lines_of_json(house: House) -> None:
    house.run(
        "unload (select 1 as n, 'a' as s, cast(null as date) as d) "
        f"to 's3://{house.bucket}/out/' with (format = 'json', compression = 'none')"
    )

    (key,) = house.keys("out/")
    assert house.read(f"s3://{house.bucket}/{key}") == b'{"n":1,"s":"a","d":null}\n'
