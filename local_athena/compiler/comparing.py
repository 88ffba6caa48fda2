"""Types brought together and values compared, by Trino's rules."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from local_athena.compiler.contract import Compiler
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.types import BOOLEAN, UNKNOWN, Type


def unified(kinds: Iterable[Type], problem: str, node: exp.Expr) -> Type:
    """The type that values of all these types are coerced to.

    Raises:
        QueryFailed: no common type exists (TYPE_MISMATCH; the reason begins with the problem).
    """
    wide = UNKNOWN
    for kind in kinds:
        both = types.common(wide, kind)
        if both is None:
            raise QueryFailed("TYPE_MISMATCH", f"{place(node)}{problem}: {wide} vs {kind}")
        wide = both
    return wide


def compared(operator: str, left: Typed, right: Typed, node: exp.Expr, compiler: Compiler) -> Typed:
    """Two values compared, if Trino compares their types."""
    kind = types.common(left.type, right.type)
    if kind is None:
        shown = {"IS NOT DISTINCT FROM": "IS DISTINCT FROM"}.get(operator, operator)
        raise QueryFailed(
            "TYPE_MISMATCH", f"{place(node)}Cannot apply operator: {left.type} {shown} {right.type}"
        )
    check_comparable(kind)
    compiler.note(f"{shape(kind)} {operator.lower()} {shape(kind)}")
    a, b = compiler.coerced(left, kind), compiler.coerced(right, kind)
    sql = f"({a} {operator} {b})"
    if kind.base in ("double", "real") and not operator.startswith("IS"):
        # For DuckDB NaN equals itself and exceeds every number.
        nan = f"(isnan({a}) AND {b} IS NOT NULL) OR (isnan({b}) AND {a} IS NOT NULL)"
        sql = f"(CASE WHEN {nan} THEN {'TRUE' if operator == '<>' else 'FALSE'} ELSE {sql} END)"
    return Typed(sql, BOOLEAN)


def check_comparable(kind: Type) -> None:
    """Refuse types whose values DuckDB compares by other rules: a null inside makes Trino's answer null.

    Raises:
        Refused: it is such a type.
    """
    if kind.base in ("json", "map", "row", "array"):
        raise Refused(f"the comparison of values of type {kind}")
