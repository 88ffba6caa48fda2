"""Runs Hive's statements: each kind has its runner."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from local_athena.errors import Refused
from local_athena.sql.names import TABLE_NAME
from local_athena.sql.parsing import parse
from local_athena.sql.statements import Outcome, Statement
from local_athena.tables.catalog import Catalog
from local_athena.tables.ddl import altering, creating, partitions, showing
from local_athena.tables.ddl.context import DdlContext
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.s3 import ObjectStore

_IN_DATABASE = r"(?:\s+in\s+[`\"]?(?P<database>[\w-]+)[`\"]?)?"

#: The kinds whose statements sqlglot reads, and what runs their trees.
_BY_TREE: dict[str, Callable[[Any, DdlContext], None]] = {
    "CREATE_DATABASE": creating.create_database,
    "CREATE_TABLE": creating.create_table,
    "DROP_DATABASE": creating.drop_database,
    "DROP_TABLE": creating.drop,
    "DROP_VIEW": creating.drop,
    "ALTER_TABLE_RENAME": altering.rename,
    "ALTER_TABLE_SET_TBLPROPERTIES": altering.set_properties,
    "ALTER_TABLE_ADD_COLUMN": altering.add_columns,
    "ALTER_TABLE_REPLACE_COLUMN": altering.replace_columns,
    "ALTER_TABLE_DROP_COLUMN": altering.drop_column,
    "ALTER_TABLE_CHANGE_COLUMN": altering.change_column,
}
#: The kinds whose statements sqlglot keeps as text: their pattern, and what makes the lines of their result.
_BY_PATTERN: dict[str, tuple[str, Callable[[re.Match[str], DdlContext], list[str]]]] = {
    "ALTER_TABLE_ADD_PARTITION": (
        rf"alter\s+table\s+{TABLE_NAME}\s+add\s+(?:if\s+not\s+exists\s+)?(?P<rest>partition\b.*)",
        partitions.add_partitions,
    ),
    "ALTER_TABLE_DROP_PARTITION": (
        rf"alter\s+table\s+{TABLE_NAME}\s+drop\s+(?P<exists>if\s+exists\s+)?(?P<rest>partition\b.*)",
        partitions.drop_partitions,
    ),
    "MSCK_REPAIR_TABLE": (rf"msck\s+repair\s+table\s+{TABLE_NAME}", partitions.repair),
    "SHOW_DATABASES": (r"show\s+(?:databases|schemas)", showing.show_databases),
    "SHOW_TABLES": (rf"show\s+tables{_IN_DATABASE}(?:\s+'(?P<like>[^']*)')?", showing.show_tables),
    "SHOW_VIEWS": (rf"show\s+views{_IN_DATABASE}", showing.show_views),
    "SHOW_COLUMNS": (
        rf"show\s+columns\s+(?:in|from)\s+{TABLE_NAME}(?:\s+(?:in|from)\s+[`\"]?(?P<in_database>[\w-]+)[`\"]?)?",
        showing.show_columns,
    ),
    "SHOW_PARTITIONS": (rf"show\s+partitions\s+{TABLE_NAME}", partitions.show_partitions),
    "SHOW_TBLPROPERTIES": (rf"show\s+tblproperties\s+{TABLE_NAME}", showing.show_properties),
    "DESCRIBE_TABLE": (rf"(?:describe|desc)\s+{TABLE_NAME}", showing.describe),
}


class HiveDdl:
    """Runs Hive's statements."""

    def __init__(self, catalog: Catalog, store: ObjectStore, iceberg: IcebergTables) -> None:
        self._catalog = catalog
        self._store = store
        self._iceberg = iceberg

    def run(self, statement: Statement) -> Outcome:
        """Run one statement.

        Raises:
            QueryFailed: it failed.
            Refused: it is not supported.
        """
        context = DdlContext(statement, self._catalog, self._store, self._iceberg)
        kind = statement.kind.substatement_type
        if kind in _BY_PATTERN:
            pattern, lines_of = _BY_PATTERN[kind]
            match = re.fullmatch(pattern, statement.sql, re.IGNORECASE | re.DOTALL)
            if match:
                return Outcome(lines=lines_of(match, context))
        tree = parse(statement.sql)
        if kind not in _BY_TREE:
            raise Refused(f"the statement {statement.sql[:80]}")
        _BY_TREE[kind](tree, context)
        return Outcome()
