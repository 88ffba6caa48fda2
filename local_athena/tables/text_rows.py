"""Text objects of Hive tables: their rows, as LazySimpleSerDe and OpenCSVSerde split lines."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute

from local_athena.errors import Refused
from local_athena.tables.catalog import Table
from local_athena.tables.lines import text_lines
from local_athena.tables.s3 import S3Object
from local_athena.values import raw_text, types
from local_athena.values.arrow_types import to_arrow


def read_text(table: Table, body: bytes, item: S3Object, columns: list[str]) -> pa.Table:
    lines = text_lines(body, item.uri)
    lines = lines[int(table.parameters.get("skip.header.line.count", "0")) :]
    split = _csv_fields if table.serde == "OpenCSVSerde" else _delimited_fields
    values = split(table, lines, columns)
    kinds = {column.name: column.type for column in table.columns}
    arrays = [_text_column(fields, kinds[name], item) for name, fields in zip(columns, values, strict=True)]
    return pa.table(arrays, names=columns)


def _text_column(values: list[bytes | None], kind: types.Type, item: S3Object) -> pa.Array:
    if kind.base == "varchar":
        return raw_text.to_arrow(values)
    reader = _TEXT_READERS.get(kind.base)
    if reader is None:
        raise Refused(f"a text table with a column of type {kind} ({item.uri})")
    read = [None if value is None else reader(value.decode("utf-8", "replace"), kind) for value in values]
    return pa.array(read, to_arrow(kind))


def _integer(text: str, kind: types.Type) -> int | None:
    if not re.fullmatch(r"-?[0-9]+", text):
        return None
    limit = 2 ** (types.INTEGER_BITS[kind.base] - 1)
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
    **dict.fromkeys(types.INTEGER_BITS, _integer),
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
    # In Trino the property has an effect from the second column on: a single column is always cut.
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
