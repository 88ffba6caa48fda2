"""Converts types to and from Hive's spelling, which Glue stores."""

from __future__ import annotations

import re
from collections.abc import Iterator

from local_athena.errors import QueryFailed, Refused
from local_athena.values.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    REAL,
    SMALLINT,
    TIMESTAMP,
    TIMESTAMP_TZ_6,
    TINYINT,
    VARBINARY,
    VARCHAR,
    Type,
    row,
)

_HIVE_NAMES = {
    "boolean": BOOLEAN,
    "tinyint": TINYINT,
    "smallint": SMALLINT,
    "int": INTEGER,
    "integer": INTEGER,
    "bigint": BIGINT,
    "long": BIGINT,
    "float": REAL,
    "double": DOUBLE,
    "string": VARCHAR,
    "binary": VARBINARY,
    "date": DATE,
    "timestamp": TIMESTAMP,
    "timestamptz": TIMESTAMP_TZ_6,
}
_TOKEN = re.compile(r"\s*([A-Za-z_][\w]*|\d+|[<>(),:])")


def from_hive(text: str) -> Type:
    """The Trino type for Hive's spelling of a type, such as `struct<a:int,b:array<string>>`.

    Raises:
        QueryFailed: Hive has no such type.
        Refused: the type is char.
    """
    tokens = _TOKEN.findall(text)
    try:
        kind = _parse_hive(iter([*tokens, ""]))
    except (IndexError, StopIteration, KeyError) as error:
        raise QueryFailed("HIVE_INVALID_METADATA", f"{text!r} is not a Hive type") from error
    return kind


def _parse_hive(tokens: Iterator[str]) -> Type:
    kind, rest = _hive_type(tokens)
    if rest:
        raise KeyError(rest)
    return kind


def _hive_type(tokens: Iterator[str]) -> tuple[Type, str]:
    """The type that starts at the next token, and the token that follows it."""
    name = next(tokens).lower()
    after = next(tokens)
    if name in ("array", "map"):
        items = []
        while after != ">":
            item, after = _hive_type(tokens)
            items.append(item)
        return Type(name, items=tuple(items)), next(tokens)
    if name == "struct":
        names, items = [], []
        while after != ">":
            names.append(next(tokens).lower())
            next(tokens)
            item, after = _hive_type(tokens)
            items.append(item)
        return row(tuple(names), tuple(items)), next(tokens)
    params: list[int] = []
    if after == "(":
        while after != ")":
            params.append(int(next(tokens)))
            after = next(tokens)
        after = next(tokens)
    if name == "decimal":
        return Type("decimal", (params[0], params[1] if len(params) > 1 else 0) if params else (10, 0)), after
    if name == "varchar":
        return Type("varchar", tuple(params)), after
    if name == "char":
        raise Refused("the type char")
    return _HIVE_NAMES[name], after


def to_hive(kind: Type) -> str:
    """Hive's spelling of a Trino type, as Glue stores it.

    Raises:
        QueryFailed: Hive tables have no such type.
    """
    names = {"integer": "int", "real": "float", "varbinary": "binary", "timestamp": "timestamp"}
    if kind.base == "varchar":
        return f"varchar({kind.params[0]})" if kind.params else "string"
    if kind.base == "decimal":
        return f"decimal({kind.params[0]},{kind.params[1]})"
    if kind.base == "row":
        fields = (f"{n}:{to_hive(t)}" for n, t in zip(kind.names, kind.items, strict=True))
        return f"struct<{','.join(fields)}>"
    if kind.items:
        return f"{kind.base}<{','.join(map(to_hive, kind.items))}>"
    if kind.base in ("json", "time", "timestamp with time zone", "unknown"):
        raise QueryFailed("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")
    return names.get(kind.base, kind.base)
