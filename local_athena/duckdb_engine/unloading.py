"""Runs UNLOAD, which writes a query's rows to files without creating a table."""

from __future__ import annotations

import uuid
from typing import Any

import pyarrow as pa

from local_athena.duckdb_engine.context import StatementContext
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.parsing import Unload
from local_athena.sql.statements import Outcome
from local_athena.tables import files, lazy_simple
from local_athena.tables.folders import split_by_folder
from local_athena.tables.s3 import split_uri
from local_athena.tables.settings import hive_type, properties_of
from local_athena.values.columns import Column

_PROPERTIES = ("format", "compression", "field_delimiter", "partitioned_by")


def unload(tree: Unload, context: StatementContext) -> Outcome:
    """Run an UNLOAD.

    Raises:
        QueryFailed: the query or a property is wrong, or the folder is not empty.
        Refused: local Athena cannot write a column in the format.
    """
    given = properties_of(tree)
    unknown = next((name for name in given if name not in _PROPERTIES), None)
    if unknown:
        raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unload property '{unknown}' does not exist")
    compiled = context.compile(tree.this)
    columns = [Column(column.name.lower(), column.type) for column in compiled.columns]
    keys = [str(name).lower() for name in given.get("partitioned_by") or []]
    if keys and [column.name for column in columns[-len(keys) :]] != keys:
        raise QueryFailed(
            "HIVE_COLUMN_ORDER_MISMATCH",
            f"Partition keys must be the last columns in the query and in the same order: [{', '.join(keys)}]",
        )
    form = _format(given, len(columns) - len(keys))
    for column in columns:
        hive_type(column.type)
    location = tree.args["location"].name.rstrip("/") + "/"
    bucket, prefix = split_uri(location)
    if context.store.list(bucket, prefix):
        raise QueryFailed(
            "HIVE_PATH_ALREADY_EXISTS", f"Target directory for table already exists: {location}"
        )
    rows = context.rows(compiled)
    return context.outcome(
        update_count=rows.num_rows, written=_write(rows, columns, keys, location, form, context)
    )


def _format(given: dict[str, Any], width: int) -> files.WrittenFormat:
    if "format" not in given:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "UNLOAD needs the property format")
    settings = {"field.delim": str(given.get("field_delimiter", "\x01"))}
    return files.named(
        str(given["format"]),
        str(given.get("compression", "")),
        lazy_simple.format_of(settings, width, "UNLOAD"),
    )


def _write(
    rows: pa.Table,
    columns: list[Column],
    keys: list[str],
    location: str,
    form: files.WrittenFormat,
    context: StatementContext,
) -> list[str]:
    own = [column for column in columns if column.name not in keys]
    if len({column.name for column in columns}) != len(columns):
        raise QueryFailed("DUPLICATE_COLUMN_NAME", "UNLOAD needs columns of different names")
    if form.name == "textfile" and any(column.type.items for column in own):
        raise Refused("UNLOAD of arrays, maps or rows as text")
    written = []
    for folder, part in split_by_folder(rows, keys).items():
        bucket, key = split_uri(f"{location}{folder}{uuid.uuid4().hex}{form.ending}")
        context.store.write(bucket, key, files.written(part, own, form))
        written.append(f"s3://{bucket}/{key}")
    return written
