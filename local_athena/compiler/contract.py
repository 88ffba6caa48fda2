"""Defines the protocol between the compiler and its parts.

Each part is a function that takes a node of the syntax tree, the node's scope, and the compiler. The compiler that
is passed in is the analyzer (`analyzer.py`). No part imports the analyzer, so that imports have no circle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlglot import exp

from local_athena.compiler.plans import Plan, ScanPlan, TableSource, ViewSource
from local_athena.compiler.proven import Note
from local_athena.compiler.scopes import Output, Scope, Typed
from local_athena.values.types import Type


@dataclass
class Relation:
    """An item of FROM: its SQL for DuckDB and its columns."""

    sql: str
    outputs: list[Output]


@dataclass
class Query:
    """A SELECT in DuckDB's SQL whose columns are named c0, c1, …

    Attributes:
        columns: the name and type of each column. The name is None for a column without a name.
        plan: collects which rows and columns the query's readers need.
    """

    sql: str
    columns: list[tuple[str | None, Type]]
    plan: Plan


class Compiler(Protocol):
    """Compiles the expressions and queries of one statement.

    Attributes:
        note: called with the signature of each construct (see proven.py).
    """

    note: Note

    def expression(self, node: exp.Expr, scope: Scope) -> Typed:
        """Compile an expression.

        Raises:
            QueryFailed: Trino rejects the expression.
            Refused: local Athena does not support part of it.
        """
        ...

    def condition(self, node: exp.Expr, scope: Scope, clause: str) -> Typed:
        """Compile a boolean expression.

        Raises:
            QueryFailed: the expression has another type. The message begins with `clause`.
        """
        ...

    def coerced(self, value: Typed, kind: Type) -> str:
        """A value's SQL, coerced to the wider type that `types.common` returned."""
        ...

    def cast(self, value: Typed, kind: Type, node: exp.Expr, *, safe: bool) -> Typed:
        """A value cast to a type: with TRY_CAST if `safe`, else with CAST.

        Raises:
            QueryFailed: Trino has no such cast.
            Refused: local Athena does not support the cast.
        """
        ...

    def query(self, tree: exp.Expr, parent: Scope | None) -> Query:
        """Compile a SELECT, VALUES or set operation, with its WITH clause."""
        ...

    def query_body(self, tree: exp.Expr, parent: Scope | None) -> Query:
        """Compile a query without its WITH clause."""
        ...

    def subquery(self, tree: exp.Expr, scope: Scope) -> Query:
        """Compile a query inside of an expression. Such a query needs all of its rows."""
        ...

    def named_query(self, name: str) -> Query | None:
        """The innermost visible WITH query with this name; None if there is none."""
        ...

    def view(self, source: ViewSource) -> Query:
        """Compile the statement of a view.

        Raises:
            QueryFailed: the view reads itself.
        """
        ...

    def source(self, node: exp.Table) -> TableSource | ViewSource:
        """The table or view that a name refers to.

        Raises:
            QueryFailed: the name is unknown.
        """
        ...

    def add(self, plan: Plan) -> None:
        """Register a relation's plan. A relation must be registered before its readers."""
        ...

    def new_scan(self, source: TableSource) -> ScanPlan:
        """Register a scan of a table."""
        ...

    def new_alias(self) -> str:
        """A unique name for a relation."""
        ...

    def new_variable(self) -> str:
        """A unique name for a lambda's parameter."""
        ...


#: Compiles one class of expression nodes. `Any` stands for that class.
Part = Callable[[Any, Scope, Compiler], Typed]
