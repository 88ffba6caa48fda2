"""Answers the API actions that show databases and tables."""

from __future__ import annotations

import re
from typing import Any

from local_athena.api.requests import invalid, page
from local_athena.api.saved import DataCatalogs
from local_athena.errors import ApiError, QueryFailed
from local_athena.sql.names import CATALOG_NAME
from local_athena.tables.catalog import Catalog, Table


class Metadata:
    """Answers the metadata actions.

    Args:
        catalog: the databases and tables of AwsDataCatalog.
        catalogs: the registered data catalogs.
    """

    def __init__(self, catalog: Catalog, catalogs: DataCatalogs) -> None:
        self._catalog = catalog
        self._catalogs = catalogs

    def _check_catalog(self, request: dict[str, Any]) -> None:
        """Check that the request names AwsDataCatalog.

        Raises:
            ApiError: the request names another catalog.
        """
        catalog = self._catalogs.find(request["CatalogName"])
        if catalog["Name"].lower() != CATALOG_NAME:
            raise ApiError(
                "MetadataException",
                f"local Athena can read only the catalog AwsDataCatalog, not {catalog['Name']}",
            )

    def list_databases(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer ListDatabases."""
        self._check_catalog(request)
        found, token = page(self._catalog.databases(), request)
        return {"DatabaseList": [_database(raw) for raw in found], **token}

    def get_database(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer GetDatabase."""
        self._check_catalog(request)
        name = request["DatabaseName"].lower()
        for raw in self._catalog.databases():
            if raw["Name"] == name:
                return {"Database": _database(raw)}
        raise ApiError("MetadataException", f"EntityNotFoundException: Database {name} not found.")

    def list_table_metadata(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer ListTableMetadata."""
        self._check_catalog(request)
        try:
            tables = self._catalog.tables(request["DatabaseName"])
            pattern = re.compile(request.get("Expression") or ".*", re.IGNORECASE)
        except QueryFailed as error:
            raise ApiError("MetadataException", error.reason) from error
        except re.error as error:
            raise invalid(
                f"Expression {request['Expression']} is not a regular expression: {error}"
            ) from error
        # As in Glue, the expression may match any part of the name.
        found, token = page([table for table in tables if pattern.search(table.name)], request)
        return {"TableMetadataList": [_table_metadata(table) for table in found], **token}

    def get_table_metadata(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer GetTableMetadata."""
        self._check_catalog(request)
        table = self._catalog.find_table(request["DatabaseName"], request["TableName"])
        if table is None:
            raise ApiError(
                "MetadataException", f"EntityNotFoundException: Table {request['TableName']} not found."
            )
        return {"TableMetadata": _table_metadata(table)}


def _database(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": raw["Name"],
        "Description": raw.get("Description", ""),
        "Parameters": raw.get("Parameters") or {},
    }


def _table_metadata(table: Table) -> dict[str, Any]:
    """A table as Athena shows it: its location, formats and SerDe are listed among its parameters."""
    storage, serde = table.storage, table.storage.get("SerdeInfo") or {}
    described = {
        "inputformat": storage.get("InputFormat"),
        "location": storage.get("Location"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
        **{f"serde.param.{key}": value for key, value in table.serde_parameters.items()},
    }
    times = {
        name: table.raw[source].timestamp()
        for name, source in (("CreateTime", "CreateTime"), ("LastAccessTime", "LastAccessTime"))
        if table.raw.get(source)
    }
    return {
        "Name": table.name,
        **times,
        "TableType": table.raw.get("TableType", ""),
        "Columns": list(storage.get("Columns") or []),
        "PartitionKeys": list(table.raw.get("PartitionKeys") or []),
        "Parameters": table.parameters | {key: value for key, value in described.items() if value},
    }
