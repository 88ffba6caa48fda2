"""Reads ORC objects of Hive tables."""

from __future__ import annotations

import io

import pyarrow as pa
from pyarrow import orc

from local_athena.errors import QueryFailed
from local_athena.tables.s3 import S3Object


def read_orc(body: bytes, item: S3Object, columns: list[str]) -> tuple[pa.Table, int]:
    """Read columns of an object.

    Returns:
        The requested columns that the object has, and the bytes read: the size of the object, or 0 if it has none of
        the columns.

    Raises:
        QueryFailed: the object is not ORC.
    """
    try:
        file = orc.ORCFile(io.BytesIO(body))
        stored = {name.lower(): name for name in file.schema.names}
        present = [name for name in columns if name in stored]
        rows = file.read([stored[name] for name in present]) if present else None
    except pa.ArrowException as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Not a valid ORC file: {item.uri} ({error})") from error
    if rows is None:
        return pa.table({"": pa.nulls(file.nrows)}), 0
    return rows.rename_columns(present), item.size
