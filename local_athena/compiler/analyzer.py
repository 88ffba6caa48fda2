"""Checks a query as Trino's analyser does and writes it in DuckDB's SQL.

Every name is resolved and every expression typed by Trino's rules. In the resulting SQL, each relation and column
has a generated name, so that DuckDB never resolves a name by its own rules.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Protocol

from sqlglot import exp

from local_athena.compiler import casts, proven
from local_athena.compiler.contract import Query
from local_athena.compiler.expressions import PARTS
from local_athena.compiler.expressions.aggregation import is_aggregated
from local_athena.compiler.plans import Plan, Reading, ScanPlan, TableSource, Version, ViewSource
from local_athena.compiler.proven import Note
from local_athena.compiler.queries.aliases import renamed
from local_athena.compiler.queries.select import select
from local_athena.compiler.queries.sets import parenthesised, set_operation, values
from local_athena.compiler.scopes import Scope, Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.names import check_catalog, table_not_found
from local_athena.sql.parsing import parse
from local_athena.sql.places import place
from local_athena.values.columns import Column
from local_athena.values.types import BOOLEAN, UNKNOWN, Type


class Schemas(Protocol):
    """Finds databases, tables and views."""

    def resolve(self, database: str, name: str) -> TableSource | ViewSource | None:
        """The table or view with this name; None if it does not exist."""
        ...

    def has_database(self, database: str) -> bool:
        """Whether a database with this name exists."""
        ...

    def version(self, source: TableSource, version: Version, where: str) -> TableSource:
        """The table at an earlier version.

        Args:
            source: the table.
            version: the moment or snapshot.
            where: the position of the table's name in the statement, for error messages.
        """
        ...


@dataclass
class Compiled:
    """A whole query, ready to run.

    Attributes:
        sql: the SELECT in DuckDB's SQL. Its columns are named c0, c1, …
        columns: the columns under the names that Athena shows.
        scans: the tables that the query reads.
    """

    sql: str
    columns: tuple[Column, ...]
    scans: list[ScanPlan]


class Analyzer:
    """Compiles the queries and expressions of one statement. It implements the `Compiler` protocol of contract.py.

    Args:
        schemas: finds tables and views.
        database: the database of names without a database.
        note: called with the signature of each construct. By default it refuses constructs that are not proven.
    """

    def __init__(self, schemas: Schemas, database: str, note: Note = proven.require) -> None:
        self.note = note
        self._schemas = schemas
        self._database = database
        self._relation_numbers = itertools.count()
        self._variable_numbers = itertools.count(1)
        self._plans: list[Plan] = []
        self._frames: list[dict[str, Query]] = []
        self._cte_sql: list[str] = []
        self._open_views: list[str] = []

    def compile(self, tree: exp.Expr) -> Compiled:
        """Compile a query.

        Raises:
            QueryFailed: Trino rejects the query.
            Refused: local Athena does not support part of it.
        """
        query = self.query(tree, None)
        query.plan.received.append(Reading())
        self.push()
        names = [name or f"_col{index}" for index, (name, _) in enumerate(query.columns)]
        columns = tuple(Column(n, kind) for n, (_, kind) in zip(names, query.columns, strict=True))
        return Compiled(self.with_ctes(query.sql), columns, self.scans)

    def with_ctes(self, sql: str) -> str:
        """A SELECT, preceded by the common table expressions that it reads."""
        return f"WITH {', '.join(self._cte_sql)} {sql}" if self._cte_sql else sql

    @property
    def scans(self) -> list[ScanPlan]:
        """The tables that the statement reads."""
        return [plan for plan in self._plans if isinstance(plan, ScanPlan)]

    def push(self) -> None:
        """Tell every scan which rows and columns its readers need."""
        # A relation is registered before its readers, so the reverse order visits readers first.
        for plan in reversed(self._plans):
            plan.push()

    def add(self, plan: Plan) -> None:
        """Register a relation's plan."""
        self._plans.append(plan)

    def new_scan(self, source: TableSource) -> ScanPlan:
        """Register a scan of a table."""
        scan = ScanPlan(source=source, relation=f"s{next(self._relation_numbers)}")
        self.add(scan)
        return scan

    def new_alias(self) -> str:
        """A unique name for a relation."""
        return f"r{next(self._relation_numbers)}"

    def new_variable(self) -> str:
        """A unique name for a lambda's parameter."""
        return f"v{next(self._variable_numbers)}"

    def expression(self, node: exp.Expr, scope: Scope) -> Typed:
        """Compile an expression.

        Raises:
            QueryFailed: Trino rejects the expression.
            Refused: local Athena does not support part of it.
        """
        if scope.keys is not None and not isinstance(node, (exp.Literal, exp.Paren)):
            key = self._grouping_key(node, scope)
            if key is not None:
                return key
        part = next((PARTS[kind] for kind in type(node).__mro__ if kind in PARTS), None)
        if part is None:
            raise Refused(f"the expression {node.sql('trino')[:80]}")
        return part(node, scope, self)

    def _grouping_key(self, node: exp.Expr, scope: Scope) -> Typed | None:
        """The compiled expression if it equals a grouping key, else None."""
        if any(map(is_aggregated, node.walk())):
            return None
        plain = self.expression(node, replace(scope, keys=None))
        return plain if scope.keys is not None and plain.sql in scope.keys else None

    def condition(self, node: exp.Expr, scope: Scope, clause: str) -> Typed:
        """Compile a boolean expression.

        Raises:
            QueryFailed: the expression has another type.
        """
        test = self.expression(node, scope)
        if test.type not in (BOOLEAN, UNKNOWN):
            raise QueryFailed(
                "TYPE_MISMATCH", f"{place(node)}{clause} must evaluate to a boolean: actual type {test.type}"
            )
        return test

    def coerced(self, value: Typed, kind: Type) -> str:
        """A value's SQL, coerced to the wider type that `types.common` returned."""
        signature = proven.coercion(value.type, kind)
        if signature:
            self.note(signature)
        return casts.cast_sql(value, kind)

    def cast(self, value: Typed, kind: Type, node: exp.Expr, *, safe: bool) -> Typed:
        """A value cast to a type: with TRY_CAST if `safe`, else with CAST.

        Raises:
            QueryFailed: Trino has no such cast.
            Refused: local Athena does not support the cast.
        """
        converted = casts.cast(value, kind, place(node), safe=safe)
        for signature in proven.casts(value.type, kind, "try_cast" if safe else "cast"):
            self.note(signature)
        return converted

    def query(self, tree: exp.Expr, parent: Scope | None) -> Query:
        """Compile a SELECT, VALUES or set operation, with its WITH clause."""
        with_ = tree.args.get("with_")
        if with_ is None:
            return self.query_body(tree, parent)
        if with_.args.get("recursive"):
            raise Refused("WITH RECURSIVE")
        self.note("with")
        frame: dict[str, Query] = {}
        self._frames.append(frame)
        try:
            for cte in with_.expressions:
                name = cte.alias.lower()
                if name in frame:
                    raise QueryFailed(
                        "DUPLICATE_NAMED_QUERY", f"WITH query name '{name}' specified more than once"
                    )
                frame[name] = self._cte(cte)
            return self.query_body(tree, parent)
        finally:
            self._frames.pop()

    def _cte(self, cte: exp.Expr) -> Query:
        query = self.query(cte.this, None)
        columns = renamed(query.columns, cte.args.get("alias"))
        name = self.new_alias()
        # DuckDB runs a WITH query once, even if it is named several times. Trino runs it each time.
        self._cte_sql.append(f"{name} AS ({query.sql})")
        return Query(name, columns, query.plan)

    def query_body(self, tree: exp.Expr, parent: Scope | None) -> Query:
        """Compile a query without its WITH clause.

        Raises:
            Refused: the tree is not a query.
        """
        if isinstance(tree, exp.Select):
            return select(tree, parent, self)
        if isinstance(tree, exp.SetOperation):
            return set_operation(tree, parent, self)
        if isinstance(tree, exp.Subquery):
            return parenthesised(tree, parent, self)
        if isinstance(tree, exp.Values):
            return values(tree, parent, self)
        if isinstance(tree, exp.Table):
            return select(exp.select("*").from_(tree.copy()), parent, self)
        raise Refused(f"the statement {tree.sql('trino')[:80]}")

    def subquery(self, tree: exp.Expr, scope: Scope) -> Query:
        """Compile a query inside of an expression. Such a query needs all of its rows."""
        query = self.query(tree, scope)
        query.plan.received.append(Reading())
        return query

    def named_query(self, name: str) -> Query | None:
        """The innermost visible WITH query with this name; None if there is none."""
        return next((frame[name] for frame in reversed(self._frames) if name in frame), None)

    def source(self, node: exp.Table) -> TableSource | ViewSource:
        """The table or view that a name refers to.

        Raises:
            QueryFailed: the name is unknown.
        """
        where = place(node.parts[0])
        check_catalog(node.catalog, where)
        database, name = node.db.lower() or self._database, node.name.lower()
        source = self._schemas.resolve(database, name)
        if source is not None:
            version = node.args.get("version")
            return source if version is None else self._version(source, version, node)
        if not self._schemas.has_database(database):
            raise QueryFailed("SCHEMA_NOT_FOUND", f"{where}Schema '{database}' does not exist")
        raise table_not_found(database, name, where)

    def _version(self, source: TableSource | ViewSource, node: exp.Version, name: exp.Table) -> TableSource:
        """The table at an earlier moment or snapshot: FOR TIMESTAMP AS OF, FOR VERSION AS OF.

        Raises:
            QueryFailed: the name refers to a view, or the expression is not a valid moment or snapshot.
        """
        if isinstance(source, ViewSource):
            raise QueryFailed("NOT_SUPPORTED", f"{place(name)}View does not support time travel")
        if (node.args.get("kind") or "").upper() != "AS OF":
            raise Refused(f"the table clause {node.sql('trino')[:80]}")
        kind = "TIMESTAMP" if node.name.upper() == "TIMESTAMP" else "VERSION"
        value = self.expression(node.expression, Scope([], clause="table version"))
        return self._schemas.version(source, Version(kind, value.sql, value.type), place(name))

    def view(self, source: ViewSource) -> Query:
        """Compile the statement of a view. Names without a database are looked up in the view's database.

        Raises:
            QueryFailed: the view reads itself.
        """
        key = f"{source.database}.{source.name}"
        if key in self._open_views:
            raise QueryFailed("VIEW_IS_RECURSIVE", f"View is recursive: {key}")
        self._open_views.append(key)
        saved = self._database, self._frames
        self._database, self._frames = source.view_database, []
        try:
            query = self.query(parse(source.sql), None)
            return replace(query, columns=[(name and name.lower(), kind) for name, kind in query.columns])
        finally:
            self._database, self._frames = saved
            self._open_views.pop()
