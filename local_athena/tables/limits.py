"""Athena's limits on tables."""

from __future__ import annotations

#: One statement writes at most this many partitions of a table
#: (https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html).
MAX_OPEN_PARTITIONS = 100
