"""From Athena's SQL to DuckDB's: names, types and operators by Trino's rules, and the list of what is proven."""
