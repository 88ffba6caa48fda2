"""Registers Python functions for DuckDB, and carries their failures to the statement."""

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

#: Separates a failure's code and message from the text that Python and DuckDB put around them.
MARK = "\x1etrino\x1e"


class Failure(Exception):
    """A failure of a query with an error code and message of Trino."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{MARK}{code}{MARK}{message}{MARK}")


@dataclass(frozen=True)
class Udf:
    """A function for DuckDB.

    Attributes:
        name: the function's name in SQL.
        body: the implementation, from Arrow arrays to an Arrow array.
        parameters: the types of its parameters.
        returns: the type of its result.
    """

    name: str
    body: Callable[..., pa.Array]
    parameters: tuple[Type, ...]
    returns: Type


#: Every registered function, by name. Each type that statements cast from or to JSON adds up to three.
REGISTRY: dict[str, Udf] = {}
_lock = threading.Lock()
#: The refusals of each running statement, by the id of its thread.
_watched: dict[int, list[Refused]] = {}


def register(name: str, value: Callable[..., Any], parameters: tuple[Type, ...], returns: Type) -> str:
    """Register a function of Python values as a function for DuckDB. If an argument is null, the result is null.

    Args:
        name: the function's name in SQL.
        value: computes the result from the arguments. It may raise Failure or Refused.
        parameters: the types of the parameters.
        returns: the type of the result.

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


#: DuckDB reads the number of parameters from the Python function, so each number needs its own lambda.
_WITH_PARAMETERS: dict[int, Callable[[Any], Any]] = {
    1: lambda body: lambda a: body(a),
    2: lambda body: lambda a, b: body(a, b),
    3: lambda body: lambda a, b, c: body(a, b, c),
}


def _note(refusal: Refused) -> None:
    """Note a refusal for this thread's statement. In one of DuckDB's own threads, note it for all running statements."""
    thread = threading.get_ident()
    with _lock:
        for refusals in [_watched[thread]] if thread in _watched else list(_watched.values()):
            refusals.append(refusal)


@contextmanager
def watching_refusals() -> Iterator[Callable[[], Refused | None]]:
    """Watch the refusals of this thread's statement, because DuckDB's TRY turns a refusal into null.

    Yields a function that returns the first refusal, or None. Refusals in the threads of other statements do not count.
    Refusals in DuckDB's own threads count for all statements, because these threads work for all of them.
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
    """Fail the query. The argument is `CODE|message`."""
    code, _, text = message.partition("|")
    raise Failure(code, text)


def refuse(what: str, value: str) -> None:
    """Refuse a value for which the answers of local Athena and Trino might differ."""
    raise Refused(f"{what} {value[:80]!r}")


register("t_fail", fail, (VARCHAR,), VARCHAR)
register("t_refuse", refuse, (VARCHAR, VARCHAR), VARCHAR)
