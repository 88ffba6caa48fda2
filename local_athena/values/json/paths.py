"""Values at a path of a JSON text."""

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
    """A JSON path that Trino rejects."""


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
    value = _at(load(text), _steps(path))
    return None if value is _MISSING else dump(value)


def extract_scalar(text: str, path: str) -> str | None:
    """The scalar at a path of a JSON value as text; None for null, an object, an array and nothing.

    Raises:
        BadPath: the path is wrong.
    """
    value = _at(load(text), _steps(path))
    return None if value is _MISSING else scalar_text(value)


# Trino reads a varchar only up to the value at the path: the text after it may be invalid, and of equal keys the
# first counts.


def extract_of_text(text: str, path: str) -> str | None:
    """The JSON at a path of a text that may be JSON; None where the path leads nowhere.

    Raises:
        BadPath: the path is wrong.
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
    """The scalar at a path of a text that may be JSON; a number keeps its spelling.

    Raises:
        BadPath: the path is wrong.
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
    """Whether the token goes on behind what Python's decoder took of it: `01`, `1.`, `nullx`.

    Behind a number that is the whole text, and no part of an object or array, only white space may follow:
    `2024-02-29` is not JSON, although `[2024-` has a first element.
    """
    following = text[end : end + 1]
    if value is None or isinstance(value, bool):
        return bool(following) and (following.isalnum() or following in "_$")
    if not isinstance(value, (int, float)) or not following:
        return False
    return following not in " \t\r\n" if is_whole else following in "0123456789.eE"


def _find(text: str, steps: tuple[str, ...]) -> int | None:
    """Where the value at a path begins."""
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
            raise ValueError("a key is no string")
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
    """Where the next member or element, or the closing bracket, begins."""
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
