"""Names in statements: of the catalog, of tables."""

from __future__ import annotations

from local_athena.errors import QueryFailed, Refused

#: The only catalog. Trino's names and messages use this name.
CATALOG_NAME = "awsdatacatalog"
_PART = r"[`\"]?(?P<{}>[\w-]+)[`\"]?"
_DATABASE_BEFORE = rf"(?:(?:{_PART.format('catalog')}\s*\.\s*)?{_PART.format('database')}\s*\.\s*)?"
#: A table's name in statements that are read by pattern: groups `catalog` and `database` (perhaps missing) and
#: `table`, each quoted or not.
TABLE_NAME = _DATABASE_BEFORE + _PART.format("table")
#: A database's name, in the same way.
DATABASE_NAME = rf"(?:{_PART.format('catalog')}\s*\.\s*)?{_PART.format('database')}"


def check_catalog(name: str | None, where: str = "") -> None:
    """Whether a name's catalog is the only one; `where` is the name's place in the statement.

    Raises:
        QueryFailed: it is another. Nothing is ever done in the default catalog in its place.
        Refused: it is a catalog of S3 Tables.
    """
    if name and name.lower().startswith("s3tablescatalog"):
        raise Refused(f"S3 Tables (the catalog {name})")
    if name and name.lower() != CATALOG_NAME:
        raise QueryFailed("CATALOG_NOT_FOUND", f"{where}Catalog '{name}' does not exist")


def table_not_found(database: str, name: str, where: str) -> QueryFailed:
    """What Trino says to a name without a table; `where` is the name's place in the statement."""
    return QueryFailed("TABLE_NOT_FOUND", f"{where}Table '{CATALOG_NAME}.{database}.{name}' does not exist")


def table_already_exists(database: str, name: str) -> QueryFailed:
    """What CREATE TABLE says when the name is taken."""
    return QueryFailed(
        "TABLE_ALREADY_EXISTS",
        f"line 1:1: Destination table '{CATALOG_NAME}.{database}.{name}' already exists",
    )
