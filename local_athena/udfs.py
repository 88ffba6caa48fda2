"""Functions that DuckDB lacks or does differently, in Python over Arrow arrays.

A function is named `t_…`; those that depend on a type are made when a query first needs them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from local_athena import json_values, raw_text, types
from local_athena.types import BIGINT, DATE, DOUBLE, JSON, VARBINARY, VARCHAR, Type

#: What separates our failures from Python's words around them, in DuckDB's message.
MARK = "\x1etrino\x1e"


class Failure(Exception):
    """A value on which Trino fails the query."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{MARK}{code}{MARK}{message}{MARK}")


@dataclass(frozen=True)
class Udf:
    """A function for DuckDB: its name, the body over Arrow arrays, parameter and return types."""

    name: str
    body: Callable[..., pa.Array]
    parameters: tuple[Type, ...]
    returns: Type


#: Every function made so far, by name.
REGISTRY: dict[str, Udf] = {}
_lock = threading.Lock()


def _register(name: str, value: Callable[..., Any], parameters: tuple[Type, ...], returns: Type) -> str:
    """Make a function from one that takes Python values; a null argument makes a null result."""
    arrow_type = types.to_arrow(returns)

    def body(*arrays: Any) -> pa.Array:
        columns = [array.to_pylist() for array in arrays]
        found = [
            None if any(item is None for item in items) else value(*items)
            for items in zip(*columns, strict=True)
        ]
        return pa.array(found, arrow_type)

    # DuckDB counts a function's parameters.
    fixed = (lambda a: body(a)) if len(parameters) == 1 else (lambda a, b: body(a, b))
    with _lock:
        REGISTRY[name] = Udf(name, fixed, parameters, returns)
    return name


def fail(message: str) -> None:
    """Fail the query: `CODE|message`."""
    code, _, text = message.partition("|")
    raise Failure(code, text)


def _json_parse(text: str) -> str:
    try:
        return json_values.parse(raw_text.readable(text))
    except ValueError:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'") from None


def _json_parse_or_null(text: str) -> str | None:
    try:
        return json_values.parse(raw_text.readable(text))
    except ValueError:
        return None


def _json_extract(text: str, path: str) -> str | None:
    try:
        return json_values.extract(text, path)
    except json_values.BadPath as error:
        raise Failure("INVALID_FUNCTION_ARGUMENT", str(error)) from None
    except ValueError:
        return None


def _json_extract_scalar(text: str, path: str) -> str | None:
    found = _json_extract(text, path)
    return None if found is None else json_values.scalar_text(found)


def _json_array_length(text: str) -> int | None:
    return json_values.array_length(text)


def _from_utf8(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _iso_date(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f'Invalid format: "{text}"') from None


_register("t_fail", fail, (VARCHAR,), VARCHAR)
_register("t_json_parse", _json_parse, (VARCHAR,), VARCHAR)
_register("t_json_parse_or_null", _json_parse_or_null, (VARCHAR,), VARCHAR)
_register("t_json_extract", _json_extract, (VARCHAR, VARCHAR), VARCHAR)
_register("t_json_extract_scalar", _json_extract_scalar, (VARCHAR, VARCHAR), VARCHAR)
_register("t_json_array_length", _json_array_length, (VARCHAR,), BIGINT)
_register("t_to_utf8", raw_text.to_bytes, (VARCHAR,), VARBINARY)
_register("t_from_utf8", _from_utf8, (VARBINARY,), VARCHAR)
_register("t_sha256", lambda value: hashlib.sha256(value).digest(), (VARBINARY,), VARBINARY)
_register("t_sha1", lambda value: hashlib.sha1(value).digest(), (VARBINARY,), VARBINARY)  # noqa: S324 - Trino's
_register("t_sha512", lambda value: hashlib.sha512(value).digest(), (VARBINARY,), VARBINARY)
_register("t_md5", lambda value: hashlib.md5(value).digest(), (VARBINARY,), VARBINARY)  # noqa: S324 - Trino's
_register("t_double_text", json_values.java_double, (DOUBLE,), VARCHAR)
_register("t_iso_date", _iso_date, (VARCHAR,), DATE)


def from_json(kind: Type, *, safe: bool) -> str:
    """The function that casts JSON to a type; a safe one gives null where the other fails."""
    name = f"t_from_json_{_digest(kind)}{'_safe' if safe else ''}"

    def value(text: str) -> Any:
        try:
            return json_values.cast(text, kind)
        except json_values.CannotCast as error:
            if safe:
                return None
            raise Failure("INVALID_CAST_ARGUMENT", str(error)) from None

    return name if name in REGISTRY else _register(name, value, (JSON,), kind)


def to_json(kind: Type) -> str:
    """The function that casts a type to JSON."""
    name = f"t_to_json_{_digest(kind)}"
    return (
        name
        if name in REGISTRY
        else _register(name, lambda v: json_values.from_value(v, kind), (kind,), JSON)
    )


def _digest(kind: Type) -> str:
    return hashlib.sha256(str(kind).encode()).hexdigest()[:16]


__all__ = ["MARK", "REGISTRY", "Failure", "Udf", "from_json", "to_json"]
