"""Conditions on the columns of a table, taken from literals: partitions and files that miss them are not read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

Value = str | int | dt.date | dt.datetime | bool


@dataclass(frozen=True)
class Range:
    """What statistics say of some values.

    Attributes:
        low, high: the least and the greatest, or less and more than these; None if it is not known.
        nulls: whether there may be nulls among them.
    """

    low: Value | None
    high: Value | None
    nulls: bool


@dataclass(frozen=True)
class Comparison:
    """A comparison of a column with literals. Every row that the query needs satisfies it.

    Attributes:
        operator: one of `in`, `<`, `<=`, `>`, `>=`, `is null`.
        values: the literals; one unless the operator is `in` or `is null`, which has none.
    """

    operator: str
    values: tuple[Value, ...]

    def admits(self, value: Value | None) -> bool:
        """Whether a row with this value may be needed. A null satisfies no comparison but `is null`."""
        if value is None or self.operator == "is null":
            return value is None and self.operator == "is null"
        if self.operator == "in":
            return value in self.values
        test: Callable[[Value, Value], bool] = {
            "<": lambda a, b: a < b,  # type: ignore[operator]
            "<=": lambda a, b: a <= b,  # type: ignore[operator]
            ">": lambda a, b: a > b,  # type: ignore[operator]
            ">=": lambda a, b: a >= b,  # type: ignore[operator]
        }[self.operator]
        return test(value, self.values[0])

    def overlaps(self, within: Range) -> bool:
        """Whether one of some values may satisfy it."""
        low, high = within.low, within.high
        if self.operator == "is null":
            return within.nulls
        if low is None or high is None:
            return True
        if self.operator == "in":
            return any(low <= value <= high for value in self.values)  # type: ignore[operator]
        return self.admits(low if self.operator in ("<", "<=") else high)


#: Comparisons by column; all of them hold for every row that is needed.
Conjunction = dict[str, tuple[Comparison, ...]]
#: The column of a comparison that no row satisfies: its reader's condition is always false.
NOTHING = ""
FALSE = (Comparison("in", ()),)


@dataclass
class Needs:
    """What the readers of one scan need: a row is needed if one of the conjunctions holds."""

    alternatives: list[Conjunction] = field(default_factory=list)

    def column(self, name: str) -> list[tuple[Comparison, ...]] | None:
        """The alternatives for one column, or None if some reader does not limit it."""
        comparisons = [alternative.get(name, ()) for alternative in self.alternatives]
        return comparisons if comparisons and all(comparisons) else None

    def admits(self, values: dict[str, Value | None]) -> bool:
        """Whether rows with these values (by column) may be needed."""
        return not self.alternatives or self.readers(values) > 0

    def readers(self, values: dict[str, Value | None]) -> int:
        """How many of the alternatives may need rows with these values (by column)."""
        return sum(
            all(
                comparison.admits(values[name])
                for name, comparisons in alternative.items()
                if name in values
                for comparison in comparisons
            )
            for alternative in self.alternatives
        )

    def admitting(self, values: dict[str, Value | None]) -> Needs:
        """Those of the alternatives that may need rows with these values (by column)."""
        return Needs([one for one in self.alternatives if Needs([one]).readers(values)])

    def readers_within(self, ranges: dict[str, Range]) -> int:
        """How many of the alternatives may need rows whose values lie in these ranges (by column)."""
        return sum(
            all(
                comparison.overlaps(ranges[name])
                for name, comparisons in alternative.items()
                if name in ranges
                for comparison in comparisons
            )
            for alternative in self.alternatives
        )

    def listed(self, name: str) -> set[Value] | None:
        """The only values of a column that are needed, or None if they are not listed."""
        alternatives = self.column(name)
        if alternatives is None:
            return None
        union: set[Value] = set()
        for comparisons in alternatives:
            lists = [set(c.values) for c in comparisons if c.operator == "in"]
            if not lists:
                return None
            values = set.intersection(*lists)
            union |= {value for value in values if all(c.admits(value) for c in comparisons)}
        return union
