"""Runs statements with DuckDB and writes their rows to tables."""
