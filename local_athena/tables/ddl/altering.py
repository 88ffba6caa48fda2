"""Runs ALTER TABLE on names, properties and columns."""

from __future__ import annotations

import re
from typing import Any

from pyiceberg.types import NestedField
from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.kinds import masked
from local_athena.sql.places import line_and_column
from local_athena.sql.statements import Outcome, Statement
from local_athena.tables.catalog import Table
from local_athena.tables.ddl.context import DdlContext, hive_error, hive_table_not_found
from local_athena.tables.ddl.definitions import column_of, glue_column, property_pairs
from local_athena.tables.iceberg import check_format
from local_athena.values.iceberg_types import as_stored, to_iceberg
from local_athena.values.sql_types import from_sql

#: Provisional ids for the nested fields of a new column; pyiceberg replaces them when it adds the column.
_FIELD_IDS = range(10_000, 20_000)
_DROP_COLUMN = r"\b(drop)\s+(column)\b"
#: The ErrorMessage of changes that Athena cannot make to a Hive table.
NOT_BY_DDL = "Query type not supported by DDL engine."


def rename(tree: exp.Expr, context: DdlContext) -> None:
    """ALTER TABLE … RENAME TO."""
    table, (action, *_) = _read(tree, exp.AlterRename, context, error_type=1006, error_message=NOT_BY_DDL)
    database, name = context.name_of(action.this)
    if table.is_iceberg:
        context.iceberg.rename((table.database, table.name), (database, name))
        return
    # Glue cannot rename a table. For Iceberg tables, Athena creates a new entry in the catalog instead.
    raise hive_error("Table cannot be renamed", error_type=1006, error_message=NOT_BY_DDL)


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
        if "comment" in given:
            raise QueryFailed("NOT_SUPPORTED", "Unsupported table property key: comment", bare=True)
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
    actions = _actions(tree, exp.Drop, context)
    table = context.catalog.find_table(*context.name_of(tree.this))
    if table is None or not table.is_iceberg:
        raise no_column_to_drop(context.statement)
    name = (actions[0].this or actions[0].args["tables"][0]).name.lower()
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


def no_column_to_drop(statement: Statement) -> QueryFailed:
    """Hive's failure of DROP COLUMN, which it reads as DROP PARTITION."""
    # Hive counts a run of white space as one blank.
    text = re.sub(r"\s{2,}", " ", statement.written.strip())
    found = re.search(_DROP_COLUMN, masked(text), re.IGNORECASE)
    if found is None:
        # The statement came with EXECUTE IMMEDIATE.
        text = statement.sql
        found = re.search(_DROP_COLUMN, masked(text), re.IGNORECASE)
        assert found is not None
    verb, word = found.groups()
    line, column = line_and_column(text, found.start(2))
    return hive_error(
        f"line {line}:{column} mismatched input '{word}' expecting PARTITION near '{verb}' in drop partition statement",
        code="ParseException",
        error_type=1006,
        error_message=f"line {line}:{column + 1}: mismatched input '{word}' expecting 'PARTITION'",
    )


def _read(
    tree: exp.Expr,
    action: type[exp.Expr] | tuple[type[exp.Expr], ...],
    context: DdlContext,
    *,
    error_type: int | None = None,
    error_message: str | None = None,
) -> tuple[Table, list[exp.Expr]]:
    """The table that an ALTER TABLE names, and its actions.

    Raises:
        Refused: the statement is not an ALTER TABLE with an action of the given type.
        QueryFailed: the table does not exist. The failure has the given type and message, or those of failed DDL.
    """
    actions = _actions(tree, action, context)
    database, name = context.name_of(tree.this)
    table = context.catalog.find_table(database, name)
    if table is None:
        raise hive_table_not_found(database, name, error_type=error_type, error_message=error_message)
    return table, actions


def _actions(
    tree: exp.Expr, action: type[exp.Expr] | tuple[type[exp.Expr], ...], context: DdlContext
) -> list[exp.Expr]:
    """The actions of an ALTER TABLE.

    Raises:
        Refused: the statement is not an ALTER TABLE with an action of the given type.
    """
    if not isinstance(tree, exp.Alter) or not isinstance(tree.args["actions"][0], action):
        raise _unsupported(context)
    return tree.args["actions"]


def _unsupported(context: DdlContext) -> Refused:
    return Refused(f"the statement {context.statement.sql[:80]}")


def _store_columns(table: Table, described: list[Any], context: DdlContext) -> Outcome:
    wanted = table.table_input()
    wanted["StorageDescriptor"] = {**table.storage, "Columns": described}
    context.catalog.update_table(table.database, wanted)
    return Outcome(update_type="")
