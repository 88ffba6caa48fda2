"""The functions that are made known to DuckDB, and how they fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from local_athena.errors import Refused
from local_athena.values.arrow_types import to_arrow
from local_athena.values.types import VARCHAR, Type

#: Separates the code and the message of a failure from Python's words around them, in DuckDB's message.
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


#: Every function made so far, by name. It grows by two for each type that a statement casts from or to JSON.
REGISTRY: dict[str, Udf] = {}
_lock = threading.Lock()
#: The refusals that count for the statement of each thread, while it runs.
_watched: dict[int, list[Refused]] = {}


def register(name: str, value: Callable[..., Any], parameters: tuple[Type, ...], returns: Type) -> str:
    """Make a function of Arrow arrays from a function of Python values; a null argument makes a null result.

    Returns:
        The name.
    """
    arrow_type = to_arrow(returns)

    def body(*arrays: Any) -> pa.Array:
        columns = [array.to_pylist() for array in arrays]
        try:
            results = [
                None if any(item is None for item in items) else value(*items)
                for items in zip(*columns, strict=True)
            ]
        except Refused as refusal:
            _note(refusal)
            raise Failure(refusal.code, refusal.reason.removeprefix(f"{refusal.code}: ")) from None
        return pa.array(results, arrow_type)

    with _lock:
        REGISTRY[name] = Udf(name, _WITH_PARAMETERS[len(parameters)](body), parameters, returns)
    return name


#: DuckDB counts a function's parameters.
_WITH_PARAMETERS: dict[int, Callable[[Any], Any]] = {
    1: lambda body: lambda a: body(a),
    2: lambda body: lambda a, b: body(a, b),
    3: lambda body: lambda a, b, c: body(a, b, c),
}


def _note(refusal: Refused) -> None:
    """Note a refusal for the statement of this thread, or for all running statements in a thread of DuckDB's."""
    thread = threading.get_ident()
    with _lock:
        for refusals in [_watched[thread]] if thread in _watched else list(_watched.values()):
            refusals.append(refusal)


@contextmanager
def watching_refusals() -> Iterator[Callable[[], Refused | None]]:
    """Yields a function that returns the first refusal of this thread's statement, or None.

    DuckDB's TRY turns a refusal into null, as any failure. A refusal counts unless it happened in the thread of
    another statement: DuckDB's own threads work for all statements.
    """
    thread = threading.get_ident()
    refusals: list[Refused] = []
    with _lock:
        _watched[thread] = refusals
    try:
        yield lambda: next(iter(refusals), None)
    finally:
        with _lock:
            _watched.pop(thread, None)


def fail(message: str) -> None:
    """Fail the query: `CODE|message`."""
    code, _, text = message.partition("|")
    raise Failure(code, text)


def refuse(what: str, value: str) -> None:
    """Refuse a value on which local Athena might not agree with Trino."""
    raise Refused(f"{what} {value[:80]!r}")


register("t_fail", fail, (VARCHAR,), VARCHAR)
register("t_refuse", refuse, (VARCHAR, VARCHAR), VARCHAR)
