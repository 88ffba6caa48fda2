"""Names in statements: of the catalog, of tables."""

from __future__ import annotations

from local_athena.errors import QueryFailed

#: The only catalog. Trino's names and messages use this name.
CATALOG_NAME = "awsdatacatalog"
#: A table's name in statements that are read by pattern: groups `database` (perhaps missing) and `table`, each
#: quoted or not.
TABLE_NAME = r"(?:[`\"]?(?P<database>[\w-]+)[`\"]?\s*\.\s*)?[`\"]?(?P<table>[\w-]+)[`\"]?"


def table_not_found(database: str, name: str, where: str) -> QueryFailed:
    """What Trino says to a name without a table; `where` is the name's place in the statement."""
    return QueryFailed("TABLE_NOT_FOUND", f"{where}Table '{CATALOG_NAME}.{database}.{name}' does not exist")


def table_already_exists(database: str, name: str) -> QueryFailed:
    """What CREATE TABLE says when the name is taken."""
    return QueryFailed(
        "TABLE_ALREADY_EXISTS",
        f"line 1:1: Destination table '{CATALOG_NAME}.{database}.{name}' already exists",
    )
