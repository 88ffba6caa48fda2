"""Compares the DuckDB engine's answer to each entry of the table of expressions with Trino's, and derives the
allow-list.

`python -m tests.local_athena.proof` writes the engine's allow-list, `local_athena/compiler/proven.txt`, from the
recorded answers. It needs no Trino server. A signature is proven if an entry with it has an answer of Trino with a
non-null value in every column, the engine gives the same answer, and no entry with it is answered differently.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from local_athena import compiler
from local_athena.api.results import python_values, text
from local_athena.compiler.analyzer import Analyzer
from local_athena.compiler.plans import TableSource, Version, ViewSource
from local_athena.duckdb_engine.database import Database
from local_athena.errors import QueryFailed
from local_athena.sql.parsing import parse
from local_athena.values.numbers import shortest_real
from local_athena.values.types import Type
from tests.local_athena import expression_table

ALLOW_LIST = Path(compiler.__file__).with_name("proven.txt")
#: The entries for which the local engine fails with another code than Trino 476, each with the reason why this is
#: acceptable.
OTHER_CODES = {
    # This is an error in Trino: it shows a Java exception.
    "mod(7, 0)": "DIVISION_BY_ZERO",
    # A session in Athena always has a database. Athena accepts one statement with or without a semicolon.
    "select * from nosuchtable": "TABLE_NOT_FOUND",
    "select 1; select 2": "",
}
#: Athena removes the semicolon, which Trino's protocol rejects.
ANSWERED = {"select 1;"}


class Outcome(Enum):
    """The result of comparing the engine's answer with Trino's."""

    EQUAL = "equal"
    SAME_ERROR = "same error"
    REFUSED = "refused"
    EXCEPTED = "listed exception"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Verdict:
    """One entry of the table.

    Attributes:
        signatures: the constructs that the compiler found, up to an error.
        shows: whether the answers are equal, with a non-null value in every column.
        difference: both answers, if the outcome is DIFFERENT.
        refusal: the engine's message, if the outcome is REFUSED.
    """

    topic: str
    sql: str
    outcome: Outcome
    signatures: frozenset[str]
    shows: bool = False
    difference: str = ""
    refusal: str = ""


class NoTables:
    """A catalog with one empty database."""

    def resolve(self, database: str, name: str) -> TableSource | ViewSource | None:  # noqa: ARG002
        return None

    def has_database(self, database: str) -> bool:
        return database == "default"

    def version(self, source: TableSource, version: Version, where: str) -> TableSource:  # noqa: ARG002
        raise AssertionError(f"there is no table {source.name}")


def judge() -> list[Verdict]:
    """Run every entry that has an answer of Trino on the DuckDB engine, without the allow-list."""
    database = Database()
    try:
        return [
            _verdict(topic, answer, database)
            for topic in expression_table.topics()
            for answer in expression_table.read_answers(topic)
        ]
    finally:
        database.close()


def proven(verdicts: Iterable[Verdict]) -> list[str]:
    """The signatures that the verdicts prove, sorted.

    Raises:
        ValueError: an answer differs. The engine must be corrected, or must refuse the entry.
    """
    found: set[str] = set()
    for verdict in verdicts:
        if verdict.outcome is Outcome.DIFFERENT:
            raise ValueError(f"{verdict.sql}: {verdict.difference}")
        if verdict.shows:
            found |= verdict.signatures
    return sorted(found)


def gated(verdict: Verdict, allowed: Iterable[str]) -> Outcome:
    """The outcome of an entry when the engine uses the allow-list."""
    return verdict.outcome if verdict.signatures <= frozenset(allowed) else Outcome.REFUSED


def _verdict(topic: str, answer: dict[str, Any], database: Database) -> Verdict:
    signatures: set[str] = set()
    failure, columns, rows = _run(expression_table.query_of(topic, answer["sql"]), database, signatures)
    outcome, difference = _compare(topic, answer, failure and failure.code, columns, rows)
    filled = rows and all(any(value is not None for value in column) for column in zip(*rows, strict=True))
    shows = outcome is Outcome.EQUAL and bool(filled)
    refusal = failure.reason if failure is not None and outcome is Outcome.REFUSED else ""
    return Verdict(topic, answer["sql"], outcome, frozenset(signatures), shows, difference, refusal)


def _compare(
    topic: str, answer: dict[str, Any], code: str | None, columns: list[Type], rows: list[list[Any]]
) -> tuple[Outcome, str]:
    sql = answer["sql"]
    if code == "NOT_SUPPORTED":
        return Outcome.REFUSED, ""
    if (sql in ANSWERED and code is None) or (sql in OTHER_CODES and code == OTHER_CODES[sql]):
        return Outcome.EXCEPTED, ""
    if "error" in answer:
        if code == answer["error"]:
            return Outcome.SAME_ERROR, ""
        return Outcome.DIFFERENT, f"Trino fails with {answer['error']}, got {code or rows}"
    if code is not None:
        return Outcome.DIFFERENT, f"Trino answers, got {code}"
    whole = topic in expression_table.QUERIES
    wanted_types = [kind for _, kind in answer["columns"]] if whole else [answer["type"]]
    wanted_rows = answer["rows"] if whole else [[answer["value"]]]
    if [_plain(kind) for kind in wanted_types] != [_plain(str(kind)) for kind in columns]:
        return Outcome.DIFFERENT, f"Trino's types are {wanted_types}, got {[str(kind) for kind in columns]}"
    if rows != wanted_rows:
        return Outcome.DIFFERENT, f"Trino answers {wanted_rows}, got {rows}"
    return Outcome.EQUAL, ""


def _run(
    sql: str, database: Database, signatures: set[str]
) -> tuple[QueryFailed | None, list[Type], list[list[Any]]]:
    """Run a query. Returns the failure or None, the types, and the rows in the format of Trino's JSON."""
    session = database.session()
    try:
        compiled = Analyzer(NoTables(), "default", signatures.add).compile(parse(sql))
        columns = [python_values(column) for column in session.run(compiled.sql).columns]
        kinds = [column.type for column in compiled.columns]
        rows = zip(*columns, strict=True) if columns else []
        shown = [list(map(_shown, row, kinds)) for row in rows]
    except QueryFailed as failure:
        return failure, [], []
    finally:
        session.close()
    return None, kinds, shown


def _plain(kind: str) -> str:
    return kind.lower().replace(" ", "")


def _shown(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind.base == "array":
        return [_shown(item, kind.items[0]) for item in value]
    if kind.base == "map":
        pairs = value.items() if isinstance(value, dict) else value
        return {_key(_shown(key, kind.items[0])): _shown(item, kind.items[1]) for key, item in pairs}
    if kind.base == "row":
        return [_shown(item, own) for item, own in zip(value.values(), kind.items, strict=True)]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if kind.base == "real":
        return shortest_real(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return text(value, kind)
    if isinstance(value, dt.time):
        digits = kind.params[0]
        return value.isoformat(timespec="microseconds")[: 8 + (digits + 1 if digits else 0)]
    return value.isoformat() if isinstance(value, dt.date) else value


def _key(shown: Any) -> str:
    """A map's key as a string, as in JSON."""
    return str(shown).lower() if isinstance(shown, bool) else str(shown)


def _summary(verdicts: list[Verdict], allowed: list[str]) -> Iterator[str]:
    counts = Counter(gated(verdict, allowed) for verdict in verdicts)
    yield f"{len(verdicts)} expressions: " + ", ".join(f"{counts[each]} {each.value}" for each in Outcome)
    yield f"{len(allowed)} constructs proven"


def write_allow_list() -> None:
    """Write the allow-list that the recorded answers prove."""
    verdicts = judge()
    allowed = proven(verdicts)
    ALLOW_LIST.write_text("".join(f"{signature}\n" for signature in allowed), "utf-8")
    print("\n".join(_summary(verdicts, allowed)), file=sys.stderr)


if __name__ == "__main__":
    write_allow_list()
