"""Implements the functions that DuckDB lacks or computes differently, in Python over Arrow arrays.

The names of the functions begin with `t_`. Importing this package registers the functions with fixed types. The casts
from and to JSON are registered when a statement first needs them, because they depend on the type.
"""

from local_athena.udfs import json_functions, moments, numbers, regular_expressions, texts

__all__ = ["json_functions", "moments", "numbers", "regular_expressions", "texts"]
