"""Reads text objects of Hive tables with the SerDe that the table names."""

from __future__ import annotations

import pyarrow as pa

from local_athena.tables import json_lines, lazy_simple, open_csv
from local_athena.tables.catalog import Table
from local_athena.tables.lines import text_lines
from local_athena.tables.s3 import S3Object


def read_text(table: Table, body: bytes, item: S3Object) -> pa.Table:
    """Read a text object: all columns of the table except the partition keys.

    Raises:
        QueryFailed: the object cannot be read.
        Refused: local Athena does not know how Athena reads a value in the object.
    """
    columns = [column for column in table.columns if column.name not in table.partition_keys]
    name = f"{table.database}.{table.name}"
    lines = text_lines(body, item.uri)
    lines = lines[int(table.parameters.get("skip.header.line.count", "0")) :]
    if table.serde_class in json_lines.SERDES:
        ignores = json_lines.check(table.serde_parameters, name)
        arrays = json_lines.read(lines, columns, name, ignores=ignores)
    elif table.serde == "OpenCSVSerde":
        arrays = open_csv.read(lines, columns, open_csv.format_of(table.serde_parameters, name))
    else:
        form = lazy_simple.format_of(table.serde_parameters, len(columns), name)
        arrays = lazy_simple.read(lines, columns, form)
    return pa.table(arrays, names=[column.name for column in columns])
