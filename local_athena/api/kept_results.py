"""Keeps the rows of finished queries on disk, because a client may ask for pages of them much later."""

from __future__ import annotations

from collections.abc import Iterator
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

    def texts(self) -> Iterator[pa.Table]:
        """All rows in parts, as string columns."""
        with pa.memory_map(str(self.path)) as source, pa.ipc.open_file(source) as reader:
            for index in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(index)])

    def forget(self) -> None:
        """Delete the rows."""
        self.path.unlink(missing_ok=True)


class Keeper:
    """Writes the rows of a result to a file, part by part. As a context manager, it removes the file after a failure.

    Args:
        path: the file to write.
        columns: the number of columns.
    """

    def __init__(self, path: Path, columns: int) -> None:
        self._path = path
        self._schema = pa.schema([(f"c{index}", pa.string()) for index in range(columns)])
        self._count = 0

    def __enter__(self) -> Keeper:
        self._sink = pa.OSFile(str(self._path), "wb")
        self._writer = pa.ipc.new_file(self._sink, self._schema)
        return self

    def add(self, rows: pa.Table) -> None:
        """Add rows, with string columns only. All parts except the last have a multiple of 1,000 rows."""
        # All batches except the last have the same number of rows, so a page's batch can be computed.
        self._writer.write_table(rows.cast(self._schema).combine_chunks(), max_chunksize=_BATCH_ROWS)
        self._count += rows.num_rows

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._writer.close()
        self._sink.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    @property
    def kept(self) -> KeptRows:
        """The rows, once all are written."""
        return KeptRows(self._path, self._count)
