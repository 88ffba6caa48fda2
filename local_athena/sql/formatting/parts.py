"""Registers the functions that format the kinds of expressions, and calls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlglot import exp

from local_athena.errors import Refused
from local_athena.sql.grammar import PLUS_SIGNS

Part = Callable[[Any], str]
_P = TypeVar("_P", bound=Part)

_PARTS: dict[type[exp.Expr], Part] = {}


def formats(*kinds: type[exp.Expr]) -> Callable[[_P], _P]:
    """Register a function that formats expressions of some kinds."""

    def register(part: _P) -> _P:
        _PARTS.update(dict.fromkeys(kinds, part))
        return part

    return register


def expression(node: exp.Expr) -> str:
    """An expression. Trino writes parentheses around operators and conditions, and drops all others.

    Raises:
        Refused: no function formats its kind.
    """
    part = _PARTS.get(type(node))
    if part is None:
        raise unknown(node)
    return "+" * node.meta.get(PLUS_SIGNS, 0) + part(node)


def joined(nodes: Iterable[exp.Expr], form: Part = expression, by: str = ", ") -> str:
    """Several expressions, or other nodes that `form` formats."""
    return by.join(map(form, nodes))


def unknown(node: exp.Expr) -> Refused:
    """The error for syntax that cannot be formatted."""
    return Refused(f"a view with {node.sql('trino')[:80]}")
