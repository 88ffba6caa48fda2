"""Results as Athena shows and stores them: text for each value, CSV or text at the output location."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from local_athena.errors import Refused
from local_athena.sql.statements import Outcome
from local_athena.values import raw_text
from local_athena.values.columns import Column
from local_athena.values.numbers import java_double, shortest_real
from local_athena.values.types import Type

#: Precision and scale that GetQueryResults shows for each type.
_SIZES = {
    "boolean": (0, 0),
    "tinyint": (3, 0),
    "smallint": (5, 0),
    "integer": (10, 0),
    "bigint": (19, 0),
    "real": (17, 0),
    "double": (17, 0),
    "varchar": (2147483647, 0),
    "varbinary": (1073741824, 0),
    "date": (0, 0),
    "time": (3, 0),
    "timestamp": (3, 0),
    "timestamp with time zone": (3, 0),
}


def text(value: Any, kind: Type) -> str | None:
    """A value as Athena writes it; None for null."""
    if value is None:
        return None
    if kind.base == "varchar" or kind.base == "json":
        return raw_text.readable(value)
    if kind.base == "boolean":
        return "true" if value else "false"
    if kind.base in ("double", "real"):
        return java_double(shortest_real(value) if kind.base == "real" else value)
    if kind.base == "varbinary":
        return " ".join(f"{byte:02x}" for byte in value)
    if kind.base.startswith("timestamp"):
        return _timestamp(value, kind)
    if kind.base == "time":
        return value.isoformat(timespec="milliseconds")
    if kind.base == "array":
        return "[" + ", ".join(_nested(item, kind.items[0]) for item in value) + "]"
    if kind.base == "map":
        pairs = (f"{_nested(k, kind.items[0])}={_nested(v, kind.items[1])}" for k, v in value)
        return "{" + ", ".join(pairs) + "}"
    if kind.base == "row":
        fields = zip(kind.field_names, kind.names, kind.items, strict=True)
        shown = (
            f"{name or f'field{i}'}={_nested(value[key], item)}" for i, (key, name, item) in enumerate(fields)
        )
        return "{" + ", ".join(shown) + "}"
    return str(value)


def _nested(value: Any, kind: Type) -> str:
    shown = text(value, kind)
    return "null" if shown is None else shown


def _timestamp(value: dt.datetime, kind: Type) -> str:
    precision = kind.params[0] if kind.params else 3
    shown = value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    shown = shown[: 20 + precision] if precision else shown[:19]
    return f"{shown} UTC" if "zone" in kind.base else shown


def text_columns(outcome: Outcome) -> list[list[str | None]]:
    """Every column of a query's rows as texts."""
    assert outcome.rows is not None
    return [
        [text(value, column.type) for value in python_values(outcome.rows.column(index))]
        for index, column in enumerate(outcome.columns)
    ]


def python_values(column: pa.ChunkedArray) -> list[Any]:
    """A column's values.

    Raises:
        Refused: one is a date or a timestamp beyond the years 1 to 9999, where Python's end.
    """
    try:
        return column.to_pylist()
    except (OverflowError, ValueError) as error:
        raise Refused(f"values of type {column.type} beyond the years 1 to 9999") from error


def csv_file(names: Sequence[str], columns: Sequence[Sequence[str | None]]) -> bytes:
    """A query's result file: every value quoted, null as nothing at all."""

    def lines() -> Iterator[str]:
        yield ",".join(map(_csv_value, names))
        for row in zip(*columns, strict=True):
            yield ",".join(map(_csv_value, row))

    return ("\n".join(lines()) + "\n").encode()


def _csv_value(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'


def column_info(column: Column) -> dict[str, Any]:
    """A column's entry in ResultSetMetadata."""
    precision, scale = (
        column.type.params if column.type.base == "decimal" else _SIZES.get(column.type.base, (0, 0))
    )
    if column.type.base == "varchar" and column.type.params:
        precision = column.type.params[0]
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": column.type.base,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": column.type.base in ("varchar", "json"),
    }


def metadata_file(columns: Sequence[Column]) -> bytes:
    """The `.metadata` object of a result: a protobuf message with one entry for each column.

    AWS does not document the message. Field numbers follow what Athena's own files show: 1 catalog,
    4 name, 5 label, 6 type, 7 precision, 8 scale, 9 nullable, 10 case-sensitive; entries are field 4.
    """
    message = bytearray()
    for column in columns:
        info = column_info(column)
        entry = b"".join(
            [
                _text_field(1, info["CatalogName"]),
                _text_field(4, info["Name"]),
                _text_field(5, info["Label"]),
                _text_field(6, info["Type"]),
                _number_field(7, info["Precision"]),
                _number_field(8, info["Scale"]),
                _number_field(9, 3),
                _number_field(10, int(info["CaseSensitive"])),
            ]
        )
        message += _varint(4 << 3 | 2) + _varint(len(entry)) + entry
    return bytes(message)


def _text_field(number: int, value: str) -> bytes:
    encoded = value.encode()
    return _varint(number << 3 | 2) + _varint(len(encoded)) + encoded


def _number_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
