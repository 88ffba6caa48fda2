"""Hive tables: which objects a query needs, their rows, and new Parquet objects."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.lines import text_lines
from local_athena.tables.pruning import Needs, Value
from local_athena.tables.s3 import ObjectStore, S3Object, split_uri
from local_athena.values import raw_text, types

PATH_COLUMN = "$path"
#: Its functions are made at import time, where no type checker sees them.
pc: Any = pyarrow.compute
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
#: Athena writes at most this many partitions in one statement.
MAX_OPEN_PARTITIONS = 100

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
        """The objects of a folder that Athena reads: hidden and empty ones are none of them."""
        bucket, prefix = split_uri(location)
        folder = prefix if not prefix or prefix.endswith("/") else prefix + "/"
        return [item for item in self._store.list(bucket, folder) if _is_visible(item, folder)]

    def _partitions(self, table: Table, needs: Needs) -> list[Partition]:
        if not table.partition_keys:
            return [Partition(table.location, {})]
        if table.parameters.get("projection.enabled", "false").lower() == "true":
            found = self._projected(table, needs)
        else:
            found = [
                Partition(
                    item["StorageDescriptor"]["Location"],
                    dict(zip(table.partition_keys, map(_stored, item["Values"]), strict=True)),
                )
                for item in self._catalog.partitions(table)
            ]
        kinds = {column.name: column.type for column in table.columns}
        return [
            partition
            for partition in found
            if needs.admits({n: partition_value(v, kinds[n]) for n, v in partition.values.items()})
        ]

    def _projected(self, table: Table, needs: Needs) -> list[Partition]:
        """Partitions by projection, whose folders hold an object.

        A folder that projection does not yield is never read, whatever it holds.
        """
        projections = {key: _projection(table, key) for key in table.partition_keys}
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
        found: dict[str, Partition] = {}
        for prefix in sorted(prefixes):
            bucket, key_prefix = split_uri(prefix)
            for item in self._store.list(bucket, key_prefix):
                match = pattern.match(item.uri)
                if match and match[0] not in found:
                    values = {name.lower(): unquote(value) for name, value in match.groupdict().items()}
                    if all(projections[name](value) for name, value in values.items()):
                        found[match[0]] = Partition(match[0], values)
        return list(found.values())

    def _arrow_type(self, table: Table, name: str) -> pa.DataType:
        if name == PATH_COLUMN:
            return pa.string()
        return types.to_arrow(next(c.type for c in table.columns if c.name == name))

    def _read(
        self, table: Table, item: S3Object, body: Callable[[], bytes], columns: list[str]
    ) -> tuple[pa.Table, int]:
        """An object's own columns among those asked for, and the bytes read."""
        own = [c.name for c in table.columns if c.name not in table.partition_keys]
        if table.serde in _PARQUET_SERDES:
            return _read_parquet(body(), item, [name for name in columns if name in own])
        if table.serde not in _TEXT_SERDES:
            raise Refused(
                f"the SerDe {table.serde or 'that the table lacks'} of {table.database}.{table.name}"
            )
        return _read_text(table, body(), item, own), item.size

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
        found = {}
        for group in groups:
            mask = None
            for key in keys:
                column = rows[key]
                test = pc.is_null(column) if group[key] is None else pc.equal(column, group[key])
                mask = test if mask is None else pc.and_(mask, test)
            values = tuple(_folder_value(group[key]) for key in keys)
            found[values] = rows.filter(mask).drop_columns(keys)
        return found


def partition_value(text: str | None, kind: types.Type) -> Value | None:
    """A partition key's value, read from its text in Glue or in a folder's name.

    Raises:
        QueryFailed: the text is no value of the type.
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


def _projection(table: Table, key: str) -> Callable[[str], bool]:
    """Tells whether projection yields a value of a key.

    Raises:
        QueryFailed: the key has no projection, or none that is supported.
    """
    settings = table.parameters
    kind = settings.get(f"projection.{key}.type", "").lower()
    value_range = settings.get(f"projection.{key}.range", "")
    if kind == "enum":
        values = {value.strip() for value in settings.get(f"projection.{key}.values", "").split(",")}
        return values.__contains__
    if kind == "integer":
        low, high = (int(end) for end in value_range.split(","))
        digits = int(settings.get(f"projection.{key}.digits", "0"))
        step = int(settings.get(f"projection.{key}.interval", "1"))
        return lambda text: _is_projected_integer(text, low, high, step, digits)
    if kind == "date":
        return _projected_dates(settings, key, value_range)
    raise QueryFailed(
        "INVALID_TABLE_PROPERTY",
        f"Table {table.database}.{table.name} is configured for partition projection, but local Athena knows "
        f"no projection type {kind or '(none)'!r} for the column {key}",
    )


def _is_projected_integer(text: str, low: int, high: int, step: int, digits: int) -> bool:
    if not re.fullmatch(r"-?\d+", text) or text != str(int(text)).zfill(digits):
        return False
    return low <= int(text) <= high and (int(text) - low) % step == 0


def _projected_dates(settings: Mapping[str, str], key: str, value_range: str) -> Callable[[str], bool]:
    form = settings.get(f"projection.{key}.format", "")
    unit = settings.get(f"projection.{key}.interval.unit", "DAYS").upper()
    step = int(settings.get(f"projection.{key}.interval", "1"))
    if form not in ("yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd") or unit != "DAYS":
        raise Refused(f"date projection with the format {form!r} in {unit} of the column {key}")
    pattern = form.replace("yyyy", "%Y").replace("MM", "%m").replace("dd", "%d")
    ends = [end.strip() for end in value_range.split(",")]
    if any(end.upper().startswith("NOW") and end.upper() != "NOW" for end in ends):
        raise Refused(f"date projection with the range {value_range!r} of the column {key}")

    def moment(end: str) -> dt.date:
        if end.upper() == "NOW":
            return dt.datetime.now(dt.UTC).date()
        return dt.datetime.strptime(end, pattern).date()

    def is_projected(text: str) -> bool:
        try:
            value = dt.datetime.strptime(text, pattern).date()
        except ValueError:
            return False
        low, high = map(moment, ends)
        return value.strftime(pattern) == text and low <= value <= high and (value - low).days % step == 0

    return is_projected


def _completed(
    rows: pa.Table, schema: pa.Schema, item: S3Object, partition: Partition, table: Table
) -> pa.Table:
    """An object's rows with all columns asked for: its own, its partition's, its address, nulls."""
    kinds = {column.name: column.type for column in table.columns}
    arrays = []
    for field in schema:
        if field.name == PATH_COLUMN:
            arrays.append(pa.repeat(pa.scalar(item.uri, pa.string()), rows.num_rows))
        elif field.name in partition.values:
            value = partition_value(partition.values[field.name], kinds[field.name])
            arrays.append(pa.repeat(pa.scalar(value, field.type), rows.num_rows))
        elif field.name in rows.column_names:
            arrays.append(_as_declared(rows[field.name], field, item, kinds[field.name]))
        else:
            arrays.append(pa.nulls(rows.num_rows, field.type))
    return pa.table(arrays, schema=schema)


def _as_declared(
    column: pa.ChunkedArray, field: pa.Field, item: S3Object, kind: types.Type
) -> pa.ChunkedArray:
    """A file's column in the type that the table declares.

    Raises:
        QueryFailed: the file's type is no narrower form of it, or a value does not fit.
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


def _read_parquet(body: bytes, item: S3Object, columns: list[str]) -> tuple[pa.Table, int]:
    try:
        file = pq.ParquetFile(io.BytesIO(body))
        stored = {name.lower(): name for name in file.schema_arrow.names}
        present = [name for name in columns if name in stored]
        rows = file.read([stored[name] for name in present])
    except pa.ArrowException as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Not valid Parquet file: {item.uri} ({error})") from error
    if not present:
        return pa.table({"": pa.nulls(file.metadata.num_rows)}), 0
    return rows.rename_columns(present), _column_bytes(file, [stored[name] for name in present])


def _column_bytes(file: pq.ParquetFile, columns: list[str]) -> int:
    """Bytes of the column chunks that a query of these columns reads."""
    total = 0
    for group_index in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(group_index)
        for index in range(group.num_columns):
            chunk = group.column(index)
            if chunk.path_in_schema.split(".")[0] in columns:
                total += chunk.total_compressed_size
    return total


def _read_text(table: Table, body: bytes, item: S3Object, columns: list[str]) -> pa.Table:
    lines = text_lines(body, item.uri)
    lines = lines[int(table.parameters.get("skip.header.line.count", "0")) :]
    split = _csv_fields if table.serde == "OpenCSVSerde" else _delimited_fields
    values = split(table, lines, columns)
    kinds = {column.name: column.type for column in table.columns}
    arrays = [_text_column(found, kinds[name], item) for name, found in zip(columns, values, strict=True)]
    return pa.table(arrays, names=columns)


def _text_column(values: list[bytes | None], kind: types.Type, item: S3Object) -> pa.Array:
    if kind.base == "varchar":
        return raw_text.to_arrow(values)
    reader = _TEXT_READERS.get(kind.base)
    if reader is None:
        raise Refused(f"a text table with a column of type {kind} ({item.uri})")
    found = [None if value is None else reader(value.decode("utf-8", "replace"), kind) for value in values]
    return pa.array(found, types.to_arrow(kind))


_INTEGER_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


def _integer(text: str, kind: types.Type) -> int | None:
    if not re.fullmatch(r"-?[0-9]+", text):
        return None
    limit = 2 ** (_INTEGER_BITS[kind.base] - 1)
    return int(text) if -limit <= int(text) < limit else None


def _double(text: str, kind: types.Type) -> float | None:
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?|NaN|-?Infinity", text):
        return float(text)
    if re.search(r"[0-9]", text):
        raise Refused(f"the text {text!r} as {kind}")
    return None


def _date(text: str, kind: types.Type) -> dt.date | None:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        return None
    if re.search(r"[0-9]", text):
        raise Refused(f"the text {text!r} as {kind}")
    return None


def _boolean(text: str, kind: types.Type) -> bool | None:  # noqa: ARG001 - a reader's signature
    return {"true": True, "false": False}.get(text.lower())


#: How a delimited text's field becomes a value. What cannot be one is null, as in Hive; spellings that
#: Hive might still read are refused.
_TEXT_READERS: dict[str, Callable[[str, types.Type], object]] = {
    **dict.fromkeys(_INTEGER_BITS, _integer),
    "double": _double,
    "real": _double,
    "date": _date,
    "boolean": _boolean,
}


def _delimited_fields(table: Table, lines: list[bytes], columns: list[str]) -> Iterable[list[bytes | None]]:
    """Each column's values, as LazySimpleSerDe splits a line."""
    settings = table.serde_parameters
    delimiter = _delimiter(settings.get("field.delim") or settings.get("serialization.format") or "\x01")
    null = settings.get("serialization.null.format", "\\N").encode()
    takes_rest = settings.get("serialization.last.column.takes.rest", "false").lower() == "true"
    if settings.get("escape.delim"):
        raise Refused(f"an escape character in {table.database}.{table.name}")
    width = len(columns)
    # As Trino has it, the property counts from the second column on: a lone column is always cut.
    limit = width - 1 if takes_rest and width > 1 else -1
    split = [line.split(delimiter, limit) for line in lines]
    return [
        [None if len(f) <= index or f[index] == null else f[index] for f in split] for index in range(width)
    ]


def _delimiter(text: str) -> bytes:
    """A delimiter is one character, or its number in decimal digits."""
    return bytes([int(text)]) if text.isdigit() and len(text) <= 3 else text.encode()


def _csv_fields(table: Table, lines: list[bytes], columns: list[str]) -> Iterable[list[bytes | None]]:
    """Each column's values, as OpenCSVSerde splits a line; a field never spans lines."""
    settings = table.serde_parameters
    options: dict[str, Any] = {
        "delimiter": settings.get("separatorChar", ","),
        "quotechar": settings.get("quoteChar", '"'),
        "escapechar": settings.get("escapeChar", "\\"),
    }
    kinds = {column.name: column.type for column in table.columns}
    if any(kinds[name].base != "varchar" for name in columns):
        raise Refused(f"OpenCSVSerde with columns other than string ({table.database}.{table.name})")
    split = [_csv_line(line.decode("utf-8", "surrogateescape"), options, table) for line in lines]
    return [
        [f[index].encode("utf-8", "surrogateescape") if len(f) > index else None for f in split]
        for index in range(len(columns))
    ]


def _csv_line(line: str, options: dict[str, Any], table: Table) -> list[str]:
    """One line's fields. opencsv and Python read escapes and stray quotes differently: those are refused."""
    try:
        if options["escapechar"] in line:
            raise csv.Error(f"the escape character {options['escapechar']}")
        return next(csv.reader([line], doublequote=True, strict=True, **options), [""])
    except csv.Error as error:
        raise Refused(
            f"a line of {table.database}.{table.name} by OpenCSVSerde ({error}): {line[:80]}"
        ) from error
