"""Queries by clause: SELECT, FROM with its joins and UNNEST, set operations, ORDER BY and LIMIT."""
