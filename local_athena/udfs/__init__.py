"""Functions that DuckDB lacks or computes differently, in Python over Arrow arrays."""
