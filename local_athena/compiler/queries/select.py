"""Compiles SELECT: the select list, WHERE, GROUP BY and HAVING."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from local_athena.compiler.contract import Compiler, Query
from local_athena.compiler.plans import Plan
from local_athena.compiler.queries.clauses import limit_clause, limit_inputs, note_each, order_by_clause
from local_athena.compiler.queries.grouping import group_by
from local_athena.compiler.queries.relations import from_clause
from local_athena.compiler.scopes import Output, Scope, Typed, typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place

_CLAUSES = {
    "with_", "expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit", "offset",
    "kind", "hint", "operation_modifiers", "laterals", "windows",
}  # fmt: skip


def select(tree: exp.Select, parent: Scope | None, compiler: Compiler) -> Query:
    """Compile a SELECT without its WITH clause.

    Args:
        tree: the SELECT.
        parent: the scope of the query around it.
        compiler: compiles its parts.
    """
    for clause, value in tree.args.items():
        if value and clause not in _CLAUSES:
            raise Refused(f"the clause {clause.rstrip('_').upper()}")
    _check_windows(tree)
    plan = Plan()
    from_sql, outputs = from_clause(tree, parent, plan, compiler)
    where_sql = _where(tree.args.get("where"), Scope(outputs, parent, clause="WHERE clause"), plan, compiler)
    keys, group_sql = group_by(tree, outputs, parent, compiler)
    scope = Scope(outputs, parent, keys=None if keys is None else frozenset(key.sql for key in keys))
    items = _select_items(tree, scope, plan, compiler)
    having_sql = _having(tree.args.get("having"), scope, compiler)
    distinct = _is_distinct(tree, items, compiler)
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    expressions = [item for _, item in items]
    order_scope = _order_scope(items, scope)
    order_sql = order_by_clause(tree.args.get("order"), order_scope, expressions, compiler, distinct=distinct)
    select_list = ", ".join(f"{item.sql} AS c{i}" for i, item in enumerate(expressions))
    sql = (
        f"SELECT {'DISTINCT ' if distinct else ''}{select_list}{from_sql}{where_sql}{group_sql}{having_sql}"
        f"{order_sql}{limit_clause(limit, offset, compiler)}"
    )
    if not (limit or offset or "GROUPING SETS" in group_sql):
        plan.lineage = _lineage(expressions, scope.windows, plan)
    compiler.add(plan)
    return Query(sql, [(name, item.type) for name, item in items], plan)


def _check_windows(tree: exp.Select) -> None:
    """Check the WINDOW clause. A window is compiled where it is used.

    Raises:
        Refused: a window is not used, or it has the name of another.
    """
    windows = tree.args.get("windows") or []
    names = [window.this.name.lower() for window in windows]
    used = {node.args["alias"].name.lower() for node in tree.find_all(exp.Window) if node.args.get("alias")}
    if len(set(names)) < len(names) or not set(names) <= used:
        raise Refused("the clause WINDOW with a window that is not used or is named twice")


def _having(having: exp.Expr | None, scope: Scope, compiler: Compiler) -> str:
    if having is None:
        return ""
    compiler.note("having")
    condition = compiler.condition(having.this, replace(scope, clause=""), "HAVING clause")
    return f" HAVING {condition.sql}"


def _is_distinct(tree: exp.Select, items: list[tuple[str | None, Typed]], compiler: Compiler) -> bool:
    distinct = tree.args.get("distinct")
    if distinct is None:
        return False
    if distinct.args.get("on"):
        raise Refused("DISTINCT ON")
    note_each("distinct", [item.type for _, item in items], compiler)
    return True


def _where(where: exp.Expr | None, scope: Scope, plan: Plan, compiler: Compiler) -> str:
    if where is None:
        return ""
    compiler.note("where")
    condition = compiler.condition(where.this, scope, "WHERE clause")
    limit_inputs(plan, where.this, scope, scope.outputs, compiler)
    return f" WHERE {condition.sql}"


def _select_items(
    tree: exp.Select, scope: Scope, plan: Plan, compiler: Compiler
) -> list[tuple[str | None, Typed]]:
    # DISTINCT and ORDER BY need every item of the select list.
    all_needed = bool(tree.args.get("distinct") or tree.args.get("order"))
    items: list[tuple[str | None, Typed]] = []
    for node in tree.expressions:
        before = [(source, len(source.named)) for source, _ in plan.inputs]
        some = _items_of(node, scope, compiler)
        if not all_needed:
            columns = _taken(before)
            for index, (_, item) in enumerate(some, start=len(items)):
                output = item.output if len(some) > 1 else None
                plan.made_of[f"c{index}"] = [(output.plan, output.column)] if output else columns
        items += some
    return items


def _taken(before: list[tuple[Plan, int]]) -> list[tuple[Plan, str]]:
    """Remove and return the columns that were named since `before`.

    Such columns are needed only if a reader reads the item that named them.

    Args:
        before: the relations, each with the number of columns that were named before.
    """
    taken = [(source, name) for source, count in before for name in source.named[count:]]
    for source, count in before:
        del source.named[count:]
    return taken


def _items_of(node: exp.Expr, scope: Scope, compiler: Compiler) -> list[tuple[str | None, Typed]]:
    """The columns of an item of the select list: one column, or all columns of `*`."""
    if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
        return _star(node, scope, compiler)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Star):
        raise Refused("the fields of a row as .*")
    name = node.alias if isinstance(node, exp.Alias) else _implied_name(node)
    inner = node.this if isinstance(node, exp.Alias) else node
    return [(name, compiler.expression(inner, scope))]


def _star(node: exp.Expr, scope: Scope, compiler: Compiler) -> list[tuple[str | None, Typed]]:
    """The columns of `*` or `t.*`."""
    if node.args.get("except_") or node.args.get("replace") or node.args.get("except"):
        raise Refused("* with EXCEPT or REPLACE")
    compiler.note("*")
    outputs = _meant(node, [output for output in scope.outputs if not output.hidden])
    for output in outputs:
        output.note_use()
        if scope.keys is not None and output.sql not in scope.keys:
            raise QueryFailed(
                "EXPRESSION_NOT_AGGREGATE",
                f"{place(node)}Column '{output.name}' must be an aggregate expression or appear in GROUP BY clause",
            )
    return [(output.name, typed(output)) for output in outputs]


def _meant(node: exp.Expr, outputs: list[Output]) -> list[Output]:
    if isinstance(node, exp.Column):
        parts = tuple(part.name.lower() for part in node.parts[:-1])
        qualified = [output for output in outputs if output.qualifiers[-len(parts) :] == parts]
        if not qualified:
            raise QueryFailed(
                "TABLE_NOT_FOUND", f"{place(node)}Unable to resolve reference {'.'.join(parts)}"
            )
        return qualified
    if not outputs:
        raise QueryFailed(
            "COLUMN_NOT_FOUND", f"{place(node)}SELECT * not allowed from relation that has no columns"
        )
    return outputs


def _order_scope(items: list[tuple[str | None, Typed]], scope: Scope) -> Scope:
    """The scope of ORDER BY: names of the select list take precedence over columns of FROM."""
    return replace(
        scope,
        variables={**scope.variables, **{name.lower(): item for name, item in items if name is not None}},
    )


def _implied_name(node: exp.Expr) -> str | None:
    """The name that a column or a field of a column gives to an item. Parentheses do not matter."""
    node = node.unnest()
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Dot):
        # Only a field of a column gives the item a name; `cast(row(1) as row(a integer)).a` has no name.
        inner = node.this.unnest()
        while isinstance(inner, exp.Dot):
            inner = inner.this.unnest()
        return node.expression.name if isinstance(inner, (exp.Column, exp.Identifier)) else None
    return None


def _lineage(items: list[Typed], windows: list[set[str]], plan: Plan) -> dict[str, list[tuple[Plan, str]]]:
    """The columns that a SELECT passes on unchanged from its inputs.

    With window functions, only columns that every window is partitioned by count: a condition on another column would
    remove rows that the window functions need.
    """
    inputs = {id(source) for source, _ in plan.inputs}
    return {
        f"c{index}": [(item.output.plan, item.output.column)]
        for index, item in enumerate(items)
        if item.output is not None
        and id(item.output.plan) in inputs
        and all(item.output.sql in keys for keys in windows)
    }
