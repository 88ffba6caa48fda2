"""Formats calls of functions, aggregates and window functions, and functions with special syntax."""

from __future__ import annotations

from sqlglot import exp

from local_athena.sql.formatting.operators import is_row, row
from local_athena.sql.formatting.parts import expression, formats, joined
from local_athena.sql.formatting.words import identifier
from local_athena.sql.grammar import IS_FROM_FOR, NULLS_ORDERED, SPELLING

#: Functions that Trino's grammar knows. The formatter writes them in capital letters.
_KNOWN = ("coalesce", "if", "nullif", "try")
#: Functions without parentheses. Trino writes them in small letters, also if they have a precision in parentheses.
_MOMENTS: dict[type[exp.Expr], str] = {
    exp.CurrentDate: "current_date",
    exp.CurrentTimestamp: "current_timestamp",
    exp.Localtimestamp: "localtimestamp",
}


@formats(exp.Anonymous)
def _call(node: exp.Expr) -> str:
    """The call of a function or an aggregate."""
    name = node.name.lower()
    if is_row(node):
        return row(node)
    if name == "grouping":
        return f"GROUPING ({joined(node.expressions)})"
    if name in _KNOWN:
        return f"{name.upper()}({joined(node.expressions)})"
    if name == "count" and not node.expressions:
        return f"{function_name(node)}(*)"
    return f"{function_name(node)}({_arguments(node)})"


def function_name(node: exp.Expr) -> str:
    """The name of the function that is called, in the letter case in which it was written."""
    if isinstance(node.this, exp.Identifier):
        return identifier(node.this)
    return node.name.lower() if node.name.lower() in _MOMENTS.values() else node.name


def _arguments(node: exp.Expr) -> str:
    """The arguments of an aggregate or another function, with DISTINCT and ORDER BY."""
    arguments = list(node.expressions)
    distinct = order = ""
    # sqlglot puts ORDER BY inside of DISTINCT, or around it if there is one argument.
    while arguments and isinstance(arguments[-1], (exp.Distinct, exp.Order)):
        last = arguments.pop()
        if isinstance(last, exp.Distinct):
            distinct, arguments = "DISTINCT ", list(last.expressions)
        else:
            order = f" {order_by(last)}"
            arguments.append(last.this)
    return f"{distinct}{joined(arguments)}{order}"


@formats(exp.Lambda)
def _lambda(node: exp.Expr) -> str:
    return f"({joined(node.expressions)}) -> {expression(node.this)}"


@formats(exp.Filter)
def _filter(node: exp.Expr) -> str:
    return f"{expression(node.this)} FILTER (WHERE {expression(node.expression.this)})"


@formats(exp.WithinGroup)
def _within_group(node: exp.Expr) -> str:
    arguments = list(node.this.expressions)
    inner = arguments[0].expressions if isinstance(arguments[0], exp.Distinct) else arguments
    separator = "" if len(inner) > 1 else ", ''"
    return (
        f"LISTAGG({_arguments(node.this)}{separator} ON OVERFLOW  ERROR) "
        f"WITHIN GROUP ({order_by(node.expression)})"
    )


@formats(exp.Window)
def _window(node: exp.Expr) -> str:
    """A function with its OVER clause."""
    # sqlglot gives a window in parentheses more parts than the name of a window alone.
    over = f"({specification(node)})" if "order" in node.args else identifier(node.args["alias"])
    return f"{expression(node.this)} OVER {over}"


def specification(node: exp.Expr) -> str:
    """What the parentheses of a window contain."""
    name, partition, order, spec = (
        node.args.get(part) for part in ("alias", "partition_by", "order", "spec")
    )
    parts = [identifier(name)] if name is not None else []
    if partition:
        parts.append(f"PARTITION BY {joined(partition)}")
    if order is not None:
        parts.append(order_by(order))
    if spec is not None:
        parts.append(_frame(spec))
    return " ".join(parts)


def _frame(spec: exp.Expr) -> str:
    def edge(which: str) -> str:
        value = spec.args[which]
        shown = value if isinstance(value, str) else expression(value)
        return f"{shown} {spec.args.get(f'{which}_side') or ''}".strip().upper()

    kind = (spec.args.get("kind") or "RANGE").upper()
    if spec.args.get("end") is None:
        return f"{kind} {edge('start')}"
    return f"{kind} BETWEEN {edge('start')} AND {edge('end')}"


def order_by(node: exp.Expr) -> str:
    """An ORDER BY clause."""
    return f"ORDER BY {joined(node.expressions, _ordered)}"


def _ordered(node: exp.Expr) -> str:
    nulls = (
        f" NULLS {'FIRST' if node.args.get('nulls_first') else 'LAST'}"
        if node.meta.get(NULLS_ORDERED)
        else ""
    )
    return f"{expression(node.this)} {'DESC' if node.args.get('desc') else 'ASC'}{nulls}"


@formats(exp.Extract)
def _extract(node: exp.Expr) -> str:
    return f"EXTRACT({node.this.name.upper()} FROM {expression(node.expression)})"


@formats(exp.Trim)
def _trim(node: exp.Expr) -> str:
    position = str(node.args.get("position") or "BOTH").upper()
    removed = f" {expression(node.expression)}" if node.expression is not None else ""
    return f"trim({position}{removed} FROM {expression(node.this)})"


@formats(exp.StrPosition)
def _position(node: exp.Expr) -> str:
    return f"strpos({expression(node.this)}, {expression(node.args['substr'])})"


@formats(exp.Substring)
def _substring(node: exp.Expr) -> str:
    parts = (node.this, node.args.get("start"), node.args.get("length"))
    name = "substr" if node.meta.get(IS_FROM_FOR) else node.meta[SPELLING]
    return f"{name}({joined(part for part in parts if part is not None)})"


@formats(*_MOMENTS)
def _moment(node: exp.Expr) -> str:
    return _MOMENTS[type(node)]
