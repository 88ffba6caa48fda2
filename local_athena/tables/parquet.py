"""Parquet objects of Hive tables: their rows, in the types that the table declares."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.pruning import Needs, Value
from local_athena.tables.s3 import S3Object
from local_athena.values import types


def read_parquet(body: bytes, item: S3Object, columns: list[str], needs: Needs) -> tuple[pa.Table, int]:
    """Some columns of an object, and the bytes that Athena reads for them, see `column_bytes`."""
    try:
        file = pq.ParquetFile(io.BytesIO(body))
        stored = {name.lower(): name for name in file.schema_arrow.names}
        present = [name for name in columns if name in stored]
        rows = file.read([stored[name] for name in present])
    except pa.ArrowException as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Not valid Parquet file: {item.uri} ({error})") from error
    if not present:
        return pa.table({"": pa.nulls(file.metadata.num_rows)}), 0
    return rows.rename_columns(present), column_bytes(file.metadata, present, needs)


def column_bytes(metadata: pq.FileMetaData, columns: Collection[str], needs: Needs) -> int:
    """Bytes of the column chunks that the readers of some columns read.

    A reader leaves out the row groups whose statistics say that no row satisfies its comparisons, as Trino does.
    """
    total = 0
    for group_index in range(metadata.num_row_groups):
        group = metadata.row_group(group_index)
        ranges: dict[str, tuple[Value, Value]] = {}
        size = 0
        for index in range(group.num_columns):
            chunk = group.column(index)
            path = chunk.path_in_schema.lower()
            if path.split(".")[0] in columns:
                size += chunk.total_compressed_size
            if chunk.is_stats_set and chunk.statistics.has_min_max:
                low, high = chunk.statistics.min, chunk.statistics.max
                if isinstance(low, (str, int, dt.date)) and isinstance(high, (str, int, dt.date)):
                    ranges[path] = (low, high)
        total += size * needs.readers_within(ranges)
    return total


def as_declared(
    column: pa.ChunkedArray, field: pa.Field, item: S3Object, kind: types.Type
) -> pa.ChunkedArray:
    """A file's column in the type that the table declares.

    Raises:
        QueryFailed: the file's type is not a narrower form of it, or a value does not fit.
    """
    if _is_narrower(column.type, field.type):
        try:
            return column.cast(field.type)
        except pa.ArrowInvalid as error:
            raise Refused(f"a value of column {field.name} in {item.uri} ({error})") from error
    raise QueryFailed(
        "HIVE_BAD_DATA",
        f"Field {field.name}'s type {column.type} in parquet file {item.uri} is incompatible with type "
        f"{kind} defined in table schema",
    )


def _is_narrower(own: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether every value of a file's type is one of the declared type."""
    is_type = pa.types
    if own == wanted or is_type.is_null(own):
        return True
    if is_type.is_signed_integer(own) and is_type.is_signed_integer(wanted):
        return own.bit_width <= wanted.bit_width
    if is_type.is_floating(own) and is_type.is_floating(wanted):
        return own.bit_width <= wanted.bit_width
    if is_type.is_timestamp(own) and is_type.is_timestamp(wanted):
        return True
    if is_type.is_decimal(own) and is_type.is_decimal(wanted):
        return own.scale == wanted.scale and own.precision <= wanted.precision
    if is_type.is_dictionary(own):
        return _is_narrower(own.value_type, wanted)
    if is_type.is_list(own) and is_type.is_list(wanted):
        return _is_narrower(own.value_type, wanted.value_type)
    if is_type.is_struct(own) and is_type.is_struct(wanted):
        return [f.name for f in own] == [f.name for f in wanted] and all(
            _is_narrower(a.type, b.type) for a, b in zip(own, wanted, strict=True)
        )
    if is_type.is_map(own) and is_type.is_map(wanted):
        return _is_narrower(own.key_type, wanted.key_type) and _is_narrower(own.item_type, wanted.item_type)
    return is_type.is_large_string(own) and is_type.is_string(wanted)
