"""Reads the WITH clause of CREATE TABLE AS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.tables import files, lazy_simple
from local_athena.values.columns import Column
from local_athena.values.hive_types import to_hive
from local_athena.values.types import TIMESTAMP, Type


class TableSettings:
    """The settings of a new table, from the WITH clause of a CREATE TABLE AS.

    Args:
        tree: the statement.
        default_location: the folder of the table if the clause names none; empty if the work group manages its results.

    Raises:
        QueryFailed: a property is not valid for the kind of table, or the location is missing.
        Refused: local Athena does not support a property.
    """

    #: The properties of each kind of table (https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html).
    _COMMON = (
        "table_type",
        "is_external",
        "format",
        "write_compression",
        "parquet_compression",
        "orc_compression",
    )
    _HIVE = ("external_location", "partitioned_by", "field_delimiter", "bucketed_by", "bucket_count")
    _ICEBERG = (
        "location", "partitioning", "vacuum_min_snapshots_to_keep", "vacuum_max_snapshot_age_seconds",
        "vacuum_max_metadata_files_to_keep", "optimize_rewrite_delete_file_threshold",
        "optimize_rewrite_data_file_threshold", "optimize_rewrite_min_data_file_size_bytes",
        "optimize_rewrite_max_data_file_size_bytes",
    )  # fmt: skip

    def __init__(self, tree: exp.Create, default_location: str) -> None:
        given = properties_of(tree)
        self.is_iceberg = str(given.get("table_type", "hive")).lower() == "iceberg"
        self._check_names(given)
        if self.is_iceberg and given.get("is_external") is not False:
            raise QueryFailed("INVALID_TABLE_PROPERTY", "is_external must be false for an Iceberg table")
        location = given.get("location" if self.is_iceberg else "external_location") or default_location
        if not location:
            raise QueryFailed(
                "INVALID_TABLE_PROPERTY",
                "The work group manages its query results, so CREATE TABLE AS must name the location of the table",
            )
        self.location = str(location).rstrip("/")
        partitioning = given.get("partitioning" if self.is_iceberg else "partitioned_by") or []
        self.partitioning = [str(item) if self.is_iceberg else str(item).lower() for item in partitioning]
        self._read_buckets(given)
        self._delimiter = str(given.get("field_delimiter", "\x01"))
        self._read_format(given)
        self.properties = {
            "write.parquet.compression-codec": "uncompressed"
            if self.format.compression == "none"
            else self.format.compression,
            **{
                name: str(value) for name, value in given.items() if name.startswith(("vacuum_", "optimize_"))
            },
        }

    def _check_names(self, given: dict[str, Any]) -> None:
        own, other = (self._ICEBERG, self._HIVE) if self.is_iceberg else (self._HIVE, self._ICEBERG)
        for name in given:
            if name in other:
                kind = "an Iceberg" if self.is_iceberg else "a Hive"
                raise QueryFailed(
                    "INVALID_TABLE_PROPERTY", f"The table property {name} is not valid for {kind} table"
                )
            if name not in (*own, *self._COMMON):
                raise Refused(f"the table property {name}")

    def _read_buckets(self, given: dict[str, Any]) -> None:
        self.bucketed_by = [str(name).lower() for name in given.get("bucketed_by") or []]
        self.bucket_count = int(given.get("bucket_count") or 0)
        if bool(self.bucketed_by) != bool(self.bucket_count):
            raise QueryFailed(
                "INVALID_TABLE_PROPERTY", "bucketed_by and bucket_count must be specified together"
            )

    def _read_format(self, given: dict[str, Any]) -> None:
        name = str(given.get("format", "parquet")).lower()
        compression = str(given.get("write_compression") or given.get(f"{name}_compression") or "").lower()
        if name == "parquet" and not compression:
            compression = "snappy"
        self.format = files.named(
            name, compression, lazy_simple.format_of({"field.delim": self._delimiter}, 0, "")
        )
        if self.is_iceberg and name != "parquet":
            raise Refused(f"an Iceberg table of the format {name.upper()}")

    def check_columns(self, columns: Sequence[Column]) -> None:
        """Check that the bucket columns exist and the partition keys are the last columns, in the order of the property.

        Raises:
            QueryFailed: the partition keys are elsewhere, or a bucket column is not a column of the objects.
        """
        own = [column.name for column in columns if column.name not in self.partitioning]
        if not set(self.bucketed_by) <= set(own):
            raise QueryFailed(
                "INVALID_TABLE_PROPERTY",
                f"Bucketing columns {sorted(set(self.bucketed_by) - set(own))} not present in schema, or partition keys",
            )
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
        """The TableInput with which Glue creates the Hive table."""
        described = [{"Name": c.name, "Type": hive_type(c.type)} for c in columns]
        split = len(columns) - len(self.partitioning)
        return {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false", **self.format.table_parameters},
            "PartitionKeys": described[split:],
            "StorageDescriptor": {
                "Columns": described[:split],
                "Location": self.location + "/",
                **(
                    {"BucketColumns": self.bucketed_by, "NumberOfBuckets": self.bucket_count}
                    if self.bucketed_by
                    else {}
                ),
                "InputFormat": self.format.classes.input_format,
                "OutputFormat": self.format.classes.output_format,
                "SerdeInfo": {
                    "SerializationLibrary": self.format.classes.serde,
                    "Parameters": {"field.delim": self._delimiter, "serialization.format": self._delimiter}
                    if self.format.name == "textfile"
                    else {"serialization.format": "1"},
                },
            },
        }


def properties_of(tree: exp.Expr) -> dict[str, Any]:
    """The properties of the WITH clause, as Python values by name."""
    properties = tree.args.get("properties")
    given: dict[str, Any] = {}
    for item in properties.expressions if properties is not None else []:
        if isinstance(item, exp.LocationProperty):
            given["location"] = item.this.name
        elif isinstance(item, exp.FileFormatProperty):
            given["format"] = item.this.name
        elif isinstance(item, exp.PartitionedByProperty):
            given["partitioned_by"] = _python_value(item.this)
        elif isinstance(item, exp.WithDataProperty):
            # WITH NO DATA is not a property of the table.
            continue
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


def hive_type(kind: Type) -> str:
    """Hive's spelling of the type of a column that CREATE TABLE AS or UNLOAD writes.

    Raises:
        QueryFailed: Hive tables cannot hold the type.
    """
    if kind.base == "timestamp" and kind.params and kind.params != TIMESTAMP.params:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Incorrect timestamp precision for {kind}; the configured precision is MILLISECONDS",
        )
    return to_hive(kind)
