"""Checks on the text of a statement that Athena makes before it starts it, with Athena's messages.

The messages were measured on Athena (docs/athena-measured.md).
"""

from __future__ import annotations

import re

from local_athena.errors import QueryFailed
from local_athena.sql.kinds import keywords, masked
from local_athena.sql.parsing import only_statement
from local_athena.sql.places import place_in
from local_athena.sql.statements import Statement

_PART = r"(?:`[^`]*`|\"(?:[^\"]|\"\")*\"|[\w$-]+)"
_NAME = re.compile(rf"{_PART}(?:\s*\.\s*{_PART})*")
_OR_REPLACE = re.compile(r"create\s+or\s+replace\s+(table)\b", re.IGNORECASE)
_FOREIGN_SHOW = re.compile(r"show\s+(session|stats)\b", re.IGNORECASE)
_CREATE_TABLE = r"create\s+(?:external\s+)?table\s+(?:if\s+not\s+exists\s+)?"
#: What stands before the name of a table, by the statement's kind.
_BEFORE_NAMES = {
    "DESCRIBE_TABLE": r"(?:describe|desc)\s+",
    "SHOW_COLUMNS": r"show\s+columns\s+(?:from|in)\s+",
    "SHOW_CREATE_TABLE": r"show\s+create\s+table\s+",
    "CREATE_TABLE_AS_SELECT": _CREATE_TABLE,
    "CREATE_TABLE": _CREATE_TABLE,
    "DROP_TABLE": r"drop\s+table\s+(?:if\s+exists\s+)?",
    # These were not measured. Trino rejects such names, too.
    "CREATE_VIEW": r"create\s+(?:or\s+replace\s+)?view\s+",
    "DROP_VIEW": r"drop\s+view\s+(?:if\s+exists\s+)?",
    "INSERT": r"insert\s+into\s+",
    "DELETE": r"delete\s+from\s+",
    "UPDATE": r"update\s+",
    "MERGE": r"merge\s+into\s+",
}
_ALTER_TABLE = r"alter\s+table\s+"
#: What Athena expects in place of a third dot.
_EXPECTED = {
    "DROP_TABLE": "{<EOF>, 'PURGE'}",
    "CREATE_TABLE": (
        "{<EOF>, '(', 'SELECT', 'FROM', 'AS', 'ROW', 'WITH', 'VALUES', 'TABLE', 'INSERT', 'MAP', 'COMMENT', 'REDUCE', "
        "'TBLPROPERTIES', 'SKEWED', 'STORED', 'LOCATION', 'CLUSTERED', 'PARTITIONED'}"
    ),
}
_MOST_PARTS = 3


def check_text(statement: Statement) -> None:
    """Make the checks.

    Raises:
        QueryFailed: the statement is CREATE OR REPLACE TABLE, SHOW SESSION or SHOW STATS, ends after FROM, or names a
            table with four or more parts.
    """
    text = only_statement(statement.written)
    # The comments before the statement count in positions.
    before = len(text) - len(statement.sql) if text.endswith(statement.sql) else 0
    replaced = _OR_REPLACE.match(masked(statement.sql))
    if replaced:
        place = place_in(text, before + replaced.start(1))
        raise QueryFailed(
            "",
            f"{place}mismatched input '{statement.sql[replaced.start(1) : replaced.end()]}'. "
            "Expecting: 'MATERIALIZED', 'MULTI', 'PROTECTED', 'VIEW'",
        )
    foreign = _FOREIGN_SHOW.match(statement.sql)
    if foreign:
        place = place_in(text, before + foreign.start(1))
        raise QueryFailed("", f"{place}no viable alternative at input '{foreign[0]}'")
    if statement.kind.name == "SELECT" and re.search(r"\bfrom\s*\Z", keywords(statement.sql), re.IGNORECASE):
        raise QueryFailed("", "Queries of this type are not supported")
    _check_name(statement, text, before)


def _check_name(statement: Statement, text: str, before: int) -> None:
    kind = statement.kind.name
    beginning = _ALTER_TABLE if kind.startswith("ALTER_TABLE") else _BEFORE_NAMES.get(kind)
    if beginning is None:
        return
    start = re.match(beginning, statement.sql, re.IGNORECASE)
    named = start and _NAME.match(statement.sql, start.end())
    if not named:
        return
    parts = list(re.finditer(_PART, named[0]))
    if len(parts) <= _MOST_PARTS:
        return
    dot = named.start() + named[0].index(".", parts[_MOST_PARTS - 1].end())
    place = place_in(text, before + dot)
    if beginning == _ALTER_TABLE:
        raise QueryFailed("", f"{place}no viable alternative at input '{statement.sql[: dot + 1]}'")
    if kind in _EXPECTED:
        raise QueryFailed("", f"{place}mismatched input '.' expecting {_EXPECTED[kind]}")
    name = ".".join(part[0].strip('`"').lower() for part in parts)
    raise QueryFailed("", f"Invalid table name {name}")
