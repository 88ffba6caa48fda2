"""Tables that are no objects in S3: `information_schema`, and `"t$partitions"` and its like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyiceberg.table import Table as IcebergTable

from local_athena.errors import Refused
from local_athena.sql.names import CATALOG_NAME
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.hive import partition_value, stored_value
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.pruning import Needs
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.types import BIGINT, BOOLEAN, VARCHAR, Type, map_of

INFORMATION_SCHEMA = "information_schema"
_MOMENT = Type("timestamp with time zone", (3,))


@dataclass(frozen=True, eq=False)
class VirtualTable:
    """A table whose rows are made when they are asked for.

    Attributes:
        columns, hidden: its columns, and those that `*` does not show.
        make: its rows as tuples of all those columns, by what the query needs.
    """

    columns: tuple[Column, ...]
    make: Callable[[Needs], Iterable[tuple[Any, ...]]]
    hidden: tuple[Column, ...] = ()

    def read(self, columns: list[str], needs: Needs) -> pa.Table:
        """Its rows, with those columns."""
        rows = list(self.make(needs))
        kinds = {
            column.name: (index, column.type) for index, column in enumerate((*self.columns, *self.hidden))
        }
        arrays, names = [], []
        for name in columns:
            # Rows that are only counted are counted by a column that every table has.
            index, kind = kinds.get(name, (None, VARCHAR))
            arrays.append(pa.array([None if index is None else row[index] for row in rows], to_arrow(kind)))
            names.append(name)
        return pa.table(arrays, names=names)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, VARCHAR) for name in names)


class InformationSchema:
    """The tables of `information_schema`, from the Glue catalog."""

    def __init__(self, catalog: Catalog, iceberg: IcebergTables) -> None:
        self._catalog = catalog
        self._iceberg = iceberg
        names = _texts("table_catalog", "table_schema", "table_name")
        self._tables = {
            "schemata": VirtualTable(_texts("catalog_name", "schema_name"), self._schemata),
            "tables": VirtualTable((*names, *_texts("table_type")), self._table_rows),
            "views": VirtualTable((*names, *_texts("view_definition")), self._view_rows),
            "columns": VirtualTable(
                (
                    *names,
                    *_texts("column_name"),
                    Column("ordinal_position", BIGINT),
                    *_texts("column_default", "is_nullable", "data_type"),
                ),
                self._column_rows,
                hidden=_texts("comment", "extra_info"),
            ),
        }

    def find(self, name: str) -> VirtualTable | None:
        """One of its tables.

        Raises:
            Refused: Trino has it, and local Athena does not.
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
                found = [table] if table is not None else []
            else:
                found = self._catalog.tables(database)
            yield from (table for table in found if wanted is None or table.name in wanted)

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


def metadata_table(
    table: Table, suffix: str, catalog: Catalog, iceberg: IcebergTables
) -> VirtualTable | None:
    """What `"t$suffix"` names; None when Athena has no such table.

    Raises:
        Refused: Athena has it, and local Athena does not.
    """
    if not table.is_iceberg:
        return _partitions(table, catalog) if suffix == "partitions" and table.partition_keys else None
    if suffix in ("files", "manifests", "partitions", "refs"):
        raise Refused(f'the metadata table "{table.name}${suffix}" of an Iceberg table')
    loaded = iceberg.load(table)
    if suffix == "snapshots":
        return _snapshots(loaded)
    return _history(loaded) if suffix == "history" else None


def _partitions(table: Table, catalog: Catalog) -> VirtualTable:
    columns = tuple(column for column in table.columns if column.name in table.partition_keys)

    def rows(needs: Needs) -> Iterable[tuple[Any, ...]]:  # noqa: ARG001 - all of them, filtered afterwards
        for item in catalog.partitions(table):
            yield tuple(
                partition_value(stored_value(text), column.type)
                for text, column in zip(item["Values"], columns, strict=True)
            )

    return VirtualTable(columns, rows)


def _moment(milliseconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


def _snapshots(loaded: IcebergTable) -> VirtualTable:
    columns = (
        Column("committed_at", _MOMENT),
        Column("snapshot_id", BIGINT),
        Column("parent_id", BIGINT),
        *_texts("operation", "manifest_list"),
        Column("summary", map_of(VARCHAR, VARCHAR)),
    )

    def rows(needs: Needs) -> Iterable[tuple[Any, ...]]:  # noqa: ARG001 - all of them, filtered afterwards
        for one in loaded.metadata.snapshots:
            summary = one.summary
            pairs = sorted(summary.additional_properties.items()) if summary is not None else []
            operation = summary.operation.value if summary is not None else None
            yield (
                _moment(one.timestamp_ms), one.snapshot_id, one.parent_snapshot_id, operation, one.manifest_list,
                pairs,
            )  # fmt: skip

    return VirtualTable(columns, rows)


def _history(loaded: IcebergTable) -> VirtualTable:
    columns = (
        Column("made_current_at", _MOMENT),
        Column("snapshot_id", BIGINT),
        Column("parent_id", BIGINT),
        Column("is_current_ancestor", BOOLEAN),
    )

    def rows(needs: Needs) -> Iterable[tuple[Any, ...]]:  # noqa: ARG001 - all of them, filtered afterwards
        parents = {one.snapshot_id: one.parent_snapshot_id for one in loaded.metadata.snapshots}
        ancestors, current = set(), loaded.metadata.current_snapshot_id
        while current is not None and current in parents:
            ancestors.add(current)
            current = parents[current]
        for entry in loaded.metadata.snapshot_log:
            yield (
                _moment(entry.timestamp_ms), entry.snapshot_id, parents.get(entry.snapshot_id),
                entry.snapshot_id in ancestors,
            )  # fmt: skip

    return VirtualTable(columns, rows)
