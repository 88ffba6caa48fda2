"""Finds an Iceberg table's state at a past moment, at a snapshot, or at a branch or tag.

Each function takes `where`, the text that its error message begins with: the line and column in the statement.
"""

from __future__ import annotations

import datetime as dt

from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.snapshots import Snapshot

from local_athena.errors import QueryFailed


def at_moment(table: IcebergTable, moment: dt.datetime, where: str) -> IcebergTable:
    """The table at the snapshot that was current at a moment (UTC).

    Raises:
        QueryFailed: the table had no snapshot at that moment.
    """
    milliseconds = (moment.replace(tzinfo=dt.UTC) - dt.datetime.fromtimestamp(0, dt.UTC)) / dt.timedelta(
        milliseconds=1
    )
    past = [entry for entry in table.metadata.snapshot_log if entry.timestamp_ms <= milliseconds]
    if not past:
        raise QueryFailed(
            "INVALID_ARGUMENTS",
            f'{where}No version history table "{table.name()[0]}"."{table.name()[1]}" at or before '
            f"{moment.replace(tzinfo=None).isoformat()}Z",
        )
    return at_snapshot(table, past[-1].snapshot_id, where)


def at_snapshot(table: IcebergTable, snapshot_id: int, where: str) -> IcebergTable:
    """The table at a snapshot, with the columns of that snapshot.

    Raises:
        QueryFailed: the snapshot does not exist.
    """
    problem = f"{where}Iceberg snapshot ID does not exists: {snapshot_id}"
    return _as_of(table, table.metadata.snapshot_by_id(snapshot_id), problem)


def at_reference(table: IcebergTable, name: str, where: str) -> IcebergTable:
    """The table at the snapshot of a branch or tag.

    Raises:
        QueryFailed: the reference does not exist.
    """
    problem = f"{where}Cannot find snapshot with reference name: {name}"
    return _as_of(table, table.metadata.snapshot_by_name(name), problem)


def _as_of(table: IcebergTable, snapshot: Snapshot | None, problem: str) -> IcebergTable:
    if snapshot is None:
        raise QueryFailed("INVALID_ARGUMENTS", problem)
    changed: dict[str, object] = {"current_snapshot_id": snapshot.snapshot_id}
    if snapshot.schema_id is not None:
        changed["current_schema_id"] = snapshot.schema_id
    metadata = table.metadata.model_copy(update=changed)
    return IcebergTable(table.name(), metadata, table.metadata_location, table.io, table.catalog)
