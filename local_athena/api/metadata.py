"""Data catalogs, databases and tables, as the API shows them."""

from __future__ import annotations

from typing import Any

from local_athena.api.requests import invalid, page, required
from local_athena.errors import ApiError, QueryFailed
from local_athena.sql.names import CATALOG_NAME
from local_athena.tables.catalog import Catalog, Table


class Metadata:
    """Answers questions about the catalog."""

    def __init__(self, catalog: Catalog, account_id: str) -> None:
        self._catalog = catalog
        self._account_id = account_id

    def get_data_catalog(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer GetDataCatalog."""
        if required(request, "Name").lower() != CATALOG_NAME:
            raise invalid(f"DataCatalog {request['Name']} was not found")
        return {"DataCatalog": self._data_catalog()}

    def _data_catalog(self) -> dict[str, Any]:
        return {"Name": "AwsDataCatalog", "Type": "GLUE", "Parameters": {"catalog-id": self._account_id}}

    def list_data_catalogs(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Answer ListDataCatalogs."""
        return {"DataCatalogsSummary": [{"CatalogName": "AwsDataCatalog", "Type": "GLUE"}]}

    def list_databases(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer ListDatabases."""
        part, token = page(self._catalog.databases(), request, 50)
        return {"DatabaseList": [_database(raw) for raw in part], **token}

    def get_database(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer GetDatabase."""
        name = required(request, "DatabaseName").lower()
        for raw in self._catalog.databases():
            if raw["Name"] == name:
                return {"Database": _database(raw)}
        raise ApiError("MetadataException", f"Database {name} not found.")

    def list_table_metadata(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer ListTableMetadata."""
        try:
            tables = self._catalog.tables(required(request, "DatabaseName"))
        except QueryFailed as error:
            raise ApiError("MetadataException", error.reason) from error
        part, token = page(tables, request, 50)
        return {"TableMetadataList": [_table_metadata(table) for table in part], **token}

    def get_table_metadata(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer GetTableMetadata."""
        name = required(request, "TableName")
        table = self._catalog.find_table(required(request, "DatabaseName"), name)
        if table is None:
            raise ApiError("MetadataException", f"Table {name} not found.")
        return {"TableMetadata": _table_metadata(table)}


def _database(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": raw["Name"],
        "Description": raw.get("Description", ""),
        "Parameters": raw.get("Parameters") or {},
    }


def _table_metadata(table: Table) -> dict[str, Any]:
    return {
        "Name": table.name,
        "TableType": table.raw.get("TableType", ""),
        "Columns": list(table.storage.get("Columns") or []),
        "PartitionKeys": list(table.raw.get("PartitionKeys") or []),
        "Parameters": table.parameters,
    }
