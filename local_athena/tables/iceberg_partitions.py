"""Reads and writes partition specs of Iceberg tables, and checks how many partitions a statement writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    TimeTransform,
    Transform,
    TruncateTransform,
    YearTransform,
)

from local_athena.errors import QueryFailed
from local_athena.tables.limits import MAX_OPEN_PARTITIONS

_TRANSFORMS: dict[str, Any] = {
    "year": YearTransform,
    "month": MonthTransform,
    "day": DayTransform,
    "hour": HourTransform,
}


def partition_spec(schema: Schema, partitioning: Sequence[str]) -> PartitionSpec:
    """The partition spec for the items of a `partitioning` property, such as `snapshot_date` and `bucket(id, 4)`.

    Raises:
        QueryFailed: an item is not a transform of a column, or is redundant (`day(ts)` beside `month(ts)`).
    """
    fields: list[PartitionField] = []
    seen: set[tuple[str, str]] = set()
    for number, text in enumerate(partitioning, start=1000):
        match = re.fullmatch(r"\s*(?:(\w+)\s*\()?\s*\"?(\w+)\"?\s*(?:,\s*(\d+))?\s*\)?\s*", text)
        if not match:
            raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {text}")
        function, column, size = match[1], match[2].lower(), match[3]
        if column not in schema.column_names:
            raise QueryFailed("COLUMN_NOT_FOUND", f"Partition column '{column}' not found")
        transform, name = _transform((function or "").lower(), size, column)
        key = (column, "time" if isinstance(transform, TimeTransform) else str(transform))
        if key in seen:
            raise QueryFailed("INVALID_TABLE_PROPERTY", f"Cannot add redundant partition: {text.strip()}")
        seen.add(key)
        fields.append(PartitionField(schema.find_field(column).field_id, number, transform, name))
    return PartitionSpec(*fields)


def _transform(function: str, size: str | None, column: str) -> tuple[Transform[Any, Any], str]:
    if not function:
        return IdentityTransform(), column
    if function in _TRANSFORMS and size is None:
        return _TRANSFORMS[function](), f"{column}_{function}"
    if function == "bucket" and size:
        return BucketTransform(int(size)), f"{column}_bucket"
    if function == "truncate" and size:
        return TruncateTransform(int(size)), f"{column}_trunc"
    raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {function}({column})")


def partitioning_of(spec: PartitionSpec, schema: Schema) -> list[str]:
    """The items of a spec as SHOW CREATE TABLE writes them after PARTITIONED BY, such as `bucket(4, id)`."""
    shown = []
    for field in spec.fields:
        column, transform = schema.find_field(field.source_id).name.lower(), field.transform
        names = {kind: name for name, kind in _TRANSFORMS.items()}
        if isinstance(transform, BucketTransform):
            shown.append(f"bucket({transform.num_buckets}, {column})")
        elif isinstance(transform, TruncateTransform):
            shown.append(f"truncate({transform.width}, {column})")
        elif type(transform) in names:
            shown.append(f"{names[type(transform)]}({column})")
        else:
            shown.append(column)
    return shown


def check_open_partitions(rows: pa.Table, spec: PartitionSpec, schema: Schema) -> None:
    """Check that rows do not have too many partitions.

    Raises:
        QueryFailed: the rows have more than 100 partitions.
    """
    if not spec.fields or not rows.num_rows:
        return
    columns = []
    for field in spec.fields:
        source = schema.find_field(field.source_id)
        column = rows[source.name].combine_chunks()
        columns.append(field.transform.pyarrow_transform(source.field_type)(column))
    names = [str(index) for index in range(len(columns))]
    count = pa.table(columns, names=names).group_by(names).aggregate([]).num_rows
    if count > MAX_OPEN_PARTITIONS:
        raise QueryFailed(
            "ICEBERG_TOO_MANY_OPEN_PARTITIONS",
            f"Exceeded limit of {MAX_OPEN_PARTITIONS} open writers for partitions",
        )
