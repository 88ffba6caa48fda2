"""Describes a query's comparisons of columns with literals, which tell the partitions and files that it need not read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

Value = str | int | dt.date | dt.datetime | bool


@dataclass(frozen=True)
class Range:
    """The range of a column's values, from a file's statistics.

    Attributes:
        low: a lower bound of the values; None if it is not known.
        high: an upper bound of the values; None if it is not known.
        nulls: whether there may be nulls.
    """

    low: Value | None
    high: Value | None
    nulls: bool


@dataclass(frozen=True)
class Comparison:
    """A comparison of a column with literals. Every row that the query needs satisfies it.

    Attributes:
        operator: one of `in`, `<`, `<=`, `>`, `>=`, `is null`.
        values: the literals: any number for `in`, none for `is null`, one for the other operators.
    """

    operator: str
    values: tuple[Value, ...]

    def admits(self, value: Value | None) -> bool:
        """Whether the value satisfies the comparison. A null satisfies only `is null`."""
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
        """Whether a value within the range may satisfy the comparison."""
        low, high = within.low, within.high
        if self.operator == "is null":
            return within.nulls
        if low is None or high is None:
            return True
        if self.operator == "in":
            return any(low <= value <= high for value in self.values)  # type: ignore[operator]
        return self.admits(low if self.operator in ("<", "<=") else high)


#: Comparisons by column; every row that the reader needs satisfies all of them.
Conjunction = dict[str, tuple[Comparison, ...]]
#: A reader whose condition is always false has the comparisons FALSE, which no row satisfies, on the column NOTHING.
NOTHING = ""
FALSE = (Comparison("in", ()),)


@dataclass
class Needs:
    """The rows that the readers of one scan need.

    A statement may read a table in several places; each place is a reader.

    Attributes:
        alternatives: one conjunction for each reader; a row is needed if it satisfies one of them.
    """

    alternatives: list[Conjunction] = field(default_factory=list)

    def column(self, name: str) -> list[tuple[Comparison, ...]] | None:
        """The comparisons of each reader with a column; None if a reader does not limit the column."""
        comparisons = [alternative.get(name, ()) for alternative in self.alternatives]
        return comparisons if comparisons and all(comparisons) else None

    def admits(self, values: dict[str, Value | None]) -> bool:
        """Whether a reader may need rows with these values (by column)."""
        return not self.alternatives or self.readers(values) > 0

    def readers(self, values: dict[str, Value | None]) -> int:
        """The number of readers that may need rows with these values (by column)."""
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
        """The needs of only those readers that may need rows with these values (by column)."""
        return Needs([one for one in self.alternatives if Needs([one]).readers(values)])

    def readers_within(self, ranges: dict[str, Range]) -> int:
        """The number of readers that may need rows whose values are within these ranges (by column)."""
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
        """The values of a column that the readers need; None if a reader does not list its values with `in`."""
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
