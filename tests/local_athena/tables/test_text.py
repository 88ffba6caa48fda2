"""Tests text tables: what LazySimpleSerDe and OpenCSVSerde read, and what INSERT writes for them."""

from __future__ import annotations

import gzip

import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow

_COLUMNS = (
    "b boolean, i int, d double, s string, ts timestamp, day date, bin binary, a array<int>, m map<int,string>, "
    "st struct<x:int,y:string>, dec decimal(10,1)"
)


def make(house: House, name: str, columns: str, clauses: str) -> None:
    house.run(
        f"create external table {name} ({columns}) row format delimited {clauses} location 's3://{house.bucket}/{name}/'"
    )


def test_every_type_of_column_is_read_and_what_cannot_be_one_is_null(house: House) -> None:
    make(house, "t", _COLUMNS, "fields terminated by '\\t'")
    house.put(
        "t/a.tsv",
        b"true\t1\t0.5\ta\t2017-01-01 00:00:00.25\t2017-01-02\tMTIz\t1\x022\t1\x03x\x022\x03y\t7\x02z\t0.15\n"
        b"x\tx\tx\t\\N\tx\tx\t\\N\t\\N\t\\N\t\\N\tx\n",
    )

    assert house.rows("select * from t order by i") == [
        (
            "true", "1", "0.5", "a", "2017-01-01 00:00:00.250", "2017-01-02", "31 32 33", "[1, 2]", "{1=x, 2=y}",
            "{x=7, y=z}", "0.2",
        ),
        (None,) * 11,
    ]  # fmt: skip


def test_an_escaped_delimiter_is_text(house: House) -> None:
    make(house, "t", "a string, b string", "fields terminated by ',' escaped by '\\\\'")
    house.put("t/a.csv", rb"one\,two,three\\four" + b"\n" + rb"\N,x" + b"\n")

    assert house.rows("select a, b from t order by b") == [("one,two", "three\\four"), (None, "x")]


def test_a_text_is_cut_to_its_length(house: House) -> None:
    make(house, "t", "a varchar(3)", "fields terminated by ','")
    house.put("t/a.csv", "äbcd\n".encode())

    assert house.rows("select a from t") == [("äbc",)]


@pytest.mark.parametrize("text", ["0000-00-00", "2024-00-10", "2025-8-1"])
def test_dates_that_hive_reads_leniently_are_refused(house: House, text: str) -> None:
    make(house, "t", "day date", "fields terminated by ','")
    house.put("t/a.csv", f"{text}\n".encode())

    assert f"the text '{text}' as date" in house.fails("select day from t")


def test_what_is_inserted_is_read_again(house: House) -> None:
    columns = _COLUMNS.replace("map<int,string>", "map<string,string>")
    make(house, "t", columns, "fields terminated by ',' escaped by '\\\\'")
    values = (
        "true, 1, 0.5e0, 'a,b\\c', timestamp '2017-01-01 00:00:00.250', date '2017-01-02', to_utf8('123'), array[1, 2], "
        "cast(json_parse('{\"1\": \"x\"}') as map(varchar, varchar)), cast(row(7, 'z') as row(x integer, y varchar)), decimal '0.2'"
    )

    house.run(f"insert into t select {values}")
    house.run("insert into t (i, s) select 2, cast(null as varchar)")

    assert house.rows("select * from t order by i") == [
        (
            "true", "1", "0.5", "a,b\\c", "2017-01-01 00:00:00.250", "2017-01-02", "31 32 33", "[1, 2]", "{1=x}",
            "{x=7, y=z}", "0.2",
        ),
        (None, "2", *(None,) * 9),
    ]  # fmt: skip
    keys = house.keys("t/")
    assert all(key.endswith(".gz") for key in keys)
    assert b"a\\,b\\\\c" in b"".join(
        gzip.decompress(house.read(f"s3://{house.bucket}/{key}")) for key in keys
    )


def test_a_text_that_would_be_read_otherwise_is_not_written(house: House) -> None:
    make(house, "t", "a string, b string", "fields terminated by ','")

    assert "writing a text with" in house.fails("insert into t select 'x,y', 'z'")
    assert house.keys("t/") == []


def test_csv_with_blanks_before_a_quote_is_refused(house: House) -> None:
    house.run(
        "create external table t (a string, b string) row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        f"location 's3://{house.bucket}/t/'"
    )
    house.run("insert into t select 'x,\"y\"', null")
    assert house.rows("select a, b from t") == [('x,"y"', "")]

    house.put("t/a.csv", b'1, "2"\n')
    assert "with an escape character, a quote inside a field or" in house.fails("select a from t")


@pytest.mark.parametrize(
    ("form", "ending"), [("orc", ".zlib.orc"), ("textfile", ".gz"), ("parquet", ".zstd.parquet")]
)
def test_create_table_as_writes_the_format_and_compression_it_is_told(
    house: House, form: str, ending: str
) -> None:
    compression = ", write_compression = 'zstd'" if form == "parquet" else ""
    house.run(
        f"create table t with (format = '{form}'{compression}, external_location = 's3://{house.bucket}/t/') as "
        "select 1 as n, 'a' as s"
    )
    house.run("insert into t select 2, 'b'")

    keys = house.keys("t/")
    assert len(keys) == 2
    assert all(key.endswith(ending) for key in keys)
    assert house.rows("select n, s from t order by n") == [("1", "a"), ("2", "b")]
