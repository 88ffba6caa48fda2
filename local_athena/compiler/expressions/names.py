"""Resolves names: columns with or without a qualifier, parameters of lambdas, and fields of rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from local_athena.compiler.contract import Compiler, Part
from local_athena.compiler.scopes import Output, Scope, Typed, typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values.duckdb_types import quoted


def _column(node: exp.Column, scope: Scope, compiler: Compiler) -> Typed:
    if isinstance(node.this, exp.Star):
        raise Refused("* inside of an expression")
    return _path([part.name for part in node.parts], node, scope, compiler)


def _identifier(node: exp.Identifier, scope: Scope, compiler: Compiler) -> Typed:
    return _path([node.name], node, scope, compiler)


def _dot(node: exp.Dot, scope: Scope, compiler: Compiler) -> Typed:
    names: list[str] = []
    inner: exp.Expr = node
    while isinstance(inner, exp.Dot):
        names.insert(0, inner.expression.name)
        inner = inner.this
    if isinstance(inner, exp.Identifier):
        return _path([inner.name, *names], node, scope, compiler)
    return _fields(compiler.expression(inner, scope), [name.lower() for name in names], node, compiler)


def _path(names: Sequence[str], node: exp.Expr, scope: Scope, compiler: Compiler) -> Typed:
    """The column or lambda parameter that a dotted name means. Further parts of the name are fields of a row.

    Raises:
        QueryFailed: the name is unknown or ambiguous, or the column is neither grouped nor aggregated.
    """
    lowered = [name.lower() for name in names]
    current: Scope | None = scope
    while current is not None:
        if lowered[0] in current.variables:
            return _fields(current.variables[lowered[0]], lowered[1:], node, compiler)
        for length in range(len(lowered), 0, -1):
            output = _lookup(lowered[:length], current, node)
            if output is not None:
                if current is not scope and scope.clause == "UNNEST":
                    # Trino itself rejects most of these queries.
                    raise Refused("UNNEST of a column of an outer query")
                if current is not scope:
                    compiler.note("column of an outer query")
                _check_grouped(output, node, current)
                return _fields(typed(output), lowered[length:], node, compiler)
        current = current.parent
    raise QueryFailed(
        "COLUMN_NOT_FOUND",
        f"{place(node)}Column '{'.'.join(lowered)}' cannot be resolved or requester is not authorized to "
        "access requested resources",
    )


def _lookup(names: Sequence[str], scope: Scope, node: exp.Expr) -> Output | None:
    qualifiers = tuple(names[:-1])
    same = [
        output
        for output in scope.outputs
        if output.key == names[-1] and (not qualifiers or output.qualifiers[-len(qualifiers) :] == qualifiers)
    ]
    if not same:
        return None
    if len(same) > 1:
        raise QueryFailed("AMBIGUOUS_NAME", f"{place(node)}Column '{'.'.join(names)}' is ambiguous")
    same[0].note_use()
    return same[0]


def _check_grouped(output: Output, node: exp.Expr, scope: Scope) -> None:
    if scope.keys is not None and output.sql not in scope.keys:
        raise QueryFailed(
            "EXPRESSION_NOT_AGGREGATE",
            f"{place(node)}'{node.sql('trino')}' must be an aggregate expression or appear in GROUP BY clause",
        )


def _fields(value: Typed, names: Sequence[str], node: exp.Expr, compiler: Compiler) -> Typed:
    for name in names:
        if value.type.base != "row" or name not in value.type.names:
            if value.type.base != "row":
                raise QueryFailed(
                    "TYPE_MISMATCH", f"{place(node)}Expression {node.sql('trino')} is not of type ROW"
                )
            code = "COLUMN_NOT_FOUND" if value.output else "INVALID_COLUMN_REFERENCE"
            verb = "cannot be resolved" if value.output else "is invalid"
            kind = "Column" if value.output else "Column reference"
            raise QueryFailed(code, f"{place(node)}{kind} '{name}' {verb}")
        compiler.note("field of a row")
        value = Typed(f"({value.sql}).{quoted(name)}", value.type.items[value.type.names.index(name)])
    return value


NAMES: dict[type[exp.Expr], Part] = {exp.Column: _column, exp.Identifier: _identifier, exp.Dot: _dot}
