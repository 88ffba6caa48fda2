"""Bucketed Hive tables: splits rows into the files of their buckets, and finds the files that a query needs.

The bucket of a row is a hash of its bucket columns (Hive's first bucketing version, as Trino computes it). If a query
compares each of these columns with literals, only the files of the literals' buckets are read. Trino does this for the
types in `_SELECTING`. A table with another bucketing version, or with files that do not show their bucket, is read
completely.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import pyarrow as pa

from local_athena.tables.catalog import Table
from local_athena.tables.pruning import Conjunction, Needs, Value
from local_athena.tables.s3 import S3Object

#: How a file's name shows its bucket: in the form of Hive and Trino, and in the form of Presto and awswrangler.
_HIVES_NAMES = re.compile(r"(0\d+)_\d+[^/]*")
_NAMES = (_HIVES_NAMES, re.compile(r"(?:[^/]*_)?bucket-(\d+)(?:[-_.][^/]*)?"))
#: The largest number of combinations of literals that Trino examines. More would hit most buckets anyway.
_COMBINATIONS, _COMBINATIONS_PER_BUCKET = 1000, 4


def _hash_of_text(value: str) -> int:
    result = 0
    for byte in value.encode():
        # Bytes are signed in Java.
        result = (31 * result + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return result


_EPOCH = dt.date(1970, 1, 1)
#: The hash of a value of each type. Trino leaves out files by the types in `_SELECTING` only.
_HASHES: dict[str, Callable[[Any], int]] = {
    "boolean": int,
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": lambda value: (value >> 32) ^ value,
    "varchar": _hash_of_text,
    "date": lambda value: (value - _EPOCH).days,
}
_SELECTING = set(_HASHES) - {"date"}


@dataclass(frozen=True)
class Bucketing:
    """How a table is bucketed.

    Attributes:
        columns: the names of the bucket columns.
        kinds: the base names of their types.
        count: the number of buckets.
    """

    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    count: int

    def numbers(self, objects: Sequence[S3Object], folder: str) -> dict[str, int]:
        """The bucket of each object in a folder, by key.

        Empty if an object does not show its bucket, and if objects that are not named as Hive names them are not
        exactly one for each bucket.
        """
        names = {item.key: item.uri.removeprefix(folder).lstrip("/") for item in objects}
        for pattern in _NAMES:
            found = {key: pattern.fullmatch(name) for key, name in names.items()}
            numbers = {key: int(match[1]) for key, match in found.items() if match}
            if len(numbers) < len(names) or any(number >= self.count for number in numbers.values()):
                continue
            if pattern is _HIVES_NAMES or sorted(numbers.values()) == list(range(self.count)):
                return numbers
        return {}

    def admitting(self, needs: Needs, number: int) -> Needs:
        """Those of the alternatives that may need a row of a bucket."""
        return Needs([one for one in needs.alternatives if self._may_hold(one, number)])

    def _may_hold(self, conjunction: Conjunction, number: int) -> bool:
        listed = [Needs([conjunction]).listed(column) for column in self.columns]
        values = [frozenset(each) for each in listed if each is not None]
        limit = max(_COMBINATIONS, _COMBINATIONS_PER_BUCKET * self.count)
        if len(values) < len(listed) or prod(map(len, values)) > limit or not set(self.kinds) <= _SELECTING:
            return True
        return number in _buckets(tuple(values), self.kinds, self.count)

    def split(self, rows: pa.Table) -> list[tuple[str, pa.Table]]:
        """Split rows by bucket: how the name of each bucket's object begins, and its rows."""
        keys = zip(*(rows[column].to_pylist() for column in self.columns), strict=True)
        places: dict[int, list[int]] = {}
        for place, values in enumerate(keys):
            places.setdefault(bucket(values, self.kinds, self.count), []).append(place)
        return [(f"{number:06d}_0_", rows.take(pa.array(places[number]))) for number in sorted(places)]


def bucketing_of(table: Table) -> Bucketing | None:
    """How a Hive table is bucketed; None if it is not, or in a way that is not known."""
    columns = tuple(name.lower() for name in table.storage.get("BucketColumns") or ())
    count = table.storage.get("NumberOfBuckets") or 0
    types = {column.name: column.type for column in table.columns}
    # The hash of a varchar(n) is not that of a string.
    kinds = tuple(types[name].base for name in columns if name in types and not types[name].params)
    if (
        not columns
        or count < 1
        or len(kinds) < len(columns)
        or not set(kinds) <= set(_HASHES)
        or table.parameters.get("bucketing_version", "1") != "1"
    ):
        return None
    return Bucketing(columns, kinds, count)


@lru_cache(maxsize=256)
def _buckets(values: tuple[frozenset[Value], ...], kinds: tuple[str, ...], count: int) -> frozenset[int]:
    """The buckets of all combinations of some values."""
    return frozenset(bucket(combination, kinds, count) for combination in product(*values))


def bucket(values: Sequence[Value | None], kinds: Sequence[str], count: int) -> int:
    """The bucket of a row.

    Args:
        values: the values of its bucket columns.
        kinds: the base names of their types.
        count: the number of buckets.
    """
    total = 0
    for value, kind in zip(values, kinds, strict=True):
        total = 31 * total + (0 if value is None else _HASHES[kind](value))
    return (total & 0x7FFFFFFF) % count
