"""Finds the files of a bucketed Hive table that cannot hold a row that a query needs.

The bucket of a row is a hash of its bucket columns (Hive's first bucketing version, as Trino computes it). If a query
compares each of these columns with literals, only the files of the literals' buckets are read. Trino does this for the
types in `_HASHES`. A table with another bucketing version, or with files that do not show their bucket, is read
completely.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from local_athena.tables.catalog import Table
from local_athena.tables.pruning import Conjunction, Needs, Value
from local_athena.tables.s3 import S3Object

#: How a file's name shows its bucket: in the form of Hive and Trino, and in the form of Presto and awswrangler.
_NAMES = (re.compile(r"(0\d+)_\d+[^/]*"), re.compile(r"(?:[^/]*_)?bucket-(\d+)(?:[-_.][^/]*)?"))
#: The largest number of combinations of literals that Trino examines. More would hit most buckets anyway.
_COMBINATIONS, _COMBINATIONS_PER_BUCKET = 1000, 4


def _hash_of_text(value: str) -> int:
    result = 0
    for byte in value.encode():
        # Bytes are signed in Java.
        result = (31 * result + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return result


_HASHES: dict[str, Callable[[Any], int]] = {
    "boolean": int,
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": lambda value: (value >> 32) ^ value,
    "varchar": _hash_of_text,
}


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
        """The bucket of each object in a folder, by key; empty unless each bucket has exactly one object."""
        numbers = {item.key: _number(item.uri.removeprefix(folder).lstrip("/")) for item in objects}
        if sorted(-1 if number is None else number for number in numbers.values()) != list(range(self.count)):
            return {}
        return {key: number for key, number in numbers.items() if number is not None}

    def admitting(self, needs: Needs, number: int) -> Needs:
        """The needs of only those readers that may need a row of a bucket."""
        return Needs([one for one in needs.alternatives if self._may_hold(one, number)])

    def _may_hold(self, conjunction: Conjunction, number: int) -> bool:
        listed = [Needs([conjunction]).listed(column) for column in self.columns]
        values = [frozenset(each) for each in listed if each is not None]
        limit = max(_COMBINATIONS, _COMBINATIONS_PER_BUCKET * self.count)
        if len(values) < len(listed) or prod(map(len, values)) > limit:
            return True
        return number in _buckets(tuple(values), self.kinds, self.count)


def bucketing_of(table: Table) -> Bucketing | None:
    """How a Hive table is bucketed; None if all its files must be read."""
    columns = tuple(name.lower() for name in table.storage.get("BucketColumns") or ())
    count = table.storage.get("NumberOfBuckets") or 0
    types = {column.name: column.type for column in table.columns}
    kinds = tuple(types[name].base for name in columns if name in types and not types[name].params)
    if (
        not columns
        or count < 2
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


def bucket(values: Sequence[Value], kinds: Sequence[str], count: int) -> int:
    """The bucket of a row.

    Args:
        values: the values of its bucket columns.
        kinds: the base names of their types.
        count: the number of buckets.
    """
    total = 0
    for value, kind in zip(values, kinds, strict=True):
        total = 31 * total + _HASHES[kind](value)
    return (total & 0x7FFFFFFF) % count


def _number(name: str) -> int | None:
    """The bucket in a file's name; None if the name does not show it."""
    for pattern in _NAMES:
        found = pattern.fullmatch(name)
        if found:
            return int(found[1])
    return None
