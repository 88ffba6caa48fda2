"""Reads and changes databases, tables, views and partitions in the Glue catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local_athena.errors import QueryFailed
from local_athena.sql.names import CATALOG_NAME
from local_athena.tables import views
from local_athena.values.columns import Column
from local_athena.values.hive_types import from_hive, to_hive
from local_athena.values.trino_types import from_trino
from local_athena.values.types import Type

#: The members of GetTable's answer that CreateTable and UpdateTable accept.
_TABLE_INPUT = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
)


@dataclass(frozen=True)
class Table:
    """A table or view in Glue.

    Attributes:
        columns: all columns of a Hive table, partition keys last; empty for views (see `view_columns`) and for Iceberg
            tables, whose columns are in their own metadata.
        partition_keys: the names of a Hive table's partition keys.
        raw: the table as Glue returned it.
    """

    database: str
    name: str
    columns: tuple[Column, ...]
    partition_keys: tuple[str, ...]
    raw: Mapping[str, Any]

    @property
    def is_view(self) -> bool:
        return self.raw.get("TableType") == "VIRTUAL_VIEW"

    @property
    def is_iceberg(self) -> bool:
        return self.parameters.get("table_type", "").lower() == "iceberg"

    @property
    def parameters(self) -> dict[str, str]:
        return self.raw.get("Parameters") or {}

    @property
    def storage(self) -> Mapping[str, Any]:
        return self.raw.get("StorageDescriptor") or {}

    @property
    def location(self) -> str:
        return self.storage.get("Location") or ""

    @property
    def serde_class(self) -> str:
        """The SerDe's class name with its package."""
        return (self.storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""

    @property
    def serde(self) -> str:
        """The SerDe's class name without its package, such as `LazySimpleSerDe`."""
        return self.serde_class.rsplit(".", 1)[-1]

    @property
    def serde_parameters(self) -> dict[str, str]:
        return (self.storage.get("SerdeInfo") or {}).get("Parameters") or {}

    @property
    def view_sql(self) -> str:
        """The query of a view, as its author wrote it."""
        return self._view()["originalSql"]

    @property
    def view_columns(self) -> tuple[Column, ...]:
        """The columns of a view, in Trino's types, as they were when the view was created."""
        return tuple(Column(c["name"], from_trino(c["type"])) for c in self._view()["columns"])

    @property
    def view_database(self) -> str:
        """The database of the tables that the view's query names without a database."""
        return self._view().get("schema") or self.database

    def _view(self) -> dict[str, Any]:
        text = self.raw.get("ViewOriginalText") or ""
        if not views.is_view_text(text):
            raise QueryFailed(
                "INVALID_VIEW", f"'{self.database}.{self.name}' was not created by Athena or Trino"
            )
        return views.read_view(text)

    def table_input(self) -> dict[str, Any]:
        """The table as the TableInput of Glue's UpdateTable."""
        return {name: self.raw[name] for name in _TABLE_INPUT if name in self.raw}


class Catalog:
    """The Glue data catalog at one endpoint. Names of databases and tables are case-insensitive."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def find_table(self, database: str, name: str) -> Table | None:
        """A table or view; None if the database or the table does not exist."""
        try:
            raw = self.client.get_table(DatabaseName=database.lower(), Name=name.lower())["Table"]
        except ClientError as error:
            if _code(error) == "EntityNotFoundException":
                return None
            raise _as_failure(error) from error
        return _table(raw)

    def has_database(self, name: str) -> bool:
        try:
            self.client.get_database(Name=name.lower())
        except ClientError as error:
            if _code(error) == "EntityNotFoundException":
                return False
            raise _as_failure(error) from error
        return True

    def databases(self) -> list[dict[str, Any]]:
        """All databases as Glue holds them.

        Raises:
            QueryFailed: Glue refused.
        """
        return list(self._pages("get_databases", "DatabaseList"))

    def tables(self, database: str) -> list[Table]:
        """All tables and views of a database.

        Raises:
            QueryFailed: the database does not exist.
        """
        return [_table(raw) for raw in self._pages("get_tables", "TableList", DatabaseName=database.lower())]

    def create_database(self, name: str, comment: str, location: str) -> None:
        given = {"Name": name.lower(), "Description": comment, "LocationUri": location}
        self._call("create_database", DatabaseInput={key: value for key, value in given.items() if value})

    def drop_database(self, name: str) -> None:
        self._call("delete_database", Name=name.lower())

    def create_table(self, database: str, table_input: Mapping[str, Any]) -> None:
        self._call("create_table", DatabaseName=database.lower(), TableInput=table_input)

    def update_table(self, database: str, table_input: Mapping[str, Any]) -> None:
        self._call("update_table", DatabaseName=database.lower(), TableInput=table_input, SkipArchive=True)

    def drop_table(self, database: str, name: str) -> None:
        self._call("delete_table", DatabaseName=database.lower(), Name=name.lower())

    def partitions(self, table: Table) -> Iterator[dict[str, Any]]:
        """The table's partitions as Glue holds them.

        Raises:
            QueryFailed: the table does not exist.
        """
        return self._pages("get_partitions", "Partitions", DatabaseName=table.database, TableName=table.name)

    def add_partitions(self, table: Table, partitions: Mapping[tuple[str, ...], str]) -> None:
        """Register partitions. Partitions that exist already are not changed.

        Args:
            table: a Hive table.
            partitions: the location of each partition, by the values of the partition keys.
        """
        inputs = [
            {"Values": list(values), "StorageDescriptor": {**table.storage, "Location": location}}
            for values, location in partitions.items()
        ]
        for start in range(0, len(inputs), 100):
            answer = self._call(
                "batch_create_partition",
                DatabaseName=table.database,
                TableName=table.name,
                PartitionInputList=inputs[start : start + 100],
            )
            for error in answer.get("Errors", []):
                if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException":
                    raise QueryFailed("HIVE_METASTORE_ERROR", error["ErrorDetail"]["ErrorMessage"])

    def move_partition(self, table: Table, values: tuple[str, ...], location: str) -> None:
        """Set a partition's location. No object is moved.

        Raises:
            QueryFailed: the partition does not exist.
        """
        self._call(
            "update_partition",
            DatabaseName=table.database,
            TableName=table.name,
            PartitionValueList=list(values),
            PartitionInput={
                "Values": list(values),
                "StorageDescriptor": {**table.storage, "Location": location},
            },
        )

    def drop_partition(self, table: Table, values: tuple[str, ...]) -> None:
        self._call(
            "delete_partition",
            DatabaseName=table.database,
            TableName=table.name,
            PartitionValues=list(values),
        )

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            return getattr(self.client, operation)(**arguments)
        except ClientError as error:
            raise _as_failure(error) from error

    def _pages(self, operation: str, items: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        try:
            for page in self.client.get_paginator(operation).paginate(**arguments):
                yield from page[items]
        except ClientError as error:
            raise _as_failure(error) from error


def view_input(
    name: str, sql: str, database: str, columns: tuple[Column, ...], comment: str = ""
) -> dict[str, Any]:
    """The TableInput with which Athena stores a view in Glue."""
    view = {
        "originalSql": sql,
        "catalog": CATALOG_NAME,
        "schema": database,
        "columns": [{"name": column.name, "type": str(column.type)} for column in columns],
    }
    return {
        "Name": name.lower(),
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": comment or views.COMMENT},
        "ViewOriginalText": views.write_view(view),
        "ViewExpandedText": "/* Presto View */",
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": c.name, "Type": _view_column_type(c.type)} for c in columns],
            "Location": "",
            "SerdeInfo": {},
        },
    }


def _view_column_type(kind: Type) -> str:
    """A view column's type in Hive's spelling, or in Trino's if Hive has no such type."""
    try:
        return to_hive(kind)
    except QueryFailed:
        return str(kind)


def _table(raw: Mapping[str, Any]) -> Table:
    keys = raw.get("PartitionKeys") or []
    described = [*((raw.get("StorageDescriptor") or {}).get("Columns") or []), *keys]
    # Views and Iceberg tables keep their columns elsewhere, and Hive may not have the columns' types.
    table_type = (raw.get("Parameters") or {}).get("table_type") or ""
    if raw.get("TableType") == "VIRTUAL_VIEW" or table_type.lower() == "iceberg":
        columns: tuple[Column, ...] = ()
    else:
        columns = tuple(
            Column(c["Name"].lower(), from_hive(c["Type"]), c.get("Comment") or "") for c in described
        )
    return Table(
        database=raw["DatabaseName"],
        name=raw["Name"],
        columns=columns,
        partition_keys=tuple(key["Name"].lower() for key in keys),
        raw=raw,
    )


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _as_failure(error: ClientError) -> QueryFailed:
    message = error.response.get("Error", {}).get("Message", str(error))
    return QueryFailed("", f"FAILED: Execution Error, return code 1 from {_code(error)}: {message}")
