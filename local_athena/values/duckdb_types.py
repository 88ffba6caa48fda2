"""Maps each Trino type to the DuckDB type that holds its values, and writes names and strings in DuckDB's SQL."""

from __future__ import annotations

from local_athena.values.types import Type

_DUCKDB_NAMES = {
    "unknown": "INTEGER",
    "integer": "INTEGER",
    "real": "FLOAT",
    "varbinary": "BLOB",
    "json": "VARCHAR",
    "timestamp with time zone": "TIMESTAMPTZ",
}


def to_duckdb(kind: Type) -> str:
    """The DuckDB type, in SQL, for a Trino type; json is kept as text."""
    if kind.base == "array":
        return f"{to_duckdb(kind.items[0])}[]"
    if kind.base == "map":
        return f"MAP({to_duckdb(kind.items[0])}, {to_duckdb(kind.items[1])})"
    if kind.base == "row":
        fields = zip(kind.field_names, kind.items, strict=True)
        return f"STRUCT({', '.join(f'{quoted(n)} {to_duckdb(t)}' for n, t in fields)})"
    if kind.base == "decimal":
        return f"DECIMAL({kind.params[0]},{kind.params[1]})"
    return _DUCKDB_NAMES.get(kind.base, kind.base.upper())


def quoted(name: str) -> str:
    """A name in double quotes, for DuckDB's SQL."""
    return '"' + name.replace('"', '""') + '"'


def sql_text(text: str) -> str:
    """A string as a literal in DuckDB's SQL."""
    return "'" + text.replace("'", "''") + "'"
