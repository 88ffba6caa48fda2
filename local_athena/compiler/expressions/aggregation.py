"""Finds aggregate functions in expressions."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.functions import AGGREGATES
from local_athena.errors import Refused


def is_aggregated(node: exp.Expr) -> bool:
    """Whether the node itself is an aggregate function, a FILTER or a window function."""
    return isinstance(node, (exp.Window, exp.Filter)) or _is_aggregate(node)


def has_aggregate(node: exp.Expr) -> bool:
    """Whether the expression contains an aggregate function outside of subqueries.

    A window function itself does not count, but its arguments and keys do.

    Raises:
        Refused: the expression contains a window function with FILTER.
    """
    if isinstance(node, (exp.Subquery, exp.Exists, exp.Select)):
        return False
    if isinstance(node, exp.Window):
        if isinstance(node.this, exp.Filter):
            raise Refused("FILTER of a window function")
        parts = [*node.args.get("partition_by", []), *node.this.iter_expressions()]
        if node.args.get("order"):
            parts.append(node.args["order"])
        return any(map(has_aggregate, parts))
    if _is_aggregate(node):
        return True
    if isinstance(node, exp.In) and node.args.get("query"):
        return has_aggregate(node.this)
    return any(map(has_aggregate, node.iter_expressions()))


def _is_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and (
        node.name.lower() in AGGREGATES or node.name.lower() == "grouping"
    )
