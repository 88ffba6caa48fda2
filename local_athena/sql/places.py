"""Finds positions in the text of a statement."""

from __future__ import annotations

from sqlglot import exp


def place(node: exp.Expr) -> str:
    """A node's line and column as Trino's messages begin with them, such as `line 1:8: `; empty if they are unknown."""
    for part in node.walk():
        if "line" in part.meta:
            line, end, start, stop = (part.meta[key] for key in ("line", "col", "start", "end"))
            return f"line {line}:{end - (stop - start)}: "
    return ""


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The line (from 1) and the column (from 0) of the character at an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset) - 1


def place_in(text: str, offset: int) -> str:
    """The line and column of the character at an offset, as `place` gives them for a node."""
    line, column = line_and_column(text, offset)
    return f"line {line}:{column + 1}: "
