"""Functions that DuckDB lacks or does differently, in Python over Arrow arrays.

A function is named `t_…`; those that depend on a type are made when a query first needs them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any

import pyarrow as pa

from local_athena.errors import Refused
from local_athena.udfs import patterns
from local_athena.values import json_values, raw_text, types
from local_athena.values.numbers import trino_double
from local_athena.values.types import BIGINT, BOOLEAN, DATE, DOUBLE, JSON, VARBINARY, VARCHAR, Type

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
        try:
            found = [
                None if any(item is None for item in items) else value(*items)
                for items in zip(*columns, strict=True)
            ]
        except Refused as refusal:
            _refusals.append((threading.get_ident(), refusal))
            raise Failure(refusal.code, refusal.reason.removeprefix(f"{refusal.code}: ")) from None
        return pa.array(found, arrow_type)

    with _lock:
        REGISTRY[name] = Udf(name, _WITH_PARAMETERS[len(parameters)](body), parameters, returns)
    return name


#: DuckDB counts a function's parameters.
_WITH_PARAMETERS: dict[int, Callable[[Any], Any]] = {
    1: lambda body: lambda a: body(a),
    2: lambda body: lambda a, b: body(a, b),
    3: lambda body: lambda a, b, c: body(a, b, c),
}
#: Every refusal so far with the thread it happened in, and the threads whose statements run.
_refusals: list[tuple[int, Refused]] = []
_statement_threads: set[int] = set()


@contextmanager
def watching_refusals() -> Iterator[Callable[[], Refused | None]]:
    """Gives a function that tells the last refusal of this thread's statement, if there was one.

    DuckDB's TRY makes null of a refusal as of any failure. A refusal counts unless it happened in the thread of
    another statement: DuckDB's own threads serve all of them.
    """
    thread, start = threading.get_ident(), len(_refusals)
    _statement_threads.add(thread)
    try:
        yield lambda: next(
            (refusal for at, refusal in _refusals[start:] if at == thread or at not in _statement_threads),
            None,
        )
    finally:
        _statement_threads.discard(thread)


def fail(message: str) -> None:
    """Fail the query: `CODE|message`."""
    code, _, text = message.partition("|")
    raise Failure(code, text)


def refuse(what: str, value: str) -> None:
    """Refuse a value on which local Athena might not agree with Trino."""
    raise Refused(f"{what} {value[:80]!r}")


def _json_parse(text: str) -> str:
    try:
        return json_values.parse(raw_text.readable(text))
    except ValueError:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'") from None


def _at_path(extract: Callable[[str, str], str | None]) -> Callable[[str, str], str | None]:
    def found(text: str, path: str) -> str | None:
        try:
            return extract(raw_text.readable(text), path)
        except json_values.BadPath as error:
            raise Failure("INVALID_FUNCTION_ARGUMENT", str(error)) from None

    return found


def _iso_date(text: str) -> dt.date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Refused(f"from_iso8601_date of {text!r}")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f'Invalid format: "{text}"') from None


def _with_pattern(use: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a text, a pattern and perhaps more, with the pattern compiled."""

    def found(text: str, pattern: str, *rest: Any) -> Any:
        try:
            return use(text, patterns.compile_pattern(pattern), *rest)
        except patterns.UnsupportedPattern as error:
            raise Refused(f"the pattern {pattern!r} ({error})") from None
        except patterns.InvalidPattern as error:
            raise Failure("INVALID_FUNCTION_ARGUMENT", str(error)) from None

    return found


def _regexp_extract(text: str, pattern: patterns.Pattern, group: int) -> str | None:
    match = pattern.search(text)
    if match is None:
        patterns.check_group(pattern, group)
        return None
    return patterns.group_of(match, group)


def _regexp_extract_all(text: str, pattern: patterns.Pattern, group: int) -> list[str | None]:
    patterns.check_group(pattern, group)
    return [patterns.group_of(match, group) for match in pattern.matches(text)]


def _simple_case(change: Callable[[str], str]) -> Callable[[str], str]:
    """Upper or lower case as Java's for one code point: `ß` has no upper case."""

    def changed(text: str) -> str:
        if text.isascii():
            return change(text)
        return "".join(
            other
            if len(other := change(character)) == 1
            else other[0]
            if character == "\u0130"
            else character
            for character in text
        )

    return changed


#: White space by Java's Character.isWhitespace and Trino's trim: no-break spaces are none.
_WHITE_SPACE = (
    "".join(map(chr, (*range(9, 14), *range(28, 33), 0x1680, *range(0x2000, 0x2007), *range(0x2008, 0x200B))))
    + "\u2028\u2029\u205f\u3000"
)


def _split(text: str, delimiter: str) -> list[str]:
    if not delimiter:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "The delimiter may not be the empty string")
    return text.split(delimiter)


def _split_part(text: str, delimiter: str, index: int) -> str | None:
    if index <= 0:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "Index must be greater than zero")
    if not delimiter:
        raise Refused("split_part with an empty delimiter")
    parts = text.split(delimiter)
    return parts[index - 1] if index <= len(parts) else None


def _replace(text: str, search: str, replacement: str) -> str:
    return text.replace(search, replacement)


def _translate(text: str, source: str, target: str) -> str:
    table: dict[int, str | None] = {}
    for index, character in enumerate(source):
        table.setdefault(ord(character), target[index] if index < len(target) else None)
    return text.translate(table)


def _chr(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f"Not a valid Unicode code point: {code}")
    return chr(code)


def _pad(text: str, size: int, padding: str, *, left: bool) -> str:
    if not padding:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "Padding string must not be empty")
    if not 0 <= size <= 2**31 - 1:
        raise Refused(f"padding to {size} characters")
    missing = size - len(text)
    filled = (padding * (missing // len(padding) + 1))[: max(missing, 0)]
    return text[:size] if missing <= 0 else filled + text if left else text + filled


def _from_hex(text: str) -> bytes:
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", text):
        raise Failure("INVALID_FUNCTION_ARGUMENT", f"invalid hexadecimal digits: {text}")
    return bytes.fromhex(text)


def _decimal_quotient(left: str, right: str, scale: int) -> str:
    divisor = Decimal(right)
    if not divisor:
        raise Failure("DIVISION_BY_ZERO", "Division by zero")
    with localcontext(prec=120):
        return format((Decimal(left) / divisor).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP), "f")


def _decimal_remainder(left: str, right: str) -> str:
    divisor = Decimal(right)
    if not divisor:
        raise Failure("DIVISION_BY_ZERO", "Division by zero")
    with localcontext(prec=120):
        return format(Decimal(left) % divisor, "f")


def _like(text: str, pattern: str, escape: str) -> bool:
    if len(escape) != 1:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character")
    return like_pattern(pattern, escape).fullmatch(text) is not None


@lru_cache(maxsize=256)
def like_pattern(pattern: str, escape: str) -> re.Pattern[str]:
    """A LIKE pattern with an escape character as a regular expression."""
    found, position = "", 0
    while position < len(pattern):
        character = pattern[position]
        if character == escape:
            position += 1
            if pattern[position : position + 1] not in ("%", "_", escape) or position == len(pattern):
                message = "Escape character must be followed by '%', '_' or the escape character itself"
                raise Failure("INVALID_FUNCTION_ARGUMENT", message)
            found += re.escape(pattern[position])
        else:
            found += {"%": ".*", "_": "."}.get(character) or re.escape(character)
        position += 1
    return re.compile(found, re.DOTALL)


_register("t_fail", fail, (VARCHAR,), VARCHAR)
_register("t_refuse", refuse, (VARCHAR, VARCHAR), VARCHAR)
_register("t_json_parse", _json_parse, (VARCHAR,), VARCHAR)
_register("t_json_extract", _at_path(json_values.extract), (VARCHAR, VARCHAR), VARCHAR)
_register("t_json_extract_scalar", _at_path(json_values.extract_scalar), (VARCHAR, VARCHAR), VARCHAR)
_register("t_json_extract_of_text", _at_path(json_values.extract_of_text), (VARCHAR, VARCHAR), VARCHAR)
_register("t_json_scalar_of_text", _at_path(json_values.extract_scalar_of_text), (VARCHAR, VARCHAR), VARCHAR)
_register("t_json_array_length", json_values.array_length, (VARCHAR,), BIGINT)
_register("t_to_utf8", raw_text.to_bytes, (VARCHAR,), VARBINARY)
_register("t_from_utf8", lambda value: value.decode("utf-8", "replace"), (VARBINARY,), VARCHAR)
_register("t_sha256", lambda value: hashlib.sha256(value).digest(), (VARBINARY,), VARBINARY)
_register("t_sha1", lambda value: hashlib.sha1(value).digest(), (VARBINARY,), VARBINARY)  # noqa: S324 - Trino's
_register("t_sha512", lambda value: hashlib.sha512(value).digest(), (VARBINARY,), VARBINARY)
_register("t_md5", lambda value: hashlib.md5(value).digest(), (VARBINARY,), VARBINARY)  # noqa: S324 - Trino's
_register("t_from_hex", _from_hex, (VARCHAR,), VARBINARY)
_register("t_double_text", trino_double, (DOUBLE,), VARCHAR)
_register("t_iso_date", _iso_date, (VARCHAR,), DATE)
_register(
    "t_regexp_like",
    _with_pattern(lambda text, pattern: pattern.search(text) is not None),
    (VARCHAR, VARCHAR),
    BOOLEAN,
)
_register("t_regexp_extract", _with_pattern(_regexp_extract), (VARCHAR, VARCHAR, BIGINT), VARCHAR)
_register(
    "t_regexp_extract_all",
    _with_pattern(_regexp_extract_all),
    (VARCHAR, VARCHAR, BIGINT),
    types.array(VARCHAR),
)
_register("t_regexp_replace", _with_pattern(patterns.replace), (VARCHAR, VARCHAR, VARCHAR), VARCHAR)
_register(
    "t_regexp_count",
    _with_pattern(lambda text, pattern: sum(1 for _ in pattern.matches(text))),
    (VARCHAR, VARCHAR),
    BIGINT,
)
_register("t_upper", _simple_case(str.upper), (VARCHAR,), VARCHAR)
_register("t_lower", _simple_case(str.lower), (VARCHAR,), VARCHAR)
_register("t_trim", lambda text: text.strip(_WHITE_SPACE), (VARCHAR,), VARCHAR)
_register("t_ltrim", lambda text: text.lstrip(_WHITE_SPACE), (VARCHAR,), VARCHAR)
_register("t_rtrim", lambda text: text.rstrip(_WHITE_SPACE), (VARCHAR,), VARCHAR)
_register("t_split", _split, (VARCHAR, VARCHAR), types.array(VARCHAR))
_register("t_split_part", _split_part, (VARCHAR, VARCHAR, BIGINT), VARCHAR)
_register("t_replace", _replace, (VARCHAR, VARCHAR, VARCHAR), VARCHAR)
_register("t_translate", _translate, (VARCHAR, VARCHAR, VARCHAR), VARCHAR)
_register("t_chr", _chr, (BIGINT,), VARCHAR)
_register(
    "t_lpad",
    lambda text, size, padding: _pad(text, size, padding, left=True),
    (VARCHAR, BIGINT, VARCHAR),
    VARCHAR,
)
_register(
    "t_rpad",
    lambda text, size, padding: _pad(text, size, padding, left=False),
    (VARCHAR, BIGINT, VARCHAR),
    VARCHAR,
)
_register("t_like", _like, (VARCHAR, VARCHAR, VARCHAR), BOOLEAN)
_register("t_decimal_quotient", _decimal_quotient, (VARCHAR, VARCHAR, BIGINT), VARCHAR)
_register("t_decimal_remainder", _decimal_remainder, (VARCHAR, VARCHAR), VARCHAR)


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


__all__ = ["MARK", "REGISTRY", "Failure", "Udf", "from_json", "to_json", "watching_refusals"]
