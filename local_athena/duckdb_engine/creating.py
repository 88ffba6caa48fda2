"""Runs CREATE VIEW and CREATE TABLE AS."""

from __future__ import annotations

import pyarrow as pa
from sqlglot import exp

from local_athena.compiler.analyzer import Compiled
from local_athena.duckdb_engine.assigning import as_columns
from local_athena.duckdb_engine.context import StatementContext
from local_athena.duckdb_engine.database import named
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.formatting import formatted
from local_athena.sql.names import check_catalog, table_already_exists
from local_athena.sql.places import place
from local_athena.sql.statements import Outcome
from local_athena.tables.catalog import Table, view_input
from local_athena.tables.s3 import split_uri
from local_athena.tables.settings import TableSettings
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.iceberg_types import as_stored
from local_athena.values.types import INTEGER, UNKNOWN, VARCHAR, Type


def create_view(tree: exp.Create, context: StatementContext) -> Outcome:
    """Run a CREATE VIEW.

    Raises:
        QueryFailed: the view's query is wrong, or the name is taken.
    """
    if (tree.args.get("kind") or "").upper() != "VIEW" or tree.expression is None:
        raise Refused(f"the statement {context.statement.sql[:80]}")
    if tree.args.get("properties") is not None:
        raise Refused("CREATE VIEW with anything between its name and AS")
    database, name = _new_name(tree.this, context)
    text = formatted(tree.expression)
    columns = _columns(context.compile(tree.expression))
    old = context.catalog.find_table(database, name)
    if old is not None and not (tree.args.get("replace") and old.is_view):
        raise table_already_exists(database, name)
    wanted = view_input(name, text, context.statement.database, tuple(columns))
    if old is None:
        context.catalog.create_table(database, wanted)
    else:
        context.catalog.update_table(database, wanted)
    return Outcome()


def create_table_as(tree: exp.Create, context: StatementContext) -> Outcome:
    """Run a CREATE TABLE AS.

    Raises:
        QueryFailed: the query or a table property is wrong, the name is taken, or the folder is not empty.
    """
    if (tree.args.get("kind") or "").upper() != "TABLE" or tree.expression is None:
        raise Refused(f"the statement {context.statement.sql[:80]}")
    database, name = _new_name(tree.this, context)
    if isinstance(tree.this, exp.Schema):
        raise Refused("CREATE TABLE AS with a list of columns")
    if context.catalog.find_table(database, name) is not None:
        if tree.args.get("exists"):
            return Outcome(update_count=0)
        raise table_already_exists(database, name)
    settings = TableSettings(tree, context.statement.result_location)
    compiled = context.compile(tree.expression)
    columns = _columns(compiled)
    if settings.is_iceberg:
        columns = [Column(c.name, _iceberg_type(c.type)) for c in columns]
    else:
        _check_hive(database, name, columns, settings, context)
    unknown = [column.name for column in columns if column.type == UNKNOWN]
    if unknown:
        raise QueryFailed("COLUMN_TYPE_UNKNOWN", f"{place(tree)}Column type is unknown: {unknown[0]}")
    empty = any(node.args.get("no") for node in tree.find_all(exp.WithDataProperty))
    read = named(_no_rows(compiled), compiled.columns) if empty else context.rows(compiled)
    rows = as_columns(read, columns)
    if settings.is_iceberg:
        written = None
        context.iceberg.create(
            database, name, columns, settings.partitioning, settings.location, settings.properties, rows
        )
    else:
        # Other than INSERT, it leaves a manifest also without any row, as awswrangler's tests against Athena show.
        written = _create_hive(database, name, columns, settings, rows, context)
    return context.outcome(update_count=rows.num_rows, written=written)


def _no_rows(compiled: Compiled) -> pa.Table:
    """The empty result of a query. WITH NO DATA uses it instead of running the query."""
    kinds = (to_arrow(column.type) for column in compiled.columns)
    return pa.schema([(f"c{index}", kind) for index, kind in enumerate(kinds)]).empty_table()


def _check_hive(
    database: str, name: str, columns: list[Column], settings: TableSettings, context: StatementContext
) -> None:
    """Check that the partition keys are the last columns and that the folder is empty, before anything is read."""
    settings.check_columns(columns)
    bucket, prefix = split_uri(settings.location.rstrip("/") + "/")
    if context.store.list(bucket, prefix):
        raise QueryFailed(
            "HIVE_PATH_ALREADY_EXISTS",
            f"Target directory for table '{database}.{name}' already exists: {settings.location}. "
            "You may need to manually clean the data at location before retrying.",
        )


def _create_hive(
    database: str,
    name: str,
    columns: list[Column],
    settings: TableSettings,
    rows: pa.Table,
    context: StatementContext,
) -> list[str]:
    """Create a Hive table, write its rows, and return the URIs of its objects."""
    wanted = settings.table_input(name, columns)
    keys = tuple(settings.partitioning)
    table = Table(database, name, tuple(columns), keys, {**wanted, "DatabaseName": database})
    context.hive.check(table, rows)
    context.catalog.create_table(database, wanted)
    return context.hive.write(table, rows)


def _new_name(node: exp.Expr, context: StatementContext) -> tuple[str, str]:
    """The database and the name of the new table or view, in lower case."""
    table = node.this if isinstance(node, exp.Schema) else node
    if not isinstance(table, exp.Table):
        raise Refused(f"the table name {node.sql('trino')}")
    check_catalog(table.catalog, place(table))
    database = (table.db or context.statement.database).lower()
    if not context.catalog.has_database(database):
        raise QueryFailed("SCHEMA_NOT_FOUND", f"{place(table)}Schema {database} does not exist")
    return database, table.name.lower()


def _columns(compiled: Compiled) -> list[Column]:
    """The columns of the new table or view. The catalog stores their names in lower case.

    Raises:
        QueryFailed: a column has no name, or two columns have the same name.
    """
    columns = [Column(column.name.lower(), column.type) for column in compiled.columns]
    names = [column.name for column in columns]
    for index, name in enumerate(names):
        if name == f"_col{index}":
            raise QueryFailed(
                "MISSING_COLUMN_NAME", f"line 1:1: Column name not specified at position {index + 1}"
            )
        if name in names[:index]:
            raise QueryFailed(
                "DUPLICATE_COLUMN_NAME", f"line 1:1: Column name '{name}' specified more than once"
            )
    return columns


def _iceberg_type(kind: Type) -> Type:
    """The type that CREATE TABLE AS gives an Iceberg column.

    Iceberg has no varchar(n), and its timestamps have microseconds. Athena accepts times and timestamps of any
    precision here (recorded in docs/athena-measured.md).
    """
    if kind.base in ("tinyint", "smallint"):
        return INTEGER
    if kind.base == "varchar":
        return VARCHAR
    if kind.base.startswith("time"):
        return as_stored(kind)
    if kind.items:
        return Type(kind.base, kind.params, tuple(map(_iceberg_type, kind.items)), kind.names)
    return kind
