"""Reads and checks the names of catalogs, databases and tables in statements."""

from __future__ import annotations

from local_athena.errors import QueryFailed, Refused

#: The name of the only catalog, as Trino writes it in names and messages.
CATALOG_NAME = "awsdatacatalog"
_PART = r"[`\"]?(?P<{}>[\w-]+)[`\"]?"
_DATABASE_BEFORE = rf"(?:(?:{_PART.format('catalog')}\s*\.\s*)?{_PART.format('database')}\s*\.\s*)?"
#: A pattern for a table's name, with the groups `catalog` and `database`, which are optional, and `table`. Each part
#: may be quoted.
TABLE_NAME = _DATABASE_BEFORE + _PART.format("table")
#: A pattern for a database's name, with the groups `catalog`, which is optional, and `database`.
DATABASE_NAME = rf"(?:{_PART.format('catalog')}\s*\.\s*)?{_PART.format('database')}"


def check_catalog(name: str | None, where: str = "") -> None:
    """Check that a name has no catalog or the only catalog, so that no statement runs in the wrong catalog.

    Args:
        name: the catalog in the name; None or empty if it has none.
        where: the position of the name in the statement, for error messages.

    Raises:
        QueryFailed: the name has another catalog.
        Refused: the name has a catalog of S3 Tables.
    """
    if name and name.lower().startswith("s3tablescatalog"):
        raise Refused(f"S3 Tables (the catalog {name})")
    if name and name.lower() != CATALOG_NAME:
        raise QueryFailed("CATALOG_NOT_FOUND", f"{where}Catalog '{name}' does not exist")


def table_not_found(database: str, name: str, where: str) -> QueryFailed:
    """Trino's error for a table that does not exist.

    Args:
        database: the table's database.
        name: the table's name.
        where: the position of the name in the statement.
    """
    return QueryFailed("TABLE_NOT_FOUND", f"{where}Table '{CATALOG_NAME}.{database}.{name}' does not exist")


def table_already_exists(database: str, name: str) -> QueryFailed:
    """The error of CREATE TABLE if a table with this name exists."""
    return QueryFailed(
        "TABLE_ALREADY_EXISTS",
        f"line 1:1: Destination table '{CATALOG_NAME}.{database}.{name}' already exists",
    )
