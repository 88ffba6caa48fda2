"""Compiles UNNEST, which makes rows from arrays and maps."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.contract import Compiler, Relation
from local_athena.compiler.plans import Plan
from local_athena.compiler.scopes import Output, Scope, Typed
from local_athena.errors import QueryFailed
from local_athena.sql.places import place
from local_athena.values.duckdb_types import quoted
from local_athena.values.types import BIGINT, Type


def unnest(node: exp.Unnest, scope: Scope, compiler: Compiler) -> Relation:
    """Compile UNNEST. The fields of an array's rows become columns.

    Raises:
        QueryFailed: an argument is neither an array nor a map, or the alias has another number of columns.
    """
    inner, outer = compiler.new_alias(), compiler.new_alias()
    elements: list[str] = []
    columns: list[tuple[str, Type]] = []
    lengths = []
    for item in node.expressions:
        value = compiler.expression(item, scope)
        if value.type.base not in ("array", "map"):
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"{place(item)}Cannot unnest type: {value.type}")
        compiler.note(_unnest_signature(value.type))
        lengths.append(
            f"coalesce(len({value.sql}), 0)"
            if value.type.base == "array"
            else f"coalesce(cardinality({value.sql}), 0)"
        )
        for sql, kind in _unnested(value):
            key = f"e{len(elements)}"
            elements.append(f"unnest({sql}) AS {key}")
            columns += _spread(f"{inner}.{key}", kind)
    if len(lengths) > 1:
        compiler.note("unnest of several")
    if node.args.get("offset"):
        compiler.note("unnest with ordinality")
        key = f"e{len(elements)}"
        elements.append(f"unnest(range(1, greatest({', '.join(lengths)}) + 1)) AS {key}")
        columns.append((f"{inner}.{key}", BIGINT))
    names = _unnest_names(node, len(columns))
    items = ", ".join(f"{sql} AS c{i}" for i, (sql, _) in enumerate(columns))
    sql = f"LATERAL (SELECT {items} FROM (SELECT {', '.join(elements)}) {inner}) {outer}"
    alias = node.args.get("alias")
    qualifiers = (alias.name.lower(),) if alias is not None and alias.name else ()
    plan = Plan()
    compiler.add(plan)
    outputs = [
        Output(names[i], kind, f"{outer}.c{i}", qualifiers, plan, f"c{i}")
        for i, (_, kind) in enumerate(columns)
    ]
    return Relation(sql, outputs)


def _unnest_signature(kind: Type) -> str:
    """The signature of UNNEST. Arrays of rows have their own, because their fields become columns."""
    if kind.base == "map":
        return "unnest(map(K, V))"
    return "unnest(array(row))" if kind.items[0].base == "row" else "unnest(array(E))"


def _unnested(value: Typed) -> list[tuple[str, Type]]:
    if value.type.base == "array":
        return [(value.sql, value.type.items[0])]
    return [
        (f"map_keys({value.sql})", value.type.items[0]),
        (f"map_values({value.sql})", value.type.items[1]),
    ]


def _spread(sql: str, kind: Type) -> list[tuple[str, Type]]:
    if kind.base != "row":
        return [(sql, kind)]
    return [
        (f"({sql}).{quoted(name)}", item) for name, item in zip(kind.field_names, kind.items, strict=True)
    ]


def _unnest_names(node: exp.Unnest, count: int) -> list[str | None]:
    alias = node.args.get("alias")
    names = [column.name for column in (alias.args.get("columns") or [])] if alias is not None else []
    offset = node.args.get("offset")
    if isinstance(offset, exp.Identifier) and names:
        names.append(offset.name)
    if not names:
        return [None] * count
    if len(names) != count:
        raise QueryFailed(
            "MISMATCHED_COLUMN_ALIASES",
            f"{place(node)}Column alias list has {len(names)} entries but relation has {count} columns",
        )
    return list(names)
