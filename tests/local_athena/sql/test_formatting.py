"""Tests the format of queries against Trino's recorded format, and the formatted text of views."""

from __future__ import annotations

import re

import pytest

from local_athena.compiler.analyzer import Analyzer
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.formatting import formatted
from local_athena.sql.parsing import parse
from local_athena.tables.views import read_view, write_view
from tests.local_athena import expression_table, formatted_queries
from tests.local_athena.conftest import House
from tests.local_athena.proof import NoTables


def test_the_format_is_recorded_for_the_queries() -> None:
    recorded = [sql for sql, _ in formatted_queries.read_formatted()]

    assert recorded == formatted_queries.read_queries(), "run `make expressions`"


@pytest.mark.parametrize(("sql", "wanted"), formatted_queries.read_formatted())
def test_a_query_has_the_format_of_trino(sql: str, wanted: str) -> None:
    assert formatted(parse(sql)) == wanted


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("1.5", "1.5E0"),
        (".5", "5E-1"),
        ("10.", "1E1"),
        ("00.250", "2.5E-1"),
        ("-1.5", "-1.5E0"),
        ("0.0", "0E0"),
        ("123456789.123456789", "1.2345678912345679E8"),
    ],
)
def test_a_decimal_literal_is_a_double_as_on_athena(number: str, wanted: str) -> None:
    assert formatted(parse(f"select {number}")) == f"SELECT {wanted}\n\n"


#: Trino's formatter writes these numbers as a sign that it cannot read, so they cannot be in a view.
INFINITE = ("1e400", "select 1e400")


def test_a_formatted_query_means_the_same() -> None:
    seen = 0
    for topic in expression_table.topics():
        for entry in expression_table.read_expressions(topic):
            sql = expression_table.query_of(topic, entry)
            if any(words in sql.lower() for words in ("is not distinct from", "not like")):
                # Trino writes NOT before the comparison, which compiles to other SQL.
                continue
            try:
                compiled = _compiled(sql)
            except QueryFailed:
                continue
            if entry.lower() in INFINITE:
                continue
            text = formatted(parse(sql))
            seen += 1
            assert formatted(parse(text)) == text
            assert _compiled(text) == compiled, text

    assert seen > 2500


def _compiled(sql: str) -> tuple[str, object]:
    """A query's SQL for DuckDB without parentheses and with one spelling of doubles and bytes, and its columns."""
    compiled = Analyzer(NoTables(), "default", lambda _: None).compile(parse(sql))
    literals = re.sub(
        r"CAST\('([^']*)' AS DOUBLE\)", lambda number: f"double {float(number[1])!r}", compiled.sql
    )
    literals = re.sub(r"unhex\('([^']*)'\)", lambda digits: digits[0].lower(), literals)
    return re.sub("[()]", "", literals), compiled.columns


@pytest.mark.parametrize(
    "sql",
    [
        "select 1 = any ((select 1))",
        "select 1e400",
        "select a from t group by distinct a",
        "select a from t group by all",
        "select a from t tablesample bernoulli (10)",
        "select lag(a) ignore nulls over (order by b) from t",
    ],
)
def test_what_the_formatter_does_not_know_is_refused_by_name(sql: str) -> None:
    with pytest.raises(Refused, match="a view with"):
        formatted(parse(sql))


def _shown(house: House, name: str) -> list[str]:
    return [str(row[0]) for row in house.rows_of(house.run(f"show create view {name}"))]


def test_show_create_view_shows_the_query_in_the_format_of_trino(house: House) -> None:
    house.run(f"create external table one_row (n int) location 's3://{house.bucket}/t/'")
    house.run(f"create or replace view v as -- a comment\nselect n from {house.database}.one_row")

    # PyAthena's test_get_view_definition expects these lines of Athena, without an empty line at the end.
    assert _shown(house, "v") == [
        f"CREATE VIEW {house.database}.v AS",
        "SELECT n",
        "FROM",
        f"  {house.database}.one_row",
    ]


def test_the_catalog_has_the_formatted_query(house: House) -> None:
    house.run("create view v as select 1.5 as a, 'x' as B where true")

    stored = house.glue.get_table(DatabaseName=house.database, Name="v")["Table"]["ViewOriginalText"]

    assert read_view(stored)["originalSql"] == "SELECT\n  1.5E0 a\n, 'x' B\n\nWHERE true\n"
    assert house.rows("select a, b from v") == [("1.5", "x")]


def test_the_values_of_parameters_are_in_the_view(house: House) -> None:
    house.run("create view v as select ? as a, ? as b", ExecutionParameters=["1 + 1", "'x'"])

    assert _shown(house, "v")[1:] == ["SELECT", "  (1 + 1) a", ", 'x' b"]
    assert house.rows("select * from v") == [("2", "x")]


def test_names_that_are_not_plain_words_are_quoted(house: House) -> None:
    house.run('create view "v-1" as select 1 as a')

    assert _shown(house, '"v-1"')[0] == f'CREATE VIEW {house.database}."v-1" AS'


def test_a_view_of_another_program_is_shown_in_the_format_too(house: House) -> None:
    house.run("create view v as select 1 as a")
    table = house.glue.get_table(DatabaseName=house.database, Name="v")["Table"]
    view = read_view(table["ViewOriginalText"])
    for text, shown in {
        "select a from (values 1) t (a)": ["SELECT a", "FROM", "  (", " VALUES ", "     1", ")  t (a)"],
        "select a from t group by distinct a": ["select a from t group by distinct a"],
    }.items():
        stored = write_view({**view, "originalSql": text})
        kept = {
            name: table[name]
            for name in ("Name", "TableType", "Parameters", "StorageDescriptor", "ViewExpandedText")
        }
        house.glue.update_table(DatabaseName=house.database, TableInput={**kept, "ViewOriginalText": stored})

        assert _shown(house, "v")[1:] == shown


@pytest.mark.parametrize("head", ["create view v (a)", "create view v(a)", "create view if not exists v"])
def test_what_trino_does_not_allow_before_as_is_a_syntax_error(house: House, head: str) -> None:
    with pytest.raises(house.athena.exceptions.InvalidRequestException, match="mismatched input"):
        house.run(f"{head} as select 1 as a")


def test_what_local_athena_does_not_keep_before_as_is_refused(house: House) -> None:
    assert "CREATE VIEW with anything between its name and AS" in house.fails(
        "create view v security invoker as select 1 as a"
    )
