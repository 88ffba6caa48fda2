"""Compiles VALUES, UNION, INTERSECT, EXCEPT, and queries in parentheses."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from local_athena.compiler.comparing import unified
from local_athena.compiler.contract import Compiler, Query
from local_athena.compiler.plans import Plan
from local_athena.compiler.queries.clauses import note_each, ordered
from local_athena.compiler.scopes import Scope, Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.types import Type


def values(tree: exp.Values, parent: Scope | None, compiler: Compiler) -> Query:
    """Compile VALUES."""
    compiler.note("values")
    scope = Scope([], parent, clause="VALUES")
    lines = [[compiler.expression(item, scope) for item in _row_items(line)] for line in tree.expressions]
    if any(len(line) == 1 and line[0].type.base == "row" for line in lines):
        raise Refused("a row value as a line of VALUES")
    width = len(lines[0])
    if any(len(line) != width for line in lines):
        raise QueryFailed("TYPE_MISMATCH", f"{place(tree)}Values rows have mismatched sizes")
    kinds = [
        unified([line[i].type for line in lines], "Values rows have mismatched types", tree)
        for i in range(width)
    ]
    items = ["(" + ", ".join(map(compiler.coerced, line, kinds)) + ")" for line in lines]
    names = [f"c{index}" for index in range(width)]
    alias = compiler.new_alias()
    sql = f"SELECT {', '.join(names)} FROM (VALUES {', '.join(items)}) {alias}({', '.join(names)})"
    plan = Plan()
    compiler.add(plan)
    return Query(sql, [(None, kind) for kind in kinds], plan)


def set_operation(tree: exp.SetOperation, parent: Scope | None, compiler: Compiler) -> Query:
    """Compile UNION, INTERSECT or EXCEPT, with the ORDER BY and LIMIT that follow it."""
    left = compiler.query(tree.this, parent)
    right = compiler.query(tree.expression, parent)
    operator = tree.key.upper()
    if len(left.columns) != len(right.columns):
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(tree)}{operator} query has different number of fields: "
            f"{len(left.columns)}, {len(right.columns)}",
        )
    kinds = []
    for index, ((_, a), (_, b)) in enumerate(zip(left.columns, right.columns, strict=True), start=1):
        kind = types.common(a, b)
        if kind is None:
            raise QueryFailed(
                "TYPE_MISMATCH",
                f"{place(tree)}column {index} in {operator} query has incompatible types: {a}, {b}",
            )
        kinds.append(kind)
    distinct = "" if tree.args.get("distinct") else " ALL"
    compiler.note(f"{operator}{distinct}".lower())
    if not distinct:
        note_each("distinct", kinds, compiler)
    plan = Plan(inputs=[(left.plan, {}), (right.plan, {})])
    keys = [f"c{index}" for index in range(len(kinds))]
    plan.pass_on(keys, left.plan, right.plan)
    if not distinct:
        # Whole rows are compared, so all columns are needed.
        for side in (left.plan, right.plan):
            side.named += keys
    compiler.add(plan)
    sql = f"{_coerced(left, kinds, compiler)} {operator}{distinct} {_coerced(right, kinds, compiler)}"
    names = [name for name, _ in left.columns]
    query = Query(f"SELECT * FROM ({sql}) {compiler.new_alias()}", list(zip(names, kinds, strict=True)), plan)
    return ordered(tree, query, compiler)


def _coerced(query: Query, kinds: Sequence[Type], compiler: Compiler) -> str:
    alias = compiler.new_alias()
    items = [
        f"{compiler.coerced(Typed(f'{alias}.c{i}', own), kind)} AS c{i}"
        for i, ((_, own), kind) in enumerate(zip(query.columns, kinds, strict=True))
    ]
    return f"(SELECT {', '.join(items)} FROM ({query.sql}) {alias})"


def parenthesised(tree: exp.Subquery, parent: Scope | None, compiler: Compiler) -> Query:
    """Compile a query in parentheses, with the ORDER BY and LIMIT that follow it."""
    query = compiler.query(tree.this, parent)
    if not any(tree.args.get(clause) for clause in ("order", "limit", "offset")):
        return query
    return ordered(tree, query, compiler)


def _row_items(line: exp.Expr) -> list[exp.Expr]:
    """The values of a line: `1`, `(1, 2)` or `row(1, 2)`."""
    items = line.expressions if isinstance(line, exp.Tuple) else [line]
    single = items[0]
    if len(items) == 1 and isinstance(single, exp.Anonymous) and single.name.lower() == "row":
        return single.expressions
    return items
