"""Turns a query's conditions into the filter by which pyiceberg selects files."""

from __future__ import annotations

from typing import Any

from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Or,
)
from pyiceberg.table import Table as IcebergTable

from local_athena.tables.pruning import Comparison, Needs

_COMPARISONS: dict[str, Any] = {
    "in": In,
    "<": LessThan,
    "<=": LessThanOrEqual,
    ">": GreaterThan,
    ">=": GreaterThanOrEqual,
    "is null": IsNull,
}


def row_filter(table: IcebergTable, needs: Needs) -> BooleanExpression:
    """The filter for the rows that a query needs. Conditions on columns of nested types are left out."""
    names = {field.name.lower(): field for field in table.schema().fields if field.field_type.is_primitive}
    if not needs.alternatives:
        return AlwaysTrue()
    either: BooleanExpression | None = None
    for alternative in needs.alternatives:
        parts: BooleanExpression = AlwaysTrue()
        for name, comparisons in alternative.items():
            if name in names:
                for comparison in comparisons:
                    parts = And(parts, _comparison(names[name].name, comparison))
        either = parts if either is None else Or(either, parts)
    return either or AlwaysTrue()


def _comparison(name: str, comparison: Comparison) -> BooleanExpression:
    if comparison.operator == "is null":
        return _COMPARISONS[comparison.operator](name)
    values = [v if isinstance(v, (str, int, float, bool)) else v.isoformat() for v in comparison.values]
    return _COMPARISONS[comparison.operator](name, values if comparison.operator == "in" else values[0])
