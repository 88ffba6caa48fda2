"""Compiles calls of the supported functions to DuckDB's SQL by Trino's rules.

Importing this package registers all functions. Functions that are not registered are refused. Each registered
function checks its calls against the allow-list (proven.py).
"""

from local_athena.compiler.functions import (
    aggregates,
    bytes_and_json,
    conditions,
    containers,
    formats,
    moments,
    numbers,
    texts,
    windows,
)
from local_athena.compiler.functions.registry import AGGREGATES, DECLARED, FUNCTIONS, WINDOW_FUNCTIONS, Call

__all__ = [
    "AGGREGATES",
    "DECLARED",
    "FUNCTIONS",
    "WINDOW_FUNCTIONS",
    "Call",
    "aggregates",
    "bytes_and_json",
    "conditions",
    "containers",
    "formats",
    "moments",
    "numbers",
    "texts",
    "windows",
]
