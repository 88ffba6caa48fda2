"""Functions that DuckDB lacks or computes differently, in Python over Arrow arrays.

A function is named `t_…`. Importing this package registers those that depend on no type; the others are made
when a statement first needs them.
"""

from local_athena.udfs import json_functions, numbers, regular_expressions, texts

__all__ = ["json_functions", "numbers", "regular_expressions", "texts"]
