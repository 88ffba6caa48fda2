"""Reads and writes lines of JSON where Athena's two JSON SerDes (OpenX and Hive) agree.

A value is read if its JSON type matches the type of its column. Other values are refused, because the two SerDes read
them differently. A line with a broken JSON object fails the query, as in Athena.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from local_athena.errors import QueryFailed, Refused
from local_athena.values import types
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.numbers import java_double, shortest_real
from local_athena.values.types import Type

OPENX, HIVE = "org.openx.data.jsonserde.JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe"
#: The classes of the supported SerDes; the last is a second name of Hive's.
SERDES = (OPENX, HIVE, "org.apache.hadoop.hive.serde2.JsonSerDe")
#: Makes a row of nulls of a broken line. Such lines are refused, because OpenX's parser takes more than JSON.
_IGNORE = "ignore.malformed.json"
#: The default of each setting that changes how lines are read. Only the defaults are supported.
_DEFAULTS = {
    "case.insensitive": True,
    "dots.in.keys": False,
    "convertdotsinjsonkeystounderscores": False,
    "explicit.null": False,
}


class _Number(str):
    """A JSON number, as the text in the line."""


class _Unsure(Exception):
    """The value does not have the type of its column."""


def check(settings: Mapping[str, str], table: str) -> bool:
    """Check that a table's SerDe settings are supported.

    Returns:
        Whether broken lines are to be ignored.

    Raises:
        Refused: a setting changes how lines are read, for example by mapping keys to other columns.
    """
    ignores = False
    for name, value in settings.items():
        lowered = name.lower()
        # As for Java, only "true" is true.
        is_true = value.lower() == "true"
        if lowered.startswith("mapping.") or _DEFAULTS.get(lowered, is_true) != is_true:
            raise Refused(f"the JSON SerDe's setting {name} = {value} ({table})")
        ignores |= lowered == _IGNORE and is_true
    return ignores


def read(lines: Sequence[bytes], columns: Sequence[Column], table: str, *, ignores: bool) -> list[pa.Array]:
    """Read lines into one array for each column.

    Args:
        lines: the lines.
        columns: the columns.
        table: the table's name, for errors.
        ignores: whether the table ignores broken lines, as `check` returns it.

    Raises:
        QueryFailed: a line has a broken JSON object.
        Refused: a value does not have its column's type, or a line is not a JSON object.
    """
    by_column: list[list[Any]] = [[] for _ in columns]
    for line in lines:
        record = _record(line, table, ignores=ignores)
        for values, column in zip(by_column, columns, strict=True):
            try:
                values.append(_value(record.get(column.name), column.type))
            except (_Unsure, ValueError):
                raise Refused(
                    f"a value of the column {column.name} in a line of JSON that is not of type {column.type} "
                    f"({table}: {line[:80].decode('utf-8', 'replace')})"
                ) from None
    return [
        pa.array(values, to_arrow(column.type)) for values, column in zip(by_column, columns, strict=True)
    ]


def _record(line: bytes, table: str, *, ignores: bool) -> dict[str, Any]:
    try:
        record = json.loads(
            line.decode("utf-8"),
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_no_constant,
            object_pairs_hook=_pairs,
        )
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        shown = line[:80].decode("utf-8", "replace")
        if not line.lstrip().startswith(b"{"):
            # The OpenX SerDe reads some of these lines as a row of nulls.
            raise Refused(f"a line that is not a JSON object ({table}: {shown})")
        if ignores:
            raise Refused(f"a broken line of JSON with {_IGNORE} ({table}: {shown})")
        raise QueryFailed("HIVE_CURSOR_ERROR", f"Row is not a valid JSON Object: {shown} ({table})")
    return _lowered(record)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len({key.lower() for key in made}) != len(pairs):
        raise Refused(f"a repeated key in a JSON object ({', '.join(key for key, _ in pairs)[:80]})")
    return made


def _lowered(record: dict[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in record.items()}


def _value(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind.items:
        return _nested(value, kind)
    if kind.base not in _READERS:
        raise _Unsure
    return _READERS[kind.base](value, kind)


def _nested(value: Any, kind: Type) -> Any:
    if kind.base == "array" and isinstance(value, list):
        return [_value(item, kind.items[0]) for item in value]
    if kind.base == "map" and isinstance(value, dict) and kind.items[0].base == "varchar":
        return [(key, _value(item, kind.items[1])) for key, item in value.items()]
    if kind.base == "row" and isinstance(value, dict):
        lowered = _lowered(value)
        return {
            name: _value(lowered.get(name), item)
            for name, item in zip(kind.field_names, kind.items, strict=True)
        }
    raise _Unsure


def _integer(value: Any, kind: Type) -> int:
    if not isinstance(value, _Number) or not re.fullmatch(r"-?\d+", value):
        raise _Unsure
    number, bits = int(value), types.INTEGER_BITS[kind.base]
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise _Unsure
    return number


def _double(value: Any, kind: Type) -> float:  # noqa: ARG001 - all readers have one signature
    if not isinstance(value, _Number):
        raise _Unsure
    return float(value)


def _decimal(value: Any, kind: Type) -> Decimal:
    if not isinstance(value, _Number):
        raise _Unsure
    number, scale = Decimal(value), kind.params[1]
    if number != round(number, scale) or len(number.as_tuple().digits) > kind.params[0]:
        raise _Unsure
    return round(number, scale)


def _boolean(value: Any, kind: Type) -> bool:  # noqa: ARG001
    if not isinstance(value, bool):
        raise _Unsure
    return value


def _text(value: Any, kind: Type) -> str:
    if not isinstance(value, str) or isinstance(value, _Number):
        raise _Unsure
    if kind.params and len(value) > kind.params[0]:
        raise _Unsure
    return value


def _date(value: Any, kind: Type) -> dt.date:  # noqa: ARG001
    text = _text(value, types.VARCHAR)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise _Unsure
    return dt.date.fromisoformat(text)


def _timestamp(value: Any, kind: Type) -> dt.datetime:  # noqa: ARG001
    text = _text(value, types.VARCHAR)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,3})?", text, re.ASCII):
        raise _Unsure
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f" if "." in text else "%Y-%m-%d %H:%M:%S")


_READERS: dict[str, Callable[[Any, Type], Any]] = {
    **dict.fromkeys(types.INTEGERS, _integer),
    "real": _double,
    "double": _double,
    "decimal": _decimal,
    "boolean": _boolean,
    "varchar": _text,
    "date": _date,
    "timestamp": _timestamp,
}


def write(rows: pa.Table, columns: Sequence[Column]) -> bytes:
    """Write rows as lines of JSON objects; null columns are written as null.

    Raises:
        Refused: the two SerDes do not spell a value the same way.
    """
    texts = [rows[column.name].to_pylist() for column in columns]
    names = [json.dumps(column.name, ensure_ascii=False) for column in columns]
    lines = (
        ",".join(
            f"{name}:{_written(value, column.type)}"
            for name, value, column in zip(names, line, columns, strict=True)
        )
        for line in zip(*texts, strict=True)
    )
    return b"".join(f"{{{line}}}\n".encode() for line in lines)


def _written(value: Any, kind: Type) -> str:
    if value is None:
        return "null"
    if kind.base == "boolean":
        return "true" if value else "false"
    if kind.is_integer:
        return str(value)
    if kind.base in ("double", "real"):
        number = shortest_real(value) if kind.base == "real" else value
        if number != number or number in (float("inf"), float("-inf")):
            raise Refused(f"the number {number} in a line of JSON")
        return java_double(number)
    if kind.base == "decimal":
        return f"{value:f}"
    if kind.base == "timestamp":
        text = value.isoformat(sep=" ", timespec="milliseconds")
        return json.dumps(text.removesuffix("000").removesuffix(".") if text.endswith(".000") else text)
    if kind.base == "array":
        return f"[{','.join(_written(item, kind.items[0]) for item in value)}]"
    if kind.base == "map" and kind.items[0].base == "varchar":
        return f"{{{','.join(f'{_quoted(key)}:{_written(item, kind.items[1])}' for key, item in value)}}}"
    if kind.base == "row":
        fields = zip(kind.field_names, kind.items, strict=True)
        return f"{{{','.join(f'{_quoted(name)}:{_written(value[name], item)}' for name, item in fields)}}}"
    if kind.base in ("varchar", "date"):
        return _quoted(str(value))
    raise Refused(f"writing the type {kind} as JSON")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
