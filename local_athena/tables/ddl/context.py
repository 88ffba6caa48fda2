"""Holds what the functions that run a DDL statement share: the statement, the catalog and the tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from local_athena.errors import USER, QueryFailed
from local_athena.sql.names import check_catalog
from local_athena.sql.statements import Statement
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.s3 import ObjectStore
from local_athena.values.columns import Column


@dataclass(frozen=True)
class DdlContext:
    """A DDL statement, and the stores that it reads and changes."""

    statement: Statement
    catalog: Catalog
    store: ObjectStore
    iceberg: IcebergTables

    def name_of(self, node: exp.Expr) -> tuple[str, str]:
        """The database and name, in lower case, in a node of the syntax tree.

        Raises:
            QueryFailed: the node names another catalog.
        """
        check_catalog(node.text("catalog"))
        if not node.text("db") and node.name.count(".") == 1:
            # SHOW CREATE TABLE writes the database and the table inside one pair of back-ticks.
            database, _, name = node.name.partition(".")
            return database.lower(), name.lower()
        return (node.text("db") or self.statement.database).lower(), node.name.lower()

    def table(self, database: str, name: str, *, error_type: int | None = None) -> Table:
        """A table or view.

        Raises:
            QueryFailed: the table or view does not exist. Its ErrorType is `error_type`, or that of failed DDL.
        """
        table = self.catalog.find_table(database.lower(), name.lower())
        if table is None:
            raise hive_table_not_found(database, name, error_type=error_type)
        return table

    def matched(self, match: re.Match[str], *, error_type: int | None = None) -> Table:
        """The table in a match of a pattern with TABLE_NAME.

        Raises:
            QueryFailed: the table does not exist. Its ErrorType is `error_type`, or that of failed DDL.
        """
        return self.table(self.database(match), match["table"], error_type=error_type)

    def database(self, match: re.Match[str]) -> str:
        """The database in a match, or the statement's default database.

        Raises:
            QueryFailed: the match names another catalog.
        """
        check_catalog(match["catalog"])
        return match["database"] or self.statement.database

    def columns(self, table: Table) -> list[Column]:
        """The columns of a table or view; those of an Iceberg table come from its own metadata."""
        if table.is_iceberg:
            return list(self.iceberg.columns(self.iceberg.load(table)))
        if table.is_view:
            return list(table.view_columns)
        return list(table.columns)


def hive_error(
    message: str,
    *,
    code: str = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask.",
    category: int = USER,
    error_type: int | None = None,
    error_message: str | None = None,
) -> QueryFailed:
    """A failure with Hive's wording."""
    separator = ": " if code.startswith("Semantic") else " "
    return QueryFailed(
        "",
        f"FAILED: {code}{separator}{message}",
        category=category,
        error_type=error_type,
        error_message=error_message,
    )


def hive_table_not_found(
    database: str, name: str, *, error_type: int | None = None, error_message: str | None = None
) -> QueryFailed:
    """Hive's failure for a table that does not exist."""
    return hive_error(
        f"Table not found {database.lower()}.{name.lower()}",
        code="SemanticException [Error 10001]",
        error_type=error_type,
        error_message=error_message,
    )
