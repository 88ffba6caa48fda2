"""The relations of a query, and what their readers need of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from local_athena.tables.pruning import NOTHING, Conjunction, Needs
from local_athena.values.columns import Column

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


@dataclass(eq=False)
class Plan:
    """One relation of the query and what its readers need of it.

    Attributes:
        inputs: the relations it reads, with the conditions it sets on each.
        lineage: for a column passed on unchanged: the input and the column there.
        received: what each reader needs; an empty conjunction for one that needs every row.
    """

    inputs: list[tuple[Plan, Conjunction]] = field(default_factory=list)
    lineage: dict[str, list[tuple[Plan, str]]] = field(default_factory=dict)
    received: list[Conjunction] = field(default_factory=list)

    def push(self) -> None:
        """Pass what the readers need on to the inputs."""
        received = self.received if len(self.received) <= _MAX_ALTERNATIVES else [{}]
        for plan, own in self.inputs:
            for alternative in received:
                needed = dict(own)
                if NOTHING in alternative:
                    needed[NOTHING] = alternative[NOTHING]
                for column, comparisons in alternative.items():
                    for source, name in self.lineage.get(column, []):
                        if source is plan:
                            needed[name] = needed.get(name, ()) + comparisons
                plan.received.append(needed)


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
    def needs(self) -> Needs:
        """What the readers need, one alternative each, but for those whose condition is false."""
        return Needs([needed for needed in self.received if NOTHING not in needed])
