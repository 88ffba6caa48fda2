"""Runs SHOW and DESCRIBE. The columns and rows are as measured on Athena (docs/athena-measured.md)."""

from __future__ import annotations

import re

from pyiceberg.partitioning import PartitionField
from pyiceberg.schema import Schema
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    MonthTransform,
    TruncateTransform,
    YearTransform,
)

from local_athena.errors import SYSTEM, QueryFailed, Refused
from local_athena.sql.statements import Outcome
from local_athena.tables.catalog import Table
from local_athena.tables.ddl.context import DdlContext, hive_error
from local_athena.values.columns import Column
from local_athena.values.hive_types import to_hive
from local_athena.values.types import Type

_DESCRIBED = (("col_name", "string"), ("data_type", "string"), ("comment", "string"))
_OF_VIEW = (("column", "varchar"), ("type", "varchar"))
_TRANSFORMS = {YearTransform: "year", MonthTransform: "month", DayTransform: "day", HourTransform: "hour"}


def _shown(name: str, lines: list[str], kind: str = "string") -> Outcome:
    return Outcome(heading=((name, kind),), lines=lines, update_count=0)


def show_databases(match: re.Match[str], context: DdlContext) -> Outcome:
    """SHOW DATABASES: the names in order. The pattern is a regular expression for the whole name; `*` matches all."""
    pattern = _pattern(match["like"])
    names = sorted(item["Name"] for item in context.catalog.databases())
    return _shown("database_name", [name for name in names if pattern.fullmatch(name)])


def _pattern(text: str | None) -> re.Pattern[str]:
    try:
        return re.compile(".*" if text in (None, "*") else str(text))
    except re.error as error:
        place = error.pos or 0
        # Java has another message for the most frequent mistake, a star or plus sign with nothing before it.
        found = (
            f"Dangling meta character '{str(text)[place]}'"
            if error.msg == "nothing to repeat"
            else error.msg.capitalize()
        )
        raise hive_error(
            "MetaException(message:Unable to get databases: java.util.regex.PatternSyntaxException: "
            f"{found} near index {place}\n{text}\n{' ' * place}^)",
            error_type=1006,
        ) from error


def show_tables(match: re.Match[str], context: DdlContext) -> Outcome:
    """SHOW TABLES: the names of a database's tables and views, in order. `*` in the pattern matches any text."""
    pattern = re.compile((match["like"] or "*").replace(".*", "*").replace("*", ".*"))
    tables = _tables(match, context)
    return _shown("tab_name", sorted(t.name for t in tables if pattern.fullmatch(t.name)))


def show_views(match: re.Match[str], context: DdlContext) -> Outcome:
    """SHOW VIEWS: the names of a database's views, in order. `*` in the pattern matches any text."""
    pattern = re.compile((match["like"] or "*").replace(".*", "*").replace("*", ".*"))
    tables = _tables(match, context)
    names = sorted(t.name for t in tables if t.is_view and pattern.fullmatch(t.name))
    return _shown("views", names, "varchar")


def _tables(match: re.Match[str], context: DdlContext) -> list[Table]:
    """The tables and views of the database that a SHOW names.

    Raises:
        QueryFailed: the database does not exist.
    """
    database = context.database(match).lower()
    if not context.catalog.has_database(database):
        raise hive_error(
            f"Database does not exist: {database}",
            code="SemanticException [Error 10072]",
            category=SYSTEM,
            error_type=1502,
        )
    return context.catalog.tables(database)


def show_columns(match: re.Match[str], context: DdlContext) -> Outcome:
    """SHOW COLUMNS: the names of a table's columns. Hive pads those of a Hive table to 20 characters."""
    table = context.table(match["in_database"] or context.database(match), match["table"])
    if table.is_view:
        return _described_view(table)
    names = [column.name for column in context.columns(table)]
    return _shown("field", names if table.is_iceberg else [name.ljust(20) for name in names])


def show_properties(match: re.Match[str], context: DdlContext) -> Outcome:
    """SHOW TBLPROPERTIES: the table's parameters in Glue, one per line, or the value of the property that it names."""
    table = context.matched(match, error_type=1301)
    name = match["property"]
    if name is not None:
        value = table.parameters.get(name)
        lines = [
            value
            if value is not None
            else f"Table {table.database}.{table.name} does not have property: {name}"
        ]
    else:
        text = "\n".join(f"{key}\t{value}" for key, value in sorted(table.parameters.items()))
        lines = text.split("\n") if text else []
    return Outcome(heading=(("prpt_name", "string"), ("prpt_value", "string")), lines=lines, update_count=0)


def describe(match: re.Match[str], context: DdlContext) -> Outcome:
    """DESCRIBE: the columns and partitions of a table; those of a Hive table in Hive's format."""
    table = context.matched(match)
    if match["detail"]:
        raise Refused(f"DESCRIBE {match['detail'].strip().upper()}")
    if table.is_view:
        return _described_view(table)
    if table.is_iceberg:
        return _described_iceberg(table, context)
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
    return Outcome(heading=_DESCRIBED, lines=lines)


def _described(column: Column) -> str:
    comment = column.comment.ljust(20).partition("\t")[0]
    return f"{column.name.ljust(20)}\t{to_hive(column.type).ljust(20)}\t{comment}"


def _described_view(table: Table) -> Outcome:
    lines = [f"{column.name}\t{column.type}" for column in table.view_columns]
    return Outcome(heading=_OF_VIEW, lines=lines, update_count=0, kind="DESC_VIEW")


def _described_iceberg(table: Table, context: DdlContext) -> Outcome:
    loaded = context.iceberg.load(table)
    columns = context.columns(table)
    if any(column.type.base in ("time", "uuid") for column in columns):
        raise QueryFailed("", "Table has unsupported column types", error_type=1100)
    lines = [
        "# Table schema:\t\t",
        "# col_name\tdata_type\tcomment",
        *(f"{column.name}\t{_iceberg_spelling(column.type)}\t{column.comment}" for column in columns),
        "\t\t",
        "# Partition spec:\t\t",
        "# field_name\tfield_transform\tcolumn_name",
        *(_partition_line(field, loaded.schema()) for field in loaded.spec().fields),
    ]
    return Outcome(heading=_DESCRIBED, lines=lines, update_count=0)


def _iceberg_spelling(kind: Type) -> str:
    """A type as DESCRIBE writes it for an Iceberg table, with a space after commas and colons."""
    if kind.base == "row":
        fields = (f"{n}: {_iceberg_spelling(t)}" for n, t in zip(kind.names, kind.items, strict=True))
        return f"struct<{', '.join(fields)}>"
    if kind.items:
        return f"{kind.base}<{', '.join(map(_iceberg_spelling, kind.items))}>"
    if kind.base == "decimal":
        return f"decimal({kind.params[0]}, {kind.params[1]})"
    if kind.base.startswith("timestamp"):
        return "timestamp"
    return "string" if kind.base == "varchar" else to_hive(kind)


def _partition_line(field: PartitionField, schema: Schema) -> str:
    column = schema.find_field(field.source_id).name.lower()
    transform = field.transform
    if isinstance(transform, BucketTransform):
        name = f"bucket[{transform.num_buckets}]"
    elif isinstance(transform, TruncateTransform):
        name = f"truncate[{transform.width}]"
    else:
        name = _TRANSFORMS.get(type(transform), "identity")
    return f"{field.name}\t{name}\t{column}"
