"""Splits rows by partition, and names each partition's folder (`key=value/…/`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute

from local_athena.errors import QueryFailed
from local_athena.tables.limits import MAX_OPEN_PARTITIONS

#: pyarrow creates the functions of this module at import time, so type checkers do not know them.
pc: Any = pyarrow.compute
#: The partition value that Hive stores for null.
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
#: The characters that Hive and Trino write as `%XX` in a folder's name: control characters, and those with a meaning in
#: paths.
_SPECIAL = re.compile(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")


def split_by_values(rows: pa.Table, keys: Sequence[str]) -> dict[tuple[str, ...], pa.Table]:
    """Split rows by the values of the partition keys.

    Returns:
        The rows of each partition without the key columns, by the keys' values as Glue stores them. Without keys there
        is one partition, or none if there are no rows.

    An empty text becomes null, as in Hive and Trino.

    Raises:
        QueryFailed: more than 100 partitions, or a value that is not printable ASCII.
    """
    if not keys:
        return {(): rows} if rows.num_rows else {}
    groups = rows.group_by(list(keys)).aggregate([]).to_pylist()
    if len(groups) > MAX_OPEN_PARTITIONS:
        raise QueryFailed(
            "HIVE_TOO_MANY_OPEN_PARTITIONS",
            f"Exceeded limit of {MAX_OPEN_PARTITIONS} open writers for partitions/buckets",
        )
    parts = {}
    for group in groups:
        mask = None
        for key in keys:
            column = rows[key]
            test = pc.is_null(column) if group[key] is None else pc.equal(column, group[key])
            mask = test if mask is None else pc.and_(mask, test)
        values = tuple(_folder_value(group[key]) for key in keys)
        part = rows.filter(mask).drop_columns(list(keys))
        parts[values] = pa.concat_tables([parts[values], part]) if values in parts else part
    return parts


def folder_of(keys: Sequence[str], values: Sequence[str]) -> str:
    """The folder of a partition, with a trailing slash; an empty string if there are no keys."""
    return "".join(f"{key}={_escaped(value)}/" for key, value in zip(keys, values, strict=True))


def _escaped(value: str) -> str:
    return _SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", value)


def unescaped(text: str) -> str:
    """A partition's value from a folder's name: each `%XX` is one character, as for Hive and Trino."""
    return re.sub("%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), text)


def split_by_folder(rows: pa.Table, keys: Sequence[str]) -> dict[str, pa.Table]:
    """As `split_by_values`, by folder."""
    return {folder_of(keys, values): part for values, part in split_by_values(rows, keys).items()}


def _folder_value(value: object) -> str:
    if value is None or value == "":
        return NULL_PARTITION
    if isinstance(value, str) and not re.fullmatch("[ -~]*", value):
        raise QueryFailed(
            "HIVE_INVALID_PARTITION_VALUE",
            "Hive partition keys can only contain printable ASCII characters (0x20 - 0x7E). "
            f"Invalid value: {value.encode().hex(' ').upper()}",
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="milliseconds" if value.microsecond else "seconds")
    return str(value)
