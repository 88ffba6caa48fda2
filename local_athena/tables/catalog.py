"""Glue's databases and tables as Athena sees them."""

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

#: Members of a Glue table that CreateTable and UpdateTable take back.
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
        columns: all columns; the partition keys are the last.
        partition_keys: names of the partition keys of a Hive table.
        raw: what Glue returned.
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
        """The SerDe's class, with its package."""
        return (self.storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""

    @property
    def serde(self) -> str:
        """The SerDe's class without its package, such as `LazySimpleSerDe`."""
        return self.serde_class.rsplit(".", 1)[-1]

    @property
    def serde_parameters(self) -> dict[str, str]:
        return (self.storage.get("SerdeInfo") or {}).get("Parameters") or {}

    @property
    def view_sql(self) -> str:
        """The statement of a view."""
        return self._view()["originalSql"]

    @property
    def view_columns(self) -> tuple[Column, ...]:
        """The columns that a view had when it was made, in Trino's types."""
        return tuple(Column(c["name"], from_trino(c["type"])) for c in self._view()["columns"])

    @property
    def view_database(self) -> str:
        """The database in which names of the view's statement without one are looked up."""
        return self._view().get("schema") or self.database

    def _view(self) -> dict[str, Any]:
        text = self.raw.get("ViewOriginalText") or ""
        if not views.is_view_text(text):
            raise QueryFailed("INVALID_VIEW", f"'{self.database}.{self.name}' is not a view that Athena made")
        return views.read_view(text)

    def table_input(self) -> dict[str, Any]:
        """The table in the shape that Glue's UpdateTable takes."""
        return {name: self.raw[name] for name in _TABLE_INPUT if name in self.raw}


class Catalog:
    """The Glue data catalog at one endpoint."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def find_table(self, database: str, name: str) -> Table | None:
        """A table, or None when the database or the table is missing."""
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
        return [
            item
            for page in self.client.get_paginator("get_databases").paginate()
            for item in page["DatabaseList"]
        ]

    def tables(self, database: str) -> list[Table]:
        """Every table and view of a database.

        Raises:
            QueryFailed: the database is missing.
        """
        try:
            pages = self.client.get_paginator("get_tables").paginate(DatabaseName=database.lower())
            return [_table(raw) for page in pages for raw in page["TableList"]]
        except ClientError as error:
            raise _as_failure(error) from error

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
        """The table's partitions as Glue holds them."""
        pages = self.client.get_paginator("get_partitions").paginate(
            DatabaseName=table.database, TableName=table.name
        )
        for page in pages:
            yield from page["Partitions"]

    def add_partitions(self, table: Table, partitions: Mapping[tuple[str, ...], str]) -> None:
        """Register partitions, given as location by values; those that exist stay as they are."""
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
        """Let a partition lie elsewhere.

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


def view_input(
    name: str, sql: str, database: str, columns: tuple[Column, ...], comment: str = ""
) -> dict[str, Any]:
    """A view in the shape in which Athena stores it in Glue."""
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
    """A view may have columns that no Hive table can; Glue then shows Trino's name."""
    try:
        return to_hive(kind)
    except QueryFailed:
        return str(kind)


def _table(raw: Mapping[str, Any]) -> Table:
    keys = raw.get("PartitionKeys") or []
    described = [*((raw.get("StorageDescriptor") or {}).get("Columns") or []), *keys]
    # The types of a view's and of an Iceberg table's columns stand elsewhere, and Hive may not have them.
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
