"""Keeps the rows of finished queries on disk, because a client may ask for pages of them much later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

#: Rows in one batch of the file. With this size, a page of GetQueryResults spans at most two batches.
_BATCH_ROWS = 1000


@dataclass(frozen=True)
class KeptRows:
    """The rows of one result as text.

    Attributes:
        path: an Arrow file with a string column for each column of the result.
        count: the number of rows.
    """

    path: Path
    count: int

    def page(self, start: int, stop: int) -> list[list[str | None]]:
        """The rows from `start` up to but not including `stop`."""
        stop = min(stop, self.count)
        rows: list[list[str | None]] = []
        if start >= stop:
            return rows
        with pa.memory_map(str(self.path)) as source, pa.ipc.open_file(source) as reader:
            for index in range(start // _BATCH_ROWS, (stop - 1) // _BATCH_ROWS + 1):
                first = max(start - index * _BATCH_ROWS, 0)
                part = reader.get_batch(index).slice(first, stop - index * _BATCH_ROWS - first)
                rows += map(list, zip(*(column.to_pylist() for column in part.columns), strict=True))
        return rows

    def texts(self) -> pa.Table:
        """All rows, as string columns."""
        with pa.memory_map(str(self.path)) as source, pa.ipc.open_file(source) as reader:
            return reader.read_all()

    def forget(self) -> None:
        """Delete the rows."""
        self.path.unlink(missing_ok=True)


def keep(path: Path, rows: pa.Table) -> KeptRows:
    """Write the rows of a result to a file.

    Args:
        path: the file to write.
        rows: the result, with string columns only.
    """
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        # All batches except the last have the same number of rows, so a page's batch can be computed.
        writer.write_table(rows.combine_chunks(), max_chunksize=_BATCH_ROWS)
    return KeptRows(path, rows.num_rows)
