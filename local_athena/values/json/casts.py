"""Casts JSON to Trino's types, and values of these types to JSON."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from local_athena.errors import Refused
from local_athena.values import raw_text, types
from local_athena.values.json.text import Members, dump, encodable, java_order, load, scalar_text
from local_athena.values.numbers import round_half_up, trino_double
from local_athena.values.types import INTEGER_BITS, Type


class CannotCast(Exception):
    """Trino does not cast the JSON value to the type."""

    def __init__(self, text: str, kind: Type) -> None:
        super().__init__(f"Cannot cast '{text[:200]}' to {kind}")


def can_cast(kind: Type) -> bool:
    """Whether Trino has a cast from JSON to the type."""
    if kind.base == "map":
        return kind.items[0].base == "varchar" and can_cast(kind.items[1])
    if kind.items:
        return all(map(can_cast, kind.items))
    return kind.is_numeric or kind.base in ("boolean", "json") or kind == types.VARCHAR


def cast(text: str, kind: Type) -> Any:
    """The Python value for the cast of a JSON text to a type; None for null.

    Raises:
        CannotCast: the cast fails on Trino.
        Refused: a row has a field that the object contains twice, in different case.
    """
    return _cast(load(text), kind, text)


def _cast(value: Any, kind: Type, text: str) -> Any:
    if kind.base == "json":
        return dump(value)
    if value is None:
        return None
    if kind.base == "array":
        if not isinstance(value, list):
            raise CannotCast(text, kind)
        return [_cast(item, kind.items[0], text) for item in value]
    if kind.base == "map":
        if not isinstance(value, dict):
            raise CannotCast(text, kind)
        members = sorted(value.items(), key=lambda member: java_order(member[0]))
        return [(encodable(key), _cast(item, kind.items[1], text)) for key, item in members]
    if kind.base == "row":
        return _row(value, kind, text)
    if isinstance(value, (dict, list)):
        raise CannotCast(text, kind)
    try:
        return _scalar(value, kind)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise CannotCast(dump(value), kind) from error


def _row(value: Any, kind: Type, text: str) -> dict[str, Any]:
    names = kind.field_names
    if isinstance(value, list):
        if len(value) != len(names):
            raise CannotCast(text, kind)
        return {
            name: _cast(item, own, text) for name, item, own in zip(names, value, kind.items, strict=True)
        }
    if not isinstance(value, dict):
        raise CannotCast(text, kind)
    members: dict[str, Any] = {}
    for name, item in value.items():
        if name.lower() in members and name.lower() in names:
            raise Refused(f"the cast of an object with two fields named {name} in different case to {kind}")
        members[name.lower()] = item
    return {name: _cast(members.get(name), own, text) for name, own in zip(names, kind.items, strict=True)}


_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII)
_DOUBLE = re.compile(r"\s*[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)\s*", re.ASCII)


def _scalar(value: Any, kind: Type) -> Any:
    if kind.base == "varchar":
        shown = trino_double(value) if isinstance(value, float) else scalar_text(value) or ""
        return raw_text.from_text(shown[: kind.params[0]] if kind.params else shown)
    if kind.base == "boolean":
        return _boolean(value)
    if kind.base in ("double", "real"):
        if isinstance(value, str) and not _DOUBLE.fullmatch(value):
            raise ValueError(value)
        return float(value)
    if kind.base == "decimal":
        return _decimal(value, kind)
    return _integer(value, kind)


def _integer(value: Any, kind: Type) -> int:
    if isinstance(value, float):
        number = round_half_up(value)
    elif isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise ValueError(value)
        number = int(value)
    else:
        number = int(value)
    limit = 2 ** (INTEGER_BITS[kind.base] - 1)
    if not -limit <= number < limit:
        raise OverflowError(value)
    return number


def _boolean(value: Any) -> bool:
    if not isinstance(value, str):
        return bool(value)
    if value.lower() in ("true", "t", "1"):
        return True
    if value.lower() in ("false", "f", "0"):
        return False
    raise ValueError(value)


def _decimal(value: Any, kind: Type) -> Decimal:
    precision, scale = kind.params
    number = (
        Decimal(int(value))
        if isinstance(value, bool)
        else Decimal(repr(value) if isinstance(value, float) else value)
    )
    rounded = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    if rounded.adjusted() >= precision - scale and rounded:
        raise OverflowError(value)
    return rounded


def from_value(value: Any, kind: Type) -> str:
    """The JSON text for the cast of a Python value of the type to JSON."""
    return dump(_jsonable(value, kind))


def _jsonable(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind.base == "json":
        return load(value)
    if kind.base == "array":
        return [_jsonable(item, kind.items[0]) for item in value]
    if kind.base == "map":
        pairs = value.items() if isinstance(value, dict) else value
        return {str(key): _jsonable(item, kind.items[1]) for key, item in pairs}
    if kind.base == "row":
        fields = zip(kind.names, kind.field_names, kind.items, strict=True)
        return Members((shown or "", _jsonable(value[name], item)) for shown, name, item in fields)
    if isinstance(value, dt.date):
        return value.isoformat()
    return raw_text.readable(value) if isinstance(value, str) else value
