"""Reads and writes comma-separated text as OpenCSVSerde does. Every column is a string, and no field spans lines."""

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
    """How a table's lines are split into fields; `table` is the table's name, for error messages."""

    separator: str
    quote: str
    escape: str
    table: str


def format_of(settings: Mapping[str, str], table: str) -> CsvFormat:
    """The format that a table's SerDe parameters describe."""
    return CsvFormat(
        settings.get("separatorChar") or ",",
        settings.get("quoteChar") or '"',
        settings.get("escapeChar") or "\\",
        table,
    )


def check(columns: Sequence[Column], form: CsvFormat) -> None:
    """Check that all columns are strings.

    Raises:
        Refused: a column has another type.
    """
    if any(column.type.base != "varchar" for column in columns):
        raise Refused(f"OpenCSVSerde with columns other than string ({form.table})")


def read(lines: Sequence[bytes], columns: Sequence[Column], form: CsvFormat) -> list[pa.Array]:
    """Read lines into one array for each column; a missing field is null.

    Raises:
        Refused: a line has an escape, a quote inside a field or an unclosed quote, or a column is not a string.
    """
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
    """The fields of one line. Escapes and quotes inside a field follow special rules of opencsv, so they are refused."""
    if form.escape in line or not regular.fullmatch(line):
        raise Refused(
            f"a line of the OpenCSVSerde table {form.table} with an escape character, a quote inside a field or an "
            f"unclosed quote: {line[:80]}"
        )
    return next(csv.reader([line], delimiter=form.separator, quotechar=form.quote, doublequote=True), [""])


def write(rows: pa.Table, columns: Sequence[Column], form: CsvFormat) -> bytes:
    """Write rows as lines of text with every value in quotes; null is an empty field.

    Raises:
        Refused: a column is not a string, or a text contains an escape character or a line break.
    """
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
        raise Refused(
            f"writing a text with an escape character or a line break into the CSV table {form.table}"
        )
    return form.quote + value.replace(form.quote, form.quote * 2) + form.quote
