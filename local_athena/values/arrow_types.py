"""Maps each Trino type to the Arrow type that holds its values."""

from __future__ import annotations

import pyarrow as pa

from local_athena.values.types import Type

_ARROW_TYPES: dict[str, pa.DataType] = {
    "unknown": pa.null(),
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "json": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
}


def to_arrow(kind: Type) -> pa.DataType:
    """The Arrow type for a column of a Trino type; json is kept as a string."""
    if kind.base == "array":
        return pa.list_(to_arrow(kind.items[0]))
    if kind.base == "map":
        return pa.map_(to_arrow(kind.items[0]), to_arrow(kind.items[1]))
    if kind.base == "row":
        return pa.struct(list(zip(kind.field_names, map(to_arrow, kind.items), strict=True)))
    if kind.base == "decimal":
        return pa.decimal128(*kind.params)
    return _ARROW_TYPES[kind.base]
