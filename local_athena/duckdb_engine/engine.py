"""Implements the DuckDB engine: it reads Hive and Iceberg tables, computes in DuckDB, and writes tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_athena.duckdb_engine.changing import change_rows
from local_athena.duckdb_engine.context import StatementContext
from local_athena.duckdb_engine.creating import create_table_as, create_view
from local_athena.duckdb_engine.database import Database
from local_athena.duckdb_engine.explaining import explain
from local_athena.duckdb_engine.inserting import insert
from local_athena.duckdb_engine.maintaining import optimize_table, vacuum_table
from local_athena.duckdb_engine.merging import merge
from local_athena.duckdb_engine.selecting import select
from local_athena.duckdb_engine.unloading import unload
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.explain import Explain
from local_athena.sql.parameters import with_parameters
from local_athena.sql.parsing import parse
from local_athena.sql.statements import Control, Outcome, Statement
from local_athena.tables.catalog import Catalog
from local_athena.tables.hive import HiveTables
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.s3 import ObjectStore

#: The function that runs each kind of statement. It takes the syntax tree and the context.
_RUNNERS: dict[str, Callable[[Any, StatementContext], Outcome]] = {
    "SELECT": select,
    "CREATE_VIEW": create_view,
    "CREATE_TABLE_AS_SELECT": create_table_as,
    "INSERT": insert,
    "MERGE": merge,
    "UPDATE": change_rows,
    "DELETE": change_rows,
    "UNLOAD": unload,
    "OPTIMIZE": optimize_table,
    "VACUUM_TABLE": vacuum_table,
}


class DuckDBEngine:
    """Runs statements on the tables of one catalog.

    Args:
        catalog: the Glue catalog.
        store: the objects in S3.
        iceberg: reads and writes Iceberg tables.
    """

    def __init__(self, catalog: Catalog, store: ObjectStore, iceberg: IcebergTables) -> None:
        self.catalog = catalog
        self.store = store
        self.iceberg = iceberg
        self.hive = HiveTables(catalog, store)
        self._database = Database()

    def close(self) -> None:
        """Close DuckDB."""
        self._database.close()

    def check(self, statement: Statement) -> None:
        """Check the syntax of a statement.

        Raises:
            QueryFailed: the syntax is wrong.
        """
        if statement.kind.name == "CREATE":
            raise QueryFailed("SYNTAX_ERROR", f"line 1:8: mismatched input in {statement.sql[:80]}")
        parse(statement.sql)

    def run(self, statement: Statement, control: Control) -> Outcome:
        """Run one statement.

        Raises:
            QueryFailed: the statement failed.
            QueryStopped: the statement was stopped.
        """
        session = self._database.session()
        try:
            control.on_stop(session.interrupt)
            tree = with_parameters(parse(statement.sql), statement.parameters)
            context = StatementContext(
                statement, session, control, self.catalog, self.store, self.hive, self.iceberg
            )
            if isinstance(tree, Explain):
                return explain(tree, context, _RUNNERS)
            runner = _RUNNERS.get(statement.kind.name)
            if runner is None:
                raise Refused(f"the statement {statement.sql[:80]}")
            return runner(tree, context)
        finally:
            session.close()
