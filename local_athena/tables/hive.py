"""Reads and writes Hive tables: picks the objects that a query needs, reads their rows, and adds new objects."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from local_athena.errors import QueryFailed, Refused
from local_athena.tables import files, open_csv
from local_athena.tables.buckets import bucketing_of
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.folders import NULL_PARTITION, folder_of, split_by_values, unescaped
from local_athena.tables.hidden_columns import PATH
from local_athena.tables.json_lines import SERDES
from local_athena.tables.orc import read_orc
from local_athena.tables.parquet import as_declared, read_parquet
from local_athena.tables.projection import is_injected, projection
from local_athena.tables.pruning import Needs, Value
from local_athena.tables.s3 import ObjectStore, S3Object, split_uri
from local_athena.tables.text_rows import read_text
from local_athena.values import types
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column

_PARQUET_SERDES = ("ParquetHiveSerDe",)
_TEXT_SERDES = ("LazySimpleSerDe", "OpenCSVSerde")


@dataclass(frozen=True)
class Partition:
    """A partition: its folder, and the values of its partition keys as text (None for null)."""

    location: str
    values: Mapping[str, str | None]


class HiveTables:
    """Reads and writes Hive tables."""

    def __init__(self, catalog: Catalog, store: ObjectStore) -> None:
        self._catalog = catalog
        self._store = store

    def scan(self, table: Table, columns: list[str], needs: Needs) -> tuple[pa.Table, int]:
        """Read the objects that a query needs.

        Args:
            table: the table.
            columns: the columns to return; partition keys and `$path` may be among them.
            needs: the query's conditions on literals. Partitions and objects that cannot satisfy them are not read.

        Returns:
            The rows, and the bytes that Athena would read from S3. A WITH query that is used twice is read twice, so
            its bytes count twice.

        Raises:
            QueryFailed: an object cannot be read.
            Refused: the table has a format that is not supported.
        """
        parts: list[pa.Table] = []
        scanned = 0
        schema = pa.schema([(name, self._arrow_type(table, name)) for name in columns])
        kinds = {column.name: column.type for column in table.columns}
        wanted: list[tuple[S3Object, Partition]] = []
        readers: list[Needs] = []
        bucketing = bucketing_of(table)
        for partition in self._partitions(table, needs):
            values = {name: partition_value(text, kinds[name]) for name, text in partition.values.items()}
            objects = self.objects(partition.location)
            buckets = {} if bucketing is None else bucketing.numbers(objects, partition.location)
            for item in objects:
                # If a query compares "$path" with literals, Trino does not read the other files.
                admitting = needs.admitting({**values, PATH.name: item.uri})
                if bucketing is not None and item.key in buckets:
                    admitting = bucketing.admitting(admitting, buckets[item.key])
                if admitting.alternatives:
                    wanted.append((item, partition))
                    readers.append(admitting)
        paths = self._store.fetch_all([item for item, _ in wanted])
        for (item, partition), path, admitting in zip(wanted, paths, readers, strict=True):
            rows, size = self._read(table, item, path.read_bytes, columns, admitting)
            scanned += size
            parts.append(_completed(rows, schema, item, partition, table))
        return pa.concat_tables(parts) if parts else schema.empty_table(), scanned

    def objects(self, location: str) -> list[S3Object]:
        """The objects in a folder that Athena reads: all except hidden and empty ones."""
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
                    dict(zip(table.partition_keys, map(stored_value, item["Values"]), strict=True)),
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
        """The partitions that projection yields and whose folders hold an object.

        Folders that projection does not yield are never read, even if they hold objects.
        """
        projections = {key: projection(table, key) for key in table.partition_keys}
        for key in table.partition_keys:
            if is_injected(table, key) and needs.listed(key) is None:
                raise QueryFailed(
                    "CONSTRAINT_VIOLATION",
                    f"For the injected projected partition column {key}, the WHERE clause must contain only static "
                    "equality conditions, and at least one such condition must be present.",
                )
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
        partitions: dict[str, Partition] = {}
        for prefix in sorted(prefixes):
            bucket, key_prefix = split_uri(prefix)
            for item in self._store.list(bucket, key_prefix):
                match = pattern.match(item.uri)
                if match and match[0] not in partitions:
                    values = {name.lower(): unescaped(value) for name, value in match.groupdict().items()}
                    if all(projections[name](value) for name, value in values.items()):
                        partitions[match[0]] = Partition(match[0], values)
        return list(partitions.values())

    def _arrow_type(self, table: Table, name: str) -> pa.DataType:
        return to_arrow(next(c.type for c in (*table.columns, PATH) if c.name == name))

    def _read(
        self, table: Table, item: S3Object, body: Callable[[], bytes], columns: list[str], needs: Needs
    ) -> tuple[pa.Table, int]:
        """The requested columns that the object itself holds, and the bytes that all their readers read."""
        own = [c.name for c in table.columns if c.name not in table.partition_keys]
        if table.serde == "OrcSerde":
            return read_orc(body(), item, [name for name in columns if name in own])
        if table.serde in _PARQUET_SERDES:
            return read_parquet(body(), item, [name for name in columns if name in own], needs)
        if table.serde not in _TEXT_SERDES and table.serde_class not in SERDES:
            raise Refused(f"the table {table.database}.{table.name} with the SerDe {table.serde or '(none)'}")
        return read_text(table, body(), item), item.size * len(needs.alternatives)

    def check(self, table: Table, rows: pa.Table) -> None:
        """Check that rows can be added to a table.

        Raises:
            QueryFailed: the rows have more than 100 partitions.
            Refused: the table's format or its storage.location.template is not supported for writing.
        """
        if table.parameters.get("storage.location.template"):
            raise Refused(
                f"INSERT into a table with storage.location.template ({table.database}.{table.name})"
            )
        if table.serde != "OpenCSVSerde":
            files.of_table(table)
        split_by_values(rows, table.partition_keys)
        if table.storage.get("BucketColumns") and bucketing_of(table) is None:
            raise Refused(
                f"buckets of {table.database}.{table.name} by {', '.join(table.storage['BucketColumns'])}: bucket "
                "columns have the type boolean, date, string or an integer type"
            )

    def write(self, table: Table, rows: pa.Table) -> list[str]:
        """Add rows to a table as one new object per partition, or per bucket of a partition.

        Returns:
            The URIs of the new objects.
        """
        written: list[str] = []
        own = [column for column in table.columns if column.name not in table.partition_keys]
        new: dict[tuple[str, ...], str] = {}
        for values, part in split_by_values(rows, table.partition_keys).items():
            location = f"{table.location.rstrip('/')}/{folder_of(table.partition_keys, values)}"
            bucket, prefix = split_uri(location)
            for name, some in _by_file(table, part):
                body, ending = _file(table, some, own)
                key = f"{prefix}{name}{uuid.uuid4().hex}{ending}"
                self._store.write(bucket, key, body)
                written.append(f"s3://{bucket}/{key}")
            if table.partition_keys:
                new[values] = location
        if new:
            self._catalog.add_partitions(table, new)
        return written


def _by_file(table: Table, rows: pa.Table) -> list[tuple[str, pa.Table]]:
    """The rows of each new object, and how its name begins."""
    bucketing = bucketing_of(table)
    return [("", rows)] if bucketing is None else bucketing.split(rows)


def _file(table: Table, rows: pa.Table, columns: list[Column]) -> tuple[bytes, str]:
    """The bytes of a new object, and its file extension."""
    if table.serde == "OpenCSVSerde":
        form = open_csv.format_of(table.serde_parameters, f"{table.database}.{table.name}")
        return open_csv.write(rows, columns, form), ""
    written = files.of_table(table)
    return files.written(rows, columns, written), written.ending


def partition_value(text: str | None, kind: types.Type) -> Value | None:
    """The value of a partition key, from its text in Glue or in a folder's name.

    Raises:
        QueryFailed: the text is not a value of the type.
        Refused: partition keys of this type are not supported.
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


def stored_value(value: str) -> str | None:
    """A partition value from Glue, with None in place of Hive's marker for null."""
    return None if value == NULL_PARTITION else value


def _is_visible(item: S3Object, folder: str) -> bool:
    inside = item.key[len(folder) :]
    return item.size > 0 and not any(part.startswith(("_", ".")) for part in inside.split("/"))


def _completed(
    rows: pa.Table, schema: pa.Schema, item: S3Object, partition: Partition, table: Table
) -> pa.Table:
    """The object's rows with all requested columns: the object's own, partition keys, `$path`, and null for the rest."""
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
