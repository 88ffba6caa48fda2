"""Plans of a query's relations: they work out which rows and columns of each table the query needs.

A reader of a relation is the query, join or set operation that uses the relation's rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from local_athena.tables.pruning import NOTHING, Comparison, Conjunction, Needs
from local_athena.values.columns import Column
from local_athena.values.types import Type

#: A relation with more readings than this is read whole.
_MAX_ALTERNATIVES = 64


@dataclass(frozen=True)
class TableSource:
    """A table as a query sees it.

    Attributes:
        key: the engine's own object for the table.
        columns: the columns of `*`.
        hidden: columns that can be named but are not part of `*`.
    """

    key: object
    database: str
    name: str
    columns: tuple[Column, ...]
    hidden: tuple[Column, ...] = ()


@dataclass(frozen=True)
class ViewSource:
    """A view.

    Attributes:
        sql: the view's statement.
        view_database: the database of names without a database in that statement.
    """

    database: str
    name: str
    sql: str
    view_database: str


@dataclass(frozen=True)
class Reading:
    """What one reader needs of a relation.

    Attributes:
        where: conditions that every needed row satisfies; empty if the reader needs every row.
        columns: the columns that the reader needs; None for all.
    """

    where: Conjunction = field(default_factory=Conjunction)
    columns: frozenset[str] | None = None


@dataclass(frozen=True)
class Version:
    """The moment or snapshot in FOR TIMESTAMP AS OF or FOR VERSION AS OF.

    Attributes:
        kind: TIMESTAMP or VERSION.
        sql: the constant expression after AS OF, in DuckDB's SQL.
        type: the expression's Trino type.
    """

    kind: str
    sql: str
    type: Type


@dataclass(eq=False)
class Plan:
    """One relation of the query, and what its readers need of it.

    Attributes:
        inputs: the relations that this one reads, each with the conditions that this one sets on it.
        lineage: for each column that is passed on unchanged, the inputs and their columns that it comes from.
        made_of: for each column that is computed only if a reader needs it, the input columns that it is made of.
        named: the columns of this relation that its reader always needs, in the order of naming. Columns in the
            reader's `made_of` are not among them.
        received: what each reader needs.
        adds_nulls: whether an outer join may turn values of the inputs into nulls. A condition `is null` then does
            not hold for the inputs.
    """

    inputs: list[tuple[Plan, Conjunction]] = field(default_factory=list)
    lineage: dict[str, list[tuple[Plan, str]]] = field(default_factory=dict)
    made_of: dict[str, list[tuple[Plan, str]]] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)
    received: list[Reading] = field(default_factory=list)
    adds_nulls: bool = False

    def pass_on(self, keys: Iterable[str], *sources: Plan) -> None:
        """Note that this relation passes on these columns of the sources unchanged, under the same keys."""
        for key in keys:
            self.lineage[key] = self.made_of[key] = [(source, key) for source in sources]

    def push(self) -> None:
        """Tell the inputs what the readers of this relation need."""
        received = self.received if len(self.received) <= _MAX_ALTERNATIVES else [Reading()]
        for plan, own in self.inputs:
            for reading in received:
                needed = dict(own)
                if NOTHING in reading.where:
                    needed[NOTHING] = reading.where[NOTHING]
                for column, asked in reading.where.items():
                    comparisons = self.asked_of_inputs(asked)
                    for source, name in self.lineage.get(column, []):
                        if source is plan:
                            needed[name] = needed.get(name, ()) + comparisons
                plan.received.append(Reading(needed, self._columns_of(plan, reading)))

    def asked_of_inputs(self, comparisons: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
        """The comparisons of a column that must also hold for the column of the input."""
        return tuple(one for one in comparisons if not (self.adds_nulls and one.operator == "is null"))

    def _columns_of(self, plan: Plan, reading: Reading) -> frozenset[str]:
        """The columns of an input that a reading needs."""
        keys = self.made_of if reading.columns is None else reading.columns
        made = (pair for key in keys for pair in self.made_of.get(key, []))
        return frozenset([*plan.named, *(name for source, name in made if source is plan)])


@dataclass(eq=False)
class ScanPlan(Plan):
    """The rows of one table, registered in DuckDB under the name `relation`.

    Attributes:
        used: the columns that the query reads, in the order of first use.
        kept: further columns that a MERGE, UPDATE or DELETE reads, because it rewrites whole files. Athena does not
            read these columns, because it writes delete files instead.
    """

    source: TableSource | None = None
    relation: str = ""
    used: dict[str, None] = field(default_factory=dict)
    kept: dict[str, None] = field(default_factory=dict)

    @property
    def readings(self) -> list[Reading]:
        """What the readers need. Readers whose condition is always false are left out."""
        return [reading for reading in self.received if NOTHING not in reading.where]

    @property
    def needs(self) -> Needs:
        """The rows that the readers need, as one alternative for each reader."""
        return Needs([reading.where for reading in self.readings])
