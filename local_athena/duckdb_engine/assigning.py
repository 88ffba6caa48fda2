"""Checks and coerces the values that INSERT, UPDATE and MERGE write to the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
from sqlglot import exp

from local_athena.compiler.analyzer import Analyzer, Compiled
from local_athena.compiler.plans import TableSource
from local_athena.compiler.scopes import Scope, Typed
from local_athena.errors import QueryFailed
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.types import UNKNOWN, Type


def insertable(compiled: Compiled, chosen: Sequence[Column], tree: exp.Expr, analyzer: Analyzer) -> Compiled:
    """The query of an INSERT, with its columns coerced to the types of the table's columns.

    Args:
        compiled: the query.
        chosen: the table's columns that receive the query's columns, in order.
        tree: the INSERT, whose position the error names.
        analyzer: compiles the coercions.

    Raises:
        QueryFailed: the query has another number of columns, or a type has no common type with its column.
        Refused: local Athena does not support a coercion.
    """
    given = compiled.columns
    if len(chosen) != len(given) or not all(
        _assignable(b.type, a.type) for a, b in zip(chosen, given, strict=True)
    ):
        table, query = (", ".join(str(c.type) for c in columns) for columns in (chosen, given))
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(tree)}Insert query has mismatched column types: Table: [{table}], Query: [{query}]",
        )
    items = [
        f"{_assigned(analyzer, Typed(f'q.c{index}', own.type), wanted.type, tree)} AS c{index}"
        for index, (wanted, own) in enumerate(zip(chosen, given, strict=True))
    ]
    columns = tuple(Column(own.name, wanted.type) for wanted, own in zip(chosen, given, strict=True))
    return replace(compiled, sql=f"SELECT {', '.join(items)} FROM ({compiled.sql}) q", columns=columns)


def _assignable(given: Type, wanted: Type) -> bool:
    """Whether a column accepts values of a type. Both need a common type; a value that does not fit fails later."""
    both = types.common(given, wanted)
    if both is None:
        return False
    # Trino checks the length of a string in a varchar(n) column, but not of strings inside of arrays, maps and rows.
    # The types inside must therefore already fit.
    return not (wanted.items and _has_length(wanted)) or both == wanted


def _has_length(kind: Type) -> bool:
    return bool(kind.base == "varchar" and kind.params) or any(map(_has_length, kind.items))


def _assigned(analyzer: Analyzer, value: Typed, wanted: Type, node: exp.Expr) -> str:
    """A value's SQL, coerced to the type of its column. A value that does not fit fails when the statement runs.

    Raises:
        Refused: local Athena does not support the coercion.
    """
    value = Typed(value.sql, types.in_utc(value.type))
    both = types.common(value.type, wanted)
    if wanted.base == "varchar" and wanted.params:
        return _of_length(value, wanted)
    if both is not None and _same_shape(both, wanted):
        return analyzer.coerced(value, wanted)
    return analyzer.cast(value, wanted, node, safe=False).sql


def _of_length(value: Typed, wanted: Type) -> str:
    """A string's SQL for a column of type varchar(n). Only blanks at the end are cut; a longer string fails."""
    longest = wanted.params[0]
    if value.type == UNKNOWN or (value.type.params and value.type.params[0] <= longest):
        return f"CAST({value.sql} AS VARCHAR)"
    own = str(value.type) if value.type.params else "varchar"
    problem = f"Cannot truncate non-space characters when casting from {own} to {wanted} on INSERT"
    failure = f"t_fail('INVALID_CAST_ARGUMENT|{problem}')"
    return f"(CASE WHEN length(rtrim({value.sql}, ' ')) > {longest} THEN {failure} ELSE left({value.sql}, {longest}) END)"


def _same_shape(a: Type, b: Type) -> bool:
    """Whether two types differ only in the lengths of strings and the names of fields."""
    if a.items:
        return a.base == b.base and len(a.items) == len(b.items) and all(map(_same_shape, a.items, b.items))
    return a.without_length() == b.without_length()


def with_all_columns(rows: pa.Table, chosen: Sequence[Column], columns: Sequence[Column]) -> pa.Table:
    """Rows with all columns of the table, in the table's order and types. Columns that are not given are null.

    Args:
        rows: the rows of the query.
        chosen: the columns that they give.
        columns: the table's columns.
    """
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
    """Rows under the names and types of the given columns, by position."""
    schema = pa.schema([(column.name, to_arrow(column.type)) for column in columns])
    return pa.table([rows.column(i).cast(field.type) for i, field in enumerate(schema)], schema=schema)


def assigned_values(
    analyzer: Analyzer, pairs: Sequence[exp.Expr], source: TableSource, scope: Scope
) -> dict[str, str]:
    """The SQL of the new values in `set a = …, b = …`, by column name.

    Raises:
        QueryFailed: a column does not exist, or its type does not accept the value.
    """
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
    """The SQL of the values in a MERGE's `insert (a, b) values (…, …)`, by column name.

    Raises:
        QueryFailed: a column does not exist or does not accept its value, or the number of values is wrong.
    """
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
    """An expression's SQL, coerced to the type of the column that it is written to."""
    value = analyzer.expression(node, scope)
    if not _assignable(value.type, kind):
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(node)}column types don't match: column {name} is {kind}, the expression is {value.type}",
        )
    return _assigned(analyzer, value, kind, node)
