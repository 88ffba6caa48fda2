"""Trino's types and values: conversions to and from Hive, Iceberg, Arrow, DuckDB and SQL, and how values are written."""
