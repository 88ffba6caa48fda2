"""Where in a statement a node of its tree stands."""

from __future__ import annotations

from sqlglot import exp


def place(node: exp.Expr) -> str:
    """Line and column of a node, as Trino's messages begin: `line 1:8: `; empty if the parser noted none."""
    for part in node.walk():
        if "line" in part.meta:
            line, end, start, stop = (part.meta[key] for key in ("line", "col", "start", "end"))
            return f"line {line}:{end - (stop - start)}: "
    return ""
