"""Finds the common type of values and compiles comparisons, by Trino's rules."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from local_athena.compiler.contract import Compiler
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.duckdb_types import quoted
from local_athena.values.types import BOOLEAN, UNKNOWN, Type


def unified(kinds: Iterable[Type], problem: str, node: exp.Expr) -> Type:
    """The type that values of all these types are coerced to.

    Args:
        kinds: the types.
        problem: the start of the error message if no common type exists.
        node: the part of the statement whose position the error names.

    Raises:
        QueryFailed: no common type exists (TYPE_MISMATCH).
    """
    wide = UNKNOWN
    for kind in kinds:
        both = types.common(wide, kind)
        if both is None:
            raise QueryFailed("TYPE_MISMATCH", f"{place(node)}{problem}: {wide} vs {kind}")
        wide = both
    return wide


def compared(operator: str, left: Typed, right: Typed, node: exp.Expr, compiler: Compiler) -> Typed:
    """The comparison of two values.

    Raises:
        QueryFailed: Trino does not compare values of these types.
        Refused: DuckDB compares such values by other rules.
    """
    kind = types.common(left.type, right.type)
    if kind is None:
        shown = {"IS NOT DISTINCT FROM": "IS DISTINCT FROM"}.get(operator, operator)
        raise QueryFailed(
            "TYPE_MISMATCH", f"{place(node)}Cannot apply operator: {left.type} {shown} {right.type}"
        )
    if kind.base == "row" and operator in ("=", "<>"):
        return _compared_rows(operator, left, right, node, compiler)
    check_comparable(kind, left.type, right.type)
    compiler.note(f"{shape(kind)} {operator.lower()} {shape(kind)}")
    a, b = compiler.coerced(left, kind), compiler.coerced(right, kind)
    sql = f"({a} {operator} {b})"
    if kind.base in ("double", "real") and not operator.startswith("IS"):
        # In DuckDB, NaN equals itself and is greater than every number.
        nan = f"(isnan({a}) AND {b} IS NOT NULL) OR (isnan({b}) AND {a} IS NOT NULL)"
        sql = f"(CASE WHEN {nan} THEN {'TRUE' if operator == '<>' else 'FALSE'} ELSE {sql} END)"
    return Typed(sql, BOOLEAN)


def _compared_rows(operator: str, left: Typed, right: Typed, node: exp.Expr, compiler: Compiler) -> Typed:
    """The comparison of two rows: field by field, so that a null field makes the result null unless others decide it."""
    if UNKNOWN in (left.type, right.type):
        raise Refused("the comparison of a row with null")
    compiler.note(f"row {operator} row")
    fields = [
        compared(operator, a, b, node, compiler)
        for a, b in zip(fields_of(left), fields_of(right), strict=True)
    ]
    return Typed(f"({(' AND ' if operator == '=' else ' OR ').join(each.sql for each in fields)})", BOOLEAN)


def fields_of(value: Typed) -> list[Typed]:
    """The fields of a row."""
    return [
        Typed(f"({value.sql}).{quoted(name)}", kind)
        for name, kind in zip(value.type.field_names, value.type.items, strict=True)
    ]


def check_comparable(kind: Type, *operands: Type) -> None:
    """Refuse types that DuckDB compares by other rules. In Trino, for example, a null element can make the result null.

    Args:
        kind: the common type of the operands.
        operands: their own types.

    Raises:
        Refused: the type is JSON, an array, a map or a row, or a decimal that cannot hold all values of the operands.
    """
    if kind.base in ("json", "map", "row", "array"):
        raise Refused(f"the comparison of values of type {kind}")
    if kind.base == "decimal":
        own = [types.as_decimal(each) for each in operands if each != UNKNOWN]
        if any(each.params[0] - each.params[1] > kind.params[0] - kind.params[1] for each in own):
            raise Refused(
                f"the comparison of {' and '.join(map(str, operands))}, which needs more than 38 digits"
            )
