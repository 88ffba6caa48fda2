"""Compiles FROM: tables, views, subqueries and joins."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from local_athena.compiler.comparing import compared
from local_athena.compiler.contract import Compiler, Query, Relation
from local_athena.compiler.plans import Plan, TableSource
from local_athena.compiler.queries.aliases import renamed
from local_athena.compiler.queries.clauses import limit_inputs
from local_athena.compiler.queries.sets import parenthesised
from local_athena.compiler.queries.unnest import unnest
from local_athena.compiler.scopes import Output, Scope, typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.grammar import is_relation
from local_athena.sql.names import CATALOG_NAME
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.duckdb_types import quoted


def from_clause(
    tree: exp.Select, parent: Scope | None, plan: Plan, compiler: Compiler
) -> tuple[str, list[Output]]:
    """The FROM clause of a SELECT in DuckDB's SQL (empty if it has none), and its columns.

    Args:
        tree: the SELECT.
        parent: the outer query's scope.
        plan: the plan of the SELECT. The relations in FROM become its inputs.
        compiler: compiles the relations.
    """
    from_ = tree.args.get("from_")
    if from_ is None:
        return "", []
    first = relation(from_.this, parent, [], plan, compiler)
    sql, outputs = first.sql, first.outputs
    for join in tree.args.get("joins") or []:
        sql, outputs = _join(join, sql, outputs, parent, plan, compiler)
    if tree.args.get("laterals"):
        raise Refused("LATERAL VIEW")
    return f" FROM {sql}", outputs


def relation(
    node: exp.Expr, parent: Scope | None, left: list[Output], plan: Plan, compiler: Compiler
) -> Relation:
    """Compile one item of FROM.

    Args:
        node: the item.
        parent: the outer query's scope.
        left: the columns of the items before it. UNNEST and LATERAL may name them.
        plan: the plan of the SELECT that reads the item.
        compiler: compiles the item.
    """
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Values):
        node = exp.Values(
            **{**node.this.args, "alias": node.args.get("alias"), "joins": node.args.get("joins")}
        )
    first = _single(node, parent, left, plan, compiler)
    joins = node.args.get("joins")
    if not joins:
        return first
    sql, outputs = first.sql, first.outputs
    for join in joins:
        sql, outputs = _join(join, sql, outputs, parent, plan, compiler)
    return Relation(f"({sql})", outputs)


def _single(
    node: exp.Expr, parent: Scope | None, left: list[Output], plan: Plan, compiler: Compiler
) -> Relation:
    """An item of FROM without the joins inside its parentheses."""
    if isinstance(node, exp.Unnest):
        return unnest(node, Scope(left, parent, clause="UNNEST"), compiler)
    if isinstance(node, exp.Lateral):
        return _lateral(node, Scope(left, parent), plan, compiler)
    if node.args.get("sample") or node.args.get("pivots") or node.args.get("when"):
        raise Refused(f"the table clause {node.sql('trino')[:80]}")
    if isinstance(node, exp.Table):
        return _table(node, plan, compiler)
    if isinstance(node, exp.Subquery) and is_relation(node.this):
        compiler.note("relation in parentheses")
        inner = relation(node.this, parent, left, plan, compiler)
        return Relation(inner.sql, _under_alias(inner.outputs, node.args.get("alias")))
    if isinstance(node, exp.Values):
        query = compiler.query_body(node, parent)
    elif isinstance(node, exp.Subquery):
        compiler.note("subquery in from")
        query = parenthesised(node, parent, compiler)
    else:
        raise Refused(f"the relation {node.sql('trino')[:80]}")
    return _derived(f"({query.sql})", query, node.args.get("alias"), plan, compiler)


def _under_alias(outputs: list[Output], alias: exp.Expr | None) -> list[Output]:
    """The columns of a relation in parentheses, renamed by its alias.

    If the alias names the columns, hidden columns such as `$path` cannot be named any more.
    """
    if alias is None or not alias.name:
        return outputs
    if not alias.args.get("columns"):
        return [replace(output, qualifiers=(alias.name.lower(),)) for output in outputs]
    shown = [output for output in outputs if not output.hidden]
    names = renamed([(output.name, output.type) for output in shown], alias)
    qualifiers = (alias.name.lower(),)
    return [
        replace(output, name=name, qualifiers=qualifiers)
        for output, (name, _) in zip(shown, names, strict=True)
    ]


def _table(node: exp.Table, plan: Plan, compiler: Compiler) -> Relation:
    """A WITH query, view or table that is named in FROM."""
    if _is_sequence(node.this):
        return sequence_table(node, plan, compiler)
    if isinstance(node.this, exp.Anonymous) and node.this.name.lower() != "table":
        # Trino's grammar has table functions only inside of TABLE(...).
        raise QueryFailed("SYNTAX_ERROR", f"{place(node)}mismatched input '('")
    if not isinstance(node.this, exp.Identifier):
        raise Refused(f"the table function {node.sql('trino')[:80]}")
    name, alias = node.name.lower(), node.args.get("alias")
    named = compiler.named_query(name) if not node.db else None
    if named is not None and node.args.get("version") is not None:
        raise QueryFailed("NOT_SUPPORTED", f"{place(node)}Cannot query WITH query '{name}' at a version")
    if named is not None:
        return _derived(named.sql, named, alias, plan, compiler, (name,))
    source = compiler.source(node)
    if isinstance(source, TableSource):
        return scan(source, alias, plan, compiler)
    query = compiler.view(source)
    qualifiers = (CATALOG_NAME, source.database, source.name)
    return _derived(f"({query.sql})", query, alias, plan, compiler, qualifiers)


def _is_sequence(node: exp.Expr) -> bool:
    """Whether a relation is `table(sequence(…))`."""
    inner = node.expressions[0] if isinstance(node, exp.Anonymous) and len(node.expressions) == 1 else None
    return isinstance(inner, exp.Anonymous) and inner.name.lower() == "sequence"


def sequence_table(node: exp.Table, plan: Plan, compiler: Compiler) -> Relation:
    """The table function `table(sequence(start => 0, stop => 10, step => 2))`: a column of numbers, both ends included.

    Raises:
        QueryFailed: the step is zero or leads away from the end.
        Refused: an argument is not a literal.
    """
    given: dict[str, int] = {"start": 0, "step": 1}
    for position, argument in enumerate(node.this.expressions[0].expressions):
        named = isinstance(argument, exp.Kwarg)
        name = argument.this.name.lower() if named else ("start", "stop", "step")[min(position, 2)]
        value = argument.expression if named else argument
        sign, digits = (-1, value.this) if isinstance(value, exp.Neg) else (1, value)
        if not isinstance(digits, exp.Literal) or digits.is_string or not digits.name.isdigit():
            raise Refused(f"the table function {node.sql('trino')[:80]}")
        given[name] = sign * int(digits.name)
    if set(given) != {"start", "stop", "step"}:
        raise Refused(f"the table function {node.sql('trino')[:80]}")
    start, stop, step = given["start"], given["stop"], given["step"]
    if not step or (stop - start) * step < 0:
        sign = "positive" if start <= stop else "negative"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"Step must be {sign} for sequence [{start}, {stop}]")
    compiler.note("table(sequence)")
    numbers = Plan()
    compiler.add(numbers)
    end = stop + (1 if step > 0 else -1)
    sql = f"(SELECT CAST(unnest(range({start}, {end}, {step})) AS BIGINT) AS c0)"
    query = Query(sql, [("sequential_number", types.BIGINT)], numbers)
    return _derived(sql, query, node.args.get("alias"), plan, compiler)


def scan(source: TableSource, alias: exp.Expr | None, plan: Plan, compiler: Compiler) -> Relation:
    """A table as an item of FROM, with its columns under the alias if it has one."""
    rows = compiler.new_scan(source)
    plan.inputs.append((rows, {}))
    name = compiler.new_alias()
    qualifiers = (CATALOG_NAME, source.database, source.name)
    if alias is not None and alias.name:
        qualifiers = (alias.name.lower(),)
    shown = renamed([(c.name, c.type) for c in source.columns], alias)
    outputs = [
        Output(shown_name, c.type, f"{name}.{quoted(c.name)}", qualifiers, rows, c.name)
        for c, (shown_name, _) in zip(source.columns, shown, strict=True)
    ]
    outputs += [
        Output(c.name, c.type, f"{name}.{quoted(c.name)}", qualifiers, rows, c.name, hidden=True)
        for c in source.hidden
    ]
    return Relation(f"{rows.relation} {name}", outputs)


def _lateral(node: exp.Lateral, scope: Scope, plan: Plan, compiler: Compiler) -> Relation:
    if not isinstance(node.this, exp.Subquery):
        raise Refused(f"the relation {node.sql('trino')[:80]}")
    compiler.note("lateral")
    query = compiler.query(node.this.this, scope)
    return _derived(f"LATERAL ({query.sql})", query, node.args.get("alias"), plan, compiler)


def _derived(
    sql: str,
    query: Query,
    alias: exp.Expr | None,
    plan: Plan,
    compiler: Compiler,
    qualifiers: tuple[str, ...] = (),
) -> Relation:
    """A query as an item of FROM. An alias replaces the qualifiers of its columns."""
    name = compiler.new_alias()
    reference = Plan(inputs=[(query.plan, {})])
    if alias is not None and alias.name:
        qualifiers = (alias.name.lower(),)
    outputs = []
    for index, (column, kind) in enumerate(renamed(query.columns, alias)):
        key = f"c{index}"
        reference.pass_on([key], query.plan)
        outputs.append(Output(column, kind, f"{name}.{key}", qualifiers, reference, key))
    compiler.add(reference)
    plan.inputs.append((reference, {}))
    return Relation(f"{sql} {name}", outputs)


def _join(
    join: exp.Join, sql: str, left: list[Output], parent: Scope | None, plan: Plan, compiler: Compiler
) -> tuple[str, list[Output]]:
    side, kind = (join.args.get("side") or "").upper(), (join.args.get("kind") or "").upper()
    if (
        join.args.get("method")
        or kind not in ("", "INNER", "CROSS", "OUTER")
        or side not in ("", "LEFT", "RIGHT", "FULL")
    ):
        raise Refused(f"the join {join.sql('trino')[:80]}")
    plan.adds_nulls |= side in ("LEFT", "RIGHT", "FULL")
    right = relation(join.this, parent, left, plan, compiler)
    outputs = [*left, *right.outputs]
    condition, using = join.args.get("on"), join.args.get("using")
    if isinstance(join.this, (exp.Unnest, exp.Lateral)) and not _is_always(condition, using):
        what = "UNNEST" if isinstance(join.this, exp.Unnest) else "LATERAL"
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"{place(join)}{side or 'INNER'} JOIN involving {what} is only supported with condition ON TRUE",
        )
    if using:
        compiler.note(f"{side.lower() or 'inner'} join using")
        return _join_using(using, side, sql, left, right, compiler)
    if condition is None:
        compiler.note("cross join")
        return f"{sql} CROSS JOIN {right.sql}", outputs
    compiler.note(f"{side.lower() or 'inner'} join")
    scope = Scope(outputs, parent, clause="JOIN clause")
    test = compiler.condition(condition, scope, "JOIN ON clause")
    narrowed = {"": outputs, "LEFT": right.outputs, "RIGHT": left, "FULL": []}[side]
    limit_inputs(plan, condition, scope, narrowed, compiler)
    return f"{sql} {side or 'INNER'} JOIN {right.sql} ON {test.sql}", outputs


def _is_always(condition: exp.Expr | None, using: list[exp.Expr] | None) -> bool:
    """Whether a join has no condition, or only ON TRUE."""
    return not using and (condition is None or (isinstance(condition, exp.Boolean) and bool(condition.this)))


def _join_using(
    using: list[exp.Expr], side: str, sql: str, left: list[Output], right: Relation, compiler: Compiler
) -> tuple[str, list[Output]]:
    tests, merged, replaced = [], [], []
    for identifier in using:
        name = identifier.name
        a, b = (_only(name, outputs, identifier) for outputs in (left, right.outputs))
        test = compared("=", typed(a), typed(b), identifier, compiler)
        tests.append(test.sql)
        if side == "FULL":
            kind = types.common(a.type, b.type) or a.type
            sides = (compiler.coerced(typed(output), kind) for output in (a, b))
            both = f"COALESCE({', '.join(sides)})"
            merged.append(Output(name, kind, both, (), Plan(), name))
        else:
            merged.append(replace(b if side == "RIGHT" else a, name=name, qualifiers=()))
        replaced += [a, b]
        a.note_use()
        b.note_use()
    rest = [output for output in (*left, *right.outputs) if not any(output is gone for gone in replaced)]
    return f"{sql} {side or 'INNER'} JOIN {right.sql} ON {' AND '.join(tests)}", [*merged, *rest]


def _only(name: str, outputs: list[Output], node: exp.Expr) -> Output:
    same = [output for output in outputs if output.key == name.lower()]
    if len(same) != 1:
        problem = "is missing from one side of the join" if not same else "is ambiguous"
        raise QueryFailed("COLUMN_NOT_FOUND", f"{place(node)}Column '{name}' {problem}")
    return same[0]
