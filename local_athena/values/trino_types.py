"""Reads type names as Trino's client protocol writes them."""

from __future__ import annotations

import re

from local_athena.errors import Refused
from local_athena.values import types
from local_athena.values.types import Type

_TYPE_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|[\w$]+|[(),])')


def from_trino(text: str) -> Type:
    """The type with a name in Trino's spelling, such as `array(row(x integer, y varchar(3)))`.

    Raises:
        Refused: local Athena has no such type.
    """
    tokens = [*_TYPE_TOKEN.findall(text), ""]
    kind, rest = _parse(tokens)
    if rest != [""]:
        raise Refused(f"the type {text}")
    return kind


def _parse(tokens: list[str]) -> tuple[Type, list[str]]:
    name, rest = tokens[0].lower(), tokens[1:]
    if name == "row":
        return _parse_row(rest[1:])
    items: list[Type] = []
    params: list[int] = []
    if rest[0] == "(":
        while rest[0] in ("(", ","):
            if rest[1].isdigit():
                params.append(int(rest[1]))
                rest = rest[2:]
            else:
                item, rest = _parse(rest[1:])
                items.append(item)
        rest = rest[1:]
    if rest[:3] == ["with", "time", "zone"]:
        name, rest = f"{name} with time zone", rest[3:]
    kind = Type(name, tuple(params), tuple(items))
    if not (kind.items or kind.base in _BASES):
        raise Refused(f"the type {name} in a result")
    return kind, rest


_BASES = {
    *types.NUMERICS, "boolean", "varchar", "varbinary", "json", "date", "time", "timestamp",
    "timestamp with time zone", "unknown",
}  # fmt: skip


def _parse_row(tokens: list[str]) -> tuple[Type, list[str]]:
    names: list[str | None] = []
    items: list[Type] = []
    rest = ["(", *tokens]
    while rest[0] in ("(", ","):
        rest = rest[1:]
        named = rest[1] not in ("(", ",", ")") and rest[1:4] != ["with", "time", "zone"]
        names.append(rest[0].strip('"') if named else None)
        item, rest = _parse(rest[1:] if named else rest)
        items.append(item)
    return types.row(tuple(names), tuple(items)), rest[1:]
