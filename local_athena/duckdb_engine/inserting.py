"""Runs INSERT."""

from __future__ import annotations

from collections.abc import Sequence

from pyiceberg.table import Table as IcebergTable
from sqlglot import exp

from local_athena.duckdb_engine.assigning import insertable, with_all_columns
from local_athena.duckdb_engine.context import StatementContext
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.sql.statements import Outcome
from local_athena.tables.catalog import Table
from local_athena.values.columns import Column


def insert(tree: exp.Insert, context: StatementContext) -> Outcome:
    """Run an INSERT.

    Raises:
        QueryFailed: the table or a column does not exist, or the types do not fit.
        Refused: local Athena does not support the statement.
    """
    if tree.args.get("overwrite"):
        raise Refused("INSERT OVERWRITE")
    source = context.target(tree.this)
    listed = [c.name.lower() for c in tree.this.expressions] if isinstance(tree.this, exp.Schema) else None
    compiled = context.compile(tree.expression)
    chosen = _chosen(source.columns, listed, tree)
    coerced = insertable(compiled, chosen, tree, context.analyzer())
    rows = with_all_columns(context.rows(coerced), chosen, source.columns)
    if isinstance(source.key, IcebergTable):
        context.iceberg.append(source.key, rows)
        written = None
    else:
        assert isinstance(source.key, Table)
        if source.key.storage.get("BucketColumns"):
            raise QueryFailed("NOT_SUPPORTED", "INSERT INTO is not supported on bucketed tables")
        context.hive.check(source.key, rows)
        # As on Athena, a statement that writes no object leaves no manifest.
        written = context.hive.write(source.key, rows) or None
    return context.outcome(update_count=rows.num_rows, written=written)


def _chosen(columns: Sequence[Column], listed: list[str] | None, tree: exp.Expr) -> list[Column]:
    """The columns that an INSERT lists; all columns if it lists none."""
    if listed is None:
        return list(columns)
    by_name = {column.name: column for column in columns}
    for name in listed:
        if name not in by_name:
            raise QueryFailed(
                "COLUMN_NOT_FOUND", f"{place(tree)}Insert column name does not exist in target table: {name}"
            )
    return [by_name[name] for name in listed]
