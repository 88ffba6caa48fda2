"""Renames columns by the column names of an alias."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from local_athena.errors import QueryFailed
from local_athena.sql.places import place
from local_athena.values.types import Type


def renamed(
    columns: Sequence[tuple[str | None, Type]], alias: exp.Expr | None
) -> list[tuple[str | None, Type]]:
    """Columns under the names of an alias such as `t (a, b)`. Without such names they are returned unchanged.

    Raises:
        QueryFailed: the alias has another number of names.
    """
    names = alias.args.get("columns") if alias is not None else None
    if not names:
        return list(columns)
    if len(names) != len(columns):
        raise QueryFailed(
            "MISMATCHED_COLUMN_ALIASES",
            f"{place(names[0])}Column alias list has {len(names)} entries but '{alias.name if alias else ''}' "
            f"has {len(columns)} columns available",
        )
    return [(name.name, kind) for name, (_, kind) in zip(names, columns, strict=True)]
