"""The WITH clause of CREATE TABLE AS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.formats import PARQUET
from local_athena.values.columns import Column
from local_athena.values.hive_types import to_hive
from local_athena.values.types import TIMESTAMP, Type


class TableSettings:
    """The WITH clause of a CREATE TABLE AS."""

    _KNOWN = (
        "table_type", "is_external", "location", "external_location", "partitioning", "partitioned_by",
        "format", "write_compression", "parquet_compression", "vacuum_min_snapshots_to_keep",
        "vacuum_max_snapshot_age_seconds", "vacuum_max_metadata_files_to_keep",
        "optimize_rewrite_delete_file_threshold",
        "optimize_rewrite_data_file_threshold", "optimize_rewrite_min_data_file_size_bytes",
        "optimize_rewrite_max_data_file_size_bytes",
    )  # fmt: skip

    def __init__(self, tree: exp.Create, default_location: str) -> None:
        given = _properties(tree)
        for name in given:
            if name not in self._KNOWN:
                raise Refused(f"the table property {name}")
        self.is_iceberg = str(given.get("table_type", "hive")).lower() == "iceberg"
        if self.is_iceberg and given.get("is_external") is not False:
            raise QueryFailed("INVALID_TABLE_PROPERTY", "is_external must be false for an Iceberg table")
        location = given.get("location" if self.is_iceberg else "external_location") or default_location
        self.location = str(location).rstrip("/")
        partitioning = given.get("partitioning" if self.is_iceberg else "partitioned_by") or []
        self.partitioning = [str(item) if self.is_iceberg else str(item).lower() for item in partitioning]
        if str(given.get("format", "parquet")).lower() != "parquet":
            raise Refused(f"the table format {given['format']}")
        compression = str(given.get("write_compression", given.get("parquet_compression", "snappy"))).lower()
        if compression not in ("snappy", "zstd", "gzip"):
            raise Refused(f"the compression {compression}")
        self.properties = {
            "write.parquet.compression-codec": compression,
            **{
                name: str(value) for name, value in given.items() if name.startswith(("vacuum_", "optimize_"))
            },
        }

    def check_partitions(self, columns: Sequence[Column]) -> None:
        """Hive wants the partition keys last, in order."""
        if not self.partitioning:
            return
        last = [column.name for column in columns[-len(self.partitioning) :]]
        if last != self.partitioning:
            raise QueryFailed(
                "HIVE_COLUMN_ORDER_MISMATCH",
                "Partition keys must be the last columns in the table and in the same order as the table "
                f"properties: [{', '.join(self.partitioning)}]",
            )

    def table_input(self, name: str, columns: Sequence[Column]) -> dict[str, Any]:
        """A Hive table in Glue's shape."""
        described = [{"Name": c.name, "Type": to_hive(_hive_type(c.type))} for c in columns]
        split = len(columns) - len(self.partitioning)
        return {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false"},
            "PartitionKeys": described[split:],
            "StorageDescriptor": {
                "Columns": described[:split],
                "Location": self.location + "/",
                "InputFormat": PARQUET.input_format,
                "OutputFormat": PARQUET.output_format,
                "SerdeInfo": {
                    "SerializationLibrary": PARQUET.serde,
                    "Parameters": {"serialization.format": "1"},
                },
            },
        }


def _properties(tree: exp.Create) -> dict[str, Any]:
    """The WITH clause as names and Python values."""
    properties = tree.args.get("properties")
    given: dict[str, Any] = {}
    for item in properties.expressions if properties is not None else []:
        if isinstance(item, exp.LocationProperty):
            given["location"] = item.this.name
        elif isinstance(item, exp.FileFormatProperty):
            given["format"] = item.this.name
        elif isinstance(item, exp.PartitionedByProperty):
            given["partitioned_by"] = _python_value(item.this)
        elif isinstance(item, exp.Property):
            given[item.name.lower()] = _python_value(item.args["value"])
        else:
            raise Refused(f"the table property {item.sql('trino')}")
    return given


def _python_value(node: exp.Expr) -> Any:
    if isinstance(node, (exp.Array, exp.Schema, exp.Tuple)):
        return [_python_value(item) for item in node.expressions]
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal) and not node.is_string:
        return int(node.name)
    return node.name


def _hive_type(kind: Type) -> Type:
    if kind.base == "timestamp" and kind.params and kind.params != TIMESTAMP.params:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Incorrect timestamp precision for {kind}; the configured precision is MILLISECONDS",
        )
    return kind
