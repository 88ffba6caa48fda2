"""Tests Hive tables: text as Trino reads it, partitions and projection, and Parquet written and read."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local_athena.errors import QueryFailed
from local_athena.tables.catalog import Catalog
from tests.local_athena.conftest import ENGINE, House

pytestmark = pytest.mark.slow


@pytest.mark.truth
@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\nb\rc", ["a", "b", "c"]),
        (b"a\r\r\nb\n\rc\r", ["a", "", "b", "", "c"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", ["a", "\ufeffb"]),
        (b"\xef\xbb\xbf", []),
        (b"a\x0bb\x0cc\x1cd\xc2\x85e\xe2\x80\xa8f\x00g\n", ["a\x0bb\x0cc\x1cd\x85e\u2028f\x00g"]),
        (b"  \n\\N\n\x01x\x01\n", ["  ", "\\N", "\x01x\x01"]),
        (b"ok\n\xff\xfe\n", ["ok", "\ufffd\ufffd"]),
        (b"\xff\xfea\n", ["\ufffd\ufffda"]),
        (b"", []),
    ],
    ids=[
        *("lf", "crlf-cr", "mixed", "bom", "bom-alone", "no-line-ends", "blank-null-delimiter", "not-utf-8"),
        *("utf-16-bom", "empty"),
    ],
)
def test_text_is_cut_into_lines_as_trino_cuts_it(house: House, body: bytes, lines: list[str]) -> None:
    house.text_table()
    house.put("lines/2025-08-10/plain.jsonl", body)
    house.put("lines/2025-08-11/packed.jsonl.gz", gzip.compress(body))

    for day in ("2025-08-10", "2025-08-11"):
        assert [row[0] for row in house.rows(f"select line from lines where day = '{day}'")] == lines


@pytest.mark.truth
def test_bytes_that_are_not_utf_8_stay_what_they_are(house: House) -> None:
    house.text_table()
    house.put("lines/2025-08-10/a.jsonl", b"\xff\xfe\n" + "\U0010fe90".encode() + b"\x80\n")

    rows = house.rows(
        "select to_hex(to_utf8(line)), from_utf8(to_utf8(line)) = line from lines where day = '2025-08-10'"
    )

    assert rows == [("FFFE", "false"), ("F48FBA9080", "false")]


@pytest.mark.truth
def test_the_characters_that_stand_for_bytes_here_are_characters_like_others(house: House) -> None:
    house.text_table()
    text = "\U0010fe80\U0010feffé"
    house.put("lines/2025-08-10/a.jsonl", f'{{"a":"{text}","b":["{text}"]}}\n'.encode())

    rows = house.rows(
        """
        select
            from_utf8(to_utf8(line)) = line,
            to_hex(to_utf8(json_extract_scalar(json_parse(line), '$.a'))),
            to_hex(to_utf8(json_extract_scalar(line, '$.a'))),
            to_hex(to_utf8(cast(json_extract(json_parse(line), '$.b') as array(varchar))[1])),
            json_extract_scalar(json_parse(line), '$.a'),
            to_hex(to_utf8(json_extract_scalar(cast(array[json_extract_scalar(line, '$.a')] as json), '$[0]')))
        from lines
        where day = '2025-08-10'
        """
    )

    written = text.encode().hex().upper()
    assert rows == [("true", written, written, written, text, written)]


PACKED = gzip.compress(b"a\n") + gzip.compress(b"b\n") + b"not a member"


def member(content: bytes, flags: int, fields: bytes = b"", method: int = 8) -> bytes:
    """A gzip member whose header has the flags, and the fields that these announce."""
    plain = gzip.compress(content, mtime=0)
    return plain[:2] + bytes([method, flags]) + plain[4:10] + fields + plain[10:]


CHECKSUM, EXTRA, NAME, COMMENT = 2, 4, 8, 16
A, B = member(b"a\n", 0), member(b"b\n", 0)


@pytest.mark.truth
@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (A + b"\0" * 512, ["a"]),
        (A + b"\0" + B, ["a"]),
        (A + b"\x1f\x8b" + b"text" * 9, ["a"]),
        (A + member(b"x\n", 0, method=7) + B, ["a"]),
        (A + member(b"x\n", CHECKSUM, b"\1\2") + B, ["a"]),
        (A + member(b"x\n", EXTRA, b"\xff\xff"), ["a"]),
        (A + member(b"", NAME, b"n" * 40).replace(b"\0", b"n")[:40], ["a"]),
        (A + member(b"r\n", 0xE0) + B, ["a", "r", "b"]),
        (A + member(b"r\n", EXTRA | NAME | COMMENT, b"\2\0xxname\0comment\0") + B, ["a", "r", "b"]),
        (A + B[:9], ["a"]),
    ],
    ids=[
        *(
            "zeros",
            "a-zero-between",
            "a-magic-number",
            "another-method",
            "a-wrong-header",
            "a-field-without-an-end",
        ),
        *("a-name-without-an-end", "reserved-flags", "all-fields", "9-bytes-of-a-member"),
    ],
)
def test_the_members_of_a_gzip_end_where_no_sound_header_follows(
    house: House, body: bytes, lines: list[str]
) -> None:
    house.text_table()
    house.put("lines/2025-08-10/a.jsonl.gz", body)

    assert [row[0] for row in house.rows("select line from lines where day = '2025-08-10'")] == lines


@pytest.mark.truth
@pytest.mark.parametrize(
    ("name", "body", "lines"),
    [
        ("a.jsonl.gz", PACKED, [b"a", b"b"]),
        ("a.jsonl.gz", b"", []),
        ("a.jsonl", gzip.compress(b"a", mtime=0), [gzip.compress(b"a", mtime=0)]),
    ],
    ids=["members", "of-no-bytes", "under-another-suffix"],
)
def test_gzip_is_read_by_its_suffix(house: House, name: str, body: bytes, lines: list[bytes]) -> None:
    house.text_table()
    house.put(f"lines/2025-08-10/{name}", body)

    rows = house.rows("select to_hex(to_utf8(line)) from lines where day = '2025-08-10'")

    assert [bytes.fromhex(row[0] or "") for row in rows] == lines


def test_what_is_scanned_of_gzip_is_its_packed_size(house: House) -> None:
    house.text_table()
    house.put("lines/2025-08-10/a.jsonl.gz", PACKED)

    assert house.scanned("select line from lines") == len(PACKED)


@pytest.mark.truth
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            gzip.compress(random.Random(1).randbytes(500_000))[:-4],
            "HIVE_CURSOR_ERROR: Failed to read file at s3://",
        ),
        (
            gzip.compress(b"some text\n")[:-4],
            "HIVE_CANNOT_OPEN_SPLIT: Error opening"
            if ENGINE == "trino"
            else "HIVE_CURSOR_ERROR: Failed to read",
        ),
        (
            A + B[:18],
            "HIVE_CANNOT_OPEN_SPLIT: Error opening"
            if ENGINE == "trino"
            else "HIVE_CURSOR_ERROR: Failed to read",
        ),
        (b"plain text", "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://"),
        (gzip.compress(b"x")[:-8] + bytes(8), "Corrupt GZIP trailer"),
        (A + B[:-8] + bytes(8), "Corrupt GZIP trailer"),
        (member(b"x", 0, method=7), "Unsupported compression method"),
        (member(b"x", CHECKSUM, b"\1\2"), "Corrupt GZIP header"),
    ],
    ids=[
        *(
            "cut-short",
            "cut-short-within-the-first-buffer",
            "a-later-member-cut-short",
            "no-gzip",
            "checksum",
            "checksum-of-a-later-member",
        ),
        *("another-method", "a-wrong-header"),
    ],
)
def test_a_corrupt_gzip_fails_the_query_and_is_named(house: House, body: bytes, reason: str) -> None:
    house.text_table()
    house.put("lines/2025-08-10/good.jsonl", b"a\n")
    house.put("lines/2025-08-10/bad.jsonl.gz", body)

    found = house.fails("select count(*) from lines where day = '2025-08-10'")

    assert reason in found
    assert "/2025-08-10/bad.jsonl.gz" in found


@pytest.mark.truth
def test_a_line_above_32_megabytes_fails_the_query_and_is_named(house: House) -> None:
    house.text_table()
    limit = 32 * 1024 * 1024
    house.put("lines/2025-08-10/fits.jsonl.gz", gzip.compress(b"x" * limit, 1))
    house.put("lines/2025-08-11/long.jsonl.gz", gzip.compress(b"x" * (limit + 1), 1))

    assert house.rows("select length(line) from lines where day = '2025-08-10'") == [(str(limit),)]
    reason = house.fails("select length(line) from lines where day = '2025-08-11'")
    shown = (
        "HIVE_CURSOR_ERROR: Failed to read file at"
        if ENGINE == "trino"
        else "HIVE_BAD_DATA: Line too long in text file:"
    )
    assert reason.startswith(f"{shown} s3://")
    assert reason.endswith("long.jsonl.gz")


@pytest.mark.truth
def test_hidden_and_empty_objects_are_not_read_and_folders_below_are(house: House) -> None:
    house.text_table()
    for name in ("a.jsonl", "_hidden.jsonl", ".hidden.jsonl", "below/b.jsonl", "_below/c.jsonl"):
        house.put(f"lines/2025-08-10/{name}", b"x\n")
    house.put("lines/2025-08-10/empty.jsonl", b"")

    paths = house.rows("""select "$path" from lines where day = '2025-08-10' order by 1""")

    folder = f"s3://{house.bucket}/lines/2025-08-10"
    assert paths == [(f"{folder}/a.jsonl",), (f"{folder}/below/b.jsonl",)]


def test_projection_yields_nothing_outside_of_its_range_or_form(house: House) -> None:
    house.text_table()
    for day in ("2019-12-31", "2020-01-01", "2029-12-31", "2030-01-01", "2025-8-1", "today", "2025-02-30"):
        house.put(f"lines/{day}/a.jsonl", b"x\n")

    assert house.rows("select day from lines order by day") == [("2020-01-01",), ("2029-12-31",)]
    assert house.rows("select day from lines where day = '2030-01-01'") == []
    assert house.rows("select day from lines where day = 'today'") == []


def test_literals_on_the_partition_key_decide_what_is_read(house: House) -> None:
    house.text_table()
    house.run('create view v as with x as (select line, day as d, "$path" as p from lines) select * from x')
    for day in range(10, 20):
        house.put(f"lines/2025-08-{day}/a.jsonl", b"0123456789\n")
    one = 11

    assert house.scanned("select line from lines") == 10 * one
    assert house.scanned("select line from lines where day = '2025-08-10'") == one
    assert house.scanned("select line from lines where '2025-08-10' = day and line <> ''") == one
    assert house.scanned("select line from lines where day in ('2025-08-10', '2025-08-12')") == 2 * one
    assert house.scanned("select line from lines where day between '2025-08-10' and '2025-08-12'") == 3 * one
    assert house.scanned("select line from lines where day >= '2025-08-18'") == 2 * one
    assert house.scanned("select line from lines where day = '2025-08-10' or day = '2025-08-11'") == 2 * one
    assert house.scanned("select line from v where d = '2025-08-10'") == one
    assert house.scanned("with w as (select * from v) select * from w where d in ('2025-08-10')") == one
    assert house.scanned("select d, count(*) from v group by d having count(*) > 0") == 10 * one
    window = """
        select * from (select d, row_number() over (partition by {} order by p) n from v)
        where d = '2025-08-10'
    """
    assert house.scanned(window.format("d")) == one
    assert house.scanned(window.format("p")) == 10 * one
    assert house.scanned("select * from (select d from v limit 100) where d = '2025-08-10'") == 10 * one
    unread = "with unread as (select * from lines) select line from lines where day = '2025-08-10'"
    assert house.scanned(unread) == one


def test_a_relation_read_twice_is_read_for_both_readers(house: House) -> None:
    house.text_table()
    for day in range(10, 14):
        house.put(f"lines/2025-08-{day}/a.jsonl", b"x\n")

    rows = house.rows("""
        with l as (select day from lines)
        select day from l where day = '2025-08-10' union all select day from l where day = '2025-08-12'
        order by 1
    """)

    assert rows == [("2025-08-10",), ("2025-08-12",)]


def test_partitions_are_added_found_and_dropped(house: House) -> None:
    location = f"s3://{house.bucket}/logs/"
    house.run(
        "create external table logs (line string) partitioned by (day date, n int) "
        f"row format delimited fields terminated by '|' location '{location}'"
    )
    house.put("logs/day=2025-08-10/n=1/a.txt", b"one|rest\n")
    house.put("logs/day=2025-08-11/n=2/a.txt", b"two\n")
    house.put("elsewhere/a.txt", b"three\n")
    assert house.rows("select * from logs") == []

    house.run("msck repair table logs")
    house.run(
        "alter table logs add if not exists partition (day = '2025-08-12', n = 3) "
        f"location 's3://{house.bucket}/elsewhere/'"
    )

    shown = [line for (line,) in house.rows_of(house.run("show partitions logs"))]
    assert sorted(shown) == ["day=2025-08-10/n=1", "day=2025-08-11/n=2", "day=2025-08-12/n=3"]
    assert house.rows("select line, day, n from logs where day >= date '2025-08-11' order by n") == [
        ("two", "2025-08-11", "2"),
        ("three", "2025-08-12", "3"),
    ]
    assert house.rows("select line from logs where n = 1") == [("one",)]
    house.run("alter table logs drop partition (day = '2025-08-10', n = 1)")
    assert house.rows("select count(*) from logs") == [("2",)]
    reason = house.fails("alter table logs drop partition (day = '2025-08-10', n = 1)")
    assert "Partition not found" in reason


def test_delimited_fields_take_their_columns_types(house: House) -> None:
    house.run(
        "create external table typed (a int, b double, c date, d boolean, e string) "
        "row format delimited fields terminated by ',' null defined as '-' "
        f"location 's3://{house.bucket}/typed/' tblproperties ('skip.header.line.count' = '1')"
    )
    house.put("typed/a.csv", b"a,b,c,d,e\n1,2.5,2025-08-10,true,x,rest\nbad,bad,bad,bad\n-,-,-,-,-\n")

    rows = house.rows("select * from typed")

    assert rows == [("1", "2.5", "2025-08-10", "true", "x"), (None,) * 5, (None,) * 5]


def test_spellings_that_hive_might_read_are_refused(house: House) -> None:
    house.run(
        "create external table typed (n tinyint, day date, d double) "
        f"row format delimited fields terminated by ',' location 's3://{house.bucket}/typed/'"
    )
    house.put("typed/a.csv", b"128,2025-02-30,x\n")
    assert house.rows("select * from typed") == [(None, None, None)]

    house.put("typed/a.csv", b"1,2025-8-1,1\n")
    assert "the text '2025-8-1' as date" in house.fails("select day from typed")
    house.put("typed/a.csv", b"1,2025-08-01,1d\n")
    assert "the text '1d' as double" in house.fails("select d from typed")


def test_a_parquet_column_of_another_type_is_bad_data(house: House) -> None:
    house.run(
        f"create table t with (external_location = 's3://{house.bucket}/t/') as select 1 as a, 'x' as b"
    )
    house.run(
        f"create external table u (a bigint, b string, c double) stored as parquet location 's3://{house.bucket}/t/'"
    )
    house.run(f"create external table v (a string) stored as parquet location 's3://{house.bucket}/t/'")
    house.put("t/not-parquet", b"text")

    reason = house.fails("select a from u")
    assert reason.startswith("HIVE_BAD_DATA: Not valid Parquet file: s3://")
    house.s3.delete_object(Bucket=house.bucket, Key="t/not-parquet")
    assert house.rows("select * from u") == [("1", "x", None)]
    assert "is incompatible with type varchar defined in table schema" in house.fails("select a from v")


def test_parquet_of_another_writer_is_read_in_the_declared_types(house: House) -> None:
    moments = [dt.datetime(2025, 8, 10, 1, 2, 3, 1500), dt.datetime(1969, 12, 31, 23, 59, 59, 999500)]
    rows = pa.table(
        {
            "n": pa.array([1, None], pa.int64()),
            "s": pa.array(["äbcd", "x"]),
            "at": pa.array(moments, pa.timestamp("us")),
            "r": pa.array([{"b": 2, "a": 1, "gone": 3}, None]),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(rows, buffer)
    house.put("t/a.parquet", buffer.getvalue())
    house.run(
        "create external table t (n int, s varchar(3), `at` timestamp, r struct<a:int,b:bigint,new:string>) "
        f"stored as parquet location 's3://{house.bucket}/t/'"
    )

    assert house.rows('select n, s, "at", r from t order by n') == [
        ("1", "äbc", "2025-08-10 01:02:03.002", "{a=1, b=2, new=null}"),
        (None, "x", "1970-01-01 00:00:00.000", None),
    ]
    pq.write_table(pa.table({"n": pa.array([2**40])}), buffer := io.BytesIO())
    house.put("t/a.parquet", buffer.getvalue())
    assert "a value of column n" in house.fails("select n from t")


def test_csv_fields_may_be_quoted(house: House) -> None:
    house.run(
        "create external table quoted (a string, b string) "
        "row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        "with serdeproperties ('separatorChar' = ';') "
        f"location 's3://{house.bucket}/quoted/'"
    )
    house.put("quoted/a.csv", b'"x;y";"say ""hi"""\n\xc3\xa9;\n')

    assert house.rows("select a, b from quoted") == [("x;y", 'say "hi"'), ("é", "")]
    house.put("quoted/b.csv", b'"never closed;x\n')
    assert "a quote inside a field or an unclosed quote" in house.fails("select a from quoted")
    house.put("quoted/b.csv", rb"back\slash;x")
    assert "with an escape character" in house.fails("select a from quoted")


def test_create_table_as_writes_parquet_in_partitions(house: House) -> None:
    execution = house.run(
        f"create table t with (format = 'parquet', external_location = 's3://{house.bucket}/t/', "
        "partitioned_by = array['day']) as "
        "select * from (values (1, 'a', date '2025-08-10'), (2, null, date '2025-08-11'), (3, 'c', null)) "
        "as v (n, s, day)"
    )
    house.run("insert into t select 4, 'd', date '2025-08-10'")

    folders = sorted({key.split("/")[1] for key in house.keys("t/")})
    manifest = house.read(execution["Statistics"]["DataManifestLocation"]).decode().split()
    assert folders == ["day=2025-08-10", "day=2025-08-11", "day=__HIVE_DEFAULT_PARTITION__"]
    assert len(manifest) == 3
    assert all(house.read(uri) for uri in manifest)
    assert house.rows("select n, s, day from t order by n") == [
        ("1", "a", "2025-08-10"),
        ("2", None, "2025-08-11"),
        ("3", "c", None),
        ("4", "d", "2025-08-10"),
    ]
    everything = house.scanned("select * from t")
    assert house.scanned("select n from t") < everything
    assert house.scanned("select * from t where day = date '2025-08-11'") < everything / 2
    assert house.rows("select count(*) from t where day is null") == [("1",)]


@pytest.mark.truth
def test_partition_values_are_escaped_in_the_names_of_folders(house: House) -> None:
    values = {
        "a:b": "a%3Ab",
        "a/b%": "a%2Fb%25",
        "x''y": "x%27y",
        "a&b;c!$<>|`~": "a&b;c!$<>|`~",
        '{a}[b]^\\"#*?=': "%7Ba}%5Bb%5D%5E%5C%22%23%2A%3F%3D",
        "Ab @+,().-_": "Ab @+,().-_",
        "": "__HIVE_DEFAULT_PARTITION__",
    }
    listed = ", ".join(f"({number}, '{value}')" for number, value in enumerate(values))
    house.run(
        f"create table t with (external_location = 's3://{house.bucket}/t/', partitioned_by = array['p']) as "
        f"select n, cast(p as varchar) as p from (values {listed}, (7, null)) as v (n, p)"
    )

    folders = {key.split("/")[1] for key in house.keys("t/")}
    assert folders == {f"p={folder}" for folder in values.values()}
    kept = [value.replace("''", "'") or None for value in values]
    assert house.rows("select n, p from t order by n") == [(str(n), p) for n, p in enumerate([*kept, None])]
    wanted = [("0",), ("4",)]
    assert house.rows(r"""select n from t where p in ('{a}[b]^\"#*?=', 'a:b') order by n""") == wanted
    reason = house.fails(
        f"create table u with (external_location = 's3://{house.bucket}/u/', partitioned_by = array['p']) as "
        "select 1 as n, 'é' as p"
    )
    assert reason.startswith(
        "HIVE_INVALID_PARTITION_VALUE: Hive partition keys can only contain printable ASCII"
    )


def test_create_table_as_wants_an_empty_folder_and_a_free_name(house: House) -> None:
    house.put("taken/x", b"x")
    create = "create table {} with (external_location = 's3://{}/{}/') as select 1 as n"

    reason = house.fails(create.format("t", house.bucket, "taken"))
    assert reason.startswith("HIVE_PATH_ALREADY_EXISTS: ")
    house.run(create.format("t", house.bucket, "free"))
    assert house.fails(create.format("t", house.bucket, "other")).startswith("TABLE_ALREADY_EXISTS: ")
    assert house.rows("select * from t") == [("1",)]


def test_at_most_100_partitions_are_written_at_once(house: House) -> None:
    create = (
        "create table t with (external_location = 's3://{}/{}/', partitioned_by = array['p']) as "
        "select n, n as p from unnest(sequence(1, {})) as v (n)"
    )

    reason = house.fails(create.format(house.bucket, "many", 101))

    assert reason.startswith("HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers")
    assert house.keys("many/") == []
    assert house.fails("select * from t").startswith("TABLE_NOT_FOUND: ")
    house.run(create.format(house.bucket, "few", 100))
    assert house.rows("select count(*) from t") == [("100",)]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "insert into lines values ('x', '2025-08-10')",
            "INSERT into a table with storage.location.template",
        ),
        ("delete from lines", "Modifying Hive table rows is only supported for transactional tables"),
        ("create table t with (format = 'avro') as select 1 as n", "writing the format AVRO"),
        ("create table t with (location = 's3://b/') as select 1 as n", "INVALID_TABLE_PROPERTY"),
        ("create table t with (partitioning = array['n']) as select 1 as n", "INVALID_TABLE_PROPERTY"),
        (
            "create table t with (bucket_count = 2) as select 1 as n",
            "bucketed_by and bucket_count must be specified together",
        ),
        (
            "unload (select 1 as n) to 's3://b/u/' with (format = 'avro')",
            "JSON, ORC, PARQUET, TEXTFILE are written",
        ),
        (
            "create table t as select 1",
            "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1",
        ),
        ("create table t as select 1 as a, 2 as a", "DUPLICATE_COLUMN_NAME"),
        ("create table t as select null as a", "COLUMN_TYPE_UNKNOWN"),
        ("create table t as select current_timestamp as a", "Unsupported Hive type"),
        (
            "create table t with (partitioned_by = array['a']) as select 1 as a, 2 as b",
            "HIVE_COLUMN_ORDER_MISMATCH",
        ),
        ("create external table t (a string) stored as rcfile location 's3://b/'", "STORED AS"),
        ("alter table lines rename to t", "Table cannot be renamed"),
        ("drop table nothing", ".nothing"),
        ("drop schema nowhere", "Database does not exist: nowhere"),
        ("insert into lines select 1", "TYPE_MISMATCH: "),
    ],
)
def test_what_hive_tables_cannot_do_says_so(house: House, sql: str, reason: str) -> None:
    house.text_table()

    assert reason in house.fails(sql)


def test_the_catalog_is_shown_described_and_altered(house: House) -> None:
    house.run(
        "create external table if not exists t (a string comment 'first', b array<struct<x:int,y:string>>) "
        f"partitioned by (day string) stored as parquet location 's3://{house.bucket}/t/'"
    )
    house.run("alter table t set tblproperties ('classification' = 'parquet')")
    house.run("alter table t add columns (c bigint)")
    house.run("create view v as select a, c from t")

    def shown(sql: str) -> list[list[str]]:
        return [(line or "").split() for (line,) in house.rows_of(house.run(sql))]

    assert shown("show tables") == [["t"], ["v"]]
    assert shown(f"show views in {house.database}") == [["v"]]
    assert shown("show columns in t") == [["a"], ["b"], ["c"], ["day"]]
    assert ["classification", "parquet"] in shown("show tblproperties t")
    assert shown("describe t")[:3] == [
        ["a", "string", "first"],
        ["b", "array<struct<x:int,y:string>>"],
        ["c", "bigint"],
    ]
    assert [house.database] in shown("show databases")
    house.run("alter table t replace columns (a string)")
    assert shown("show columns in t") == [["a"], ["day"]]
    house.run("drop view v")
    house.run("drop table t")
    house.run("drop table if exists t")
    assert shown("show tables") == []


def test_databases_are_made_and_dropped(house: House) -> None:
    name = f"{house.database}_more"
    house.run(f"create schema if not exists `{name}` comment 'more'")
    house.run(f"create database if not exists {name}")
    house.run(
        f"create table {name}.t with (external_location = 's3://{house.bucket}/more/') as select 1 as n"
    )

    assert "is not empty" in house.fails(f"drop database {name}")
    house.run(f"drop schema if exists `{name}` cascade")
    assert house.fails(f"select * from {name}.t").startswith("SCHEMA_NOT_FOUND: ")


def test_a_table_that_is_dropped_while_its_partitions_are_listed_fails_the_query(house: House) -> None:
    house.run(
        f"create external table t (n int) partitioned by (p string) stored as parquet location 's3://{house.bucket}/t/'"
    )
    catalog = Catalog(house.glue)
    table = catalog.find_table(house.database, "t")
    assert table is not None
    house.run("drop table t")

    with pytest.raises(QueryFailed, match="EntityNotFoundException"):
        list(catalog.partitions(table))


def test_a_table_of_avro_is_made_and_not_read(house: House) -> None:
    house.run(f"create external table t (a string) stored as avro location 's3://{house.bucket}/t/'")
    house.put("t/a.avro", b"Obj")

    assert house.rows_of(house.run("show columns from t")) == [("a".ljust(20),)]
    assert "the SerDe AvroSerDe" in house.fails("select * from t")
