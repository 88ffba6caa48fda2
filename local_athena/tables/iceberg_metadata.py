"""Builds the metadata tables of an Iceberg table: `"t$snapshots"`, `"t$history"`, `"t$files"`, `"t$partitions"` etc."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyiceberg import types as ice
from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFile, DataFileContent, ManifestFile
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table as IcebergTable

from local_athena.tables.pruning import Needs
from local_athena.tables.virtual import VirtualTable, texts
from local_athena.values.columns import Column
from local_athena.values.iceberg_types import from_iceberg
from local_athena.values.iceberg_values import python_value, shown
from local_athena.values.types import (
    BIGINT,
    BOOLEAN,
    INTEGER,
    JSON,
    VARBINARY,
    VARCHAR,
    Type,
    array,
    map_of,
    row,
)

_MOMENT = Type("timestamp with time zone", (3,))
_COUNTS = map_of(INTEGER, BIGINT)
_BOUNDS = map_of(INTEGER, VARCHAR)
#: Further metadata tables of Trino, none of which Athena's user guide mentions.
UNKNOWN_TO_US = ("all_entries", "all_manifests", "entries", "metadata_log_entries", "properties")


def iceberg_metadata_table(loaded: IcebergTable, suffix: str) -> VirtualTable | None:
    """The metadata table `"t$suffix"`; None if there is no such table.

    Args:
        loaded: the Iceberg table.
        suffix: the part of the name after the dollar sign, such as `snapshots`.
    """
    make = _TABLES.get(suffix)
    return None if make is None else make(loaded)


def _table(columns: tuple[Column, ...], make: Callable[[], Iterable[tuple[Any, ...]]]) -> VirtualTable:
    """A virtual table that always returns all its rows; the query filters them."""

    def rows(needs: Needs) -> Iterable[tuple[Any, ...]]:  # noqa: ARG001
        return make()

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

    def rows() -> Iterator[tuple[Any, ...]]:
        for snapshot in loaded.metadata.snapshots:
            summary = snapshot.summary
            pairs = sorted(summary.additional_properties.items()) if summary is not None else []
            operation = summary.operation.value if summary is not None else None
            yield (
                _moment(snapshot.timestamp_ms), snapshot.snapshot_id, snapshot.parent_snapshot_id, operation, snapshot.manifest_list,
                pairs,
            )  # fmt: skip

    return _table(columns, rows)


def _history(loaded: IcebergTable) -> VirtualTable:
    columns = (
        Column("made_current_at", _MOMENT),
        Column("snapshot_id", BIGINT),
        Column("parent_id", BIGINT),
        Column("is_current_ancestor", BOOLEAN),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
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

    return _table(columns, rows)


def _refs(loaded: IcebergTable) -> VirtualTable:
    columns = (
        *texts("name", "type"),
        Column("snapshot_id", BIGINT),
        Column("max_reference_age_in_ms", BIGINT),
        Column("min_snapshots_to_keep", INTEGER),
        Column("max_snapshot_age_in_ms", BIGINT),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for name, ref in loaded.metadata.refs.items():
            yield (
                name, ref.snapshot_ref_type.value.upper(), ref.snapshot_id, ref.max_ref_age_ms,
                ref.min_snapshots_to_keep, ref.max_snapshot_age_ms,
            )  # fmt: skip

    return _table(columns, rows)


def _manifest_files(loaded: IcebergTable) -> list[ManifestFile]:
    snapshot = loaded.current_snapshot()
    return [] if snapshot is None else snapshot.manifests(loaded.io)


def _live_files(loaded: IcebergTable) -> list[DataFile]:
    """The data files and delete files of the current snapshot."""
    return [
        entry.data_file
        for manifest in _manifest_files(loaded)
        for entry in manifest.fetch_manifest_entry(loaded.io, discard_deleted=True)
    ]


def _manifests(loaded: IcebergTable) -> VirtualTable:
    bound = row(
        ("contains_null", "contains_nan", "lower_bound", "upper_bound"), (BOOLEAN, BOOLEAN, VARCHAR, VARCHAR)
    )
    columns = (
        *texts("path"),
        Column("length", BIGINT),
        Column("partition_spec_id", INTEGER),
        Column("added_snapshot_id", BIGINT),
        Column("added_data_files_count", INTEGER),
        Column("added_rows_count", BIGINT),
        Column("existing_data_files_count", INTEGER),
        Column("existing_rows_count", BIGINT),
        Column("deleted_data_files_count", INTEGER),
        Column("deleted_rows_count", BIGINT),
        Column("partition_summaries", array(bound)),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for manifest in _manifest_files(loaded):
            spec = loaded.specs()[manifest.partition_spec_id]
            yield (
                manifest.manifest_path, manifest.manifest_length, manifest.partition_spec_id, manifest.added_snapshot_id,
                manifest.added_files_count, manifest.added_rows_count, manifest.existing_files_count,
                manifest.existing_rows_count, manifest.deleted_files_count, manifest.deleted_rows_count,
                _summaries(manifest, spec, loaded.schema()),
            )  # fmt: skip

    return _table(columns, rows)


def _summaries(manifest: ManifestFile, spec: PartitionSpec, schema: Schema) -> list[dict[str, Any]]:
    summaries = []
    for field, summary in zip(spec.fields, manifest.partitions or [], strict=True):
        source = schema.find_field(field.source_id).field_type
        kind = field.transform.result_type(source)
        lower, upper = (
            None if bound is None else field.transform.to_human_string(source, from_bytes(kind, bound))  # type: ignore[arg-type]
            for bound in (summary.lower_bound, summary.upper_bound)
        )
        summaries.append(
            {
                "contains_null": summary.contains_null,
                "contains_nan": bool(summary.contains_nan),
                "lower_bound": lower,
                "upper_bound": upper,
            }
        )
    return summaries


def _partition_type(loaded: IcebergTable) -> tuple[Column, ...]:
    """The column `partition`; no column if the table is not partitioned."""
    fields = loaded.spec().fields
    if not fields:
        return ()
    kinds = [from_iceberg(field.transform.result_type(_source(loaded, field.source_id))) for field in fields]
    return (Column("partition", row(tuple(field.name for field in fields), tuple(kinds))),)


def _source(loaded: IcebergTable, field_id: int) -> ice.IcebergType:
    return loaded.schema().find_field(field_id).field_type


def _partition_of(loaded: IcebergTable, file: DataFile) -> dict[str, Any]:
    """A file's partition values by field of the current spec; null for fields that the file's own spec lacks."""
    own = {field.field_id: (index, field) for index, field in enumerate(loaded.specs()[file.spec_id].fields)}
    values: dict[str, Any] = {}
    for field in loaded.spec().fields:
        index, _ = own.get(field.field_id, (None, None))
        kind = field.transform.result_type(_source(loaded, field.source_id))
        values[field.name] = None if index is None else python_value(file.partition[index], kind)
    return values


def _bound(loaded: IcebergTable, bounds: dict[int, bytes] | None, field_id: int) -> Any:
    kind = _source(loaded, field_id)
    raw = (bounds or {}).get(field_id)
    return None if raw is None else python_value(from_bytes(kind, raw), kind)  # type: ignore[arg-type]


def _files(loaded: IcebergTable) -> VirtualTable:
    partition = _partition_type(loaded)
    columns = (
        Column("content", INTEGER),
        *texts("file_path", "file_format"),
        Column("spec_id", INTEGER),
        *partition,
        Column("record_count", BIGINT),
        Column("file_size_in_bytes", BIGINT),
        *(Column(name, _COUNTS) for name in _FILE_COUNTS),
        Column("lower_bounds", _BOUNDS),
        Column("upper_bounds", _BOUNDS),
        Column("key_metadata", VARBINARY),
        Column("split_offsets", array(BIGINT)),
        Column("equality_ids", array(INTEGER)),
        Column("sort_order_id", INTEGER),
        Column("readable_metrics", JSON),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        leaves = _leaves(loaded)
        for file in _live_files(loaded):
            yield (
                int(file.content), file.file_path, file.file_format.value, file.spec_id,
                *([_partition_of(loaded, file)] if partition else []),
                file.record_count, file.file_size_in_bytes,
                *(sorted((getattr(file, name) or {}).items()) for name in _FILE_COUNTS),
                _shown_bounds(loaded, file.lower_bounds), _shown_bounds(loaded, file.upper_bounds),
                file.key_metadata, file.split_offsets, file.equality_ids or None, file.sort_order_id or 0,
                json.dumps(_readable(loaded, leaves, file), separators=(",", ":")),
            )  # fmt: skip

    return _table(columns, rows)


_FILE_COUNTS = ("column_sizes", "value_counts", "null_value_counts", "nan_value_counts")


def _shown_bounds(loaded: IcebergTable, bounds: dict[int, bytes] | None) -> list[tuple[int, str | None]]:
    return [(key, shown(_bound(loaded, bounds, key), _source(loaded, key))) for key in sorted(bounds or {})]


def _leaves(loaded: IcebergTable) -> list[tuple[str, int]]:
    """The name and id of every column and nested field of a primitive type, sorted by name."""
    schema = loaded.schema()
    found = {name: schema.find_field(name) for name in schema.column_names}
    return sorted((name, field.field_id) for name, field in found.items() if field.field_type.is_primitive)


def _readable(loaded: IcebergTable, leaves: list[tuple[str, int]], file: DataFile) -> dict[str, Any]:
    """A file's metrics, by the name of the column or nested field."""
    metrics = {}
    for name, key in leaves:
        kind = _source(loaded, key)
        bounds = [_bound(loaded, each, key) for each in (file.lower_bounds, file.upper_bounds)]
        plain = [value if isinstance(value, (int, float)) else shown(value, kind) for value in bounds]
        metrics[name] = {
            "column_size": (file.column_sizes or {}).get(key),
            "value_count": (file.value_counts or {}).get(key),
            "null_value_count": (file.null_value_counts or {}).get(key),
            "nan_value_count": (file.nan_value_counts or {}).get(key),
            "lower_bound": plain[0],
            "upper_bound": plain[1],
        }
    return metrics


def _partitions(loaded: IcebergTable) -> VirtualTable:
    partition = _partition_type(loaded)
    kept = {field.source_id for field in loaded.spec().fields if str(field.transform) == "identity"}
    own = [
        field
        for field in loaded.schema().fields
        if field.field_type.is_primitive and field.field_id not in kept
    ]
    names = ("min", "max", "null_count", "nan_count")
    statistics = [
        row(names, (from_iceberg(field.field_type), from_iceberg(field.field_type), BIGINT, BIGINT))
        for field in own
    ]
    columns = (
        *partition,
        Column("record_count", BIGINT),
        Column("file_count", BIGINT),
        Column("total_size", BIGINT),
        *([Column("data", row(tuple(field.name for field in own), tuple(statistics)))] if own else []),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        groups: dict[str, list[DataFile]] = {}
        for file in _live_files(loaded):
            if file.content == DataFileContent.DATA:
                groups.setdefault(repr((file.spec_id, _partition_of(loaded, file))), []).append(file)
        for files in groups.values():
            data = {field.name: _statistics(loaded, files, field.field_id) for field in own}
            yield (
                *([_partition_of(loaded, files[0])] if partition else []),
                sum(file.record_count for file in files),
                len(files),
                sum(file.file_size_in_bytes for file in files),
                *([data] if own else []),
            )

    return _table(columns, rows)


def _statistics(loaded: IcebergTable, files: list[DataFile], key: int) -> dict[str, Any]:
    """A column's statistics over some files. A statistic is null if one of the files lacks it."""
    nulls = [(file.null_value_counts or {}).get(key) for file in files]
    nans = [(file.nan_value_counts or {}).get(key) for file in files]
    # A file that holds only nulls has no bounds. The bounds of the other files still hold.
    filled = [file for file, count in zip(files, nulls, strict=True) if count != file.record_count]
    lower = [_bound(loaded, file.lower_bounds, key) for file in filled]
    upper = [_bound(loaded, file.upper_bounds, key) for file in filled]
    return {
        "min": None if None in lower else min(lower, default=None),
        "max": None if None in upper else max(upper, default=None),
        "null_count": None if None in nulls else sum(count or 0 for count in nulls),
        "nan_count": None if None in nans else sum(count or 0 for count in nans),
    }


_TABLES: dict[str, Callable[[IcebergTable], VirtualTable]] = {
    "files": _files,
    "history": _history,
    "manifests": _manifests,
    "partitions": _partitions,
    "refs": _refs,
    "snapshots": _snapshots,
}
