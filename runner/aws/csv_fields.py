"""Text fields of the CSVs that people open, for Stage 2 and Stage 3."""

from __future__ import annotations

#: The characters that start a formula, from OWASP's page on CSV injection.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless_sql(column: str) -> str:
    """SQL: a text with an apostrophe before it if a spreadsheet would run it as a formula."""
    starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
    return f"case when substr({column}, 1, 1) in ({starts}) then '''' || {column} else {column} end"
