"""The hidden columns of tables, which `*` does not include."""

from __future__ import annotations

from local_athena.values.columns import Column
from local_athena.values.types import BIGINT, VARCHAR

#: The S3 URI of the object that holds the row.
PATH = Column("$path", VARCHAR)
#: The index of the row's file in an Iceberg scan, and the row's position in this file. MERGE, UPDATE and DELETE identify
#: rows by them.
FILE = Column("$file", BIGINT)
POSITION = Column("$position", BIGINT)
