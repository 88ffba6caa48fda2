"""Reads and writes delimited text as Hive's LazySimpleSerDe does."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa

from local_athena.errors import Refused
from local_athena.values import raw_text
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.numbers import java_double, shortest_real
from local_athena.values.types import Type

#: The separators of deeper nesting levels. A table can set only the first three: of columns, of elements, of map keys.
_DEEPER = tuple(bytes([number]) for number in range(4, 9))
_INTEGER_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


@dataclass(frozen=True)
class Format:
    """How a table's text is delimited.

    Attributes:
        separators: the separator of each nesting level: of columns, of elements, of map keys, and deeper ones.
        null: the text that stands for null.
        escape: the byte that escapes the next one; empty if the table has none.
        takes_rest: whether the last column takes the rest of the line, separators included.
        columns: the number of columns in a line.
        table: the table's name, for error messages.
    """

    separators: tuple[bytes, ...]
    null: bytes
    escape: bytes
    takes_rest: bool
    columns: int
    table: str


def format_of(settings: Mapping[str, str], columns: int, table: str) -> Format:
    """The format that a table's SerDe parameters describe.

    Args:
        settings: the SerDe parameters.
        columns: the number of columns in a line.
        table: the table's name, for error messages.
    """
    field = settings.get("field.delim") or settings.get("serialization.format") or "\x01"
    # An old version of Hive misspelt this name, and tables still use it.
    collection = settings.get("collection.delim") or settings.get("colelction.delim") or "\x02"
    separators = (field, collection, settings.get("mapkey.delim") or "\x03")
    escape = settings.get("escape.delim") or ""
    return Format(
        separators=(*map(_one_byte, separators), *_DEEPER),
        null=settings.get("serialization.null.format", "\\N").encode(),
        escape=_one_byte(escape) if escape else b"",
        # As in Trino, a table with one column ignores this property: the line is cut at the first separator.
        takes_rest=settings.get("serialization.last.column.takes.rest", "false").lower() == "true"
        and columns > 1,
        columns=columns,
        table=table,
    )


def _one_byte(text: str) -> bytes:
    """A delimiter's byte; the setting is the character itself or its decimal code."""
    return bytes([int(text)]) if text.isdigit() and len(text) <= 3 else text.encode()


def read(lines: Sequence[bytes], columns: Sequence[Column], form: Format) -> list[pa.Array]:
    """Read lines into one array for each column.

    Raises:
        Refused: Hive may read a value in a way that local Athena does not know.
    """
    limit = form.columns - 1 if form.takes_rest else -1
    if form.escape:
        split = [list(_cut(line, form.separators[0], form.escape, limit)) for line in lines]
    else:
        split = [line.split(form.separators[0], limit) for line in lines]
    return [
        _column([fields[index] if index < len(fields) else None for fields in split], column.type, form)
        for index, column in enumerate(columns)
    ]


def _cut(text: bytes, separator: bytes, escape: bytes, limit: int = -1) -> Iterator[bytes]:
    """Split a text at its separators, at most `limit` times unless this is -1. Escaped separators do not count."""
    pattern = re.compile(re.escape(escape) + b".|" + re.escape(separator), re.DOTALL)
    start = cuts = 0
    for cut in pattern.finditer(text):
        if cut[0] == separator and cuts != limit:
            yield text[start : cut.start()]
            start, cuts = cut.end(), cuts + 1
    yield text[start:]


def _plain(text: bytes, form: Format) -> bytes:
    """A value with its escape bytes removed."""
    if not form.escape or form.escape not in text:
        return text
    return re.sub(re.escape(form.escape) + b"(.)", rb"\1", text, flags=re.DOTALL)


def _column(values: list[bytes | None], kind: Type, form: Format) -> pa.Array:
    if kind.base == "varchar":
        texts = [None if value is None or value == form.null else _plain(value, form) for value in values]
        return raw_text.to_arrow(_shortened(texts, kind))
    found = [None if value is None else _value(value, kind, form, 1) for value in values]
    return pa.array(found, to_arrow(kind))


def _shortened(texts: list[bytes | None], kind: Type) -> list[bytes | None]:
    """Texts, each cut to the length of its varchar type."""
    if not kind.params:
        return texts
    length = kind.params[0]
    return [
        text
        if text is None or len(text) <= length
        else text.decode("utf-8", "surrogateescape")[:length].encode("utf-8", "surrogateescape")
        for text in texts
    ]


def _value(text: bytes, kind: Type, form: Format, depth: int) -> Any:
    """One value; None for null, and for a text that is not a value of the type, as in Hive."""
    if text == form.null:
        return None
    if kind.items:
        return _nested(text, kind, form, depth)
    plain = _plain(text, form)
    if kind.base == "varchar":
        (cut,) = _shortened([plain], kind)
        return raw_text.from_bytes(cut or b"")
    if kind.base == "varbinary":
        return _binary(plain)
    reader = _READERS.get(kind.base)
    if reader is None:
        raise Refused(f"a text table with a column of type {kind} ({form.table})")
    return reader(plain.decode("utf-8", "replace"), kind)


def _nested(text: bytes, kind: Type, form: Format, depth: int) -> Any:
    if not text and kind.base != "row":
        return []
    pieces = _pieces(text, form, depth)
    if kind.base == "array":
        return [_value(piece, kind.items[0], form, depth + 1) for piece in pieces]
    if kind.base == "map":
        entries = {}
        for piece in pieces:
            key, *rest = _pieces(piece, form, depth + 1)
            name = _value(key, kind.items[0], form, depth + 2)
            if name is not None and name not in entries:
                entries[name] = _value(rest[0], kind.items[1], form, depth + 2) if rest else None
        return list(entries.items())
    values = (
        _value(pieces[index], item, form, depth + 1) if index < len(pieces) else None
        for index, item in enumerate(kind.items)
    )
    return dict(zip(kind.field_names, values, strict=True))


def _pieces(text: bytes, form: Format, depth: int) -> list[bytes]:
    separator = form.separators[depth]
    return list(_cut(text, separator, form.escape)) if form.escape else text.split(separator)


def _binary(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Refused("binary values in a text table that are not base64") from None


def _integer(text: str, kind: Type) -> int | None:
    if not re.fullmatch(r"-?[0-9]+", text):
        return None
    limit = 2 ** (_INTEGER_BITS[kind.base] - 1)
    return int(text) if -limit <= int(text) < limit else None


def _double(text: str, kind: Type) -> float | None:
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?|NaN|-?Infinity", text):
        return float(text)
    if re.search(r"[0-9]", text):
        raise Refused(f"the text {text!r} as {kind}")
    return None


def _decimal(text: str, kind: Type) -> Decimal | None:
    precision, scale = kind.params
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", text):
        if re.search(r"[0-9]", text):
            raise Refused(f"the text {text!r} as {kind}")
        return None
    rounded = Decimal(text).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    return rounded if len(rounded.as_tuple().digits) <= max(precision, scale) else None


def _date(text: str, kind: Type) -> dt.date | None:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            if "00" not in text.split("-") and not text.startswith("0000"):
                return None
    if re.search(r"[0-9]", text):
        raise Refused(f"the text {text!r} as {kind}")
    return None


def _timestamp(text: str, kind: Type) -> dt.datetime | None:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?", text):
        whole, _, fraction = text.partition(".")
        try:
            seconds = dt.datetime.fromisoformat(whole)
        except ValueError as error:
            raise Refused(f"the text {text!r} as {kind}") from error
        # Athena rounds to milliseconds.
        milliseconds = int(Decimal(f"0.{fraction or 0}").scaleb(3).to_integral_value(ROUND_HALF_UP))
        return seconds + dt.timedelta(milliseconds=milliseconds)
    if re.search(r"[0-9]", text):
        raise Refused(f"the text {text!r} as {kind}")
    return None


def _boolean(text: str, kind: Type) -> bool | None:  # noqa: ARG001 - all readers have one signature
    return {"true": True, "false": False}.get(text.lower())


#: The reader of each type. It returns None for a text that is not a value of the type, as Hive reads null, and refuses
#: a text that Hive may read in its own way.
_READERS: dict[str, Callable[[str, Type], object]] = {
    **dict.fromkeys(_INTEGER_BITS, _integer),
    "double": _double,
    "real": _double,
    "decimal": _decimal,
    "date": _date,
    "timestamp": _timestamp,
    "boolean": _boolean,
}


def write(rows: pa.Table, columns: Sequence[Column], form: Format) -> bytes:
    """Write rows as lines of text.

    Raises:
        Refused: a text contains a separator or a line break that cannot be escaped.
    """
    texts = [
        [_written(value, column.type, form, 1) for value in rows[column.name].to_pylist()]
        for column in columns
    ]
    return b"".join(form.separators[0].join(line) + b"\n" for line in zip(*texts, strict=True))


def _written(value: Any, kind: Type, form: Format, depth: int) -> bytes:
    if value is None:
        return form.null
    if kind.items:
        return _written_nested(value, kind, form, depth)
    if kind.base == "varchar":
        return _escaped(raw_text.to_bytes(value), form)
    if kind.base == "varbinary":
        return base64.b64encode(value)
    if kind.base == "boolean":
        return b"true" if value else b"false"
    if kind.base in ("double", "real"):
        return java_double(shortest_real(value) if kind.base == "real" else value).encode()
    if kind.base == "decimal":
        return f"{value:f}".encode()
    if kind.base == "timestamp":
        shown = value.isoformat(sep=" ", timespec="milliseconds")
        return (shown.rstrip("0").rstrip(".") if value.microsecond else shown[:19]).encode()
    return str(value).encode()


def _written_nested(value: Any, kind: Type, form: Format, depth: int) -> bytes:
    separator = form.separators[depth]
    if kind.base == "array":
        return separator.join(_written(item, kind.items[0], form, depth + 1) for item in value)
    if kind.base == "row":
        pairs = zip(kind.field_names, kind.items, strict=True)
        return separator.join(_written(value[name], item, form, depth + 1) for name, item in pairs)
    inner = form.separators[depth + 1]
    return separator.join(
        inner.join(_written(part, item, form, depth + 2) for part, item in zip(pair, kind.items, strict=True))
        for pair in value
    )


def _escaped(text: bytes, form: Format) -> bytes:
    special = (
        (b"\n", b"\r", form.escape, *form.separators[:3])
        if form.escape
        else (b"\n", b"\r", form.separators[0])
    )
    unsafe = next((byte for byte in special if byte in text), None)
    if unsafe is None:
        return text
    if not form.escape or b"\n" in text or b"\r" in text:
        raise Refused(
            f"writing a text with {unsafe!r} into the text table {form.table}, which would read it back as another value"
        )
    return re.sub(b"([" + b"".join(map(re.escape, special)) + b"])", re.escape(form.escape) + rb"\1", text)
