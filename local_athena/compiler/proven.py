"""The allow-list: what the DuckDB engine may compute, because it was shown to give Trino's answers.

The compiler names each construct that it lets through by a signature, and `require` refuses one that
`proven.txt` does not list. That file is generated from the table of expressions, in which Trino's recorded
answers stand beside ours: `make expressions` writes it, nobody edits it.

How signatures are written, and which constructs are held to be one:

- A function stands with the parameters that Trino declares. What is given is coerced to them first, and a
  coercion has a signature of its own.
- Types lose length, precision and scale, rows the names of their fields. Only casts keep what decides their
  result: the precision of a timestamp, and `varchar(n)` where it cuts.
- `E` is any type (`K` and `V` of a map): a type variable of Trino's signature on which it asks nothing. Such
  values are carried, never looked into. Where they are compared or ordered, their type is written.
- A cast of an array, map or row is that of the container and those of its elements: Trino casts them element by
  element, and so does the engine. `unnest(array(row))` stands for rows of any fields, which become columns.
- Units of time and codes of a format are part of the name.

No signature is asked of reading tables (their columns, partitions and files) nor of what INSERT, MERGE, UPDATE,
DELETE and CREATE TABLE AS do with rows: a table of expressions has no tables. Both engines' tests and
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
    """Let a proven construct pass.

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
    return str(kind) if kind.base.startswith("timestamp") else kind.base


def _elements(own: Type, wanted: Type) -> list[tuple[Type, Type]]:
    """What a cast of containers casts inside."""
    if own == JSON:
        return [(JSON, item) for item in wanted.items]
    if wanted == JSON:
        return [(item, JSON) for item in own.items]
    return list(zip(own.items, wanted.items, strict=False))
