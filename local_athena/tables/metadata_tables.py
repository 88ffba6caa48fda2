"""Finds the metadata tables of a Hive or Iceberg table, such as `"t$partitions"`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_athena.errors import Refused
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.hive import partition_value, stored_value
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.iceberg_metadata import UNKNOWN_TO_US, iceberg_metadata_table
from local_athena.tables.pruning import Needs
from local_athena.tables.virtual import VirtualTable


def metadata_table(
    table: Table, suffix: str, catalog: Catalog, iceberg: IcebergTables
) -> VirtualTable | None:
    """The metadata table `"t$suffix"`; None if Athena has no such table.

    Raises:
        Refused: Trino has this metadata table, but local Athena does not.
    """
    if not table.is_iceberg:
        return _partitions(table, catalog) if suffix == "partitions" and table.partition_keys else None
    if suffix in UNKNOWN_TO_US:
        raise Refused(f'the metadata table "{table.name}${suffix}" of an Iceberg table')
    return iceberg_metadata_table(iceberg.load(table), suffix)


def _partitions(table: Table, catalog: Catalog) -> VirtualTable:
    columns = tuple(column for column in table.columns if column.name in table.partition_keys)

    def rows(needs: Needs) -> Iterable[tuple[Any, ...]]:  # noqa: ARG001 - returns all rows; the query filters them
        for item in catalog.partitions(table):
            yield tuple(
                partition_value(stored_value(text), column.type)
                for text, column in zip(item["Values"], columns, strict=True)
            )

    return VirtualTable(columns, rows)
