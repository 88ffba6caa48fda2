"""Compiles conditions: comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL, EXISTS."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.comparing import check_comparable, compared, unified
from local_athena.compiler.contract import Compiler, Part
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Scope, Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.operators import COMPARISON_SIGNS
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.types import BOOLEAN


def _comparison(node: exp.Expr, scope: Scope, compiler: Compiler) -> Typed:
    quantified = _quantified(node.expression)
    if quantified is not None:
        return _compared_with_each(node, *quantified, scope, compiler)
    left, right = compiler.expression(node.this, scope), compiler.expression(node.expression, scope)
    return compared(COMPARISON_SIGNS[type(node)], left, right, node, compiler)


def _quantified(node: exp.Expr) -> tuple[str, exp.Expr] | None:
    """ANY or ALL and its subquery; None for another expression."""
    if isinstance(node, (exp.Any, exp.All)):
        return ("ANY" if isinstance(node, exp.Any) else "ALL"), node.this
    word = node.name.upper() if isinstance(node, exp.Anonymous) else ""
    if word in ("ANY", "SOME", "ALL") and len(node.expressions) == 1:
        query = node.expressions[0]
        return (
            ("ALL" if word == "ALL" else "ANY", query) if isinstance(query, (exp.Query, exp.Values)) else None
        )
    return None


def _compared_with_each(
    node: exp.Expr, word: str, query: exp.Expr, scope: Scope, compiler: Compiler
) -> Typed:
    """A comparison with ANY (or SOME) or ALL rows of a subquery."""
    value, operator = compiler.expression(node.this, scope), COMPARISON_SIGNS[type(node)]
    if not isinstance(query, (exp.Query, exp.Values)) or operator.startswith("IS"):
        raise Refused(f"the comparison {operator} {word}")
    inner = compiler.subquery(query, scope)
    own = inner.columns[0][1]
    kind = types.common(value.type, own)
    if len(inner.columns) != 1 or kind is None or kind.base in ("double", "real"):
        # In DuckDB, NaN equals itself, but not in Trino.
        raise Refused(f"the comparison of {value.type} with {word} of {own}")
    check_comparable(kind, value.type, own)
    compiler.note(f"{shape(kind)} {operator} {word.lower()} (select ...)")
    sql = f"SELECT {compiler.coerced(Typed('q.c0', own), kind)} FROM ({inner.sql}) q"
    return Typed(f"({compiler.coerced(value, kind)} {operator} {word} ({sql}))", BOOLEAN)


def _connector(node: exp.Expr, scope: Scope, compiler: Compiler) -> Typed:
    word = "AND" if isinstance(node, exp.And) else "OR"
    compiler.note(word.lower())
    operands = [
        compiler.condition(part, scope, "Logical expression term") for part in node.flatten(unnest=False)
    ]
    return Typed("(" + f" {word} ".join(operand.sql for operand in operands) + ")", BOOLEAN)


def _not(node: exp.Not, scope: Scope, compiler: Compiler) -> Typed:
    compiler.note("not")
    return Typed(
        f"(NOT {compiler.condition(node.this, scope, 'Value of logical NOT expression').sql})", BOOLEAN
    )


def _is_null(node: exp.Is, scope: Scope, compiler: Compiler) -> Typed:
    if not isinstance(node.expression, exp.Null):
        raise Refused(f"the expression {node.sql('trino')[:80]}")
    compiler.note("E is null")
    return Typed(f"({compiler.expression(node.this, scope).sql} IS NULL)", BOOLEAN)


def _in(node: exp.In, scope: Scope, compiler: Compiler) -> Typed:
    value = compiler.expression(node.this, scope)
    query = node.args.get("query")
    if query is not None:
        return _in_subquery(value, query, node, scope, compiler)
    items = [compiler.expression(item, scope) for item in node.expressions]
    kind = unified(
        [value.type, *(item.type for item in items)], "IN value and list items must be the same type", node
    )
    if kind.base in ("double", "real", "row"):
        return Typed(
            f"({' OR '.join(compared('=', value, item, node, compiler).sql for item in items)})", BOOLEAN
        )
    check_comparable(kind, value.type, *(item.type for item in items))
    compiler.note(f"{shape(kind)} in ({shape(kind)}, ...)")
    listed = ", ".join(compiler.coerced(item, kind) for item in items)
    return Typed(f"({compiler.coerced(value, kind)} IN ({listed}))", BOOLEAN)


def _in_subquery(value: Typed, query: exp.Expr, node: exp.Expr, scope: Scope, compiler: Compiler) -> Typed:
    inner = compiler.subquery(query, scope)
    if len(inner.columns) != 1:
        raise Refused("IN with a subquery of more than one column")
    own = inner.columns[0][1]
    kind = types.common(value.type, own)
    if kind is None:
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(node)}value and result of subquery must be of the same type for IN expression: "
            f"{value.type} vs {own}",
        )
    check_comparable(kind, value.type, own)
    if kind.base in ("double", "real"):
        # In DuckDB, NaN equals itself, but not in Trino.
        raise Refused(f"IN with a subquery of {kind}")
    compiler.note(f"{shape(kind)} in (select ...)")
    sql = f"SELECT {compiler.coerced(Typed('q.c0', own), kind)} FROM ({inner.sql}) q"
    return Typed(f"({compiler.coerced(value, kind)} IN ({sql}))", BOOLEAN)


def _between(node: exp.Between, scope: Scope, compiler: Compiler) -> Typed:
    value, low, high = (
        compiler.expression(part, scope) for part in (node.this, node.args["low"], node.args["high"])
    )
    kind = types.common(types.common(value.type, low.type) or value.type, high.type)
    if types.common(value.type, low.type) is None or kind is None:
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(node)}Cannot check if {value.type} is BETWEEN {low.type} and {high.type}",
        )
    if kind.base in ("double", "real"):
        tests = (compared(">=", value, low, node, compiler), compared("<=", value, high, node, compiler))
        return Typed(f"({tests[0].sql} AND {tests[1].sql})", BOOLEAN)
    check_comparable(kind, value.type, low.type, high.type)
    compiler.note(f"{shape(kind)} between {shape(kind)} and {shape(kind)}")
    a, b, c = (compiler.coerced(part, kind) for part in (value, low, high))
    return Typed(f"({a} BETWEEN {b} AND {c})", BOOLEAN)


def _like(node: exp.Expr, scope: Scope, compiler: Compiler) -> Typed:
    escape = None
    if isinstance(node, exp.Escape):
        escape, node = node.expression, node.this
    value, pattern = compiler.expression(node.this, scope), compiler.expression(node.expression, scope)
    for part in (value, pattern):
        if part.type.base not in ("varchar", "unknown"):
            raise QueryFailed(
                "TYPE_MISMATCH",
                f"{place(node)}Left side of LIKE expression must evaluate to a varchar (actual: {part.type})",
            )
    word = "NOT " if node.args.get("negate") else ""
    compiler.note(f"varchar like varchar{' escape varchar' if escape is not None else ''}")
    if escape is not None:
        return Typed(
            f"({word}t_like({value.sql}, {pattern.sql}, {compiler.expression(escape, scope).sql}))", BOOLEAN
        )
    return Typed(f"({value.sql} {word}LIKE {pattern.sql})", BOOLEAN)


def _exists(node: exp.Exists, scope: Scope, compiler: Compiler) -> Typed:
    compiler.note("exists")
    return Typed(f"EXISTS ({compiler.subquery(node.this, scope).sql})", BOOLEAN)


CONDITIONS: dict[type[exp.Expr], Part] = {
    **dict.fromkeys(COMPARISON_SIGNS, _comparison),
    exp.And: _connector,
    exp.Or: _connector,
    exp.Not: _not,
    exp.Is: _is_null,
    exp.In: _in,
    exp.Between: _between,
    exp.Like: _like,
    exp.Escape: _like,
    exp.Exists: _exists,
}
