"""Runs SHOW CREATE TABLE and SHOW CREATE VIEW, which show the statement that creates a table or view.

The statement for a Hive table has Hive's format. The statement for an Iceberg table has the format that was measured on
Athena (docs/athena-measured.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pyiceberg.table import Table as IcebergTable

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.formatting import formatted, formatted_name
from local_athena.sql.parsing import parse
from local_athena.sql.statements import Outcome
from local_athena.tables.catalog import Table
from local_athena.tables.ddl.context import DdlContext
from local_athena.tables.iceberg_partitions import partitioning_of
from local_athena.values.columns import Column
from local_athena.values.hive_types import to_hive

#: Table parameters that are not shown as TBLPROPERTIES: they have a clause of their own, or a new table gets new values.
_OWN_PARAMETERS = {"EXTERNAL", "comment", "metadata_location", "previous_metadata_location", "table_type"}


def show_create_table(match: re.Match[str], context: DdlContext) -> Outcome:
    """SHOW CREATE TABLE: the lines of the statement that creates the table."""
    table = context.matched(match)
    if table.is_view:
        raise Refused(f"SHOW CREATE TABLE of the view {table.name}: use SHOW CREATE VIEW")
    if table.is_iceberg:
        lines = _of_iceberg(table, context.iceberg.load(table), context.columns(table))
    else:
        # The name is shown with its database only if SHOW CREATE TABLE names the database.
        lines = _of_hive(table, f"{match['database']}.{table.name}" if match["database"] else table.name)
    # Athena returns an update count only for Iceberg tables.
    return Outcome(
        heading=(("createtab_stmt", "string"),), lines=lines, update_count=0 if table.is_iceberg else None
    )


def show_create_view(match: re.Match[str], context: DdlContext) -> Outcome:
    """SHOW CREATE VIEW: the lines of the statement that creates the view."""
    view = context.matched(match)
    if not view.is_view:
        raise QueryFailed("NOT_SUPPORTED", f"Relation '{view.database}.{view.name}' is a table, not a view")
    name = formatted_name(view.database, view.name)
    lines = f"CREATE VIEW {name} AS\n{_query_of(view)}".rstrip().split("\n")
    return Outcome(heading=(("create view", "varchar"),), lines=lines, update_count=0)


def _query_of(view: Table) -> str:
    """A view's query, in Trino's format even if its catalog entry was written by another program."""
    try:
        return formatted(parse(view.view_sql))
    except Refused:
        # Trino can run more than local Athena can parse. It has formatted the text of such a view itself.
        return view.view_sql


def _of_hive(table: Table, name: str) -> list[str]:
    keys = [column for column in table.columns if column.name in table.partition_keys]
    own = [column for column in table.columns if column.name not in table.partition_keys]
    lines = [f"CREATE EXTERNAL TABLE `{name}`(", *_columns(own)]
    if table.parameters.get("comment"):
        lines.append(f"COMMENT {_text(table.parameters['comment'])}")
    if keys:
        lines += ["PARTITIONED BY ( ", *_columns(keys)]
    buckets = table.storage.get("BucketColumns") or []
    if buckets:
        lines += ["CLUSTERED BY ( ", *(f"  {name}, " for name in buckets[:-1]), f"  {buckets[-1]}) "]
        lines += [f"INTO {table.storage.get('NumberOfBuckets')} BUCKETS"]
    lines += ["ROW FORMAT SERDE ", f"  {_text(table.serde_class)} "]
    settings = {
        key: value
        for key, value in table.serde_parameters.items()
        if (key, value) != ("serialization.format", "1")
    }
    if settings:
        lines += ["WITH SERDEPROPERTIES ( ", *_pairs(settings, end=") ")]
    lines += [
        "STORED AS INPUTFORMAT ",
        f"  {_text(table.storage.get('InputFormat') or '')} ",
        "OUTPUTFORMAT ",
        f"  {_text(table.storage.get('OutputFormat') or '')}",
        "LOCATION",
        f"  {_text(table.location)}",
    ]
    kept = {name: value for name, value in table.parameters.items() if name not in _OWN_PARAMETERS}
    if kept:
        lines += ["TBLPROPERTIES (", *_pairs(kept, end=")")]
    return [part for line in lines for part in line.split("\n")]


def _columns(columns: Iterable[Column]) -> list[str]:
    shown = [
        f"  `{column.name}` {to_hive(column.type)}"
        + (f" COMMENT {_text(column.comment)}" if column.comment else "")
        for column in columns
    ]
    return [*(f"{line}, " for line in shown[:-1]), f"{shown[-1]})"]


def _pairs(pairs: Mapping[str, str], *, end: str) -> list[str]:
    shown = [f"  {_text(name)}={_text(value)}" for name, value in sorted(pairs.items())]
    return [*(f"{line}, " for line in shown[:-1]), f"{shown[-1]}{end}"]


def _text(value: str) -> str:
    """A text in quotes, escaped as Hive does."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return "'" + "".join(c if c >= " " else f"\\u{ord(c):04x}" for c in escaped) + "'"


def _of_iceberg(table: Table, loaded: IcebergTable, columns: list[Column]) -> list[str]:
    shown = [
        f"  {column.name} {'timestamp' if column.type.base.startswith('timestamp') else to_hive(column.type)}"
        + (f" COMMENT {_text(column.comment)}" if column.comment else "")
        for column in columns
    ]
    lines = [f"CREATE TABLE {table.database}.{table.name} (", *(f"{line}," for line in shown[:-1])]
    lines.append(f"{shown[-1]})")
    partitioning = partitioning_of(loaded.spec(), loaded.schema())
    if partitioning:
        lines.append(f"PARTITIONED BY ({', '.join(partitioning)})")
    lines.append(f"LOCATION {_text(loaded.location())}")
    given = {
        name: value
        for name, value in loaded.properties.items()
        if name.startswith(("vacuum_", "optimize_")) or name in ("format", "write_compression")
    }
    pairs = [f"  {_text(name)}={_text(value)}" for name, value in {"table_type": "iceberg", **given}.items()]
    return [*lines, "TBLPROPERTIES (", *(f"{pair}," for pair in pairs[:-1]), pairs[-1], ");"]
