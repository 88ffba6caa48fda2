"""Reads the options of EXPLAIN, and formats plans as Athena does."""

from __future__ import annotations

import re

from sqlglot import exp

from local_athena.errors import QueryFailed
from local_athena.sql.kinds import keywords
from local_athena.sql.statements import Outcome
from local_athena.values.columns import Column
from local_athena.values.types import BOOLEAN, Type

_TYPES = ("LOGICAL", "DISTRIBUTED", "VALIDATE", "IO")
_FORMATS = ("TEXT", "GRAPHVIZ", "JSON")
_HEAD = re.compile(
    r"explain\b\s*(?:(?P<analyze>analyze)\b\s*(?P<verbose>verbose\b)?|\((?P<options>[^()]*)\)(?=\s*[a-z]))?\s*",
    re.IGNORECASE,
)


class Explain(exp.Expression):  # type: ignore[reportPrivateImportUsage]
    """An EXPLAIN: the explained statement's tree (`this`) and text (`sql`), and the options."""

    arg_types = {"this": False, "sql": True, "analyze": True, "type": True, "format": True}  # noqa: RUF012 - sqlglot's way


def split(sql: str) -> tuple[str, dict[str, str | bool]]:
    """The explained statement, and the options `analyze`, `type` and `format`.

    Blanks replace the text before the explained statement, so that errors name the right position.

    Args:
        sql: an EXPLAIN.

    Raises:
        QueryFailed: Trino does not know an option, or the explained statement is missing.
    """
    head = _HEAD.match(sql)
    assert head is not None
    options: dict[str, str | bool] = {
        "analyze": bool(head["analyze"]),
        "type": "DISTRIBUTED",
        "format": "TEXT",
    }
    for option in (head["options"] or "").split(",") if head["options"] is not None else ():
        name, _, value = option.strip().upper().partition(" ")
        if value.strip() not in {"TYPE": _TYPES, "FORMAT": _FORMATS}.get(name, ()):
            raise QueryFailed("SYNTAX_ERROR", f"line 1:9: mismatched input '{option.strip()}'")
        options[name.lower()] = value.strip()
    blank = re.sub(r"[^\n]", " ", sql[: head.end()])
    if not keywords(sql[head.end() :]):
        raise QueryFailed("SYNTAX_ERROR", f"line 1:{len(sql) + 1}: mismatched input '<EOF>'")
    return blank + sql[head.end() :], options


def plan_outcome(plan: str, *, scanned_bytes: int = 0) -> Outcome:
    """A plan as Athena shows it: one row for each line, and an empty row for the line feed that Athena appends."""
    column = Column("Query Plan", Type("varchar", (len(plan),)))
    return _outcome(column, plan, scanned_bytes)


def valid_outcome() -> Outcome:
    """The outcome of EXPLAIN (TYPE VALIDATE) for a valid statement."""
    return _outcome(Column("Valid", BOOLEAN), "true", 0)


def _outcome(column: Column, text: str, scanned_bytes: int) -> Outcome:
    return Outcome((column,), lines=[column.name, *text.split("\n"), ""], scanned_bytes=scanned_bytes)
