"""Converts types between Trino and Iceberg."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pyiceberg import types as ice

from local_athena.errors import QueryFailed, Refused
from local_athena.values.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    REAL,
    TIME_6,
    TIMESTAMP_6,
    TIMESTAMP_TZ_6,
    VARBINARY,
    VARCHAR,
    Type,
    array,
    decimal,
    map_of,
    row,
)

_ICEBERG_TYPES: dict[str, ice.IcebergType] = {
    "boolean": ice.BooleanType(),
    "integer": ice.IntegerType(),
    "bigint": ice.LongType(),
    "real": ice.FloatType(),
    "double": ice.DoubleType(),
    "varchar": ice.StringType(),
    "varbinary": ice.BinaryType(),
    "date": ice.DateType(),
    "time": ice.TimeType(),
    "timestamp": ice.TimestampType(),
    "timestamp with time zone": ice.TimestamptzType(),
}
_FROM_ICEBERG: dict[type, Type] = {
    ice.BooleanType: BOOLEAN,
    ice.IntegerType: INTEGER,
    ice.LongType: BIGINT,
    ice.FloatType: REAL,
    ice.DoubleType: DOUBLE,
    ice.StringType: VARCHAR,
    ice.BinaryType: VARBINARY,
    ice.DateType: DATE,
    ice.TimeType: TIME_6,
    ice.TimestampType: TIMESTAMP_6,
    ice.TimestamptzType: TIMESTAMP_TZ_6,
}


def from_iceberg(kind: ice.IcebergType) -> Type:
    """The Trino type of an Iceberg column.

    Raises:
        Refused: local Athena has no such type.
    """
    if isinstance(kind, ice.ListType):
        return array(from_iceberg(kind.element_type))
    if isinstance(kind, ice.MapType):
        return map_of(from_iceberg(kind.key_type), from_iceberg(kind.value_type))
    if isinstance(kind, ice.StructType):
        return row(
            tuple(field.name for field in kind.fields),
            tuple(from_iceberg(field.field_type) for field in kind.fields),
        )
    if isinstance(kind, ice.DecimalType):
        return decimal(kind.precision, kind.scale)
    if type(kind) in _FROM_ICEBERG:
        return _FROM_ICEBERG[type(kind)]
    raise Refused(f"the Iceberg type {kind}")


def as_stored(kind: Type) -> Type:
    """The type of a column that DDL creates: Iceberg tables store every time and timestamp in microseconds."""
    return replace(kind, params=TIMESTAMP_6.params) if kind.base.startswith("time") else kind


def to_iceberg(kind: Type, next_id: Iterator[int]) -> ice.IcebergType:
    """The Iceberg type for a new column.

    Args:
        kind: the Trino type.
        next_id: yields the ids for nested fields.

    Raises:
        QueryFailed: Iceberg has no such type.
    """
    if kind.base == "decimal":
        return ice.DecimalType(*kind.params)
    if kind.base == "array":
        return ice.ListType(next(next_id), to_iceberg(kind.items[0], next_id), element_required=False)
    if kind.base == "map":
        key_id, value_id = next(next_id), next(next_id)
        key, value = (to_iceberg(item, next_id) for item in kind.items)
        return ice.MapType(key_id, key, value_id, value, value_required=False)
    if kind.base == "row":
        fields = zip(kind.field_names, kind.items, strict=True)
        return ice.StructType(
            *(ice.NestedField(next(next_id), n, to_iceberg(t, next_id), required=False) for n, t in fields)
        )
    if kind.base in ("tinyint", "smallint", "json", "unknown"):
        raise QueryFailed("NOT_SUPPORTED", f"Type not supported for Iceberg: {kind}")
    if kind.params and kind.base.startswith("time") and kind.params != TIMESTAMP_6.params:
        base = "time" if kind.base == "time" else "timestamp"
        raise QueryFailed(
            "NOT_SUPPORTED",
            f'{base.capitalize()} precision ({kind.params[0]}) not supported for Iceberg. Use "{base}(6)" instead.',
        )
    return _ICEBERG_TYPES[kind.base]
