"""Checks constructs against the allow-list of those for which the DuckDB engine gave Trino's answers.

The compiler names each construct by a signature, and `require` refuses a signature that `proven.txt` does not
list. `make expressions` generates that file from the table of expressions, which compares Trino's recorded
answers with those of the DuckDB engine. Do not edit the file by hand.

These rules say how signatures are written and which constructs share one:

- A function is written with the parameters that Trino declares. Arguments are coerced to these types first, and
  each coercion has its own signature.
- Types are written without length, precision and scale, and rows without field names. Only casts keep parameters
  that decide the result: the precision of a time or timestamp, and `varchar(n)` as a target.
- `E` is any type, as are `K` and `V` of a map. They are type variables without constraints in Trino's signature,
  because the function passes such values on unread. If it compares or orders them, their type is written.
- A cast of an array, map or row has the signatures of the container's cast and of its elements' casts, because
  both Trino and the engine cast element by element.
- `unnest(array(row))` is written for rows of any fields. The fields become columns.
- What reads the time zone of a timestamp has a signature of its own: `local time of` UTC, an offset or a region. All
  else depends only on the moment.
- Units of time and format codes are part of the name.

Two things need no signature, because the table of expressions contains no tables: reading tables (columns,
partitions, files), and the changes that INSERT, MERGE, UPDATE, DELETE and CREATE TABLE AS make to rows. The tests
of both engines and `make conformance` compare these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib import resources

from local_athena.errors import Refused
from local_athena.values.types import JSON, UNKNOWN, UTC, Type

#: A function that the compiler calls with the signature of each construct.
Note = Callable[[str], None]


def require(signature: str) -> None:
    """Refuse a construct that is not proven.

    Raises:
        Refused: `proven.txt` does not list the signature.
    """
    if signature not in signatures():
        raise Refused(f"{signature}, which is not proven equal to Trino's")


@cache
def signatures() -> frozenset[str]:
    """The signatures of all proven constructs."""
    return frozenset(
        resources.files("local_athena.compiler").joinpath("proven.txt").read_text("utf-8").splitlines()
    )


@lru_cache(maxsize=1024)
def shape(kind: Type) -> str:
    """A type as it is written in signatures."""
    if kind.items:
        return f"{kind.base}({', '.join(map(shape, kind.items))})"
    return kind.base


def local_time(kind: Type) -> str:
    """The signature of what reads the local time of a timestamp with time zone.

    Raises:
        Refused: the time zone differs between the values.
    """
    if kind.zone is None:
        raise Refused("what reads a time zone that differs between values")
    return (
        f"local time of {'UTC' if kind.zone == UTC else 'an offset' if kind.zone[0] in '+-' else 'a region'}"
    )


def coercion(own: Type, wanted: Type) -> str | None:
    """The signature of an implicit coercion; None if it leaves the value unchanged."""
    return None if _is_kept(own, wanted) else f"coercion of {shape(own)} to {shape(wanted)}"


def _is_kept(own: Type, wanted: Type) -> bool:
    """Whether two types differ only in their parameters and in nulls without a type."""
    if own == UNKNOWN:
        return True
    return own.base == wanted.base and all(map(_is_kept, own.items, wanted.items))


def casts(own: Type, wanted: Type, verb: str) -> Iterator[str]:
    """The signatures of a cast: the container's first, then its elements'.

    Args:
        own: the type of the value.
        wanted: the type to cast to.
        verb: `cast` or `try_cast`.
    """
    if own in (wanted, UNKNOWN):
        return
    target = "varchar(n)" if wanted.base == "varchar" and wanted.params else _outer(wanted)
    yield f"{verb}({_outer(own)} as {target})"
    if own.base == "timestamp with time zone" != wanted.base:
        yield local_time(own)
    for inner_own, inner_wanted in _elements(own, wanted):
        yield from casts(inner_own, inner_wanted, verb)


def _outer(kind: Type) -> str:
    """The outer type as casts write it: a container without its elements, but a time or timestamp with its precision."""
    return str(kind) if kind.base.startswith("time") else kind.base


def _elements(own: Type, wanted: Type) -> list[tuple[Type, Type]]:
    """The types that a cast of containers casts between, for each element."""
    if own == JSON:
        return [(JSON, item) for item in wanted.items]
    if wanted == JSON:
        return [(item, JSON) for item in own.items]
    return list(zip(own.items, wanted.items, strict=False))
