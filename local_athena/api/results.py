"""Formats results as Athena does: the text of each value, the lines of a CSV file, and the column metadata."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute

from local_athena.errors import Refused
from local_athena.sql.statements import Outcome
from local_athena.values import raw_text, types, zones
from local_athena.values.columns import Column
from local_athena.values.numbers import java_double, shortest_real
from local_athena.values.types import Type

#: Typed as Any because pyarrow creates these functions at import time and type checkers cannot see them.
pc: Any = pyarrow.compute

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
#: The columns that GetQueryResults shows for a statement that writes rows.
WRITTEN = (Column("rows", types.BIGINT),)
_YEAR_1, _YEAR_9999 = dt.date(1, 1, 1), dt.date(9999, 12, 31)
#: Rows that are formatted at once.
ROWS_AT_ONCE = 20_000


def text(value: Any, kind: Type) -> str | None:
    """The text that Athena shows for a value of a type; None for null.

    Raises:
        Refused: the value holds varbinary inside of an array, map or row, or timestamps of several time zones.
    """
    if value is None:
        return None
    if kind.base == "varchar" or kind.base == "json":
        return raw_text.readable(value)
    if kind.base == "boolean":
        return "true" if value else "false"
    if kind.base in ("double", "real"):
        return java_double(shortest_real(value) if kind.base == "real" else value)
    if kind.base == "decimal":
        return f"{value:f}"
    if kind.base == "varbinary":
        return " ".join(f"{byte:02x}" for byte in value)
    if kind.base.startswith("timestamp"):
        return _timestamp(value, kind)
    if kind.base == "time":
        return _fraction(value.isoformat(timespec="microseconds"), 9, kind)
    if kind.base == "array":
        return "[" + ", ".join(_nested(item, kind.items[0]) for item in value) + "]"
    if kind.base == "map":
        key, item = kind.items
        ordered = sorted(value, key=lambda pair: pair[0] if key.is_numeric else _nested(pair[0], key))
        return "{" + ", ".join(f"{_nested(k, key)}={_nested(v, item)}" for k, v in ordered) + "}"
    if kind.base == "row":
        fields = zip(kind.field_names, kind.names, kind.items, strict=True)
        shown = (f"{f'{name}=' if name else ''}{_nested(value[key], item)}" for key, name, item in fields)
        return "{" + ", ".join(shown) + "}"
    return str(value)


def _nested(value: Any, kind: Type) -> str:
    if kind.base == "varbinary" and value is not None:
        raise Refused(
            "varbinary inside of an array, map or row in a result (Athena shows a Java object's address there)"
        )
    found = text(value, kind)
    return "null" if found is None else found


def _timestamp(value: dt.datetime, kind: Type) -> str:
    """The text of a timestamp: with a time zone, its local time and the name of the zone."""
    if kind.zone is None:
        raise Refused("timestamps in a result whose time zones differ")
    local = zones.local(value.replace(tzinfo=None), kind.zone)
    shown = _fraction(local.isoformat(sep=" ", timespec="microseconds"), 20, kind)
    return f"{shown} {kind.zone}" if "zone" in kind.base else shown


def _fraction(shown: str, start: int, kind: Type) -> str:
    """A time, cut to the fractional digits that the type has. The first such digit is at index `start`."""
    precision = kind.params[0] if kind.params else 3
    return shown[: start + precision] if precision else shown[: start - 1]


def texts(outcome: Outcome) -> Iterator[pa.Table]:
    """The rows of a query in parts of ROWS_AT_ONCE, with one string column for each column. Null stays null.

    Parts keep the memory small, and whoever takes them can stop between two of them.

    Raises:
        Refused: local Athena cannot show a value as Athena does.
    """
    assert outcome.rows is not None
    for start in range(0, outcome.rows.num_rows, ROWS_AT_ONCE):
        part = outcome.rows.slice(start, ROWS_AT_ONCE)
        columns = [_texts(part.column(i), column.type) for i, column in enumerate(outcome.columns)]
        # The names are made up, because two columns of a query may have the same name.
        yield pa.table(columns, names=[f"c{index}" for index in range(len(columns))])


def _texts(column: pa.ChunkedArray, kind: Type) -> pa.ChunkedArray:
    """A column as text. Arrow converts the whole column where its text equals Athena's."""
    if kind.is_integer or kind.base == "boolean":
        return column.cast(pa.string())
    if kind.base in ("varchar", "json") and not raw_text.holds_bytes(column):
        return column.cast(pa.string())
    if kind.base == "date" or kind.base.startswith("timestamp"):
        _check_years(column)
    if kind.base == "date":
        return column.cast(pa.string())
    if kind.base.startswith("timestamp") and kind.zone == types.UTC:
        precision = kind.params[0] if kind.params else 3
        shown = pc.utf8_slice_codeunits(
            column.cast(pa.timestamp("us")).cast(pa.string()), 0, 20 + precision if precision else 19
        )
        return pc.binary_join_element_wise(shown, " UTC", "") if "zone" in kind.base else shown
    return pa.chunked_array([pa.array([text(v, kind) for v in python_values(column)], pa.string())])


def _check_years(column: pa.ChunkedArray) -> None:
    """Refuse dates and timestamps outside of the years 1 to 9999, which Python cannot hold."""
    days = (
        pc.floor_temporal(column, unit="day").cast(pa.date32())
        if pa.types.is_timestamp(column.type)
        else column
    )
    ends = pc.min_max(days.cast(pa.int32()))
    epoch = dt.date(1970, 1, 1)
    low, high = ((end - epoch).days for end in (_YEAR_1, _YEAR_9999))
    if ends["min"].is_valid and not low <= ends["min"].as_py() <= ends["max"].as_py() <= high:
        raise Refused(f"values of type {column.type} beyond the years 1 to 9999")


def python_values(column: pa.ChunkedArray) -> list[Any]:
    """A column's values as Python objects.

    Raises:
        Refused: a date or timestamp lies outside of the years 1 to 9999, which Python cannot hold.
    """
    try:
        return column.to_pylist()
    except (OverflowError, ValueError) as error:
        raise Refused(f"values of type {column.type} beyond the years 1 to 9999") from error


def csv_header(columns: Sequence[Column]) -> bytes:
    """The first line of a query's result file."""
    return (",".join(_csv_value(column.name) for column in columns) + "\n").encode()


def csv_lines(rows: pa.Table) -> bytes:
    """Rows in a query's result file: all values are quoted, and null is an empty field without quotes.

    Args:
        rows: rows as string columns, as `texts` yields them.
    """
    body = io.BytesIO()
    for batch in rows.to_batches():
        cells = [_csv_cells(column) for column in batch.columns]
        ended = _joined(_joined(*cells, by=","), "\n")
        # Arrow stores the texts of an array one after the other in one buffer, so the buffer is the CSV.
        offsets, data = ended.buffers()[1:]
        first, last = (
            int.from_bytes(offsets[8 * i : 8 * i + 8].to_pybytes(), "little") for i in (0, len(ended))
        )
        body.write(data[first:last] if data is not None else b"")
    return body.getvalue()


def _csv_cells(column: pa.Array) -> pa.Array:
    escaped = pc.replace_substring(column.cast(pa.large_string()), '"', '""')
    return _joined('"', escaped, '"').fill_null("")


def _joined(*parts: pa.Array | str, by: str = "") -> pa.Array:
    """Concatenate texts row by row. If a part is null, the row is null."""
    kind = pa.large_string()
    return pc.binary_join_element_wise(
        *(pa.scalar(part, kind) if isinstance(part, str) else part for part in parts), pa.scalar(by, kind)
    )


def _csv_value(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def column_info(column: Column) -> dict[str, Any]:
    """A column's entry in ResultSetMetadata."""
    precision, scale = (
        column.type.params if column.type.base == "decimal" else _SIZES.get(column.type.base, (0, 0))
    )
    if column.type.base in ("varchar", "char") and column.type.params:
        precision = column.type.params[0]
    kind = "float" if column.type.base == "real" else column.type.base
    return _info(column.name, kind, precision, scale, is_text=kind in ("varchar", "char"))


def heading_info(name: str, kind: str) -> dict[str, Any]:
    """The entry of a SHOW or DESCRIBE column in ResultSetMetadata."""
    return _info(name, kind, 0, 0, is_text=False)


def _info(name: str, kind: str, precision: int, scale: int, *, is_text: bool) -> dict[str, Any]:
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": kind,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": is_text,
    }
