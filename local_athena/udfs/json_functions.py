"""Implements JSON functions, and casts from and to JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from local_athena.errors import Refused
from local_athena.udfs.registry import REGISTRY, Failure, register
from local_athena.values import raw_text, white_space
from local_athena.values.json import casts, paths
from local_athena.values.json.text import array_length, parse
from local_athena.values.types import BIGINT, JSON, VARCHAR, Type


def _json_parse(text: str) -> str:
    try:
        return parse(raw_text.readable(text))
    except ValueError:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'") from None


def _length_of_text(text: str) -> int | None:
    """The number of elements of a JSON array in a text. Trino reads no further than to the end of the array."""
    readable = raw_text.readable(text)
    found = array_length(readable)
    if found is None and readable.lstrip(white_space.JSON).startswith("[") and "]" in readable:
        raise Refused(f"json_array_length of {readable[:80]!r}")
    return found


def _at_path(extract: Callable[[str, str], str | None]) -> Callable[[str, str], str | None]:
    def extracted(text: str, path: str) -> str | None:
        try:
            value = extract(raw_text.readable(text), path)
        except paths.BadPath as error:
            raise Failure("INVALID_FUNCTION_ARGUMENT", str(error)) from None
        return None if value is None else raw_text.from_text(value)

    return extracted


def from_json(kind: Type, *, safe: bool) -> str:
    """The name of the function that casts JSON to a type. It is registered at the first call.

    Args:
        kind: the type.
        safe: whether the function returns null for a value that it cannot cast. Otherwise it fails.
    """
    name = f"t_from_json_{_digest(kind)}{'_safe' if safe else ''}"

    def value(text: str) -> Any:
        try:
            return casts.cast(text, kind)
        except casts.CannotCast as error:
            if safe:
                return None
            raise Failure("INVALID_CAST_ARGUMENT", str(error)) from None

    return name if name in REGISTRY else register(name, value, (JSON,), kind)


def to_json(kind: Type) -> str:
    """The name of the function that casts a type to JSON. It is registered at the first call."""
    name = f"t_to_json_{_digest(kind)}"
    return name if name in REGISTRY else register(name, lambda v: casts.from_value(v, kind), (kind,), JSON)


def _digest(kind: Type) -> str:
    return hashlib.sha256(str(kind).encode()).hexdigest()[:16]


register("t_json_parse", _json_parse, (VARCHAR,), VARCHAR)
register("t_json_extract", _at_path(paths.extract), (VARCHAR, VARCHAR), VARCHAR)
register("t_json_extract_scalar", _at_path(paths.extract_scalar), (VARCHAR, VARCHAR), VARCHAR)
register("t_json_extract_of_text", _at_path(paths.extract_of_text), (VARCHAR, VARCHAR), VARCHAR)
register("t_json_scalar_of_text", _at_path(paths.extract_scalar_of_text), (VARCHAR, VARCHAR), VARCHAR)
register("t_json_array_length", array_length, (VARCHAR,), BIGINT)
register("t_json_array_length_of_text", _length_of_text, (VARCHAR,), BIGINT)
