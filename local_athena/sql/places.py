"""Finds the position of a syntax tree's node in the text of the statement."""

from __future__ import annotations

from sqlglot import exp


def place(node: exp.Expr) -> str:
    """A node's line and column as Trino's messages begin with them, such as `line 1:8: `; empty if they are unknown."""
    for part in node.walk():
        if "line" in part.meta:
            line, end, start, stop = (part.meta[key] for key in ("line", "col", "start", "end"))
            return f"line {line}:{end - (stop - start)}: "
    return ""
