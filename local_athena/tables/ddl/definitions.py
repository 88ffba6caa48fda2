"""Reads the columns, properties and other clauses of CREATE TABLE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlglot import exp

from local_athena.errors import Refused
from local_athena.tables import formats
from local_athena.values.columns import Column
from local_athena.values.hive_types import to_hive
from local_athena.values.sql_types import from_sql


class TableClauses:
    """The clauses of a CREATE TABLE after its columns."""

    def __init__(self, tree: exp.Create) -> None:
        self.is_external = False
        self.location = ""
        self.comment = ""
        self.partition_columns: list[Column] = []
        self.partitioning: list[str] = []
        self.parameters: dict[str, str] = {}
        self._serde_parameters: dict[str, str] = {}
        self._formats: formats.FileFormat | None = None
        self._serde = ""
        self.buckets: dict[str, Any] = {}
        for item in property_nodes(tree):
            self._read(item)

    def _read(self, item: exp.Expr) -> None:
        if isinstance(item, exp.ExternalProperty):
            self.is_external = True
        elif isinstance(item, exp.LocationProperty):
            # Athena stores the location without a trailing slash, as PyAthena's tests against Athena show.
            self.location = item.this.name.rstrip("/")
        elif isinstance(item, exp.SchemaCommentProperty):
            self.comment = item.this.name
        elif isinstance(item, exp.PartitionedByProperty):
            self._read_partitions(item.this)
        elif isinstance(item, exp.RowFormatDelimitedProperty):
            self._read_delimiters(item)
        elif isinstance(item, exp.RowFormatSerdeProperty):
            self._serde = item.this.name
            properties = item.args.get("serde_properties")
            self._serde_parameters |= property_pairs(properties.expressions if properties is not None else [])
        elif isinstance(item, exp.SerdeProperties):
            self._serde_parameters |= property_pairs(item.expressions)
        elif isinstance(item, exp.FileFormatProperty):
            self._read_format(item.this)
        elif isinstance(item, exp.ClusteredByProperty):
            self._read_buckets(item)
        elif type(item) is exp.Property:
            self.parameters |= property_pairs([item])
        else:
            raise Refused(f"the clause {item.sql('hive')} of CREATE TABLE")

    def _read_partitions(self, node: exp.Expr) -> None:
        for part in node.expressions:
            if isinstance(part, exp.ColumnDef) and part.kind is not None:
                self.partition_columns.append(column_of(part))
            self.partitioning.append(_partitioning_text(part))

    def _read_delimiters(self, item: exp.RowFormatDelimitedProperty) -> None:
        names = {
            "fields": "field.delim",
            "escaped": "escape.delim",
            "collection_items": "collection.delim",
            "map_keys": "mapkey.delim",
            "null": "serialization.null.format",
        }
        for clause, node in item.args.items():
            if node is None:
                continue
            if clause == "lines" and node.name == "\n":
                self._serde_parameters["line.delim"] = "\n"
            elif clause in names:
                self._serde_parameters[names[clause]] = node.name
            else:
                raise Refused(f"the clause {item.sql('hive')} of CREATE TABLE")
        if "field.delim" in self._serde_parameters:
            self._serde_parameters.setdefault("serialization.format", self._serde_parameters["field.delim"])

    def _read_buckets(self, item: exp.ClusteredByProperty) -> None:
        if item.args.get("sorted_by"):
            raise Refused(f"the clause {item.sql('hive')} of CREATE TABLE")
        self.buckets = {
            "BucketColumns": [column.name.lower() for column in item.expressions],
            "NumberOfBuckets": int(item.args["buckets"].name),
        }

    def _read_format(self, node: exp.Expr) -> None:
        if isinstance(node, exp.InputOutputFormat):
            self._formats = formats.FileFormat(
                node.args["input_format"].name, node.args["output_format"].name, formats.TEXT.serde
            )
        elif node.name.upper() in formats.STORED_AS:
            self._formats = formats.STORED_AS[node.name.upper()]
        else:
            raise Refused(f"STORED AS {node.name}")

    def table_input(self, name: str, columns: list[Column]) -> dict[str, Any]:
        """The TableInput with which Glue creates the table."""
        stored = self._formats or formats.UNNAMED.get(self._serde, formats.TEXT)
        return {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {
                "EXTERNAL": "TRUE",
                **({"comment": self.comment} if self.comment else {}),
                **self.parameters,
            },
            "PartitionKeys": list(map(glue_column, self.partition_columns)),
            "StorageDescriptor": {
                "Columns": list(map(glue_column, columns)),
                "Location": self.location,
                "InputFormat": stored.input_format,
                "OutputFormat": stored.output_format,
                **self.buckets,
                "SerdeInfo": {
                    "SerializationLibrary": self._serde or stored.serde,
                    "Parameters": self._serde_parameters or {"serialization.format": "1"},
                },
            },
        }


def _partitioning_text(part: exp.Expr) -> str:
    """A partition field of Iceberg, as in CREATE TABLE AS: a column, `month(at)` or `bucket(id, 4)`."""
    if isinstance(part, (exp.PartitionedByBucket, exp.PartitionByTruncate)):
        name = "bucket" if isinstance(part, exp.PartitionedByBucket) else "truncate"
        return f"{name}({part.this.name}, {part.expression.name})".lower()
    if isinstance(part, (exp.Year, exp.Month, exp.Day, exp.Hour)):
        # sqlglot wraps the function's argument in casts.
        columns = [node.name.lower() for node in part.find_all(exp.Column)]
        return f"{part.key}({', '.join(columns)})"
    return (
        part.name.lower() if isinstance(part, (exp.ColumnDef, exp.Identifier)) else part.sql("trino").lower()
    )


def column_of(node: exp.Expr) -> Column:
    if not isinstance(node, exp.ColumnDef) or not isinstance(node.kind, exp.DataType):
        raise Refused(f"the column definition {node.sql('hive')}")
    comment = ""
    for constraint in node.args.get("constraints") or []:
        if isinstance(constraint.kind, exp.CommentColumnConstraint):
            comment = constraint.kind.this.name
        else:
            raise Refused(f"the column definition {node.sql('hive')}")
    return Column(node.name.lower(), from_sql(node.kind), comment)


def glue_column(column: Column) -> dict[str, str]:
    described = {"Name": column.name, "Type": to_hive(column.type)}
    return {**described, "Comment": column.comment} if column.comment else described


def property_nodes(tree: exp.Create) -> list[exp.Expr]:
    properties = tree.args.get("properties")
    return properties.expressions if properties is not None else []


def property_pairs(nodes: Iterable[exp.Expr]) -> dict[str, str]:
    pairs = {}
    for node in nodes:
        if not isinstance(node, exp.Property) or not isinstance(node.args.get("value"), exp.Expr):
            raise Refused(f"the table property {node.sql('hive')}")
        pairs[node.this.name] = node.args["value"].name
    return pairs
