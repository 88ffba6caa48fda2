"""What the parts of the compiler ask of the compiler around them.

Each part is a function of a node of the tree, the scope it stands in, and the compiler. The analyzer
(`analyzer.py`) is the compiler that is passed in; no part imports it.
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
    """An item of FROM in DuckDB's SQL, with its columns."""

    sql: str
    outputs: list[Output]


@dataclass
class Query:
    """A SELECT in DuckDB's SQL whose columns are named c0, c1, …

    Attributes:
        columns: name (None for a column without one) and type of each column.
        plan: collects what its readers need of it.
    """

    sql: str
    columns: list[tuple[str | None, Type]]
    plan: Plan


class Compiler(Protocol):
    """Compiles the expressions and queries of one statement.

    Attributes:
        note: takes the signature of each construct (see proven.py).
    """

    note: Note

    def expression(self, node: exp.Expr, scope: Scope) -> Typed:
        """Compile an expression.

        Raises:
            QueryFailed: Trino would not accept it.
            Refused: local Athena does not support part of it.
        """
        ...

    def condition(self, node: exp.Expr, scope: Scope, clause: str) -> Typed:
        """Compile a boolean expression.

        Raises:
            QueryFailed: it is of another type; the message begins with the clause.
        """
        ...

    def coerced(self, value: Typed, kind: Type) -> str:
        """A value's SQL as the wider type that `types.common` gives."""
        ...

    def cast(self, value: Typed, kind: Type, node: exp.Expr, *, safe: bool) -> Typed:
        """CAST, or TRY_CAST where `safe`.

        Raises:
            QueryFailed: Trino has no such cast.
            Refused: local Athena does not support it.
        """
        ...

    def query(self, tree: exp.Expr, parent: Scope | None) -> Query:
        """Compile a SELECT, VALUES or set operation, with its WITH clause."""
        ...

    def query_body(self, tree: exp.Expr, parent: Scope | None) -> Query:
        """As `query`, for a tree whose WITH clause was already read."""
        ...

    def subquery(self, tree: exp.Expr, scope: Scope) -> Query:
        """Compile a query inside of an expression; all of its rows are needed."""
        ...

    def named_query(self, name: str) -> Query | None:
        """The WITH query of the name that is in sight."""
        ...

    def view(self, source: ViewSource) -> Query:
        """Compile the statement of a view.

        Raises:
            QueryFailed: the view reads itself.
        """
        ...

    def source(self, node: exp.Table) -> TableSource | ViewSource:
        """The table or view that a name means.

        Raises:
            QueryFailed: the name is unknown.
        """
        ...

    def add(self, plan: Plan) -> None:
        """Register a relation's plan; a relation is registered before its readers."""
        ...

    def new_scan(self, source: TableSource) -> ScanPlan:
        """Register a scan of a table."""
        ...

    def new_alias(self) -> str:
        """A name for a relation that no other has."""
        ...

    def new_variable(self) -> str:
        """A name for a lambda's parameter that no other has."""
        ...


#: Compiles one kind of node of an expression. `Any` stands for the node's class.
Part = Callable[[Any, Scope, Compiler], Typed]
