"""Block comments between the keywords of some DDL statements, which Athena's Hive parser rejects.

Which statements fail, and with which messages, was measured on Athena (docs/athena-measured.md). Line comments are fine.
"""

from __future__ import annotations

import re

from local_athena.errors import SYSTEM, QueryFailed
from local_athena.sql.kinds import without_comments
from local_athena.sql.names import TABLE_NAME
from local_athena.sql.places import line_and_column
from local_athena.sql.statements import Statement
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.ddl.altering import NOT_BY_DDL, no_column_to_drop

_NAMED = re.compile(
    rf"(?:show\s+create\s+table|describe|desc|msck\s+repair\s+table|alter\s+table)\s+{TABLE_NAME}",
    re.IGNORECASE,
)
#: A comment, or what may hold the characters of one.
_PARTS = re.compile(r"/\*(?P<inside>.*?)\*/|--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`", re.DOTALL)
#: The first token of a comment. Hive's lexer skips what is not ASCII.
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+\.[0-9]+|\w+|[<>!=]=|\|\||[!-~]", re.ASCII)
_FIRST = "cannot recognize input near '/' '*' '{token}'"
_IN_NAME = "cannot recognize input near '/' '*' '{token}' in table name"
_IN_ALTER = "cannot recognize input near '{word}' '/' '*' in alter statement"
#: The message for a comment behind so many words of the statement; `{word}` is the word before it.
_SHOWN: dict[str, dict[int, str]] = {
    "SHOW_CREATE_TABLE": {
        0: _FIRST,
        1: "cannot recognize input near '{word}' '/' '*' in ddl statement",
        2: "mismatched input '/' expecting TABLE near '{word}' in show statement",
        3: _IN_NAME,
    },
    "DESCRIBE_TABLE": {0: _FIRST, 1: "cannot recognize input near '{word}' '/' '*' in describe statement"},
    "MSCK_REPAIR": {
        0: _FIRST,
        1: "missing EOF at '/' near '{word}'",
        2: "missing EOF at '/' near '{word}'",
        3: _IN_NAME,
        4: "missing EOF at '/' near '{word}'",
    },
    "ALTER_TABLE_ADD_COLUMN": {
        0: _FIRST,
        1: _IN_ALTER,
        2: _IN_NAME,
        3: "cannot recognize input near '/' '*' '{token}' in alter table statement",
    },
    "ALTER_TABLE_RENAME": {0: _FIRST, 1: _IN_ALTER, 2: _IN_NAME},
    "ALTER_TABLE_DROP_COLUMN": {0: _FIRST, 1: _IN_ALTER, 2: _IN_NAME},
    "ALTER_TABLE_REPLACE_COLUMN": {1: _IN_ALTER},
    "ALTER_TABLE_CHANGE_COLUMN": {1: _IN_ALTER},
}
#: The kinds whose ErrorMessage says that Athena does not have the statement, instead of the reason.
_SHOWN_OTHERWISE = ("ALTER_TABLE_RENAME", "ALTER_TABLE_REPLACE_COLUMN", "ALTER_TABLE_CHANGE_COLUMN")
#: Whose place Hive gives as the start of the statement.
_AT_THE_START = ("in alter statement", "in describe statement")


def check(statement: Statement, catalog: Catalog) -> None:
    """Fail the statement if it has a block comment where Athena's Hive parser takes none.

    Raises:
        QueryFailed: it has.
    """
    messages = _SHOWN.get(statement.kind.name)
    if messages is None or "/*" not in statement.written:
        return
    # Hive counts a run of white space as one blank.
    text = re.sub(r"\s{2,}", " ", statement.written.strip())
    comment = next((part for part in _PARTS.finditer(text) if part["inside"] is not None), None)
    if comment is None:
        return
    words = _PARTS.sub(lambda part: part[0] if part[0][0] in "'\"`" else " ", text[: comment.start()]).split()
    message = messages.get(len(words))
    if message is None or not _concerns(_table(statement, catalog), statement.kind.name):
        return
    token = _TOKEN.search(comment["inside"])
    shown = message.format(
        word=words[-1].rpartition(".")[2] if words else "", token=token[0] if token else "*"
    )
    line, column = line_and_column(text, comment.start())
    place = "1:0" if message.endswith(_AT_THE_START) else f"{line}:{column}"
    reason = f"FAILED: ParseException line {place} {shown}"
    if statement.kind.name == "ALTER_TABLE_DROP_COLUMN":
        error_message = no_column_to_drop(statement).error_message
    elif statement.kind.name in _SHOWN_OTHERWISE:
        error_message = NOT_BY_DDL
    else:
        raise QueryFailed("", reason, category=SYSTEM)
    raise QueryFailed("", reason, error_type=1006, error_message=error_message)


def _table(statement: Statement, catalog: Catalog) -> Table | None:
    named = _NAMED.match(without_comments(statement.sql))
    if named is None:
        return None
    return catalog.find_table((named["database"] or statement.database).lower(), named["table"].lower())


def _concerns(table: Table | None, kind: str) -> bool:
    """Whether Hive's parser reads a statement about this table; None is a table that does not exist."""
    if table is None:
        return kind != "DESCRIBE_TABLE"
    return not table.is_iceberg and not (table.is_view and kind == "DESCRIBE_TABLE")
