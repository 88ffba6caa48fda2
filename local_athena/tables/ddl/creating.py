"""Runs CREATE and DROP of databases, tables and views."""

from __future__ import annotations

from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.names import check_catalog
from local_athena.sql.statements import Outcome
from local_athena.tables.ddl.context import DdlContext, hive_error, hive_table_not_found
from local_athena.tables.ddl.definitions import (
    TableClauses,
    column_of,
    property_nodes,
)
from local_athena.values.columns import Column
from local_athena.values.iceberg_types import as_stored


def create_database(tree: exp.Create, context: DdlContext) -> None:
    """CREATE DATABASE."""
    name = _database_name(tree)
    if context.catalog.has_database(name):
        if not tree.args.get("exists"):
            raise hive_error(f"Database {name} already exists")
        return
    comment = location = ""
    for item in property_nodes(tree):
        if isinstance(item, exp.SchemaCommentProperty):
            comment = item.this.name
        elif isinstance(item, exp.LocationProperty):
            location = item.this.name
        else:
            raise Refused(f"the clause {item.sql('hive')} of CREATE DATABASE")
    context.catalog.create_database(name, comment, location)


def create_table(tree: exp.Create, context: DdlContext) -> None:
    """CREATE EXTERNAL TABLE, or CREATE TABLE of an Iceberg table."""
    if not isinstance(tree.this, exp.Schema) or not isinstance(tree.this.this, exp.Table):
        raise Refused(f"the statement {context.statement.sql[:80]}")
    database, name = context.name_of(tree.this.this)
    if not context.catalog.has_database(database):
        raise hive_error(f"Database does not exist: {database}", code="SemanticException [Error 10072]")
    if context.catalog.find_table(database, name) is not None:
        if tree.args.get("exists"):
            return
        raise hive_error(
            f"AlreadyExistsException(message:Table {name} already exist)",
            error_type=1006,
            error_message=f"Table {name} already exists.",
        )
    columns = [column_of(node) for node in tree.this.expressions]
    clauses = TableClauses(tree)
    if clauses.parameters.get("table_type", "").lower() == "iceberg":
        _create_iceberg(database, name, columns, clauses, context)
    else:
        context.catalog.create_table(database, clauses.table_input(name, columns))


def check_location(tree: exp.Expr) -> None:
    """Make the checks that Athena makes before it starts a CREATE TABLE.

    Raises:
        QueryFailed: the catalog does not exist, the statement has no LOCATION, or it creates a Hive table without
            EXTERNAL.
    """
    if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
        return
    clauses = TableClauses(tree)
    if not clauses.is_external:
        # With EXTERNAL, which was not measured, the statement starts and fails.
        check_catalog(tree.this.this.text("catalog"))
    if not clauses.location:
        raise QueryFailed("", "No location was specified for table. An S3 location must be specified")
    if not clauses.is_external and clauses.parameters.get("table_type", "").lower() != "iceberg":
        raise QueryFailed("", "External keyword required for table type HIVE")


def _create_iceberg(
    database: str, name: str, columns: list[Column], clauses: TableClauses, context: DdlContext
) -> None:
    if clauses.buckets:
        raise Refused("CLUSTERED BY of an Iceberg table: use PARTITIONED BY (bucket(n, column))")
    stored = [Column(c.name, as_stored(c.type), c.comment) for c in columns]
    properties = {key: value for key, value in clauses.parameters.items() if key != "table_type"}
    context.iceberg.create(database, name, stored, clauses.partitioning, clauses.location, properties, None)


def drop(tree: exp.Drop, context: DdlContext) -> Outcome | None:
    """DROP TABLE or DROP VIEW. On Athena, DROP TABLE of an Iceberg table returns two empty rows."""
    kind = (tree.args.get("kind") or "").upper()
    if not isinstance(tree, exp.Drop) or kind not in ("TABLE", "VIEW"):
        raise Refused(f"the statement {context.statement.sql[:80]}")
    database, name = context.name_of(_named(tree))
    table = context.catalog.find_table(database, name)
    if table is None:
        if not tree.args.get("exists"):
            raise hive_table_not_found(database, name)
    elif table.is_view != (kind == "VIEW"):
        raise hive_error(
            f"Cannot drop a {'view with DROP TABLE' if table.is_view else 'base table with DROP VIEW'}"
        )
    elif table.is_iceberg:
        context.iceberg.drop(table)
        return Outcome(lines=["", ""], update_type="DROP TABLE")
    else:
        context.catalog.drop_table(database, name)
    return None


def drop_database(tree: exp.Drop, context: DdlContext) -> None:
    """DROP DATABASE."""
    name = _database_name(tree)
    if not context.catalog.has_database(name):
        if not tree.args.get("exists"):
            raise hive_error(f"Database does not exist: {name}", code="SemanticException [Error 10072]")
        return
    if not tree.args.get("cascade") and context.catalog.tables(name):
        raise hive_error(
            f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
        )
    context.catalog.drop_database(name)


def _named(tree: exp.Expr) -> exp.Expr:
    """The node with the name of the object that a DROP or CREATE statement drops or creates."""
    node = tree.this or tree.args["tables"][0]
    assert isinstance(node, exp.Expr)
    return node


def _database_name(tree: exp.Expr) -> str:
    node = _named(tree)
    # Depending on the statement, sqlglot reads the last part of the name as a table or as a database.
    *before, name = [part for part in (node.text("catalog"), node.text("db"), node.name) if part]
    check_catalog(before[-1] if before else None)
    return name.lower()
