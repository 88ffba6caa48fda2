"""Reads Parquet objects of Hive tables, and converts their columns to the types that the table declares."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.pruning import Needs, Range
from local_athena.tables.s3 import S3Object
from local_athena.values import types

#: pyarrow creates the functions of this module at import time, so type checkers do not know them.
pc: Any = pyarrow.compute


def read_parquet(body: bytes, item: S3Object, columns: list[str], needs: Needs) -> tuple[pa.Table, int]:
    """Read columns of an object.

    Returns:
        The requested columns that the object has, and the bytes that Athena would read for them (see `column_bytes`).

    Raises:
        QueryFailed: the object is not Parquet.
    """
    try:
        # By default pyarrow reads INT96 timestamps as nanoseconds, which overflow after the year 2262.
        file = pq.ParquetFile(io.BytesIO(body), coerce_int96_timestamp_unit="us")
        stored = {name.lower(): name for name in file.schema_arrow.names}
        present = [name for name in columns if name in stored]
        rows = file.read([stored[name] for name in present])
    except pa.ArrowException as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Not valid Parquet file: {item.uri} ({error})") from error
    if not present:
        return pa.table({"": pa.nulls(file.metadata.num_rows)}), 0
    return rows.rename_columns(present), column_bytes(file.metadata, present, needs)


def column_bytes(metadata: pq.FileMetaData, columns: Collection[str], needs: Needs) -> int:
    """The bytes that Athena would read for some columns of a Parquet file, summed over all readers in `needs`.

    As in Trino, a reader skips the row groups whose statistics show that no row satisfies its comparisons.
    """
    total = 0
    for group_index in range(metadata.num_row_groups):
        group = metadata.row_group(group_index)
        ranges: dict[str, Range] = {}
        size = 0
        for index in range(group.num_columns):
            chunk = group.column(index)
            path = chunk.path_in_schema.lower()
            if path.split(".")[0] in columns:
                size += chunk.total_compressed_size
            if chunk.is_stats_set:
                ranges[path] = _range(chunk.statistics)
        total += size * needs.readers_within(ranges)
    return total


def _range(statistics: pq.Statistics) -> Range:
    low, high = (statistics.min, statistics.max) if statistics.has_min_max else (None, None)
    known = isinstance(low, (str, int, dt.date)) and isinstance(high, (str, int, dt.date))
    nulls = not statistics.has_null_count or statistics.null_count > 0
    return Range(low, high, nulls) if known else Range(None, None, nulls)


def as_declared(
    column: pa.ChunkedArray, field: pa.Field, item: S3Object, kind: types.Type
) -> pa.ChunkedArray:
    """Convert a file's column to the type that the table declares.

    Integers of any width are converted. Fields of rows are matched by name. Texts are cut to the declared length, and
    timestamps are rounded to milliseconds, which is their precision in Hive tables.

    Raises:
        QueryFailed: the file's type cannot be read as the declared type.
        Refused: a value does not fit into the declared type.
    """
    if _is_readable_as(column.type, field.type):
        try:
            return _cut(
                pa.chunked_array([_shaped(chunk, field.type) for chunk in column.chunks], field.type), kind
            )
        except pa.ArrowInvalid as error:
            raise Refused(f"a value of column {field.name} in {item.uri} ({error})") from error
    raise QueryFailed(
        "HIVE_BAD_DATA",
        f"Field {field.name}'s type {column.type} in parquet file {item.uri} is incompatible with type "
        f"{kind} defined in table schema",
    )


def _shaped(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Cast values to another type. Fields of rows are matched by name; fields that the file lacks are null."""
    if not pa.types.is_struct(wanted) or not pa.types.is_struct(array.type) or array.type == wanted:
        return array.cast(wanted)
    own = {field.name.lower(): array.field(index) for index, field in enumerate(array.type)}
    arrays = [
        _shaped(own[field.name], field.type) if field.name in own else pa.nulls(len(array), field.type)
        for field in wanted
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(wanted), mask=array.is_null())


def _cut(column: pa.ChunkedArray, kind: types.Type) -> pa.ChunkedArray:
    """Cut texts to the length of their type, and round timestamps to milliseconds."""
    if kind.base == "varchar" and kind.params:
        return pc.utf8_slice_codeunits(column, 0, kind.params[0])
    if kind == types.TIMESTAMP:
        half = pa.scalar(500, pa.duration("us"))
        return pc.floor_temporal(pc.add(column, half), unit="millisecond").cast(column.type)
    return column


def _is_readable_as(own: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether values of a file's type (`own`) can be read as the declared type (`wanted`)."""
    is_type = pa.types
    if own == wanted or is_type.is_null(own):
        return True
    if is_type.is_integer(own) and is_type.is_signed_integer(wanted):
        return True
    if is_type.is_floating(own) and is_type.is_floating(wanted):
        return own.bit_width <= wanted.bit_width
    if is_type.is_timestamp(own) and is_type.is_timestamp(wanted):
        return True
    if is_type.is_decimal(own) and is_type.is_decimal(wanted):
        return own.scale == wanted.scale and own.precision <= wanted.precision
    if is_type.is_dictionary(own):
        return _is_readable_as(own.value_type, wanted)
    if is_type.is_list(own) and is_type.is_list(wanted):
        return _is_readable_as(own.value_type, wanted.value_type)
    if is_type.is_struct(own) and is_type.is_struct(wanted):
        fields = {field.name.lower(): field.type for field in own}
        return all(
            _is_readable_as(fields[field.name], field.type) for field in wanted if field.name in fields
        )
    if is_type.is_map(own) and is_type.is_map(wanted):
        return _is_readable_as(own.key_type, wanted.key_type) and _is_readable_as(
            own.item_type, wanted.item_type
        )
    return is_type.is_large_string(own) and is_type.is_string(wanted)
