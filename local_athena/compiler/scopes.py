"""Defines compiled expressions, and scopes: the columns and variables that an expression may name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from local_athena.compiler.plans import Plan, ScanPlan
from local_athena.values import types
from local_athena.values.types import Type


@dataclass(frozen=True)
class Output:
    """A column of a relation.

    Attributes:
        name: the name as it was written; None for a column without a name. Names are compared in lower case (`key`).
        sql: the column's name in DuckDB's SQL.
        qualifiers: the names that may precede it, such as (database, table) or (alias,).
        plan: the relation that the column comes from.
        column: the column's key in that relation.
        hidden: whether `*` leaves the column out.
    """

    name: str | None
    type: Type
    sql: str
    qualifiers: tuple[str, ...]
    plan: Plan
    column: str
    hidden: bool = False

    @property
    def key(self) -> str | None:
        """The name in lower case."""
        return self.name.lower() if self.name is not None else None

    def note_use(self) -> None:
        """Note that the query reads the column."""
        self.plan.named.append(self.column)
        if isinstance(self.plan, ScanPlan):
            self.plan.used[self.column] = None


@dataclass(frozen=True)
class Typed:
    """A compiled expression.

    Attributes:
        sql: the expression in DuckDB's SQL.
        type: its type in Trino.
        output: the column if the expression is only a column, else None.
    """

    sql: str
    type: Type
    output: Output | None = None


@dataclass
class Scope:
    """The names that an expression may use, and the clause that contains it.

    Attributes:
        outputs: the columns of the query that contains the expression.
        parent: the scope of the outer query.
        variables: the parameters of the lambdas around the expression, by name.
        keys: the SQL of the grouping keys if the query is aggregated and the expression is outside of every
            aggregate function; else None.
        clause: the clause around the expression if aggregates and window functions are forbidden there, such as
            `WHERE clause`; else empty.
        windows: receives the partition keys of each window function in the expression.
    """

    outputs: list[Output]
    parent: Scope | None = None
    variables: dict[str, Typed] = field(default_factory=dict)
    keys: frozenset[str] | None = None
    clause: str = ""
    windows: list[set[str]] = field(default_factory=list)


def typed(output: Output) -> Typed:
    """A column as an expression."""
    return Typed(output.sql, output.type, output)


def row_of(items: Sequence[Typed]) -> Typed:
    """A row without field names."""
    fields = ", ".join(f"f{i} := {item.sql}" for i, item in enumerate(items))
    kind = types.row((None,) * len(items), tuple(item.type for item in items))
    return Typed(f"struct_pack({fields})", kind)
