"""Parses and writes JSON texts as Trino does."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from local_athena.errors import Refused
from local_athena.values import white_space
from local_athena.values.numbers import java_double

#: The longest name of an object's member, in UTF-16 units, that Trino's parser (Jackson) reads.
_LONGEST_NAME = 50_000

#: Deeper nesting is refused, because Python's decoder fails near 1000 levels, and Jackson at other limits.
_DEEPEST = 500


class Members(list[tuple[str, Any]]):
    """The members of an object in their original order, with repeated names."""


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _with_short_names(members: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, _ in members:
        if len(name.encode("utf-16-le", "surrogatepass")) > 2 * _LONGEST_NAME:
            raise ValueError(f"a name of over {_LONGEST_NAME} characters")
    return dict(members)


DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_LONG_TEXT_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_with_short_names)
MEMBERS_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=Members)
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SPACE = re.compile(f"[{white_space.JSON}]*")


def check_depth(text: str) -> None:
    if text.count("[") + text.count("{") > _DEEPEST and _depth(text) > _DEEPEST:
        raise Refused(f"JSON nested over {_DEEPEST} levels")


def _depth(text: str) -> int:
    deepest = depth = 0
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


#: DuckDB calls one function for 2,048 rows before it calls the next one for the same rows. The cache holds the rows of
#: several threads. Longer texts are not cached, so that the cache stays below 100 million characters.
_CACHED_TEXTS, _LONGEST_CACHED = 8192, 8192


def load(text: str) -> Any:
    """Parse a JSON text. The value is cached and must not be changed.

    Raises:
        ValueError: the text is not exactly one JSON value.
        Refused: the text is nested too deeply, or has a number of over 4000 digits.
    """
    return _load_cached(text) if len(text) <= _LONGEST_CACHED else _load(text)


@lru_cache(maxsize=_CACHED_TEXTS)
def _load_cached(text: str) -> Any:
    return _load(text)


def _load(text: str) -> Any:
    check_depth(text)
    start = end_of_space(text, 0)
    try:
        decoder = _LONG_TEXT_DECODER if len(text) > _LONGEST_NAME else DECODER
        value, end = decoder.raw_decode(text, start)
    except ValueError as error:
        if "integer string conversion" in str(error):
            raise Refused("JSON with a number of over 4000 digits") from None
        raise
    if end_of_space(text, end) != len(text):
        raise ValueError("more than one value")
    return value


def end_of_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


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


def java_order(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def dump(value: Any) -> str:
    """Write a value as JSON, as Trino does: the keys are sorted as Java sorts strings."""
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
    if isinstance(value, Members):
        return "{" + ",".join(f"{_write_string(key)}:{dump(item)}" for key, item in value) + "}"
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: java_order(member[0]))
        return "{" + ",".join(f"{_write_string(key)}:{dump(item)}" for key, item in members) + "}"
    return "[" + ",".join(map(dump, value)) + "]"


def _write_double(value: float) -> str:
    shown = java_double(value)
    return f'"{shown}"' if shown in ("NaN", "Infinity", "-Infinity") else shown


def parse(text: str) -> str:
    """The result of json_parse.

    Raises:
        ValueError: the text is not JSON.
    """
    return dump(load(text))


def scalar_text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, str):
        return encodable(value)
    return dump(value)


def encodable(text: str) -> str:
    """The text with each lone surrogate replaced by a question mark, as Java does when it encodes text."""
    return text if text.isascii() else re.sub(r"[\ud800-\udfff]", "?", text)


def array_length(text: str) -> int | None:
    """The number of elements in a JSON array; None if the text is not an array."""
    try:
        value = load(text)
    except ValueError:
        return None
    return len(value) if isinstance(value, list) else None
