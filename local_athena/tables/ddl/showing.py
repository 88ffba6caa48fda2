"""SHOW and DESCRIBE."""

from __future__ import annotations

import re

from local_athena.tables.ddl.context import DdlContext
from local_athena.values.columns import Column
from local_athena.values.hive_types import to_hive


def show_databases(match: re.Match[str], context: DdlContext) -> list[str]:  # noqa: ARG001 - every runner has it
    """The names of all databases, sorted."""
    return sorted(item["Name"] for item in context.catalog.databases())


def show_tables(match: re.Match[str], context: DdlContext) -> list[str]:
    """The names of a database's tables and views, sorted; `*` in the pattern stands for any text."""
    database = match["database"] or context.statement.database
    pattern = re.compile((match["like"] or "*").replace("*", ".*"))
    return sorted(t.name for t in context.catalog.tables(database) if pattern.fullmatch(t.name))


def show_views(match: re.Match[str], context: DdlContext) -> list[str]:
    """The names of a database's views, sorted."""
    database = match["database"] or context.statement.database
    return sorted(t.name for t in context.catalog.tables(database) if t.is_view)


def show_columns(match: re.Match[str], context: DdlContext) -> list[str]:
    """The names of a table's columns, padded as Hive pads them."""
    database = match["in_database"] or match["database"] or context.statement.database
    return [c.name.ljust(20) for c in context.columns(context.table(database, match["table"]))]


def show_properties(match: re.Match[str], context: DdlContext) -> list[str]:
    """A table's parameters in Glue, one a line."""
    table = context.matched(match)
    return [f"{key}\t{value}" for key, value in sorted(table.parameters.items())]


def describe(match: re.Match[str], context: DdlContext) -> list[str]:
    """A table's columns and partition keys, as Hive prints them."""
    table = context.matched(match)
    columns = context.columns(table)
    lines = [_described(column) for column in columns]
    if table.partition_keys:
        keys = [column for column in columns if column.name in table.partition_keys]
        lines += [
            "\t \t ",
            "# Partition Information\t \t ",
            "# col_name            \tdata_type           \tcomment             ",
            "\t \t ",
        ]
        lines += map(_described, keys)
    return lines


def _described(column: Column) -> str:
    return f"{column.name.ljust(20)}\t{to_hive(column.type).ljust(20)}\t{column.comment.ljust(20)}"
