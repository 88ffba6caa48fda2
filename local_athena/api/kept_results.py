"""The rows of finished queries, kept on disk: a client may ask for pages of them long after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa


@dataclass(frozen=True)
class KeptRows:
    """The rows of one result as texts.

    Attributes:
        path: an Arrow file with a column of texts for each column of the result.
        count: the number of rows.
    """

    path: Path
    count: int

    def page(self, start: int, stop: int) -> list[list[str | None]]:
        """The rows from `start` up to but not including `stop`."""
        if start >= min(stop, self.count):
            return []
        with pa.memory_map(str(self.path)) as source:
            part = pa.ipc.open_file(source).read_all().slice(start, stop - start)
            columns = [column.to_pylist() for column in part.columns]
        return [list(row) for row in zip(*columns, strict=True)]

    def forget(self) -> None:
        """Delete the rows."""
        self.path.unlink(missing_ok=True)


def keep(path: Path, columns: Sequence[Sequence[str | None]]) -> KeptRows:
    """Write the columns of a result to a file."""
    arrays = [pa.array(column, pa.large_string()) for column in columns]
    rows = pa.table(arrays, names=[str(index) for index in range(len(arrays))])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows)
    return KeptRows(path, rows.num_rows)
