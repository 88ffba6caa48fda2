"""Columns that every table has and `*` does not show."""

from __future__ import annotations

from local_athena.values.columns import Column
from local_athena.values.types import BIGINT, VARCHAR

#: The address of the object that a row lies in.
PATH = Column("$path", VARCHAR)
#: Which file of an Iceberg scan a row lies in, and where in it: how MERGE, UPDATE and DELETE name rows.
FILE = Column("$file", BIGINT)
POSITION = Column("$position", BIGINT)
