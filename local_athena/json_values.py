"""JSON as Trino keeps it: text with sorted keys, the last of equal keys, numbers in Java's spelling."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from local_athena import types
from local_athena.types import Type


class BadPath(Exception):
    """A JSON path that is wrong or not supported."""


class CannotCast(Exception):
    """A JSON value that Trino does not cast to the type."""

    def __init__(self, text: str, kind: Type) -> None:
        super().__init__(f"Cannot cast to {kind}. {text[:200]}")


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


class _Float(float):
    """A double that remembers nothing but prints as Java does."""

    def __repr__(self) -> str:
        return java_double(self)


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_Float)
_WHITE_SPACE = " \t\n\r"


def load(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is not exactly one JSON value.
    """
    stripped = text.strip(_WHITE_SPACE)
    try:
        value, end = _decoder.raw_decode(stripped)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if end != len(stripped):
        raise ValueError("more than one value")
    return value


def dump(value: Any) -> str:
    """A value as Trino prints JSON."""
    if _has_float(value):
        return _dump_slowly(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_float, value))
    return isinstance(value, float)


def _dump_slowly(value: Any) -> str:
    if isinstance(value, dict):
        fields = (f"{json.dumps(k, ensure_ascii=False)}:{_dump_slowly(value[k])}" for k in sorted(value))
        return "{" + ",".join(fields) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_dump_slowly, value)) + "]"
    if isinstance(value, float):
        return java_double(value)
    return json.dumps(value, ensure_ascii=False)


def parse(text: str) -> str:
    """What json_parse makes of a text.

    Raises:
        ValueError: it is not JSON.
    """
    return dump(load(text))


def java_double(value: float) -> str:
    """A double as Java's Double.toString prints it."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if str(float(value)).startswith("-") else "0.0"
    digits = float.__repr__(abs(value))
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = digits.partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = int(exponent or 0)
    all_digits = (whole + (fraction if fraction != "0" else "")).lstrip("0")
    point = len(whole) + power if whole != "0" else power - (len(fraction) - len(fraction.lstrip("0")))
    all_digits = all_digits.rstrip("0") or "0"
    if -3 < point <= 7:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{all_digits}"
        padded = all_digits.ljust(point, "0")
        return f"{sign}{padded[:point]}.{padded[point:] or '0'}"
    return f"{sign}{all_digits[0]}.{all_digits[1:] or '0'}E{point - 1}"


# --- paths -----------------------------------------------------------------------------------------------

_STEP = re.compile(r"""\.([A-Za-z_][\w]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['([^']*)'\]""")


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str | int, ...]:
    if not path.startswith("$"):
        raise BadPath(f"Invalid JSON path: '{path}'")
    steps: list[str | int] = []
    position = 1
    while position < len(path):
        match = _STEP.match(path, position)
        if not match:
            raise BadPath(f"Invalid JSON path: '{path}' (or one that local Athena does not support)")
        name, index, double, single = match.groups()
        steps.append(
            int(index) if index is not None else next(x for x in (name, double, single) if x is not None)
        )
        position = match.end()
    return tuple(steps)


def extract(text: str, path: str) -> str | None:
    """The JSON at a path, or None.

    Raises:
        BadPath: the path is wrong.
        ValueError: the text is not JSON.
    """
    value = load(text)
    for step in _steps(path):
        if isinstance(step, int) and isinstance(value, list):
            if step >= len(value):
                return None
            value = value[step]
        elif isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        else:
            return None
    return dump(value)


def scalar_text(text: str) -> str | None:
    """A JSON scalar as varchar; None for an object, an array and null."""
    value = load(text)
    if value is None or isinstance(value, (dict, list)):
        return None
    return value if isinstance(value, str) else text


def array_length(text: str) -> int | None:
    """The number of elements, or None for what is no array."""
    try:
        value = load(text)
    except ValueError:
        return None
    return len(value) if isinstance(value, list) else None


# --- casts -----------------------------------------------------------------------------------------------


def cast(text: str, kind: Type) -> Any:
    """JSON as a Python value for a column of the type.

    Raises:
        CannotCast: Trino fails here.
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
        return [(_cast(k, kind.items[0], text), _cast(v, kind.items[1], text)) for k, v in value.items()]
    if kind.base == "row":
        return _row(value, kind, text)
    if isinstance(value, (dict, list)):
        raise CannotCast(text, kind)
    return _scalar(value, kind, text)


def _row(value: Any, kind: Type, text: str) -> dict[str, Any]:
    names = types.field_names(kind)
    if isinstance(value, list):
        if len(value) != len(names):
            raise CannotCast(text, kind)
        found = dict(zip(names, value, strict=True))
    elif isinstance(value, dict):
        # Field names are matched in any case; fields that the row lacks are left out.
        lowered = {name.lower(): item for name, item in value.items()}
        found = {name: value.get(name, lowered.get(name)) for name in names}
        missing = {name for name in names if name not in value and name not in lowered}
        return {
            name: None if name in missing else _cast(found[name], item, text)
            for name, item in zip(names, kind.items, strict=True)
        }
    else:
        raise CannotCast(text, kind)
    return {name: _cast(found[name], item, text) for name, item in zip(names, kind.items, strict=True)}


_INTEGER_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


def _scalar(value: Any, kind: Type, text: str) -> Any:
    try:
        if kind.base == "varchar":
            return _varchar(value, kind)
        if kind.is_integer:
            return _integer(value, kind, text)
        if kind.base in ("double", "real"):
            return float(value)
        if kind.base == "boolean":
            return _boolean(value, kind, text)
        if kind.base == "decimal":
            return Decimal(str(value) if not isinstance(value, bool) else int(value)).quantize(
                Decimal(1).scaleb(-kind.params[1]), rounding="ROUND_HALF_UP"
            )
        if kind.base == "date" and isinstance(value, str):
            return dt.datetime.strptime(value, "%Y-%m-%d").date()
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise CannotCast(text, kind) from error
    raise CannotCast(text, kind)


def _varchar(value: Any, kind: Type) -> str:
    if isinstance(value, bool):
        shown = str(value).lower()
    elif isinstance(value, float):
        shown = java_double(value)
    else:
        shown = str(value)
    return shown[: kind.params[0]] if kind.params else shown


def _integer(value: Any, kind: Type, text: str) -> int:
    if isinstance(value, float):
        number = int(Decimal(value).quantize(Decimal(1), rounding="ROUND_HALF_UP"))
    elif isinstance(value, str):
        if not re.fullmatch(r"[+-]?\d+", value, re.ASCII):
            raise CannotCast(text, kind)
        number = int(value)
    else:
        number = int(value)
    limit = 2 ** (_INTEGER_BITS[kind.base] - 1)
    if not -limit <= number < limit:
        raise CannotCast(text, kind)
    return number


def _boolean(value: Any, kind: Type, text: str) -> bool:
    if isinstance(value, str):
        if value.lower() in ("true", "t", "1"):
            return True
        if value.lower() in ("false", "f", "0"):
            return False
        raise CannotCast(text, kind)
    return bool(value)


def from_value(value: Any, kind: Type) -> str:
    """A value of the type as JSON text."""
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
        return {str(k): _jsonable(v, kind.items[1]) for k, v in pairs}
    if kind.base == "row":
        names = types.field_names(kind)
        fields = [_jsonable(value[name], item) for name, item in zip(names, kind.items, strict=True)]
        return dict(zip([name or "" for name in kind.names], fields, strict=True))
    if kind.base == "decimal":
        return _Number(format(value, "f"))
    if kind.base == "timestamp":
        return value.isoformat(
            sep=" ", timespec="milliseconds" if kind.params[:1] == (3,) else "microseconds"
        )
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


class _Number(float):
    """A decimal whose digits are printed as they are."""

    def __new__(cls, text: str) -> _Number:
        found = super().__new__(cls, text)
        found.text = text
        return found

    text: str
