"""Holds the context of one running statement: its tables, its DuckDB session, and the bytes it has read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
from pyiceberg.table import Table as IcebergTable
from sqlglot import exp

from local_athena.compiler.analyzer import Analyzer, Compiled
from local_athena.compiler.plans import ScanPlan, TableSource, Version, ViewSource
from local_athena.duckdb_engine.database import Session, named
from local_athena.errors import QueryFailed
from local_athena.sql.names import check_catalog, table_not_found
from local_athena.sql.places import place
from local_athena.sql.statements import Control, Outcome, Statement
from local_athena.tables import hidden_columns
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.hive import HiveTables
from local_athena.tables.iceberg import IcebergTables, Scan
from local_athena.tables.iceberg_versions import at_moment, at_reference, at_snapshot
from local_athena.tables.metadata_tables import metadata_table
from local_athena.tables.pruning import Needs
from local_athena.tables.s3 import ObjectStore
from local_athena.tables.virtual import INFORMATION_SCHEMA, InformationSchema, VirtualTable
from local_athena.values.arrow_types import to_arrow
from local_athena.values.types import BIGINT


class StatementContext:
    """Everything that the runner of a statement needs: the statement, its DuckDB session, and the tables.

    The context is also the analyzer's `Schemas`: it finds tables and views for the compiler.

    Attributes:
        scanned_bytes: bytes read from S3 so far.
    """

    def __init__(
        self,
        statement: Statement,
        session: Session,
        control: Control,
        catalog: Catalog,
        store: ObjectStore,
        hive: HiveTables,
        iceberg: IcebergTables,
    ) -> None:
        self.statement = statement
        self.session = session
        self.control = control
        self.catalog = catalog
        self.store = store
        self.hive = hive
        self.iceberg = iceberg
        self.scanned_bytes = 0
        self._resolved: dict[tuple[str, str], TableSource | ViewSource | None] = {}

    def resolve(self, database: str, name: str) -> TableSource | ViewSource | None:
        """The table or view with this name; None if it does not exist. Each name is looked up once per statement."""
        key = (database, name)
        if key not in self._resolved:
            self._resolved[key] = self._look_up(database, name)
        return self._resolved[key]

    def _look_up(self, database: str, name: str) -> TableSource | ViewSource | None:
        if database == INFORMATION_SCHEMA:
            made = InformationSchema(self.catalog, self.iceberg).find(name)
            return None if made is None else TableSource(made, database, name, made.columns, made.hidden)
        table = self.catalog.find_table(database, name)
        if table is None:
            return self._metadata_table(database, name)
        if table.is_view:
            return ViewSource(database, name, table.view_sql, table.view_database)
        hidden = (hidden_columns.PATH,)
        if table.is_iceberg:
            loaded = self.iceberg.load(table)
            return TableSource(loaded, database, name, self.iceberg.columns(loaded), hidden)
        return TableSource(table, database, name, table.columns, hidden)

    def _metadata_table(self, database: str, name: str) -> TableSource | None:
        """The metadata table with a name such as `t$partitions`; None if it does not exist."""
        of, _, suffix = name.partition("$")
        table = self.catalog.find_table(database, of) if suffix else None
        made = metadata_table(table, suffix, self.catalog, self.iceberg) if table is not None else None
        return None if made is None else TableSource(made, database, name, made.columns)

    def has_database(self, database: str) -> bool:
        """Whether a database with this name exists."""
        return database == INFORMATION_SCHEMA or self.catalog.has_database(database)

    def version(self, source: TableSource, version: Version, where: str) -> TableSource:
        """The table as it was at an earlier moment or snapshot.

        Args:
            source: the table.
            version: the moment or snapshot.
            where: the position of the table's name in the statement, for error messages.

        Raises:
            QueryFailed: the table keeps no versions, or the version does not exist.
        """
        if not isinstance(source.key, IcebergTable):
            raise QueryFailed("NOT_SUPPORTED", f"{where}This connector does not support versioned tables")
        table = self._at(source.key, version, where)
        return replace(source, key=table, columns=self.iceberg.columns(table))

    def _at(self, table: IcebergTable, version: Version, where: str) -> IcebergTable:
        row = self.session.run(
            f"SELECT {version.sql} AS v, date_trunc('millisecond', current_timestamp) AS now"
        )
        value, now = (row[name][0].as_py() for name in ("v", "now"))
        if value is None:
            raise QueryFailed("INVALID_ARGUMENTS", f"{where}Pointer value cannot be NULL")
        if version.kind == "VERSION" and version.type == BIGINT:
            return at_snapshot(table, value, where)
        if version.kind == "VERSION" and version.type.base == "varchar":
            return at_reference(table, value, where)
        if version.kind == "TIMESTAMP" and version.type.is_moment:
            moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
            if moment.replace(tzinfo=dt.UTC) >= now.replace(tzinfo=dt.UTC):
                raise QueryFailed("INVALID_ARGUMENTS", f"{where}Pointer value '{value}' is not in the past")
            return at_moment(table, moment, where)
        raise QueryFailed(
            "NOT_SUPPORTED", f"{where}Unsupported type for table {version.kind.lower()}: {version.type}"
        )

    def target(self, node: exp.Expr) -> TableSource:
        """The table that a statement writes to.

        Args:
            node: the table's name in the syntax tree.

        Raises:
            QueryFailed: the table does not exist, is a view, or cannot be written to.
        """
        name_node = node.this if isinstance(node, exp.Schema) else node
        check_catalog(name_node.text("catalog"), place(name_node))
        database = (name_node.text("db") or self.statement.database).lower()
        name = name_node.name.lower()
        source = self.resolve(database, name)
        if source is None:
            raise table_not_found(database, name, place(name_node))
        if isinstance(source, ViewSource):
            raise QueryFailed("NOT_SUPPORTED", f"{place(name_node)}Inserting into views is not supported")
        if isinstance(source.key, VirtualTable):
            raise QueryFailed("NOT_SUPPORTED", f"{place(name_node)}This connector does not support inserts")
        return source

    def analyzer(self) -> Analyzer:
        """A compiler for one query of the statement."""
        return Analyzer(self, self.statement.database)

    def compile(self, tree: exp.Expr) -> Compiled:
        """Compile a query of the statement."""
        return self.analyzer().compile(tree)

    def rows(self, compiled: Compiled) -> pa.Table:
        """Run a compiled query and return its rows, under the names and types of the query's columns."""
        self.load(compiled.scans)
        return named(self.session.run(compiled.sql), compiled.columns)

    def load(self, scans: Sequence[ScanPlan]) -> dict[ScanPlan, Scan]:
        """Read the rows and columns that scans need, and register them in DuckDB.

        A scan without a reader has no rows. It has none if its WITH query is never named, or if its condition is
        always false.

        Returns:
            The planned files of each scan of an Iceberg table.
        """
        planned = {}
        for plan in scans:
            self.control.check()
            assert plan.source is not None
            # A query that only counts rows needs no column. The hidden column $path is then read, because it costs
            # no bytes.
            columns = list({**plan.used, **plan.kept}) or [hidden_columns.PATH.name]
            needs = plan.needs
            if isinstance(plan.source.key, IcebergTable):
                table = plan.source.key
                planned[plan] = self.iceberg.plan(table, needs) if needs.alternatives else Scan(table, [])
                rows = self.iceberg.read(planned[plan], columns)
                size = self._bytes_read(plan, planned[plan])
            elif not needs.alternatives:
                rows, size = _no_rows(plan.source, columns), 0
            elif isinstance(plan.source.key, VirtualTable):
                rows, size = plan.source.key.read(columns, needs), 0
            else:
                assert isinstance(plan.source.key, Table)
                rows, size = self.hive.scan(plan.source.key, columns, plan.needs)
            self.scanned_bytes += size
            self.session.register(plan.relation, rows)
        return planned

    def _bytes_read(self, plan: ScanPlan, scan: Scan) -> int:
        """The bytes that Athena would read from an Iceberg table. There, each reader reads its own columns and files."""
        total = 0
        for reading in plan.readings:
            needs = Needs([reading.where])
            own = scan if len(plan.readings) == 1 else self.iceberg.plan(scan.table, needs)
            columns = plan.used if reading.columns is None else reading.columns
            total += self.iceberg.bytes_read(own, needs, columns)
        return total

    def outcome(self, **members: Any) -> Outcome:
        """The statement's outcome with these members and the bytes that were read."""
        return Outcome(scanned_bytes=self.scanned_bytes, **members)


def _no_rows(source: TableSource, columns: Sequence[str]) -> pa.Table:
    kinds = {column.name: column.type for column in (*source.columns, *source.hidden)}
    return pa.schema([(name, to_arrow(kinds[name])) for name in columns]).empty_table()
