"""The allow-list: the constructs for which the DuckDB engine was shown to give Trino's answers.

The compiler names each construct by a signature, and `require` refuses a signature that `proven.txt` does not
list. `make expressions` generates that file from the table of expressions, which compares Trino's recorded
answers with ours. Do not edit it by hand.

How signatures are written, and which constructs share one:

- A function is written with the parameters that Trino declares. Arguments are coerced to them first, and each
  coercion has its own signature.
- Types are written without length, precision and scale, rows without the names of their fields. Only casts keep
  what decides their result: the precision of a time or timestamp, and `varchar(n)` as a target.
- `E` is any type (`K` and `V` of a map): a type variable without constraints in Trino's signature. Such values
  are passed on unread. Where they are compared or ordered, their type is written.
- A cast of an array, map or row has the signatures of the container's cast and of its elements' casts: Trino and
  the engine cast element by element. `unnest(array(row))` is written for rows of any fields; they become columns.
- Units of time and codes of a format are part of the name.

Reading tables (columns, partitions, files) needs no signature, nor does what INSERT, MERGE, UPDATE, DELETE and
CREATE TABLE AS do with rows: the table of expressions has no tables. The tests of both engines and
`make conformance` compare those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib import resources

from local_athena.errors import Refused
from local_athena.values.types import JSON, UNKNOWN, Type

#: Takes the signature of a construct that the compiler has met.
Note = Callable[[str], None]


def require(signature: str) -> None:
    """Refuse a construct that is not proven.

    Raises:
        Refused: it is not proven.
    """
    if signature not in signatures():
        raise Refused(f"{signature}, which is not proven equal to Trino's")


@cache
def signatures() -> frozenset[str]:
    """The signatures of all constructs that are proven."""
    return frozenset(
        resources.files("local_athena.compiler").joinpath("proven.txt").read_text("utf-8").splitlines()
    )


@lru_cache(maxsize=1024)
def shape(kind: Type) -> str:
    """A type as signatures write it."""
    if kind.items:
        return f"{kind.base}({', '.join(map(shape, kind.items))})"
    return kind.base


def coercion(own: Type, wanted: Type) -> str | None:
    """The signature of taking a value as a wider type; None where nothing is computed."""
    return None if _is_kept(own, wanted) else f"coercion of {shape(own)} to {shape(wanted)}"


def _is_kept(own: Type, wanted: Type) -> bool:
    """Whether types differ in nothing but their parameters and in nulls that have no type yet."""
    if own == UNKNOWN:
        return True
    return own.base == wanted.base and all(map(_is_kept, own.items, wanted.items))


def casts(own: Type, wanted: Type, verb: str) -> Iterator[str]:
    """The signatures of a cast, from the outside in; `verb` is `cast` or `try_cast`."""
    if own in (wanted, UNKNOWN):
        return
    target = "varchar(n)" if wanted.base == "varchar" and wanted.params else _outer(wanted)
    yield f"{verb}({_outer(own)} as {target})"
    for inner_own, inner_wanted in _elements(own, wanted):
        yield from casts(inner_own, inner_wanted, verb)


def _outer(kind: Type) -> str:
    """A cast's side: a container without its elements, a timestamp with its precision."""
    return str(kind) if kind.base.startswith("time") else kind.base


def _elements(own: Type, wanted: Type) -> list[tuple[Type, Type]]:
    """What a cast of containers casts inside."""
    if own == JSON:
        return [(JSON, item) for item in wanted.items]
    if wanted == JSON:
        return [(item, JSON) for item in own.items]
    return list(zip(own.items, wanted.items, strict=False))
