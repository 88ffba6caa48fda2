"""Compiles ORDER BY, LIMIT and OFFSET, and passes conditions on to the relations that they limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from local_athena.compiler.constraints import conjunction, conjuncts, is_false
from local_athena.compiler.contract import Compiler, Query
from local_athena.compiler.ordering import direction
from local_athena.compiler.plans import Plan
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Output, Scope, Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.tables.pruning import FALSE, NOTHING
from local_athena.values.types import Type


def limit_inputs(
    plan: Plan, condition: exp.Expr, scope: Scope, outputs: Iterable[Output], compiler: Compiler
) -> None:
    """Pass the comparisons in a condition on to the inputs whose columns they compare.

    Trino folds constants while it plans. A condition that is false because of constants alone therefore reads nothing.

    Args:
        plan: the relation with the condition.
        condition: the condition of a WHERE or ON clause.
        scope: the scope of the condition.
        outputs: the columns whose comparisons may be passed on.
        compiler: resolves the names of columns.
    """
    outputs = list(outputs)
    if is_false(condition):
        for source, own in plan.inputs:
            if any(output.plan is source for output in outputs):
                own[NOTHING] = FALSE
    limits = conjunction(conjuncts(condition), lambda node: _own_column(node, scope, outputs, compiler))
    for output, comparisons in limits:
        for source, own in plan.inputs:
            if source is output.plan:
                own[output.column] = own.get(output.column, ()) + plan.asked_of_inputs(comparisons)


def _own_column(node: exp.Expr, scope: Scope, outputs: Iterable[Output], compiler: Compiler) -> Output | None:
    if not isinstance(node, exp.Column):
        return None
    column = compiler.expression(node, replace(scope, keys=None)).output
    return column if column is not None and any(column is output for output in outputs) else None


def note_each(clause: str, kinds: Iterable[Type], compiler: Compiler) -> None:
    """Note the signature of a clause for each type, such as `group by varchar`."""
    for kind in kinds:
        compiler.note(f"{clause} {shape(kind)}")


def ordered(tree: exp.Expr, query: Query, compiler: Compiler) -> Query:
    """A query with the ORDER BY, LIMIT and OFFSET that follow a set operation or a query in parentheses."""
    order, limit, offset = (tree.args.get(clause) for clause in ("order", "limit", "offset"))
    if not (order or limit or offset):
        return query
    alias = compiler.new_alias()
    plan = Plan(inputs=[(query.plan, {})])
    outputs = [
        Output(name, kind, f"{alias}.c{i}", (), query.plan, f"c{i}")
        for i, (name, kind) in enumerate(query.columns)
    ]
    scope = Scope(outputs, None, clause="ORDER BY")
    tail = order_by_clause(order, scope, [], compiler) + limit_clause(limit, offset, compiler)
    plan.pass_on((output.column for output in outputs), query.plan)
    if limit or offset:
        plan.lineage = {}
    compiler.add(plan)
    return Query(f"SELECT * FROM ({query.sql}) {alias}{tail}", query.columns, plan)


def order_by_clause(
    order: exp.Expr | None, scope: Scope, items: list[Typed], compiler: Compiler, *, distinct: bool = False
) -> str:
    """The ORDER BY clause of a query; empty if it has none.

    Args:
        order: the clause in the syntax tree.
        scope: the names that the keys may use.
        items: the items of the select list; empty for a set operation.
        compiler: compiles the keys.
        distinct: whether the query is SELECT DISTINCT, so that every key must be in the select list.

    Raises:
        QueryFailed: a key is not in the select list.
    """
    if order is None:
        return ""
    kinds = [item.type for item in items] or [output.type for output in scope.outputs]
    parts = []
    for node in order.expressions:
        key = node.this
        if isinstance(key, exp.Literal) and not key.is_string:
            if not 1 <= int(key.name) <= len(kinds):
                raise QueryFailed(
                    "INVALID_COLUMN_REFERENCE",
                    f"{place(key)}ORDER BY position {key.name} is not in select list",
                )
            sql, kind = key.name, kinds[int(key.name) - 1]
        else:
            item = compiler.expression(key, scope)
            same = [i for i, other in enumerate(items, start=1) if other.sql == item.sql]
            if distinct and not same:
                raise QueryFailed(
                    "EXPRESSION_NOT_IN_DISTINCT",
                    f"{place(key)}For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                )
            sql, kind = str(same[0]) if same else item.sql, item.type
        parts.append(sql + direction(node, kind, compiler))
    return f" ORDER BY {', '.join(parts)}"


def limit_clause(limit: exp.Expr | None, offset: exp.Expr | None, compiler: Compiler) -> str:
    """The LIMIT and OFFSET clauses of a query; empty if it has none.

    Raises:
        Refused: local Athena does not support the clause.
    """
    sql = ""
    if limit is not None:
        sql += _limit(limit, compiler)
    if offset is not None:
        compiler.note("offset")
        sql += f" OFFSET {int(offset.expression.name)}"
    return sql


def _limit(limit: exp.Expr, compiler: Compiler) -> str:
    """LIMIT n, LIMIT ALL or FETCH FIRST n ROWS ONLY."""
    fetch = isinstance(limit, exp.Fetch)
    options = limit.args.get("limit_options")
    if options is not None and (options.args.get("with_ties") or options.args.get("percent")):
        raise Refused(f"the clause {limit.sql('trino')}")
    count = limit.args.get("count") if fetch else limit.args.get("expression")
    if fetch and count is None:
        count = exp.Literal.number(1)
    if count is not None and count.name.upper() == "ALL":
        return ""
    if not isinstance(count, exp.Literal):
        raise Refused(f"the clause {limit.sql('trino')}")
    compiler.note("limit")
    return f" LIMIT {int(count.name)}"
