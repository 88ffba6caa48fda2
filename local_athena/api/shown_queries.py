"""The text of a statement as GetQueryExecution shows it.

Athena shows DDL without the name of its own catalog, and DESCRIBE of a table also without the database. The database
then stands in the context. This was measured on Athena (docs/athena-measured.md).
"""

from __future__ import annotations

import re
from functools import lru_cache

from local_athena.sql.names import CATALOG_NAME
from local_athena.sql.parsing import only_statement, without_comments_before

_BEFORE_NAMES = {
    "DESCRIBE_TABLE": r"(?:describe|desc)\s+(?:(?:extended|formatted)\s+)?",
    "SHOW_COLUMNS": r"show\s+columns\s+(?:from|in)\s+",
    "SHOW_CREATE_TABLE": r"show\s+create\s+table\s+",
    "SHOW_TABLE_PROPERTIES": r"show\s+tblproperties\s+",
    "SHOW_TABLES": r"show\s+tables\s+(?:from|in)\s+",
    "MSCK_REPAIR": r"msck\s+repair\s+table\s+",
    "DROP_TABLE": r"drop\s+table\s+(?:if\s+exists\s+)?",
}
_ALTER_TABLE = r"alter\s+table\s+"
_CATALOG = rf"(?P<catalog>{CATALOG_NAME}\s*\.\s*)"
_DATABASE = r"(?P<database>[\w-]+)"


@lru_cache(maxsize=256)
def shown_query(text: str, kind: str) -> tuple[str, str]:
    """The text, and the database that Athena takes from it into the context; empty if it takes none.

    Args:
        text: the statement as the client sent it.
        kind: the statement's substatement type.
    """
    shown = only_statement(text)
    before = _ALTER_TABLE if kind.startswith("ALTER_TABLE") else _BEFORE_NAMES.get(kind)
    if before is None:
        return shown, ""
    sql = without_comments_before(shown)
    comments = shown[: len(shown) - len(sql)]
    if kind == "SHOW_TABLES":
        found = re.match(rf"({before}){_CATALOG}{_DATABASE}", sql, re.IGNORECASE)
    else:
        catalog = f"{_CATALOG}?" if kind == "DESCRIBE_TABLE" else _CATALOG
        found = re.match(rf"({before}){catalog}{_DATABASE}(?P<dot>\s*\.\s*)[\w-]+", sql, re.IGNORECASE)
    if found is None:
        return shown, ""
    kept = found.end("dot") if kind == "DESCRIBE_TABLE" else found.end("catalog")
    return comments + found[1] + sql[kept:], found["database"]
