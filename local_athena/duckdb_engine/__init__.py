"""The DuckDB engine: runs compiled statements and writes their rows to tables."""
