"""Runs ALTER TABLE on names, properties and columns."""

from __future__ import annotations

from typing import Any

from pyiceberg.types import NestedField
from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.statements import Outcome
from local_athena.tables.catalog import Table
from local_athena.tables.ddl.context import DdlContext, hive_error
from local_athena.tables.ddl.definitions import column_of, glue_column, property_pairs
from local_athena.tables.iceberg import check_format
from local_athena.values.iceberg_types import as_stored, to_iceberg
from local_athena.values.sql_types import from_sql

#: Provisional ids for the nested fields of a new column; pyiceberg replaces them when it adds the column.
_FIELD_IDS = range(10_000, 20_000)


def rename(tree: exp.Expr, context: DdlContext) -> None:
    """ALTER TABLE … RENAME TO."""
    table, (action, *_) = _read(tree, exp.AlterRename, context)
    database, name = context.name_of(action.this)
    if table.is_iceberg:
        context.iceberg.rename((table.database, table.name), (database, name))
        return
    # Glue cannot rename a table. For Iceberg tables, Athena creates a new entry in the catalog instead.
    raise hive_error("Table cannot be renamed")


def set_properties(tree: exp.Expr, context: DdlContext) -> None:
    """ALTER TABLE … SET TBLPROPERTIES."""
    table, (action, *_) = _read(tree, exp.AlterSet, context)
    nodes = [
        node
        for item in action.expressions
        for node in (item.expressions if isinstance(item, exp.Properties) else [item])
    ]
    given = property_pairs(nodes)
    if table.is_iceberg:
        check_format(given, f"{table.database}.{table.name}")
        with context.iceberg.changing(table) as loaded, loaded.transaction() as transaction:
            transaction.set_properties(given)
        return
    wanted = table.table_input()
    wanted["Parameters"] = {**table.parameters, **given}
    context.catalog.update_table(table.database, wanted)


def add_columns(tree: exp.Expr, context: DdlContext) -> Outcome | None:
    """ALTER TABLE … ADD COLUMNS."""
    table, actions = _read(tree, (exp.Schema, exp.ColumnDef), context)
    columns = [
        column_of(node)
        for action in actions
        for node in (action.expressions if isinstance(action, exp.Schema) else [action])
    ]
    known = {column.name for column in context.columns(table)}
    for column in columns:
        if column.name in known:
            raise hive_error(f"Duplicate column name: {column.name}", code="SemanticException [Error 10036]")
    if not table.is_iceberg:
        return _store_columns(table, [*table.storage["Columns"], *map(glue_column, columns)], context)
    with context.iceberg.changing(table) as loaded, loaded.update_schema() as update:
        for column in columns:
            kind = to_iceberg(as_stored(column.type), iter(_FIELD_IDS))
            update.add_column(column.name, kind, column.comment or None)
    return None


def replace_columns(tree: exp.Expr, context: DdlContext) -> Outcome:
    """ALTER TABLE … REPLACE COLUMNS."""
    table, (action, *_) = _read(tree, exp.ReplaceColumns, context)
    columns = [column_of(node) for node in action.expressions]
    if table.is_iceberg:
        raise QueryFailed(
            "NOT_SUPPORTED", "Query type not supported by Athena Iceberg at this time", bare=True
        )
    return _store_columns(table, list(map(glue_column, columns)), context)


def drop_column(tree: exp.Expr, context: DdlContext) -> None:
    """ALTER TABLE … DROP COLUMN."""
    table, (action, *_) = _read(tree, exp.Drop, context)
    name = (action.this or action.args["tables"][0]).name.lower()
    if not table.is_iceberg:
        raise QueryFailed(
            "",
            "FAILED: ParseException mismatched input 'COLUMN' expecting PARTITION in drop partition statement",
        )
    with context.iceberg.changing(table) as loaded, loaded.update_schema() as update:
        update.delete_column(name)


def change_column(tree: exp.Expr, context: DdlContext) -> None:
    """ALTER TABLE … CHANGE COLUMN."""
    table, (action, *_) = _read(tree, exp.AlterColumn, context)
    if action.args.get("rename_to") is None:
        raise _unsupported(context)
    if not table.is_iceberg:
        raise Refused("ALTER TABLE CHANGE COLUMN of a Hive table")
    old, new = action.this.name.lower(), action.args["rename_to"].name.lower()
    wanted = to_iceberg(as_stored(from_sql(action.args["dtype"])), iter(_FIELD_IDS))
    with context.iceberg.changing(table) as loaded, loaded.update_schema() as update:
        field: NestedField = loaded.schema().find_field(old)
        if field.field_type != wanted:
            update.update_column(old, field_type=wanted)  # type: ignore[arg-type]
        if old != new:
            update.rename_column(old, new)


def _read(
    tree: exp.Expr, action: type[exp.Expr] | tuple[type[exp.Expr], ...], context: DdlContext
) -> tuple[Table, list[exp.Expr]]:
    """The table that an ALTER TABLE names, and its actions.

    Raises:
        Refused: the statement is not an ALTER TABLE with an action of the given type.
        QueryFailed: the table does not exist.
    """
    if not isinstance(tree, exp.Alter):
        raise _unsupported(context)
    table = context.table(*context.name_of(tree.this))
    actions = tree.args["actions"]
    if not isinstance(actions[0], action):
        raise _unsupported(context)
    return table, actions


def _unsupported(context: DdlContext) -> Refused:
    return Refused(f"the statement {context.statement.sql[:80]}")


def _store_columns(table: Table, described: list[Any], context: DdlContext) -> Outcome:
    wanted = table.table_input()
    wanted["StorageDescriptor"] = {**table.storage, "Columns": described}
    context.catalog.update_table(table.database, wanted)
    return Outcome(update_type="")
