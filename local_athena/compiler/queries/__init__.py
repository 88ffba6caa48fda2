"""Compiles queries clause by clause: SELECT, FROM, joins, UNNEST, GROUP BY, set operations, ORDER BY and LIMIT."""
