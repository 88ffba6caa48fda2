"""JSON as Trino keeps it: text with sorted keys, the last of equal keys, numbers in Java's spelling."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from local_athena.errors import Refused
from local_athena.values import types
from local_athena.values.numbers import java_double, round_half_up, trino_double
from local_athena.values.types import Type

#: Deeper nesting is refused: Python's decoder ends near 1000 levels, Jackson at limits of its own.
_DEEPEST = 500


class BadPath(Exception):
    """A JSON path that Trino rejects."""


class CannotCast(Exception):
    """A JSON value that Trino does not cast to the type."""

    def __init__(self, text: str, kind: Type) -> None:
        super().__init__(f"Cannot cast '{text[:200]}' to {kind}")


class _Pairs(list[tuple[str, Any]]):
    """The members of an object as they are written."""


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_pairs_decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_Pairs)
_scan_string = json.decoder.scanstring  # type: ignore[attr-defined] - not in the stubs
_SPACE = re.compile(r"[ \t\n\r]*")


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") > _DEEPEST and _depth(text) > _DEEPEST:
        raise Refused(f"JSON nested over {_DEEPEST} levels")


def _depth(text: str) -> int:
    """An upper bound of the nesting: brackets inside of strings count too."""
    deepest = depth = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


@lru_cache(maxsize=8192)
def load(text: str) -> Any:
    """The value of a JSON text; not to be changed, for it is kept.

    Raises:
        ValueError: it is not exactly one JSON value.
        Refused: it is nested too deeply, or has a number of over 4000 digits.
    """
    _check_depth(text)
    start = _end_of_space(text, 0)
    try:
        value, end = _decoder.raw_decode(text, start)
    except ValueError as error:
        if "integer string conversion" in str(error):
            raise Refused("JSON with a number of over 4000 digits") from None
        raise
    if _end_of_space(text, end) != len(text):
        raise ValueError("more than one value")
    return value


def _end_of_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


# --- writing ---------------------------------------------------------------------------------------------

_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPED = re.compile(r'["\\\x00-\x1f\ud800-\udfff\U00010000-\U0010ffff]')


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    code = ord(character)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04X}\\u{0xDC00 + (code & 0x3FF):04X}"
    return f"\\u{code:04X}"


def _write_string(text: str) -> str:
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _java_order(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def dump(value: Any) -> str:
    """A value as Trino prints JSON, the keys sorted as Java sorts texts."""
    if isinstance(value, str):
        return _write_string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _write_double(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, _Pairs):
        return "{" + ",".join(f"{_write_string(key)}:{dump(item)}" for key, item in value) + "}"
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: _java_order(member[0]))
        return "{" + ",".join(f"{_write_string(key)}:{dump(item)}" for key, item in members) + "}"
    return "[" + ",".join(map(dump, value)) + "]"


def _write_double(value: float) -> str:
    shown = java_double(value)
    return f'"{shown}"' if shown in ("NaN", "Infinity", "-Infinity") else shown


def parse(text: str) -> str:
    """What json_parse makes of a text.

    Raises:
        ValueError: it is not JSON.
    """
    return dump(load(text))


# --- paths -----------------------------------------------------------------------------------------------

_STEP = re.compile(r'\.([A-Za-z0-9_:]+)|\[([A-Za-z0-9_]+)\]|\["((?:[^"\\]|\\.)*)"\]')


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    steps: list[str] = []
    position = 1
    while path.startswith("$") and position < len(path):
        match = _STEP.match(path, position)
        if not match:
            break
        plain, subscript, quoted = match.groups()
        steps.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain or subscript)
        position = match.end()
    if not path.startswith("$") or position < len(path):
        if not path.isascii():
            raise Refused(f"the JSON path {path!r}")
        raise BadPath(f"Invalid JSON path: '{path}'")
    return tuple(steps)


_MISSING = object()


def _at(value: Any, steps: tuple[str, ...]) -> Any:
    """The value at a path of a whole JSON value, or _MISSING."""
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _MISSING
    return value


def extract(text: str, path: str) -> str | None:
    """The JSON at a path of a JSON value.

    Raises:
        BadPath: the path is wrong.
    """
    found = _at(load(text), _steps(path))
    return None if found is _MISSING else dump(found)


def extract_scalar(text: str, path: str) -> str | None:
    """The scalar at a path of a JSON value as text; None for null, an object, an array and nothing.

    Raises:
        BadPath: the path is wrong.
    """
    found = _at(load(text), _steps(path))
    return None if found is _MISSING else _scalar_text(found)


def _scalar_text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, str):
        return _encodable(value)
    return dump(value)


def _encodable(text: str) -> str:
    """The text with a question mark for each lone surrogate, as Java encodes it."""
    return text if text.isascii() else re.sub(r"[\ud800-\udfff]", "?", text)


# Of a varchar Trino reads only as far as it must: what follows the value may be anything, and of equal keys the
# first counts.


def extract_of_text(text: str, path: str) -> str | None:
    """The JSON at a path of a text that may be JSON; None where there is none.

    Raises:
        BadPath: the path is wrong.
    """
    start = _find(text, _steps(path))
    if start is None:
        return None
    try:
        value, end = _pairs_decoder.raw_decode(text, start)
    except ValueError:
        return None
    return None if _is_cut(value, text, end) else dump(value)


def extract_scalar_of_text(text: str, path: str) -> str | None:
    """The scalar at a path of a text that may be JSON; a number as it is written.

    Raises:
        BadPath: the path is wrong.
    """
    start = _find(text, _steps(path))
    if start is None or text[start : start + 1] in ("{", "["):
        return None
    try:
        value, end = _decoder.raw_decode(text, start)
    except ValueError:
        return None
    if _is_cut(value, text, end):
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return text[start:end]
    return _scalar_text(value)


def _is_cut(value: Any, text: str, end: int) -> bool:
    """Whether the token goes on behind what Python's decoder took of it: `01`, `1.`, `nullx`."""
    following = text[end : end + 1]
    if value is None or isinstance(value, bool):
        return bool(following) and (following.isalnum() or following in "_$")
    return isinstance(value, (int, float)) and following != "" and following in "0123456789.eE"


def _find(text: str, steps: tuple[str, ...]) -> int | None:
    """Where the value at a path begins."""
    _check_depth(text)
    position = _end_of_space(text, 0)
    try:
        for step in steps:
            opening = text[position : position + 1]
            if opening == "{":
                found = _member(text, position, step)
            elif opening == "[" and step.isdigit():
                found = _element(text, position, int(step))
            else:
                return None
            if found is None:
                return None
            position = found
    except (ValueError, IndexError):
        return None
    return position


def _member(text: str, position: int, name: str) -> int | None:
    position = _end_of_space(text, position + 1)
    while text[position] != "}":
        if text[position] != '"':
            raise ValueError("a key is no string")
        key, position = _scan_string(text, position + 1, True)
        position = _end_of_space(text, position)
        if text[position] != ":":
            raise ValueError("no colon")
        position = _end_of_space(text, position + 1)
        if key == name:
            return position
        position = _after_value(text, position)
    return None


def _element(text: str, position: int, index: int) -> int | None:
    position = _end_of_space(text, position + 1)
    while text[position] != "]":
        if not index:
            return position
        index -= 1
        position = _after_value(text, position)
    return None


def _after_value(text: str, position: int) -> int:
    """Where the next member or element, or the closing bracket, begins."""
    _, position = _decoder.raw_decode(text, position)
    position = _end_of_space(text, position)
    if text[position] == ",":
        position = _end_of_space(text, position + 1)
        if text[position] in "]}":
            raise ValueError("nothing after a comma")
        return position
    if text[position] not in "]}":
        raise ValueError("no comma")
    return position


def array_length(text: str) -> int | None:
    """The number of elements, or None for what is no array."""
    try:
        value = load(text)
    except ValueError:
        return None
    return len(value) if isinstance(value, list) else None


# --- casts -----------------------------------------------------------------------------------------------


def can_cast(kind: Type) -> bool:
    """Whether Trino casts JSON to the type at all."""
    if kind.base == "map":
        return kind.items[0].base == "varchar" and can_cast(kind.items[1])
    if kind.items:
        return all(map(can_cast, kind.items))
    return kind.is_numeric or kind.base in ("boolean", "json") or kind == types.VARCHAR


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
        members = sorted(value.items(), key=lambda member: _java_order(member[0]))
        return [(_encodable(key), _cast(item, kind.items[1], text)) for key, item in members]
    if kind.base == "row":
        return _row(value, kind, text)
    if isinstance(value, (dict, list)):
        raise CannotCast(text, kind)
    try:
        return _scalar(value, kind)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise CannotCast(dump(value), kind) from error


def _row(value: Any, kind: Type, text: str) -> dict[str, Any]:
    names = types.field_names(kind)
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


_INTEGER_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII)
_DOUBLE = re.compile(r"\s*[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)\s*", re.ASCII)


def _scalar(value: Any, kind: Type) -> Any:
    if kind.base == "varchar":
        shown = trino_double(value) if isinstance(value, float) else _scalar_text(value) or ""
        return shown[: kind.params[0]] if kind.params else shown
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
    limit = 2 ** (_INTEGER_BITS[kind.base] - 1)
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
    found = (
        Decimal(int(value))
        if isinstance(value, bool)
        else Decimal(repr(value) if isinstance(value, float) else value)
    )
    rounded = found.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    if rounded.adjusted() >= precision - scale and rounded:
        raise OverflowError(value)
    return rounded


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
        return {str(key): _jsonable(item, kind.items[1]) for key, item in pairs}
    if kind.base == "row":
        fields = zip(kind.names, types.field_names(kind), kind.items, strict=True)
        return _Pairs((shown or "", _jsonable(value[name], item)) for shown, name, item in fields)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
