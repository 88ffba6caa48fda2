"""Reads and writes JSON as Trino does: keys are sorted, the last of equal keys counts, numbers have Java's spelling."""
