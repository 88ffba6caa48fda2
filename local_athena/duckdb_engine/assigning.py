"""Values for the columns of a table: what INSERT, UPDATE and MERGE may write, and how it is coerced."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from sqlglot import exp

from local_athena.compiler import proven
from local_athena.compiler.analyzer import Analyzer
from local_athena.compiler.plans import TableSource
from local_athena.compiler.scopes import Scope
from local_athena.errors import QueryFailed
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.types import Type


def check_insert(chosen: Sequence[Column], given: Sequence[Column], tree: exp.Expr) -> None:
    if len(chosen) != len(given) or not all(
        _assignable(b.type, a.type) for a, b in zip(chosen, given, strict=True)
    ):
        table, query = (", ".join(str(c.type) for c in columns) for columns in (chosen, given))
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(tree)}Insert query has mismatched column types: Table: [{table}], Query: [{query}]",
        )
    for wanted, own in zip(chosen, given, strict=True):
        signature = proven.coercion(own.type, wanted.type)
        if signature:
            proven.require(signature)


def _assignable(given: Type, wanted: Type) -> bool:
    both = types.common(given, wanted)
    return both is not None and (
        both.without_length() == wanted.without_length() or _same_shape(both, wanted)
    )


def _same_shape(a: Type, b: Type) -> bool:
    """Equal but for the lengths of texts and the names of fields."""
    if a.items:
        return a.base == b.base and len(a.items) == len(b.items) and all(map(_same_shape, a.items, b.items))
    return a.without_length() == b.without_length()


def with_all_columns(rows: pa.Table, chosen: Sequence[Column], columns: Sequence[Column]) -> pa.Table:
    """Rows with all of the table's columns, in its order and types; what is not given is null."""
    given = {column.name: index for index, column in enumerate(chosen)}
    schema = pa.schema([(column.name, to_arrow(column.type)) for column in columns])
    arrays = [
        rows.column(given[field.name]).cast(field.type)
        if field.name in given
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def as_columns(rows: pa.Table, columns: Sequence[Column]) -> pa.Table:
    schema = pa.schema([(column.name, to_arrow(column.type)) for column in columns])
    return pa.table([rows.column(i).cast(field.type) for i, field in enumerate(schema)], schema=schema)


def assigned_values(
    analyzer: Analyzer, pairs: Sequence[exp.Expr], source: TableSource, scope: Scope
) -> dict[str, str]:
    """New values by column name, for `set a = …, b = …`."""
    kinds = {column.name: column.type for column in source.columns}
    assigned = {}
    for pair in pairs:
        name = pair.this.name.lower()
        if name not in kinds:
            raise QueryFailed(
                "COLUMN_NOT_FOUND", f"{place(pair)}The UPDATE SET target column {name} doesn't exist"
            )
        assigned[name] = _coerced(analyzer, scope, pair.expression, kinds[name], name)
    return assigned


def inserted_values(
    analyzer: Analyzer, then: exp.Insert, source: TableSource, scope: Scope
) -> dict[str, str]:
    """New values by column name, for `insert (a, b) values (…, …)`."""
    kinds = {column.name: column.type for column in source.columns}
    names = [part.name.lower() for part in then.this.expressions] if then.this is not None else list(kinds)
    values = then.expression.expressions
    if len(names) != len(values):
        raise QueryFailed(
            "TYPE_MISMATCH", f"{place(then)}MERGE INSERT has {len(names)} columns but {len(values)} values"
        )
    missing = [name for name in names if name not in kinds]
    if missing:
        raise QueryFailed("COLUMN_NOT_FOUND", f"{place(then)}Column '{missing[0]}' cannot be resolved")
    return {
        name: _coerced(analyzer, scope, value, kinds[name], name)
        for name, value in zip(names, values, strict=True)
    }


def _coerced(analyzer: Analyzer, scope: Scope, node: exp.Expr, kind: Type, name: str) -> str:
    """An expression's SQL as the type of the column that it is written to."""
    value = analyzer.expression(node, scope)
    if not _assignable(value.type, kind):
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(node)}column types don't match: column {name} is {kind}, the expression is {value.type}",
        )
    return analyzer.coerced(value, kind)
