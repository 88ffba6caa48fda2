"""Compiles ORDER BY inside of windows and aggregate functions, and the direction of every ORDER BY key."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.contract import Compiler
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Scope
from local_athena.errors import QueryFailed
from local_athena.sql.places import place
from local_athena.values.types import Type


def order_by(order: exp.Expr, scope: Scope, compiler: Compiler) -> str:
    """The ORDER BY clause of a window or an aggregate function. A number in it is a value, not a column position."""
    parts = []
    for node in order.expressions:
        key = compiler.expression(node.this, scope)
        parts.append(key.sql + direction(node, key.type, compiler))
    return f" ORDER BY {', '.join(parts)}"


def direction(node: exp.Expr, kind: Type, compiler: Compiler) -> str:
    """The direction of a key and the position of nulls. As in Trino, nulls come last by default in both directions.

    Raises:
        QueryFailed: values of the type have no order.
    """
    if kind.base in ("json", "map"):
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(node)}Type {kind} is not orderable, and therefore cannot be used in ORDER BY",
        )
    compiler.note(f"order by {shape(kind)}")
    descending = bool(node.args.get("desc"))
    nulls_first = isinstance(node, exp.Ordered) and bool(node.args.get("nulls_first"))
    if descending:
        compiler.note("order by ... desc")
    if nulls_first:
        compiler.note("order by ... nulls first")
    return f" {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"
