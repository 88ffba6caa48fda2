"""Every expression of the table: the DuckDB engine gives Trino's recorded answer, or refuses by name."""

from __future__ import annotations

import base64
import datetime as dt
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from local_athena.analysis import Analyzer
from local_athena.engine_duckdb import Database
from local_athena.errors import QueryFailed
from local_athena.parsing import parse
from local_athena.plans import TableSource, ViewSource
from local_athena.types import Type
from tests.local_athena import expression_table

#: Where the local engine fails with another code than Trino 476, and why that is as well.
OTHER_CODES = {
    # Trino's own slip: a Java exception shows through.
    "mod(7, 0)": "DIVISION_BY_ZERO",
    # The parser knows the names of types.
    "cast('x' as unknowntype)": "SYNTAX_ERROR",
    # Athena's session always has a database, and takes one statement with or without a semicolon.
    "select * from nosuchtable": "TABLE_NOT_FOUND",
    "select 1; select 2": "",
}
#: The share of refusals in the topics that our own SQL lives on; elsewhere more may be refused.
REFUSED_AT_MOST = {"casts": 0.2, "comparison": 0.15, "json": 0.15, "records": 0.02, "statements": 0.15}
#: Athena strips the semicolon that Trino's protocol rejects.
ANSWERED = {"select 1;"}


class NoTables:
    """A catalog with one empty database."""

    def resolve(self, database: str, name: str) -> TableSource | ViewSource | None:  # noqa: ARG002
        return None

    def has_database(self, database: str) -> bool:
        return database == "default"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    database = Database()
    yield database
    database.close()


@pytest.mark.parametrize("topic", expression_table.topics())
def test_the_answers_are_recorded_for_the_expressions(topic: str) -> None:
    recorded = [answer["sql"] for answer in expression_table.read_answers(topic)]
    expressions = expression_table.read_expressions(topic)
    if topic == "records":
        # A new reject case need not wait for a Trino server; most must have been asked.
        assert len(set(expressions) - set(recorded)) <= 0.1 * len(expressions), "run `make expressions`"
    else:
        assert recorded == expressions, "run `make expressions`"


@pytest.mark.parametrize("topic", expression_table.topics())
def test_every_expression_is_equal_or_refused(topic: str, database: Database) -> None:
    problems, refused = [], 0
    for answer in expression_table.read_answers(topic):
        got = _run(expression_table.query_of(topic, answer["sql"]), database)
        refused += got[0] == "NOT_SUPPORTED"
        problem = _difference(topic, answer, *got)
        if problem:
            problems.append(f"{answer['sql']}: {problem}")
    assert not problems, f"{len(problems)} of them:\n" + "\n".join(problems)
    # A table of refusals would prove nothing.
    most = REFUSED_AT_MOST.get(topic, 0.6)
    assert refused <= most * len(expression_table.read_expressions(topic))


def _difference(
    topic: str, answer: dict[str, Any], code: str | None, columns: list[Type], rows: list[list[Any]]
) -> str | None:
    """What is wrong with the local engine's answer, or None."""
    if code == "NOT_SUPPORTED" or (code is None and answer["sql"] in ANSWERED):
        return None
    if "error" in answer:
        wanted = OTHER_CODES.get(answer["sql"], answer["error"])
        return None if code == wanted else f"Trino fails with {wanted}, got {code or rows}"
    if code is not None:
        return f"Trino answers, got {code}"
    whole = topic in expression_table.QUERIES
    wanted_types = [kind for _, kind in answer["columns"]] if whole else [answer["type"]]
    wanted_rows = answer["rows"] if whole else [[answer["value"]]]
    if [_plain(kind) for kind in wanted_types] != [_plain(str(kind)) for kind in columns]:
        return f"Trino's types are {wanted_types}, got {[str(kind) for kind in columns]}"
    return None if rows == wanted_rows else f"Trino answers {wanted_rows}, got {rows}"


def _run(sql: str, database: Database) -> tuple[str | None, list[Type], list[list[Any]]]:
    """The code of a failure or None, the types, and the rows as Trino's JSON shows them."""
    session = database.session()
    try:
        compiled = Analyzer(NoTables(), "default").compile(parse(sql))
        table = session.run(compiled.sql)
    except QueryFailed as failure:
        return failure.code, [], []
    finally:
        session.close()
    kinds = [column.type for column in compiled.columns]
    columns = [column.to_pylist() for column in table.columns]
    rows = zip(*columns, strict=True) if columns else []
    return (
        None,
        kinds,
        [[_shown(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows],
    )


def _plain(kind: str) -> str:
    """A type without a varchar's length, which local Athena does not follow."""
    return re.sub(r"varchar\(\d+\)", "varchar", kind.lower().replace(" ", ""))


def _shown(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind.base == "array":
        return [_shown(item, kind.items[0]) for item in value]
    if kind.base == "map":
        pairs = value.items() if isinstance(value, dict) else value
        return {str(_shown(key, kind.items[0])): _shown(item, kind.items[1]) for key, item in pairs}
    if kind.base == "row":
        return [_shown(item, own) for item, own in zip(value.values(), kind.items, strict=True)]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        shown = value.strftime("%Y-%m-%d %H:%M:%S") + f".{value.microsecond:06}"
        digits = kind.params[0] if kind.params else 3
        return shown[: 19 + (digits + 1 if digits else 0)] + (" UTC" if kind.base.endswith("zone") else "")
    return value.isoformat() if isinstance(value, dt.date) else value
