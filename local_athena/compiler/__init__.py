"""Compiles Athena's SQL to DuckDB's SQL by Trino's rules, and lists the constructs proven to give Trino's answers."""
