"""The relations of a query, and what their readers need of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from local_athena.tables.pruning import NOTHING, Comparison, Conjunction, Needs
from local_athena.values.columns import Column
from local_athena.values.types import Type

#: With more alternatives than this, everything is read.
_MAX_ALTERNATIVES = 64


@dataclass(frozen=True)
class TableSource:
    """A table as a query sees it; `key` is the engine's own object for the table."""

    key: object
    database: str
    name: str
    columns: tuple[Column, ...]
    hidden: tuple[Column, ...] = ()


@dataclass(frozen=True)
class ViewSource:
    """A view: its statement, and the database in which its names are looked up."""

    database: str
    name: str
    sql: str
    view_database: str


@dataclass(frozen=True)
class Reading:
    """What one reader needs of a relation.

    Attributes:
        where: conditions that every needed row satisfies; empty for a reader that needs every row.
        columns: the columns that it needs; None for all.
    """

    where: Conjunction = field(default_factory=Conjunction)
    columns: frozenset[str] | None = None


@dataclass(frozen=True)
class Version:
    """What FOR TIMESTAMP AS OF or FOR VERSION AS OF names.

    Attributes:
        kind: TIMESTAMP or VERSION.
        sql, type: the constant expression behind it, in DuckDB's SQL, and its Trino type.
    """

    kind: str
    sql: str
    type: Type


@dataclass(eq=False)
class Plan:
    """One relation of the query and what its readers need of it.

    Attributes:
        inputs: the relations it reads, with the conditions it sets on each.
        lineage: for a column passed on unchanged: the input and the column there.
        made_of: for a column that is worked out only if a reader needs it: the inputs' columns for it.
        named: its columns that the reader named, in order, but for those that stand in the reader's `made_of`.
        received: what each reader needs.
        adds_nulls: whether an outer join may make nulls of its inputs' values, so that a row that is asked for by
            a null may be made of one that has a value.
    """

    inputs: list[tuple[Plan, Conjunction]] = field(default_factory=list)
    lineage: dict[str, list[tuple[Plan, str]]] = field(default_factory=dict)
    made_of: dict[str, list[tuple[Plan, str]]] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)
    received: list[Reading] = field(default_factory=list)
    adds_nulls: bool = False

    def pass_on(self, keys: Iterable[str], *sources: Plan) -> None:
        """Note that the plan hands on these columns of its inputs, under the same keys."""
        for key in keys:
            self.lineage[key] = self.made_of[key] = [(source, key) for source in sources]

    def push(self) -> None:
        """Pass what the readers need on to the inputs."""
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
        """Those of some comparisons of a column that hold for it in the inputs, too."""
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
        kept: further columns, which a change of some rows writes back to the others' files. Athena writes
            delete files instead and does not read them.
    """

    source: TableSource | None = None
    relation: str = ""
    used: dict[str, None] = field(default_factory=dict)
    kept: dict[str, None] = field(default_factory=dict)

    @property
    def readings(self) -> list[Reading]:
        """What the readers need, without the readers that have a false condition."""
        return [reading for reading in self.received if NOTHING not in reading.where]

    @property
    def needs(self) -> Needs:
        """The rows that the readers need, one alternative each."""
        return Needs([reading.where for reading in self.readings])
