"""Compiled expressions, and what an expression may name."""

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
        name: as it was written where it was named; names are compared in lower case (`key`).
        sql: how DuckDB's SQL names it.
        qualifiers: the names that may precede it, such as (database, table) or (alias,).
        plan, column: the relation it comes from and its key there.
        hidden: not part of `*`.
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
    """A compiled expression: DuckDB's SQL, Trino's type, and the column if the expression is just a column."""

    sql: str
    type: Type
    output: Output | None = None


@dataclass
class Scope:
    """What an expression may name.

    Attributes:
        outputs: the columns of the query it stands in.
        parent: the scope of the outer query.
        variables: the parameters of lambdas around it.
        keys: the compiled grouping keys if the query is aggregated and the expression stands outside of
            every aggregate function; else None.
        clause: the clause it stands in if that allows no aggregates (nor windows), such as `WHERE clause`.
        windows: the partition keys of each window function met, for the caller.
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
