"""Comma-separated text, as OpenCSVSerde reads and writes it: every column is a text, a field never spans lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from local_athena.errors import Refused
from local_athena.values import raw_text
from local_athena.values.columns import Column


@dataclass(frozen=True)
class CsvFormat:
    """How a table's lines are cut."""

    separator: str
    quote: str
    escape: str
    table: str


def format_of(settings: Mapping[str, str], table: str) -> CsvFormat:
    """The format that SerDe parameters name."""
    return CsvFormat(
        settings.get("separatorChar") or ",",
        settings.get("quoteChar") or '"',
        settings.get("escapeChar") or "\\",
        table,
    )


def check(columns: Sequence[Column], form: CsvFormat) -> None:
    """Whether a table can be read or written.

    Raises:
        Refused: it has columns other than texts.
    """
    if any(column.type.base != "varchar" for column in columns):
        raise Refused(f"OpenCSVSerde with columns other than string ({form.table})")


def read(lines: Sequence[bytes], columns: Sequence[Column], form: CsvFormat) -> list[pa.Array]:
    """Each column's values."""
    check(columns, form)
    separator, quote = re.escape(form.separator), re.escape(form.quote)
    field = f"(?:{quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{quote}{separator}]*)"
    regular = re.compile(f"{field}(?:{separator}{field})*")
    split = [_fields(line.decode("utf-8", "surrogateescape"), form, regular) for line in lines]
    return [
        raw_text.to_arrow(
            [f[index].encode("utf-8", "surrogateescape") if len(f) > index else None for f in split]
        )
        for index in range(len(columns))
    ]


def _fields(line: str, form: CsvFormat, regular: re.Pattern[str]) -> list[str]:
    """One line's fields. Escapes and quotes inside of a field are read by rules of opencsv's own: those are refused."""
    if form.escape in line or not regular.fullmatch(line):
        raise Refused(
            f"a line of {form.table} by OpenCSVSerde with an escape, or with a quote that neither begins nor ends a "
            f"field: {line[:80]}"
        )
    return next(csv.reader([line], delimiter=form.separator, quotechar=form.quote, doublequote=True), [""])


def write(rows: pa.Table, columns: Sequence[Column], form: CsvFormat) -> bytes:
    """Rows as lines of text, every value quoted."""
    check(columns, form)
    texts = [rows[column.name].to_pylist() for column in columns]
    lines = (
        form.separator.join(_written(value, form) for value in line) for line in zip(*texts, strict=True)
    )
    return b"".join(raw_text.to_bytes(line) + b"\n" for line in lines)


def _written(value: str | None, form: CsvFormat) -> str:
    if value is None:
        return ""
    if any(character in value for character in (form.escape, "\n", "\r")):
        raise Refused(f"writing a text with an escape or a line end into the CSV table {form.table}")
    return form.quote + value.replace(form.quote, form.quote * 2) + form.quote
