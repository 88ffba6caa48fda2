"""Runs OPTIMIZE and VACUUM on Iceberg tables."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from pyiceberg.table import FileScanTask
from pyiceberg.table import Table as IcebergTable

from local_athena.tables.iceberg import IcebergTables, Scan
from local_athena.tables.pruning import Needs
from local_athena.tables.s3 import ObjectStore, split_uri

#: Athena's defaults of the table properties vacuum_max_snapshot_age_seconds and vacuum_min_snapshots_to_keep.
_MAX_SNAPSHOT_AGE_SECONDS = 432_000
_MIN_SNAPSHOTS_TO_KEEP = 1


def optimize(tables: IcebergTables, scan: Scan) -> int:
    """Rewrite the planned files of each partition that has several files, or delete files, into one new file.

    Returns:
        The bytes that Athena would read.
    """
    partitions: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, task in enumerate(scan.tasks):
        partitions[_partition(task)].append(index)
    worth_it = [
        index
        for indexes in partitions.values()
        if len(indexes) > 1 or any(scan.tasks[i].delete_files for i in indexes)
        for index in indexes
    ]
    if not worth_it:
        return 0
    chosen = Scan(scan.table, [scan.tasks[index] for index in worth_it])
    columns = [column.name for column in tables.columns(scan.table)]
    tables.replace_files(chosen, range(len(chosen.tasks)), tables.read(chosen, columns))
    return tables.bytes_read(chosen, Needs([{}]), columns)


def _partition(task: FileScanTask) -> tuple[object, ...]:
    record = task.file.partition
    return (task.file.spec_id, *(record[index] for index in range(len(record))))


def vacuum(tables: IcebergTables, store: ObjectStore, table: IcebergTable) -> None:
    """Expire old snapshots, and delete the objects that no remaining snapshot needs."""
    age = int(table.properties.get("vacuum_max_snapshot_age_seconds", _MAX_SNAPSHOT_AGE_SECONDS))
    kept = int(table.properties.get("vacuum_min_snapshots_to_keep", _MIN_SNAPSHOTS_TO_KEEP))
    oldest = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age)
    with tables.committing(table):
        table = table.refresh()
        before = _referenced(table)
        by_age = sorted(table.metadata.snapshots, key=lambda snapshot: snapshot.timestamp_ms, reverse=True)
        expired = [s.snapshot_id for s in by_age[kept:] if s.timestamp_ms < oldest.timestamp() * 1000]
        if expired:
            table.maintenance.expire_snapshots().by_ids(expired).commit()
            table = table.refresh()
    needed = _referenced(table)
    bucket, prefix = split_uri(table.location().rstrip("/") + "/")
    unneeded = [
        item.key
        for item in store.list(bucket, prefix)
        if item.uri not in needed and (item.uri in before or item.modified < oldest)
    ]
    store.delete(bucket, unneeded)


def _referenced(table: IcebergTable) -> set[str]:
    """The URI of every file that the table's snapshots or its metadata log name."""
    uris = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    for snapshot in table.metadata.snapshots:
        uris.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            uris.add(manifest.manifest_path)
            uris |= {entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io)}
    return uris
