"""The functions that are supported: each maps a call by Trino's rules to DuckDB's SQL.

Importing this package registers all of them. A function that is not registered is refused, and one that is
names itself to the allow-list (proven.py).
"""

from local_athena.compiler.functions import (
    aggregates,
    bytes_and_json,
    conditions,
    containers,
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
    "moments",
    "numbers",
    "texts",
    "windows",
]
