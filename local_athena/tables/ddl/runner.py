"""Checks and runs Hive's statements, with one function for each kind of statement."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.kinds import with_squeezed_texts, without_comments
from local_athena.sql.names import DATABASE_NAME, TABLE_NAME
from local_athena.sql.parsing import only_statement, parse
from local_athena.sql.statements import Outcome, Statement
from local_athena.tables.catalog import Catalog
from local_athena.tables.ddl import (
    altering,
    comments,
    creating,
    foreign_alter,
    partitions,
    show_create,
    showing,
)
from local_athena.tables.ddl.column_lists import check_columns
from local_athena.tables.ddl.context import DdlContext
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.s3 import ObjectStore

_IN_DATABASE = rf"(?P<in>\s+(?:in|from)\s+{DATABASE_NAME})?"
_LIKE = r"(?:\s+(?:like\s+)?'(?P<like>[^']*)')?"

#: The kinds of statements that sqlglot parses, each with the function that runs the syntax tree. A function that
#: returns None has an empty outcome.
_BY_TREE: dict[str, Callable[[Any, DdlContext], Outcome | None]] = {
    "CREATE_DATABASE": creating.create_database,
    "CREATE_TABLE": creating.create_table,
    "DROP_DATABASE": creating.drop_database,
    "DROP_TABLE": creating.drop,
    "DROP_VIEW": creating.drop,
    "ALTER_TABLE_RENAME": altering.rename,
    "ALTER_TABLE_PROPERTIES": altering.set_properties,
    "ALTER_TABLE_ADD_COLUMN": altering.add_columns,
    "ALTER_TABLE_REPLACE_COLUMN": altering.replace_columns,
    "ALTER_TABLE_DROP_COLUMN": altering.drop_column,
    "ALTER_TABLE_CHANGE_COLUMN": altering.change_column,
}
#: The kinds of statements that sqlglot does not parse, each with its pattern and the function that runs the match.
_BY_PATTERN: dict[str, tuple[str, Callable[[re.Match[str], DdlContext], Outcome]]] = {
    "ALTER_TABLE_ADD_PARTITION": (
        rf"alter\s+table\s+{TABLE_NAME}\s+add\s+(?:if\s+not\s+exists\s+)?(?P<rest>partition\b.*)",
        partitions.add_partitions,
    ),
    "ALTER_TABLE_DROP_PARTITION": (
        rf"alter\s+table\s+{TABLE_NAME}\s+drop\s+(?P<exists>if\s+exists\s+)?(?P<rest>partition\b.*)",
        partitions.drop_partitions,
    ),
    "ALTER_TABLE_SET_LOCATION": (
        rf"alter\s+table\s+{TABLE_NAME}\s+(?:partition\s*\((?P<partition>[^)]*)\)\s*)?"
        r"set\s+location\s+'(?P<location>[^']*)'",
        partitions.set_location,
    ),
    "MSCK_REPAIR": (rf"msck\s+repair\s+table\s+{TABLE_NAME}", partitions.repair),
    "SHOW_DATABASES": (rf"show\s+(?:databases|schemas){_LIKE}", showing.show_databases),
    "SHOW_TABLES": (rf"show\s+tables{_IN_DATABASE}{_LIKE}", showing.show_tables),
    "SHOW_VIEWS": (rf"show\s+views{_IN_DATABASE}{_LIKE}", showing.show_views),
    "SHOW_COLUMNS": (
        rf"show\s+columns\s+(?:in|from)\s+{TABLE_NAME}(?:\s+(?:in|from)\s+[`\"]?(?P<in_database>[\w-]+)[`\"]?)?",
        showing.show_columns,
    ),
    "SHOW_PARTITIONS": (rf"show\s+partitions\s+{TABLE_NAME}", partitions.show_partitions),
    "SHOW_TABLE_PROPERTIES": (
        rf"show\s+tblproperties\s+{TABLE_NAME}(?:\s*\(\s*'(?P<property>[^']*)'\s*\))?",
        showing.show_properties,
    ),
    "SHOW_CREATE_TABLE": (rf"show\s+create\s+table\s+{TABLE_NAME}", show_create.show_create_table),
    "SHOW_CREATE_VIEW": (rf"show\s+create\s+view\s+{TABLE_NAME}", show_create.show_create_view),
    "DESCRIBE_TABLE": (
        rf"(?:describe|desc)\s+(?P<detail>(?:extended|formatted)\s+)?{TABLE_NAME}",
        showing.describe,
    ),
}


class HiveDdl:
    """Checks and runs Hive's statements on one catalog."""

    def __init__(self, catalog: Catalog, store: ObjectStore, iceberg: IcebergTables) -> None:
        self._catalog = catalog
        self._store = store
        self._iceberg = iceberg

    def check(self, statement: Statement) -> None:
        """Make the checks after which Athena starts a statement.

        Raises:
            QueryFailed: the statement has a syntax error, or Athena rejects it before starting it.
        """
        statement = _squeezed(statement)
        context = self._context(statement)
        kind, match = statement.kind.name, _matched(statement)
        if match is not None:
            if kind in ("DESCRIBE_TABLE", "SHOW_COLUMNS"):
                _check_exists(match, context)
            return
        if kind == "ALTER":
            raise foreign_alter.rejected(only_statement(statement.written))
        if kind == "CREATE_TABLE":
            check_columns(only_statement(statement.written))
        tree = parse(statement.sql)
        if kind == "CREATE_TABLE":
            creating.check_location(tree)

    def run(self, statement: Statement) -> Outcome:
        """Run one statement.

        Raises:
            QueryFailed: the statement failed.
            Refused: local Athena does not support the statement.
        """
        comments.check(statement, self._catalog)
        statement = _squeezed(statement)
        context = self._context(statement)
        kind, match = statement.kind.name, _matched(statement)
        if match is not None:
            return _BY_PATTERN[kind][1](match, context)
        tree = parse(statement.sql)
        if kind not in _BY_TREE:
            raise Refused(f"the statement {statement.sql[:80]}")
        return _BY_TREE[kind](tree, context) or Outcome()

    def _context(self, statement: Statement) -> DdlContext:
        return DdlContext(statement, self._catalog, self._store, self._iceberg)


def _squeezed(statement: Statement) -> Statement:
    return replace(statement, sql=with_squeezed_texts(statement.sql))


def _matched(statement: Statement) -> re.Match[str] | None:
    """The match of a statement with the pattern of its kind; None if the kind has no pattern or does not match."""
    pattern, _ = _BY_PATTERN.get(statement.kind.name, (None, None))
    if pattern is None:
        return None
    return re.fullmatch(pattern, without_comments(statement.sql), re.IGNORECASE | re.DOTALL)


def _check_exists(match: re.Match[str], context: DdlContext) -> None:
    """Check that the table of a DESCRIBE or SHOW COLUMNS exists.

    Raises:
        QueryFailed: the table does not exist.
    """
    database = match.groupdict().get("in_database") or context.database(match)
    if context.catalog.find_table(database.lower(), match["table"].lower()) is None:
        raise QueryFailed(
            "ENTITY_NOT_FOUND",
            "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; "
            f"Request ID: {uuid.uuid4()}; Proxy: null)",
        )
