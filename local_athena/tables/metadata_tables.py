"""`"t$partitions"`, `"t$snapshots"` and their like: a table's metadata as tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from pyiceberg.table import Table as IcebergTable

from local_athena.errors import Refused
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.hive import partition_value, stored_value
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.pruning import Needs
from local_athena.tables.virtual import VirtualTable, texts
from local_athena.values.columns import Column
from local_athena.values.types import BIGINT, BOOLEAN, VARCHAR, Type, map_of

_MOMENT = Type("timestamp with time zone", (3,))


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
        *texts("operation", "manifest_list"),
        Column("summary", map_of(VARCHAR, VARCHAR)),
    )

    def rows(needs: Needs) -> Iterable[tuple[Any, ...]]:  # noqa: ARG001 - all of them, filtered afterwards
        for snapshot in loaded.metadata.snapshots:
            summary = snapshot.summary
            pairs = sorted(summary.additional_properties.items()) if summary is not None else []
            operation = summary.operation.value if summary is not None else None
            yield (
                _moment(snapshot.timestamp_ms), snapshot.snapshot_id, snapshot.parent_snapshot_id, operation, snapshot.manifest_list,
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
        parents = {
            snapshot.snapshot_id: snapshot.parent_snapshot_id for snapshot in loaded.metadata.snapshots
        }
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
