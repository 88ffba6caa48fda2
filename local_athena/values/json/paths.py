"""Finds the value at a path in JSON, as json_extract and json_extract_scalar do."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from local_athena.errors import Refused
from local_athena.values.json.text import (
    DECODER,
    MEMBERS_DECODER,
    check_depth,
    dump,
    end_of_space,
    load,
    scalar_text,
)


class BadPath(Exception):
    """Trino rejects the JSON path."""


_scan_string = json.decoder.scanstring  # type: ignore[attr-defined] - not in the stubs
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
    """The value at a path in a parsed JSON value, or _MISSING."""
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _MISSING
    return value


def extract(text: str, path: str) -> str | None:
    """The value at a path in a value of type json, as JSON text; None if there is none.

    Raises:
        BadPath: the path is not valid.
    """
    value = _at(load(text), _steps(path))
    return None if value is _MISSING else dump(value)


def extract_scalar(text: str, path: str) -> str | None:
    """The scalar at a path in a value of type json, as text; None for null, objects, arrays and a missing value.

    Raises:
        BadPath: the path is not valid.
    """
    value = _at(load(text), _steps(path))
    return None if value is _MISSING else scalar_text(value)


# Trino reads a varchar only up to the value at the path. The text after it may be invalid, and the first of equal keys
# counts.


def extract_of_text(text: str, path: str) -> str | None:
    """The value at a path in a varchar, as JSON text; None if there is none.

    Raises:
        BadPath: the path is not valid.
    """
    steps = _steps(path)
    start = _find(text, steps)
    if start is None:
        return None
    try:
        value, end = MEMBERS_DECODER.raw_decode(text, start)
    except ValueError:
        return None
    return None if _is_cut(value, text, end, is_whole=not steps) else dump(value)


def extract_scalar_of_text(text: str, path: str) -> str | None:
    """The scalar at a path in a varchar, as text; a number keeps its spelling. None as in `extract_scalar`.

    Raises:
        BadPath: the path is not valid.
    """
    steps = _steps(path)
    start = _find(text, steps)
    if start is None or text[start : start + 1] in ("{", "["):
        return None
    try:
        value, end = DECODER.raw_decode(text, start)
    except ValueError:
        return None
    if _is_cut(value, text, end, is_whole=not steps):
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return text[start:end]
    return scalar_text(value)


def _is_cut(value: Any, text: str, end: int, *, is_whole: bool) -> bool:
    """Whether Python's decoder read only the start of a token, as in `01`, `1.` or `nullx`.

    If the whole text is a number, only white space may follow: `2024-02-29` is not JSON. Inside an array or object, other
    characters may follow: `[2024-` has a first element.
    """
    following = text[end : end + 1]
    if value is None or isinstance(value, bool):
        return bool(following) and (following.isalnum() or following in "_$")
    if not isinstance(value, (int, float)) or not following:
        return False
    return following not in " \t\r\n" if is_whole else following in "0123456789.eE"


def _find(text: str, steps: tuple[str, ...]) -> int | None:
    """The position at which the value at a path begins; None if there is none."""
    check_depth(text)
    position = end_of_space(text, 0)
    try:
        for step in steps:
            opening = text[position : position + 1]
            if opening == "{":
                inner = _member(text, position, step)
            elif opening == "[" and step.isdigit():
                inner = _element(text, position, int(step))
            else:
                return None
            if inner is None:
                return None
            position = inner
    except (ValueError, IndexError):
        return None
    return position


def _member(text: str, position: int, name: str) -> int | None:
    position = end_of_space(text, position + 1)
    while text[position] != "}":
        if text[position] != '"':
            raise ValueError("a key is not a string")
        key, position = _scan_string(text, position + 1, True)
        position = end_of_space(text, position)
        if text[position] != ":":
            raise ValueError("no colon")
        position = end_of_space(text, position + 1)
        if key == name:
            return position
        position = _after_value(text, position)
    return None


def _element(text: str, position: int, index: int) -> int | None:
    position = end_of_space(text, position + 1)
    while text[position] != "]":
        if not index:
            return position
        index -= 1
        position = _after_value(text, position)
    return None


def _after_value(text: str, position: int) -> int:
    """The position of what follows the value: the next member or element, or the closing bracket."""
    _, position = DECODER.raw_decode(text, position)
    position = end_of_space(text, position)
    if text[position] == ",":
        position = end_of_space(text, position + 1)
        if text[position] in "]}":
            raise ValueError("nothing after a comma")
        return position
    if text[position] not in "]}":
        raise ValueError("no comma")
    return position
