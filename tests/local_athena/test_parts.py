"""Tests parts that need no server: lines, bytes in strings, pruning, types."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_athena.compiler.analyzer import Analyzer
from local_athena.compiler.plans import TableSource
from local_athena.duckdb_engine.database import Database
from local_athena.errors import QueryFailed
from local_athena.sql.kinds import kind_of
from local_athena.sql.parsing import parse, without_comments_before
from local_athena.tables.lines import text_lines
from local_athena.tables.pruning import Comparison, Needs
from local_athena.values import raw_text, types
from local_athena.values.columns import Column
from local_athena.values.hive_types import from_hive, to_hive

NEAR_THE_RANGE = st.sampled_from(
    [b"\xf4\x8f\xba\x80", b"\xf4\x8f\xbb\xbf", b"\xf4\x8f", b"\xff", b"\x80", b"a"]
)


@given(st.lists(st.binary(max_size=8) | NEAR_THE_RANGE).map(b"".join))
def test_any_bytes_survive_in_a_string(value: bytes) -> None:
    held = raw_text.from_bytes(value)

    assert held.encode().decode() == held
    assert raw_text.to_bytes(held) == value
    assert raw_text.to_arrow([value, None]).to_pylist() == [held, None]
    assert raw_text.readable(held) == value.decode("utf-8", "replace")


@given(
    st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"a", b"\xef\xbb\xbf", b"\x85", b"\xff"])).map(b"".join)
)
def test_lines_are_cut_alike_plain_and_packed(body: bytes) -> None:
    text = body.removeprefix(b"\xef\xbb\xbf")
    expected = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")

    found = text_lines(body, "s3://b/k")

    assert found == (expected[:-1] if expected[-1] == b"" else expected)
    assert text_lines(gzip.compress(body[:3]) + gzip.compress(body[3:]), "s3://b/k.gz") == found


@given(st.integers(0, 200), st.data())
def test_a_cut_gzip_is_never_read_as_a_shorter_text(size: int, data: st.DataObject) -> None:
    packed = gzip.compress(bytes(size))
    cut = data.draw(st.integers(1, len(packed) - 1))

    with pytest.raises(QueryFailed, match=r"k\.gz"):
        text_lines(packed[:cut], "s3://b/k.gz")


@pytest.mark.parametrize(
    "text",
    ["string", "varchar(10)", "int", "decimal(10,2)", "array<string>", "map<string,array<int>>",
     "struct<a:int,b:struct<c:string,d:array<double>>>", "timestamp", "binary", "float"],
)  # fmt: skip
def test_hive_types_are_read_and_written_alike(text: str) -> None:
    assert to_hive(from_hive(text)) == text


@pytest.mark.parametrize("text", ["", "int>", "array<", "struct<a>", "strong"])
def test_what_is_no_hive_type_is_an_error(text: str) -> None:
    with pytest.raises(QueryFailed, match="is not a Hive type"):
        from_hive(text)


@pytest.mark.parametrize(
    ("sql", "is_ddl"),
    [
        ("create external table t (a string) location 's3://b/'", True),
        ("create table t (a int) location 's3://b/' tblproperties ('table_type' = 'iceberg')", True),
        ("create table t with (format = 'parquet') as select 1 as a", False),
        ("create table t as\n/* why */ with x as (select 1 as a) select * from x", False),
        ("alter table t set tblproperties ('a' = 'b')", True),
        ("create or replace view v as select 1 as a", False),
        ("insert into t select 1", False),
    ],
)
def test_hives_statements_are_told_from_trinos(sql: str, is_ddl: bool) -> None:
    assert kind_of(without_comments_before(f'/* {{"app": "dbt"}} */\n-- note\n  {sql} ;')).is_hive is is_ddl


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select 1; ; -- note\n", "Only one sql statement is allowed. Got: select 1; ; -- note"),
        ("  select 1; select 2", "Only one sql statement is allowed. Got:   select 1; select 2"),
        ("show tables; show tables", "Only one sql statement is allowed. Got: show tables; show tables"),
        (" ; ;", "Empty sql statement:  ; ;"),
        (
            "select 1,\n  X'6 8 6'",
            "SYNTAX_ERROR: line 2:3: Binary literal must contain an even number of digits",
        ),
        ("select X'6g'", "SYNTAX_ERROR: line 1:8: Binary literal can only contain hexadecimal digits"),
    ],
)
def test_what_is_no_statement_is_a_syntax_error(sql: str, reason: str) -> None:
    with pytest.raises(QueryFailed) as caught:
        parse(without_comments_before(sql))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("select ';;';", "select ';;'"),
        ('select 1 as ";;"', 'select 1 as ";;"'),
        ("/* a; */ select 1 -- b;\n;; ", "select 1 -- b;"),
        ("; show tables ;", "show tables"),
        ("create database d comment 'it\\'s; so';", "create database d comment 'it\\'s; so'"),
        ("select '\\';", "select '\\'"),
    ],
)
def test_semicolons_around_a_statement_do_not_count(text: str, sql: str) -> None:
    assert without_comments_before(text) == sql
    parse(sql)


DAYS = [dt.date(2025, 8, 9 + n) for n in range(6)]
CONDITIONS = st.recursive(
    st.builds(
        "{} {} date '{}'".format,
        st.sampled_from(["day", "other"]),
        st.sampled_from(["=", "<", "<=", ">", ">=", "<>"]),
        st.sampled_from(DAYS),
    )
    | st.builds(
        "{} {}in ({})".format,
        st.sampled_from(["day", "other"]),
        st.sampled_from(["", "not "]),
        st.lists(st.sampled_from(DAYS), min_size=1, max_size=3).map(
            lambda days: ", ".join(f"date '{day}'" for day in days)
        ),
    )
    | st.builds("day between date '{}' and date '{}'".format, st.sampled_from(DAYS), st.sampled_from(DAYS))
    | st.sampled_from(["day is null", "true", "day = other", "date '2025-08-10' = day"]),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
        | st.builds("(not {})".format, inner)
    ),
    max_leaves=6,
)
SHAPES = [
    "select * from t where {a}",
    "select * from (select day, other from t where {a}) where {b}",
    "with w as (select other as day, day as other from t where {a}) select * from w where {b}",
    "with w as (select * from t) select * from w where {a} union all select * from w where {b}",
    "select * from (select * from t where {a} union all select other, day from t) where {b}",
    "select x.day, y.other from t x left join (select * from t where {b}) y on x.day = y.day "
    "where x.day > date '2025-08-10'",
    "select day, other from ("
    "select day, other, row_number() over (partition by day order by other) as n from t) where n = 1 and {a}",
    "select day, max(other) as other from t where {b} group by day having {h}",
    "select * from (select * from t where {a} order by day, other limit 2) where {b}",
    "select * from t where {a} and exists (select 1 from t as u where u.day = t.other)",
    "select distinct day, other from t where {a}",
]
DATABASE = Database(threads=1)
DATE = pa.date32()
ROWS = [(day, other) for day, other in itertools.product([*DAYS[:4], None], [*DAYS[2:], None])]


class OneTable:
    """The schema of one table `t` with two dates."""

    def resolve(self, database: str, name: str) -> TableSource | None:
        columns = (Column("day", types.DATE), Column("other", types.DATE))
        return TableSource("t", database, name, columns) if name == "t" else None


def _run(sql: str, *, pruned: bool) -> list[tuple[object, ...]]:
    """The rows of a query, over all rows of the table or over only those that its scans need."""
    compiled = Analyzer(OneTable(), "db").compile(parse(sql))
    session = DATABASE.session()
    for scan in compiled.scans:
        kept = [row for row in ROWS if not pruned or scan.needs.admits({"day": row[0], "other": row[1]})]
        session.register(
            scan.relation,
            pa.table(
                {"day": pa.array([a for a, _ in kept], DATE), "other": pa.array([b for _, b in kept], DATE)}
            ),
        )
    found = session.run(compiled.sql)
    session.close()
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(SHAPES), CONDITIONS, CONDITIONS, CONDITIONS)
def test_what_pruning_leaves_out_was_not_needed(shape: str, a: str, b: str, h: str) -> None:
    sql = shape.format(a=a, b=b, h=h.replace("other", "max(other)"))

    assert _run(sql, pruned=True) == _run(sql, pruned=False)


def test_readers_needs_add_up() -> None:
    needs = Needs(
        [{"d": (Comparison("in", (1, 2)), Comparison(">", (1,)))}, {"d": (Comparison("in", (7,)),)}]
    )

    assert needs.listed("d") == {2, 7}
    assert [value for value in (1, 2, 3, 7, None) if needs.admits({"d": value})] == [2, 7]
    assert Needs([{}]).listed("d") is None
    assert Needs([]).admits({"d": None})
