"""Athena's limits on tables."""

from __future__ import annotations

#: The largest number of partitions that one statement may write
#: (https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html).
MAX_OPEN_PARTITIONS = 100
