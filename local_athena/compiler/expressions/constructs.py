"""Compiles CASE, IF, casts, arrays, rows, subscripts, parentheses and scalar subqueries."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.comparing import compared, unified
from local_athena.compiler.contract import Compiler, Part
from local_athena.compiler.expressions.literals import typed_literal
from local_athena.compiler.functions import FUNCTIONS, Call
from local_athena.compiler.scopes import Scope, Typed, row_of
from local_athena.errors import Refused
from local_athena.sql.grammar import IS_LITERAL, LITERAL_TYPES
from local_athena.values import types
from local_athena.values.sql_types import from_sql
from local_athena.values.types import UNKNOWN


def _paren(node: exp.Paren, scope: Scope, compiler: Compiler) -> Typed:
    inner = compiler.expression(node.this, scope)
    return inner if inner.output else Typed(f"({inner.sql})", inner.type)


def _array(node: exp.Array, scope: Scope, compiler: Compiler) -> Typed:
    items = [compiler.expression(item, scope) for item in node.expressions]
    kind = unified([item.type for item in items], "All ARRAY elements must be the same type", node)
    compiler.note("array[E, ...]")
    return Typed(f"[{', '.join(compiler.coerced(item, kind) for item in items)}]", types.array(kind))


def _tuple(node: exp.Tuple, scope: Scope, compiler: Compiler) -> Typed:
    compiler.note("(E, ...)")
    return row_of([compiler.expression(item, scope) for item in node.expressions])


def _case(node: exp.Case, scope: Scope, compiler: Compiler) -> Typed:
    operand = node.this
    compiler.note("case when" if operand is None else "case E when")
    conditions = []
    for branch in node.args["ifs"]:
        if operand is None:
            conditions.append(compiler.condition(branch.this, scope, "CASE WHEN clause"))
        else:
            left, right = compiler.expression(operand, scope), compiler.expression(branch.this, scope)
            conditions.append(compared("=", left, right, branch, compiler))
    results = [compiler.expression(branch.args["true"], scope) for branch in node.args["ifs"]]
    default = node.args.get("default")
    last = compiler.expression(default, scope) if default is not None else Typed("NULL", UNKNOWN)
    kind = unified([item.type for item in (*results, last)], "All CASE results must be the same type", node)
    whens = " ".join(
        f"WHEN {condition.sql} THEN {compiler.coerced(result, kind)}"
        for condition, result in zip(conditions, results, strict=True)
    )
    return Typed(f"(CASE {whens} ELSE {compiler.coerced(last, kind)} END)", kind)


def _if(node: exp.If, scope: Scope, compiler: Compiler) -> Typed:
    condition = compiler.condition(node.this, scope, "IF condition")
    default = node.args.get("false")
    first = compiler.expression(node.args["true"], scope)
    last = compiler.expression(default, scope) if default is not None else Typed("NULL", UNKNOWN)
    kind = unified([first.type, last.type], "Result types for IF must be the same", node)
    compiler.note("if(boolean, E, E)" if default is not None else "if(boolean, E)")
    true, false = compiler.coerced(first, kind), compiler.coerced(last, kind)
    return Typed(f"(CASE WHEN {condition.sql} THEN {true} ELSE {false} END)", kind)


def _cast(node: exp.Cast, scope: Scope, compiler: Compiler) -> Typed:
    if node.meta.get(IS_LITERAL) and node.to.this in LITERAL_TYPES:
        return typed_literal(node, scope, compiler)
    value = compiler.expression(node.this, scope)
    return compiler.cast(value, from_sql(node.to), node, safe=isinstance(node, exp.TryCast))


def _bracket(node: exp.Bracket, scope: Scope, compiler: Compiler) -> Typed:
    if len(node.expressions) != 1:
        raise Refused(f"the subscript {node.sql('trino')[:80]}")
    value, index = compiler.expression(node.this, scope), compiler.expression(node.expressions[0], scope)
    return FUNCTIONS["[]"](Call("[]", [value, index], node, compiler, scope))


def _subquery(node: exp.Expr, scope: Scope, compiler: Compiler) -> Typed:
    query = compiler.subquery(node, scope)
    if len(query.columns) != 1:
        raise Refused("a scalar subquery of more than one column")
    compiler.note("scalar subquery")
    return Typed(f"({query.sql})", query.columns[0][1])


CONSTRUCTS: dict[type[exp.Expr], Part] = {
    exp.Paren: _paren,
    exp.Array: _array,
    exp.Tuple: _tuple,
    exp.Case: _case,
    exp.If: _if,
    exp.Cast: _cast,
    exp.Bracket: _bracket,
    exp.Subquery: _subquery,
}
