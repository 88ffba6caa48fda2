"""Defines virtual tables, whose rows are computed and not stored in S3, and those of `information_schema`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from local_athena.errors import Refused
from local_athena.sql.names import CATALOG_NAME
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.pruning import Needs
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.types import BIGINT, VARCHAR

INFORMATION_SCHEMA = "information_schema"


@dataclass(frozen=True, eq=False)
class VirtualTable:
    """A table whose rows are computed when a query reads them.

    Attributes:
        columns: the columns that `*` includes.
        make: returns the rows that a query needs, as tuples of `columns` followed by `hidden`. It may return more rows.
        hidden: the columns that `*` does not include.
    """

    columns: tuple[Column, ...]
    make: Callable[[Needs], Iterable[tuple[Any, ...]]]
    hidden: tuple[Column, ...] = ()

    def read(self, columns: list[str], needs: Needs) -> pa.Table:
        """The rows that a query needs, with some of the columns."""
        rows = list(self.make(needs))
        kinds = {
            column.name: (index, column.type) for index, column in enumerate((*self.columns, *self.hidden))
        }
        arrays, names = [], []
        for name in columns:
            # A query that only counts rows asks for a hidden column that every table has. It is null here.
            index, kind = kinds.get(name, (None, VARCHAR))
            arrays.append(pa.array([None if index is None else row[index] for row in rows], to_arrow(kind)))
            names.append(name)
        return pa.table(arrays, names=names)


def texts(*names: str) -> tuple[Column, ...]:
    """Varchar columns with these names."""
    return tuple(Column(name, VARCHAR) for name in names)


class InformationSchema:
    """The tables of `information_schema`, from the Glue catalog."""

    def __init__(self, catalog: Catalog, iceberg: IcebergTables) -> None:
        self._catalog = catalog
        self._iceberg = iceberg
        names = texts("table_catalog", "table_schema", "table_name")
        self._tables = {
            "schemata": VirtualTable(texts("catalog_name", "schema_name"), self._schemata),
            "tables": VirtualTable((*names, *texts("table_type")), self._table_rows),
            "views": VirtualTable((*names, *texts("view_definition")), self._view_rows),
            "columns": VirtualTable(
                (
                    *names,
                    *texts("column_name"),
                    Column("ordinal_position", BIGINT),
                    *texts("column_default", "is_nullable", "data_type"),
                ),
                self._column_rows,
                hidden=texts("comment", "extra_info"),
            ),
        }

    def find(self, name: str) -> VirtualTable | None:
        """The table with this name; None if there is none.

        Raises:
            Refused: Trino has this table, but local Athena does not.
        """
        if name in (
            "applicable_roles",
            "enabled_roles",
            "roles",
            "role_authorization_descriptors",
            "table_privileges",
        ):
            raise Refused(f"the table information_schema.{name}")
        return self._tables.get(name)

    def _databases(self, needs: Needs, column: str = "table_schema") -> list[str]:
        wanted = needs.listed(column)
        names = sorted(item["Name"] for item in self._catalog.databases())
        return names if wanted is None else [name for name in names if name in wanted]

    def _schemata(self, needs: Needs) -> Iterable[tuple[str, str]]:
        names = self._databases(needs, "schema_name")
        return [(CATALOG_NAME, name) for name in sorted([*names, INFORMATION_SCHEMA])]

    def _found(self, needs: Needs) -> Iterable[Table]:
        wanted = needs.listed("table_name")
        for database in self._databases(needs):
            if wanted is not None and len(wanted) == 1:
                table = self._catalog.find_table(database, str(*wanted))
                tables = [table] if table is not None else []
            else:
                tables = self._catalog.tables(database)
            yield from (table for table in tables if wanted is None or table.name in wanted)

    def _table_rows(self, needs: Needs) -> Iterable[tuple[str, ...]]:
        for table in self._found(needs):
            kind = "VIEW" if table.is_view else "BASE TABLE"
            yield CATALOG_NAME, table.database, table.name, kind

    def _view_rows(self, needs: Needs) -> Iterable[tuple[str, ...]]:
        for table in self._found(needs):
            if table.is_view:
                yield CATALOG_NAME, table.database, table.name, table.view_sql

    def _column_rows(self, needs: Needs) -> Iterable[tuple[Any, ...]]:
        for table in self._found(needs):
            for number, column in enumerate(self._columns(table), start=1):
                extra = "partition key" if column.name in table.partition_keys else None
                name = (CATALOG_NAME, table.database, table.name, column.name)
                yield *name, number, None, "YES", str(column.type), column.comment or None, extra

    def _columns(self, table: Table) -> tuple[Column, ...]:
        if table.is_iceberg:
            return self._iceberg.columns(self._iceberg.load(table))
        return table.view_columns if table.is_view else table.columns
