"""Checks a query as Trino's analyser does and writes it in DuckDB's SQL.

Every name is resolved and every expression typed here, by Trino's rules. In the SQL that comes out,
each relation and column has a generated name, so that DuckDB resolves nothing by rules of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlglot import exp

from local_athena.compiler import proven
from local_athena.compiler.constraints import conjunction, conjuncts
from local_athena.compiler.expressions import AGGREGATES, ExpressionCompiler, place
from local_athena.compiler.plans import Output, Plan, ScanPlan, Scope, TableSource, Typed, ViewSource
from local_athena.compiler.proven import Note, shape
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.parsing import parse
from local_athena.values import types
from local_athena.values.columns import Column
from local_athena.values.types import BIGINT, UNKNOWN, Type, quoted

_SELECT_CLAUSES = {
    "with_", "expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit", "offset",
    "kind", "hint", "operation_modifiers", "laterals",
}  # fmt: skip


class Schemas(Protocol):
    """Where the analyser finds tables."""

    def resolve(self, database: str, name: str) -> TableSource | ViewSource | None: ...

    def has_database(self, database: str) -> bool: ...


@dataclass
class Relation:
    """An item of FROM in DuckDB's SQL, with its columns."""

    sql: str
    outputs: list[Output]


@dataclass
class Query:
    """A SELECT in DuckDB's SQL whose columns are named c0, c1, …"""

    sql: str
    columns: list[tuple[str | None, Type]]
    plan: Plan


@dataclass
class Compiled:
    """A whole query, ready to run.

    Attributes:
        sql: the SELECT in DuckDB's SQL; its columns are named c0, c1, …
        columns: the columns as Athena names them.
        scans: the tables it reads.
    """

    sql: str
    columns: tuple[Column, ...]
    scans: list[ScanPlan]


class Analyzer:
    """Compiles the queries of one statement.

    Args:
        schemas: where tables are found.
        database: where names without a database are looked up.
        note: takes the signature of each construct; by default it refuses what is not proven.
    """

    def __init__(self, schemas: Schemas, database: str, note: Note = proven.require) -> None:
        self._schemas = schemas
        self._database = database
        self._numbers = itertools.count()
        self._plans: list[Plan] = []
        self._ctes: list[dict[str, Query]] = []
        self._cte_sql: list[str] = []
        self._views: list[str] = []
        self._note = note
        self.expressions = ExpressionCompiler(self, note)

    def compile(self, tree: exp.Expr) -> Compiled:
        """Compile a query.

        Raises:
            QueryFailed: Trino would not accept it.
            Refused: local Athena does not support part of it.
        """
        query = self.query(tree, None)
        query.plan.received.append({})
        self.push()
        names = [name or f"_col{index}" for index, (name, _) in enumerate(query.columns)]
        columns = tuple(Column(n, kind) for n, (_, kind) in zip(names, query.columns, strict=True))
        return Compiled(self.with_ctes(query.sql), columns, self.scans)

    def with_ctes(self, sql: str) -> str:
        """The SELECT with the common table expressions that it reads."""
        return f"WITH {', '.join(self._cte_sql)} {sql}" if self._cte_sql else sql

    @property
    def scans(self) -> list[ScanPlan]:
        return [plan for plan in self._plans if isinstance(plan, ScanPlan)]

    def push(self) -> None:
        """Tell every scan what is needed of it; a relation is made before its readers."""
        for plan in reversed(self._plans):
            plan.push()

    def _alias(self) -> str:
        return f"r{next(self._numbers)}"

    def add(self, plan: Plan) -> None:
        self._plans.append(plan)

    # --- queries ---

    def query(self, tree: exp.Expr, parent: Scope | None) -> Query:
        """Compile a SELECT, VALUES or set operation, with its WITH clause."""
        with_ = tree.args.get("with_")
        if with_ is None:
            return self._query_body(tree, parent)
        if with_.args.get("recursive"):
            raise Refused("WITH RECURSIVE")
        self._note("with")
        frame: dict[str, Query] = {}
        self._ctes.append(frame)
        try:
            for cte in with_.expressions:
                name = cte.alias.lower()
                if name in frame:
                    raise QueryFailed(
                        "DUPLICATE_NAMED_QUERY", f"WITH query name '{name}' specified more than once"
                    )
                frame[name] = self._cte(cte)
            return self._query_body(tree, parent)
        finally:
            self._ctes.pop()

    def _cte(self, cte: exp.Expr) -> Query:
        query = self.query(cte.this, None)
        columns = _renamed(query.columns, cte.args.get("alias"))
        name = self._alias()
        # A query reads its relations once, however often it is named: as in DuckDB, unlike Trino.
        self._cte_sql.append(f"{name} AS ({query.sql})")
        return Query(name, columns, query.plan)

    def _query_body(self, tree: exp.Expr, parent: Scope | None) -> Query:
        if isinstance(tree, exp.Select):
            return self._select(tree, parent)
        if isinstance(tree, exp.SetOperation):
            return self._set_operation(tree, parent)
        if isinstance(tree, exp.Subquery):
            return self._parenthesised(tree, parent)
        if isinstance(tree, exp.Values):
            return self._values(tree, parent)
        if isinstance(tree, exp.Table):
            return self._select(exp.select("*").from_(tree.copy()), parent)
        raise Refused(f"the statement {tree.sql('trino')[:80]}")

    def _parenthesised(self, tree: exp.Subquery, parent: Scope | None) -> Query:
        query = self.query(tree.this, parent)
        if not any(tree.args.get(clause) for clause in ("order", "limit", "offset")):
            return query
        return self._ordered(tree, query)

    def _values(self, tree: exp.Values, parent: Scope | None) -> Query:
        self._note("values")
        scope = Scope([], parent, clause="VALUES")
        lines = [
            [self.expressions.compile(item, scope) for item in _row_items(line)] for line in tree.expressions
        ]
        if any(len(line) == 1 and line[0].type.base == "row" for line in lines):
            raise Refused("a row value as a line of VALUES")
        width = len(lines[0])
        if any(len(line) != width for line in lines):
            raise QueryFailed("TYPE_MISMATCH", f"{place(tree)}Values rows have mismatched sizes")
        kinds = [
            _unified([line[i].type for line in lines], "Values rows have mismatched types", tree)
            for i in range(width)
        ]
        items = ["(" + ", ".join(map(self.expressions.coerced, line, kinds)) + ")" for line in lines]
        names = [f"c{index}" for index in range(width)]
        alias = self._alias()
        sql = f"SELECT {', '.join(names)} FROM (VALUES {', '.join(items)}) {alias}({', '.join(names)})"
        plan = Plan()
        self.add(plan)
        return Query(sql, [(None, kind) for kind in kinds], plan)

    def _set_operation(self, tree: exp.SetOperation, parent: Scope | None) -> Query:
        left = self.query(tree.this, parent)
        right = self.query(tree.expression, parent)
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
        self._note(f"{operator}{distinct}".lower())
        if not distinct:
            self._note_each("distinct", kinds)
        plan = Plan(inputs=[(left.plan, {}), (right.plan, {})])
        for index in range(len(kinds)):
            key = f"c{index}"
            plan.lineage[key] = [(left.plan, key), (right.plan, key)]
        self.add(plan)
        sql = f"{self._coerced(left, kinds)} {operator}{distinct} {self._coerced(right, kinds)}"
        names = [name for name, _ in left.columns]
        query = Query(f"SELECT * FROM ({sql}) {self._alias()}", list(zip(names, kinds, strict=True)), plan)
        return self._ordered(tree, query)

    def _coerced(self, query: Query, kinds: Sequence[Type]) -> str:
        alias = self._alias()
        items = [
            f"{self.expressions.coerced(Typed(f'{alias}.c{i}', own), kind)} AS c{i}"
            for i, ((_, own), kind) in enumerate(zip(query.columns, kinds, strict=True))
        ]
        return f"(SELECT {', '.join(items)} FROM ({query.sql}) {alias})"

    def _ordered(self, tree: exp.Expr, query: Query) -> Query:
        """A query under the ORDER BY and LIMIT of a set operation or parenthesis."""
        order, limit, offset = (tree.args.get(clause) for clause in ("order", "limit", "offset"))
        if not (order or limit or offset):
            return query
        alias = self._alias()
        plan = Plan(inputs=[(query.plan, {})])
        outputs = [
            Output(name, kind, f"{alias}.c{i}", (), query.plan, f"c{i}")
            for i, (name, kind) in enumerate(query.columns)
        ]
        scope = Scope(outputs, None, clause="ORDER BY")
        tail = self._order_by(order, scope, []) + self._limit(limit, offset)
        if not (limit or offset):
            plan.lineage = {f"c{i}": [(query.plan, f"c{i}")] for i in range(len(outputs))}
        self.add(plan)
        return Query(f"SELECT * FROM ({query.sql}) {alias}{tail}", query.columns, plan)

    def _note_each(self, clause: str, kinds: Iterable[Type]) -> None:
        for kind in kinds:
            self._note(f"{clause} {shape(kind)}")

    # --- SELECT ---

    def _select(self, tree: exp.Select, parent: Scope | None) -> Query:
        for clause, value in tree.args.items():
            if value and clause not in _SELECT_CLAUSES:
                raise Refused(f"the clause {clause.rstrip('_').upper()}")
        plan = Plan()
        from_sql, outputs = self._from(tree, parent, plan)
        where_sql = self._where(tree.args.get("where"), Scope(outputs, parent, clause="WHERE clause"), plan)
        keys = self._group_keys(tree, outputs, parent)
        scope = Scope(outputs, parent, keys=None if keys is None else frozenset(key.sql for key in keys))
        items = self._select_items(tree, scope)
        group_sql = f" GROUP BY {', '.join(key.sql for key in keys)}" if keys else ""
        having = tree.args.get("having")
        having_sql = ""
        if having:
            self._note("having")
            condition = self.expressions.condition(having.this, replace(scope, clause=""), "HAVING clause")
            having_sql = f" HAVING {condition.sql}"
        order_scope = self._order_scope(items, scope)
        distinct = tree.args.get("distinct")
        if distinct is not None and distinct.args.get("on"):
            raise Refused("DISTINCT ON")
        if distinct is not None:
            self._note_each("distinct", [item.type for _, item in items])
        limit, offset = tree.args.get("limit"), tree.args.get("offset")
        order_sql = self._order_by(
            tree.args.get("order"), order_scope, [item for _, item in items], distinct=distinct is not None
        )
        select_list = ", ".join(f"{item.sql} AS c{i}" for i, (_, item) in enumerate(items))
        sql = (
            f"SELECT {'DISTINCT ' if distinct else ''}{select_list}{from_sql}{where_sql}{group_sql}{having_sql}"
            f"{order_sql}{self._limit(limit, offset)}"
        )
        if not (limit or offset):
            plan.lineage = _lineage([item for _, item in items], scope.windows, plan)
        self.add(plan)
        return Query(sql, [(name, item.type) for name, item in items], plan)

    def _where(self, where: exp.Expr | None, scope: Scope, plan: Plan) -> str:
        if where is None:
            return ""
        self._note("where")
        condition = self.expressions.condition(where.this, scope, "WHERE clause")
        self.limit_inputs(plan, where.this, scope, scope.outputs)
        return f" WHERE {condition.sql}"

    def limit_inputs(self, plan: Plan, condition: exp.Expr, scope: Scope, outputs: Iterable[Output]) -> None:
        """Note on the inputs what the condition asks of their columns."""
        found = conjunction(conjuncts(condition), lambda node: self._own_column(node, scope, outputs))
        for output, comparisons in found:
            for source, own in plan.inputs:
                if source is output.plan:
                    own[output.column] = own.get(output.column, ()) + comparisons

    def _own_column(self, node: exp.Expr, scope: Scope, outputs: Iterable[Output]) -> Output | None:
        if not isinstance(node, exp.Column):
            return None
        found = self.expressions.compile(node, replace(scope, keys=None)).output
        return found if found is not None and any(found is output for output in outputs) else None

    def _group_keys(
        self, tree: exp.Select, outputs: list[Output], parent: Scope | None
    ) -> list[Typed] | None:
        """The compiled grouping keys; None if the query is not aggregated."""
        group = tree.args.get("group")
        if group is None:
            return [] if tree.args.get("having") or any(map(_has_aggregate, tree.expressions)) else None
        if any(value for clause, value in group.args.items() if clause != "expressions"):
            raise Refused("GROUPING SETS, CUBE, ROLLUP and GROUP BY ALL or DISTINCT")
        scope = Scope(outputs, parent, clause="GROUP BY clause")
        keys = []
        for item in group.expressions:
            node = item
            if isinstance(item, exp.Literal) and not item.is_string:
                node = _ordinal(item, tree.expressions, "GROUP BY")
            if isinstance(node, exp.Tuple):
                raise Refused("a tuple in GROUP BY")
            keys.append(self.expressions.compile(node, scope))
        self._note_each("group by", [key.type for key in keys])
        return keys

    def _select_items(self, tree: exp.Select, scope: Scope) -> list[tuple[str | None, Typed]]:
        items: list[tuple[str | None, Typed]] = []
        for node in tree.expressions:
            if isinstance(node, exp.Star) or (
                isinstance(node, exp.Column) and isinstance(node.this, exp.Star)
            ):
                items += self._star(node, scope)
                continue
            if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Star):
                raise Refused("the fields of a row as .*")
            name = node.alias.lower() if isinstance(node, exp.Alias) else _implied_name(node)
            inner = node.this if isinstance(node, exp.Alias) else node
            items.append((name, self.expressions.compile(inner, scope)))
        return items

    def _star(self, node: exp.Expr, scope: Scope) -> list[tuple[str | None, Typed]]:
        if node.args.get("except_") or node.args.get("replace") or node.args.get("except"):
            raise Refused("* with EXCEPT or REPLACE")
        self._note("*")
        found = [output for output in scope.outputs if not output.hidden]
        if isinstance(node, exp.Column):
            parts = tuple(part.name.lower() for part in node.parts[:-1])
            found = [output for output in found if output.qualifiers[-len(parts) :] == parts]
            if not found:
                raise QueryFailed(
                    "TABLE_NOT_FOUND", f"{place(node)}Unable to resolve reference {'.'.join(parts)}"
                )
        elif not found:
            raise QueryFailed(
                "COLUMN_NOT_FOUND", f"{place(node)}SELECT * not allowed from relation that has no columns"
            )
        items = []
        for output in found:
            self._use(output)
            if scope.keys is not None and output.sql not in scope.keys:
                raise QueryFailed(
                    "EXPRESSION_NOT_AGGREGATE",
                    f"{place(node)}Column '{output.name}' must be an aggregate expression or appear in GROUP BY clause",
                )
            items.append((output.name, Typed(output.sql, output.type, output)))
        return items

    def _order_scope(self, items: list[tuple[str | None, Typed]], scope: Scope) -> Scope:
        """ORDER BY sees the select list's names first, then the columns of FROM."""
        return replace(
            scope, variables={**scope.variables, **{name: item for name, item in items if name is not None}}
        )

    def subquery(self, tree: exp.Expr, scope: Scope) -> Query:
        """A query inside of an expression; all of its rows are needed."""
        query = self.query(tree, scope)
        query.plan.received.append({})
        return query

    def order_by(self, order: exp.Expr, scope: Scope) -> str:
        """The ORDER BY of a window or an aggregate function, where numbers are values."""
        parts = []
        for node in order.expressions:
            key = self.expressions.compile(node.this, scope)
            parts.append(key.sql + self._direction(node, key.type))
        return f" ORDER BY {', '.join(parts)}"

    def _direction(self, node: exp.Expr, kind: Type) -> str:
        """Trino puts nulls last in either direction unless told otherwise."""
        if kind.base in ("json", "map"):
            raise QueryFailed(
                "TYPE_MISMATCH",
                f"{place(node)}Type {kind} is not orderable, and therefore cannot be used in ORDER BY",
            )
        self._note(f"order by {shape(kind)}")
        descending = bool(node.args.get("desc"))
        nulls_first = isinstance(node, exp.Ordered) and bool(node.args.get("nulls_first"))
        if descending:
            self._note("order by ... desc")
        if nulls_first:
            self._note("order by ... nulls first")
        return f" {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"

    def _order_by(
        self, order: exp.Expr | None, scope: Scope, items: list[Typed], *, distinct: bool = False
    ) -> str:
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
                item = self.expressions.compile(key, scope)
                same = [i for i, other in enumerate(items, start=1) if other.sql == item.sql]
                if distinct and not same:
                    raise QueryFailed(
                        "EXPRESSION_NOT_IN_DISTINCT",
                        f"{place(key)}For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    )
                sql, kind = str(same[0]) if same else item.sql, item.type
            parts.append(sql + self._direction(node, kind))
        return f" ORDER BY {', '.join(parts)}"

    def _limit(self, limit: exp.Expr | None, offset: exp.Expr | None) -> str:
        sql = ""
        if limit is not None:
            count = limit.args.get("expression") or limit.args.get("count")
            if isinstance(limit, exp.Fetch) or not isinstance(count, exp.Literal):
                raise Refused(f"the clause {limit.sql('trino')}")
            self._note("limit")
            sql += f" LIMIT {int(count.name)}"
        if offset is not None:
            self._note("offset")
            sql += f" OFFSET {int(offset.expression.name)}"
        return sql

    # --- FROM ---

    def _from(self, tree: exp.Select, parent: Scope | None, plan: Plan) -> tuple[str, list[Output]]:
        from_ = tree.args.get("from_")
        if from_ is None:
            return "", []
        relation = self.relation(from_.this, parent, [], plan)
        sql, outputs = relation.sql, relation.outputs
        for join in tree.args.get("joins") or []:
            sql, outputs = self._join(join, sql, outputs, parent, plan)
        if tree.args.get("laterals"):
            raise Refused("LATERAL VIEW")
        return f" FROM {sql}", outputs

    def _join(
        self, join: exp.Join, sql: str, left: list[Output], parent: Scope | None, plan: Plan
    ) -> tuple[str, list[Output]]:
        side, kind = (join.args.get("side") or "").upper(), (join.args.get("kind") or "").upper()
        if (
            join.args.get("method")
            or kind not in ("", "INNER", "CROSS", "OUTER")
            or side not in ("", "LEFT", "RIGHT", "FULL")
        ):
            raise Refused(f"the join {join.sql('trino')[:80]}")
        relation = self.relation(join.this, parent, left, plan)
        outputs = [*left, *relation.outputs]
        condition, using = join.args.get("on"), join.args.get("using")
        if using:
            self._note(f"{side.lower() or 'inner'} join using")
            return self._join_using(using, side, sql, left, relation)
        if condition is None:
            if side or kind == "INNER":
                raise QueryFailed("SYNTAX_ERROR", f"{place(join)}JOIN needs ON or USING")
            self._note("cross join")
            return f"{sql} CROSS JOIN {relation.sql}", outputs
        self._note(f"{side.lower() or 'inner'} join")
        scope = Scope(outputs, parent, clause="JOIN clause")
        test = self.expressions.condition(condition, scope, "JOIN ON clause")
        narrowed = {"": outputs, "LEFT": relation.outputs, "RIGHT": left, "FULL": []}[side]
        self.limit_inputs(plan, condition, scope, narrowed)
        return f"{sql} {side or 'INNER'} JOIN {relation.sql} ON {test.sql}", outputs

    def _join_using(
        self, using: list[exp.Expr], side: str, sql: str, left: list[Output], right: Relation
    ) -> tuple[str, list[Output]]:
        tests, merged, replaced = [], [], []
        for identifier in using:
            name = identifier.name.lower()
            a, b = (self._only(name, outputs, identifier) for outputs in (left, right.outputs))
            test = self.expressions.comparison("=", _typed(a), _typed(b), identifier)
            tests.append(test.sql)
            if side == "FULL":
                kind = types.common(a.type, b.type) or a.type
                sides = (self.expressions.coerced(_typed(side), kind) for side in (a, b))
                both = f"COALESCE({', '.join(sides)})"
                merged.append(Output(name, kind, both, (), Plan(), name))
            else:
                merged.append(replace(b if side == "RIGHT" else a, qualifiers=()))
            replaced += [a, b]
            self._use(a)
            self._use(b)
        rest = [output for output in (*left, *right.outputs) if not any(output is gone for gone in replaced)]
        return f"{sql} {side or 'INNER'} JOIN {right.sql} ON {' AND '.join(tests)}", [*merged, *rest]

    def _only(self, name: str, outputs: list[Output], node: exp.Expr) -> Output:
        found = [output for output in outputs if output.name == name]
        if len(found) != 1:
            problem = "is missing from one side of the join" if not found else "is ambiguous"
            raise QueryFailed("COLUMN_NOT_FOUND", f"{place(node)}Column '{name}' {problem}")
        return found[0]

    def relation(self, node: exp.Expr, parent: Scope | None, left: list[Output], plan: Plan) -> Relation:
        """Compile one item of FROM.

        Args:
            node: the item.
            parent: the outer query's scope.
            left: the columns of the items before it, which UNNEST and LATERAL may name.
            plan: the SELECT that reads it.
        """
        if isinstance(node, exp.Unnest):
            return self._unnest(node, Scope(left, parent, clause="UNNEST"))
        if isinstance(node, exp.Lateral):
            return self._lateral(node, Scope(left, parent), plan)
        if (
            node.args.get("sample")
            or node.args.get("pivots")
            or node.args.get("version")
            or node.args.get("when")
        ):
            raise Refused(f"the table clause {node.sql('trino')[:80]}")
        if isinstance(node, exp.Table):
            if node.args.get("joins"):
                raise Refused("a join in parentheses")
            return self._table(node, plan)
        if isinstance(node, (exp.Subquery, exp.Values)):
            if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
                raise Refused("a join in parentheses")
            if isinstance(node, exp.Values):
                query = self._query_body(node, parent)
            else:
                self._note("subquery in from")
                query = self._parenthesised(node, parent)
            return self._derived(f"({query.sql})", query, node.args.get("alias"), plan)
        raise Refused(f"the relation {node.sql('trino')[:80]}")

    def _lateral(self, node: exp.Lateral, scope: Scope, plan: Plan) -> Relation:
        if not isinstance(node.this, exp.Subquery):
            raise Refused(f"the relation {node.sql('trino')[:80]}")
        self._note("lateral")
        query = self.query(node.this.this, scope)
        return self._derived(f"LATERAL ({query.sql})", query, node.args.get("alias"), plan)

    def _derived(
        self,
        sql: str,
        query: Query,
        alias: exp.Expr | None,
        plan: Plan,
        qualifiers: tuple[str, ...] = (),
    ) -> Relation:
        name = self._alias()
        reference = Plan(inputs=[(query.plan, {})])
        if alias is not None and alias.name:
            qualifiers = (alias.name.lower(),)
        outputs = []
        for index, (column, kind) in enumerate(_renamed(query.columns, alias)):
            key = f"c{index}"
            reference.lineage[key] = [(query.plan, key)]
            outputs.append(Output(column, kind, f"{name}.{key}", qualifiers, reference, key))
        self.add(reference)
        plan.inputs.append((reference, {}))
        return Relation(f"{sql} {name}", outputs)

    def _table(self, node: exp.Table, plan: Plan) -> Relation:
        if not isinstance(node.this, exp.Identifier):
            raise Refused(f"the table function {node.sql('trino')[:80]}")
        name, database = node.name.lower(), node.db.lower()
        alias = node.args.get("alias")
        if not database:
            for frame in reversed(self._ctes):
                if name in frame:
                    return self._derived(frame[name].sql, frame[name], alias, plan, (name,))
        if node.catalog and node.catalog.lower() != "awsdatacatalog":
            raise QueryFailed("CATALOG_NOT_FOUND", f"{place(node)}Catalog '{node.catalog}' does not exist")
        database = database or self._database
        source = self._schemas.resolve(database, name)
        if source is None and not self._schemas.has_database(database):
            raise QueryFailed("SCHEMA_NOT_FOUND", f"{place(node)}Schema '{database}' does not exist")
        if source is None:
            raise QueryFailed(
                "TABLE_NOT_FOUND", f"{place(node)}Table 'awsdatacatalog.{database}.{name}' does not exist"
            )
        if isinstance(source, ViewSource):
            return self._view(source, alias, plan)
        return self.scan(source, alias, plan)

    def scan(self, source: TableSource, alias: exp.Expr | None, plan: Plan) -> Relation:
        """A table as an item of FROM."""
        scan = ScanPlan(source=source, relation=f"s{next(self._numbers)}")
        self.add(scan)
        plan.inputs.append((scan, {}))
        name = self._alias()
        named = alias is not None and bool(alias.name)
        qualifiers = (
            (alias.name.lower(),) if named and alias else ("awsdatacatalog", source.database, source.name)
        )
        shown = _renamed([(c.name, c.type) for c in source.columns], alias)
        outputs = [
            Output(shown_name, c.type, f"{name}.{quoted(c.name)}", qualifiers, scan, c.name)
            for c, (shown_name, _) in zip(source.columns, shown, strict=True)
        ]
        outputs += [
            Output(c.name, c.type, f"{name}.{quoted(c.name)}", qualifiers, scan, c.name, hidden=True)
            for c in source.hidden
        ]
        return Relation(f"{scan.relation} {name}", outputs)

    def _view(self, source: ViewSource, alias: exp.Expr | None, plan: Plan) -> Relation:
        key = f"{source.database}.{source.name}"
        if key in self._views:
            raise QueryFailed("VIEW_IS_RECURSIVE", f"View is recursive: {key}")
        self._views.append(key)
        saved = self._database, self._ctes
        self._database, self._ctes = source.view_database, []
        try:
            query = self.query(parse(source.sql), None)
        finally:
            self._database, self._ctes = saved
            self._views.pop()
        return self._derived(
            f"({query.sql})", query, alias, plan, ("awsdatacatalog", source.database, source.name)
        )

    def _unnest(self, node: exp.Unnest, scope: Scope) -> Relation:
        """Rows from arrays and maps; a row's fields become columns of their own."""
        inner, outer = self._alias(), self._alias()
        elements: list[str] = []
        columns: list[tuple[str, Type]] = []
        lengths = []
        for item in node.expressions:
            value = self.expressions.compile(item, scope)
            if value.type.base not in ("array", "map"):
                raise QueryFailed("TYPE_MISMATCH", f"{place(item)}Cannot unnest type: {value.type}")
            self._note(_unnest_signature(value.type))
            lengths.append(
                f"coalesce(len({value.sql}), 0)"
                if value.type.base == "array"
                else f"coalesce(cardinality({value.sql}), 0)"
            )
            for sql, kind in _unnested(value):
                key = f"e{len(elements)}"
                elements.append(f"unnest({sql}) AS {key}")
                columns += _spread(f"{inner}.{key}", kind)
        if len(lengths) > 1:
            self._note("unnest of several")
        if node.args.get("offset"):
            self._note("unnest with ordinality")
            key = f"e{len(elements)}"
            elements.append(f"unnest(range(1, greatest({', '.join(lengths)}) + 1)) AS {key}")
            columns.append((f"{inner}.{key}", BIGINT))
        names = _unnest_names(node, len(columns))
        items = ", ".join(f"{sql} AS c{i}" for i, (sql, _) in enumerate(columns))
        sql = f"LATERAL (SELECT {items} FROM (SELECT {', '.join(elements)}) {inner}) {outer}"
        alias = node.args.get("alias")
        qualifiers = (alias.name.lower(),) if alias is not None and alias.name else ()
        plan = Plan()
        self.add(plan)
        outputs = [
            Output(names[i], kind, f"{outer}.c{i}", qualifiers, plan, f"c{i}")
            for i, (_, kind) in enumerate(columns)
        ]
        return Relation(sql, outputs)

    @staticmethod
    def _use(output: Output) -> None:
        """Note that the query reads a column."""
        if isinstance(output.plan, ScanPlan):
            output.plan.used[output.column] = None


def _typed(output: Output) -> Typed:
    return Typed(output.sql, output.type, output)


def _row_items(line: exp.Expr) -> list[exp.Expr]:
    return line.expressions if isinstance(line, exp.Tuple) else [line]


def _unified(kinds: list[Type], problem: str, node: exp.Expr) -> Type:
    found = UNKNOWN
    for kind in kinds:
        both = types.common(found, kind)
        if both is None:
            raise QueryFailed("TYPE_MISMATCH", f"{place(node)}{problem}: {found} vs {kind}")
        found = both
    return found


def _renamed(
    columns: Sequence[tuple[str | None, Type]], alias: exp.Expr | None
) -> list[tuple[str | None, Type]]:
    """Columns under the names of an alias such as `t (a, b)`."""
    names = alias.args.get("columns") if alias is not None else None
    if not names:
        return list(columns)
    if len(names) != len(columns):
        raise QueryFailed(
            "MISMATCHED_COLUMN_ALIASES",
            f"{place(names[0])}Column alias list has {len(names)} entries but '{alias.name if alias else ''}' "
            f"has {len(columns)} columns available",
        )
    return [(name.name.lower(), kind) for name, (_, kind) in zip(names, columns, strict=True)]


def _implied_name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Column):
        return node.name.lower()
    if isinstance(node, exp.Dot):
        return node.expression.name.lower()
    return None


def _ordinal(item: exp.Expr, items: list[exp.Expr], clause: str) -> exp.Expr:
    position = int(item.name)
    if not 1 <= position <= len(items):
        raise QueryFailed(
            "INVALID_COLUMN_REFERENCE", f"{place(item)}{clause} position {position} is not in select list"
        )
    found = items[position - 1]
    return found.this if isinstance(found, exp.Alias) else found


def _has_aggregate(node: exp.Expr) -> bool:
    """Whether an aggregate function stands in the expression, outside of windows and subqueries."""
    if isinstance(node, (exp.Subquery, exp.Exists, exp.Select)):
        return False
    if isinstance(node, exp.Window):
        if isinstance(node.this, exp.Filter):
            raise Refused("FILTER of a window function")
        parts = [*node.args.get("partition_by", []), *node.this.iter_expressions()]
        if node.args.get("order"):
            parts.append(node.args["order"])
        return any(map(_has_aggregate, parts))
    if isinstance(node, exp.Anonymous) and node.name.lower() in AGGREGATES:
        return True
    if isinstance(node, exp.In) and node.args.get("query"):
        return _has_aggregate(node.this)
    return any(map(_has_aggregate, node.iter_expressions()))


def _lineage(items: list[Typed], windows: list[set[str]], plan: Plan) -> dict[str, list[tuple[Plan, str]]]:
    """The columns that a SELECT passes on; under a window function only those that every window is cut by."""
    inputs = {id(source) for source, _ in plan.inputs}
    return {
        f"c{index}": [(item.output.plan, item.output.column)]
        for index, item in enumerate(items)
        if item.output is not None
        and id(item.output.plan) in inputs
        and all(item.output.sql in keys for keys in windows)
    }


def _unnest_signature(kind: Type) -> str:
    """Of an array of rows the fields become columns, anything else is carried."""
    if kind.base == "map":
        return "unnest(map(K, V))"
    return "unnest(array(row))" if kind.items[0].base == "row" else "unnest(array(E))"


def _unnested(value: Typed) -> list[tuple[str, Type]]:
    if value.type.base == "array":
        return [(value.sql, value.type.items[0])]
    return [
        (f"map_keys({value.sql})", value.type.items[0]),
        (f"map_values({value.sql})", value.type.items[1]),
    ]


def _spread(sql: str, kind: Type) -> list[tuple[str, Type]]:
    if kind.base != "row":
        return [(sql, kind)]
    return [
        (f"({sql}).{quoted(name)}", item)
        for name, item in zip(types.field_names(kind), kind.items, strict=True)
    ]


def _unnest_names(node: exp.Unnest, count: int) -> list[str | None]:
    alias = node.args.get("alias")
    names = [column.name.lower() for column in (alias.args.get("columns") or [])] if alias is not None else []
    offset = node.args.get("offset")
    if isinstance(offset, exp.Identifier) and names:
        names.append(offset.name.lower())
    if not names:
        return [None] * count
    if len(names) != count:
        raise QueryFailed(
            "MISMATCHED_COLUMN_ALIASES",
            f"{place(node)}Column alias list has {len(names)} entries but relation has {count} columns",
        )
    return list(names)
