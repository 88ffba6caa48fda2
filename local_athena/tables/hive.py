"""Hive tables: which objects a query needs, their rows, and new Parquet objects."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.hidden_columns import PATH
from local_athena.tables.limits import MAX_OPEN_PARTITIONS
from local_athena.tables.parquet import as_declared, read_parquet
from local_athena.tables.projection import projection
from local_athena.tables.pruning import Needs, Value
from local_athena.tables.s3 import ObjectStore, S3Object, split_uri
from local_athena.tables.text_rows import read_text
from local_athena.values import types
from local_athena.values.arrow_types import to_arrow

#: Its functions are made at import time, where no type checker sees them.
pc: Any = pyarrow.compute
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"

_PARQUET_SERDES = ("ParquetHiveSerDe",)
_TEXT_SERDES = ("LazySimpleSerDe", "OpenCSVSerde")


@dataclass(frozen=True)
class Partition:
    """A folder of a table with the values of its partition keys, as they stand in the folder's name."""

    location: str
    values: Mapping[str, str | None]


class HiveTables:
    """Reads and writes Hive tables."""

    def __init__(self, catalog: Catalog, store: ObjectStore) -> None:
        self._catalog = catalog
        self._store = store

    def scan(self, table: Table, columns: list[str], needs: Needs) -> tuple[pa.Table, int]:
        """The rows of the objects that a query needs.

        Args:
            table: the table.
            columns: the columns to return, partition keys and `$path` among them.
            needs: what the query's literals say.

        Returns:
            The rows and the bytes read from S3.

        Raises:
            QueryFailed: an object cannot be read, or the table has a format that is not supported.
        """
        parts: list[pa.Table] = []
        scanned = 0
        schema = pa.schema([(name, self._arrow_type(table, name)) for name in columns])
        wanted = [
            (item, partition)
            for partition in self._partitions(table, needs)
            for item in self.objects(partition.location)
        ]
        paths = self._store.fetch_all([item for item, _ in wanted])
        for (item, partition), path in zip(wanted, paths, strict=True):
            rows, size = self._read(table, item, path.read_bytes, columns)
            scanned += size
            parts.append(_completed(rows, schema, item, partition, table))
        return pa.concat_tables(parts) if parts else schema.empty_table(), scanned

    def objects(self, location: str) -> list[S3Object]:
        """The objects of a folder that Athena reads. Hidden and empty objects are left out."""
        bucket, prefix = split_uri(location)
        folder = prefix if not prefix or prefix.endswith("/") else prefix + "/"
        return [item for item in self._store.list(bucket, folder) if _is_visible(item, folder)]

    def _partitions(self, table: Table, needs: Needs) -> list[Partition]:
        if not table.partition_keys:
            return [Partition(table.location, {})]
        if table.parameters.get("projection.enabled", "false").lower() == "true":
            partitions = self._projected(table, needs)
        else:
            partitions = [
                Partition(
                    item["StorageDescriptor"]["Location"],
                    dict(zip(table.partition_keys, map(_stored, item["Values"]), strict=True)),
                )
                for item in self._catalog.partitions(table)
            ]
        kinds = {column.name: column.type for column in table.columns}
        return [
            partition
            for partition in partitions
            if needs.admits({n: partition_value(v, kinds[n]) for n, v in partition.values.items()})
        ]

    def _projected(self, table: Table, needs: Needs) -> list[Partition]:
        """Partitions by projection, whose folders hold an object.

        A folder that projection does not yield is never read, even if it holds objects.
        """
        projections = {key: projection(table, key) for key in table.partition_keys}
        template = table.parameters.get("storage.location.template") or "/".join(
            [table.location.rstrip("/"), *(f"{key}=${{{key}}}" for key in table.partition_keys)]
        )
        prefixes = {template.split("${", 1)[0]}
        first = re.search(r"\$\{(\w+)\}", template)
        if first:
            listed = needs.listed(first[1].lower())
            if listed is not None:
                prefixes = {
                    template.split("${", 1)[0] + str(value)
                    for value in listed
                    if projections[first[1].lower()](str(value))
                }
        pattern = re.compile(
            re.sub(r"\\\$\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template.rstrip("/"))) + "/"
        )
        folders: dict[str, Partition] = {}
        for prefix in sorted(prefixes):
            bucket, key_prefix = split_uri(prefix)
            for item in self._store.list(bucket, key_prefix):
                match = pattern.match(item.uri)
                if match and match[0] not in folders:
                    values = {name.lower(): unquote(value) for name, value in match.groupdict().items()}
                    if all(projections[name](value) for name, value in values.items()):
                        folders[match[0]] = Partition(match[0], values)
        return list(folders.values())

    def _arrow_type(self, table: Table, name: str) -> pa.DataType:
        return to_arrow(next(c.type for c in (*table.columns, PATH) if c.name == name))

    def _read(
        self, table: Table, item: S3Object, body: Callable[[], bytes], columns: list[str]
    ) -> tuple[pa.Table, int]:
        """An object's own columns among those asked for, and the bytes read."""
        own = [c.name for c in table.columns if c.name not in table.partition_keys]
        if table.serde in _PARQUET_SERDES:
            return read_parquet(body(), item, [name for name in columns if name in own])
        if table.serde not in _TEXT_SERDES:
            raise Refused(
                f"the SerDe {table.serde or 'that the table lacks'} of {table.database}.{table.name}"
            )
        return read_text(table, body(), item, own), item.size

    # --- writing ---

    def check(self, table: Table, rows: pa.Table) -> None:
        """Whether rows can be written at all.

        Raises:
            QueryFailed: more than 100 partitions, or a format that is not supported.
        """
        if table.serde not in _PARQUET_SERDES:
            raise Refused(f"INSERT into the SerDe {table.serde} ({table.database}.{table.name})")
        self._split(table, rows)

    def write(self, table: Table, rows: pa.Table) -> list[str]:
        """Add rows to a Parquet table, partition by partition; the addresses of the new objects."""
        written: list[str] = []
        folders = self._split(table, rows)
        new: dict[tuple[str, ...], str] = {}
        for values, part in folders.items():
            names = [
                f"{key}={quote(value, safe=' ._-@+,()')}"
                for key, value in zip(table.partition_keys, values, strict=True)
            ]
            location = "/".join([table.location.rstrip("/"), *names]) + "/"
            bucket, prefix = split_uri(location)
            buffer = io.BytesIO()
            pq.write_table(part, buffer, compression="snappy")
            key = f"{prefix}{uuid.uuid4().hex}.snappy.parquet"
            self._store.write(bucket, key, buffer.getvalue())
            written.append(f"s3://{bucket}/{key}")
            if table.partition_keys:
                new[values] = location
        if new:
            self._catalog.add_partitions(table, new)
        return written

    def _split(self, table: Table, rows: pa.Table) -> dict[tuple[str, ...], pa.Table]:
        keys = list(table.partition_keys)
        if not keys:
            return {(): rows} if rows.num_rows else {}
        groups = rows.group_by(keys).aggregate([]).to_pylist()
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
            parts[values] = rows.filter(mask).drop_columns(keys)
        return parts


def partition_value(text: str | None, kind: types.Type) -> Value | None:
    """A partition key's value, read from its text in Glue or in a folder's name.

    Raises:
        QueryFailed: the text is not a value of the type.
    """
    if text is None or kind.base == "varchar":
        return text
    try:
        if kind.is_integer:
            return int(text)
        if kind.base == "date":
            return dt.date.fromisoformat(text)
        if kind.base == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if kind.base == "timestamp":
            return dt.datetime.fromisoformat(text)
    except (ValueError, KeyError) as error:
        raise QueryFailed(
            "HIVE_INVALID_PARTITION_VALUE", f"Invalid partition value '{text}' for {kind} partition key"
        ) from error
    raise Refused(f"a partition key of type {kind}")


def _stored(value: str) -> str | None:
    return None if value == NULL_PARTITION else value


def _folder_value(value: object) -> str:
    if value is None:
        return NULL_PARTITION
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="milliseconds" if value.microsecond else "seconds")
    return str(value)


def _is_visible(item: S3Object, folder: str) -> bool:
    inside = item.key[len(folder) :]
    return item.size > 0 and not any(part.startswith(("_", ".")) for part in inside.split("/"))


def _completed(
    rows: pa.Table, schema: pa.Schema, item: S3Object, partition: Partition, table: Table
) -> pa.Table:
    """An object's rows with all columns asked for: its own, its partition's, its address, nulls."""
    kinds = {column.name: column.type for column in table.columns}
    arrays = []
    for field in schema:
        if field.name == PATH.name:
            arrays.append(pa.repeat(pa.scalar(item.uri, pa.string()), rows.num_rows))
        elif field.name in partition.values:
            value = partition_value(partition.values[field.name], kinds[field.name])
            arrays.append(pa.repeat(pa.scalar(value, field.type), rows.num_rows))
        elif field.name in rows.column_names:
            arrays.append(as_declared(rows[field.name], field, item, kinds[field.name]))
        else:
            arrays.append(pa.nulls(rows.num_rows, field.type))
    return pa.table(arrays, schema=schema)
