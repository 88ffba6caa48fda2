"""Sorts the CSV rows of one file by their text, in bounded memory.

The order depends on the text of the rows. It does not depend on line numbers, because SQL does not know them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain
from typing import IO

import msgspec

#: The most characters of rows that are held in memory. More rows go to a temporary file.
_MAX_HELD = 8 * 1024 * 1024
#: The number of files that are merged at a time. Each file keeps one row in memory.
_MAX_RUNS = 8
_PIECE_SIZE = 256 * 1024  # characters of the rows that are written or encoded at a time


_to_msgpack = msgspec.msgpack.Encoder().encode
_from_msgpack = msgspec.msgpack.Decoder(list[str]).decode


class SortedRows:
    """Takes rows in any order, each without its line end, and returns them in order.

    Rows are compared character by character by code point, which is how Trino compares texts.
    """

    def __init__(self, max_held: int = _MAX_HELD) -> None:
        self._max_held = max_held
        self._held: list[str] = []
        self._held_size = 0
        self._runs: list[_Run] = []

    def add(self, rows: list[str]) -> int:
        """Take rows, and return the number of their characters."""
        size = sum(map(len, rows)) + len(rows)
        self._held += rows
        self._held_size += size
        if self._held_size > self._max_held:
            self._spill()
        return size

    def pieces(self) -> Iterator[bytes]:
        """The rows in order as UTF-8, each ended by LF."""
        if not self._runs:
            self._held.sort()
            return map(_encoded, _slices(self._held, self._held_size))
        if self._held:
            self._spill()
        pieces = _pieces(merge(*self._runs)) if len(self._runs) > 1 else self._runs[0].pieces()
        return map(_encoded, pieces)

    def close(self) -> None:
        """Delete the rows."""
        self._held.clear()
        self._held_size = 0
        while self._runs:
            self._runs.pop().close()

    def _spill(self) -> None:
        self._held.sort()
        if self._runs and self._runs[-1].last <= self._held[0]:
            # Rows are often in order already.
            self._runs[-1].write(_slices(self._held, self._held_size))
        else:
            if len(self._runs) == _MAX_RUNS:
                merged = _Run()
                merged.write(_pieces(merge(*self._runs)))
                for run in self._runs:
                    run.close()
                self._runs = [merged]
            self._runs.append(_Run())
            self._runs[-1].write(_slices(self._held, self._held_size))
        self._held.clear()
        self._held_size = 0


class _Run:
    """Sorted rows in a temporary file, as MessagePack lists of texts.

    Reading them is ten times as fast as with marshal.
    """

    def __init__(self) -> None:
        self.last = ""
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        self._sizes: list[int] = []

    def write(self, pieces: Iterable[list[str]]) -> None:
        for piece in pieces:
            self._sizes.append(self._file.write(_to_msgpack(piece)))
            self.last = piece[-1]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.pieces())

    def pieces(self) -> Iterator[list[str]]:
        """The lists that were written."""
        self._file.seek(0)
        for size in self._sizes:
            yield _from_msgpack(self._file.read(size))

    def close(self) -> None:
        self._file.close()


def _slices(rows: list[str], size: int) -> Iterator[list[str]]:
    """Held rows with this many characters, in lists of about _PIECE_SIZE characters on average."""
    at_a_time = max(1, len(rows) * _PIECE_SIZE // max(1, size))
    return (rows[start : start + at_a_time] for start in range(0, len(rows), at_a_time))


def _pieces(rows: Iterable[str]) -> Iterator[list[str]]:
    """Rows in short lists. The reader may change each list until it asks for the next one."""
    piece: list[str] = []
    size = 0
    for row in rows:
        piece.append(row)
        size += len(row)
        if size > _PIECE_SIZE:
            yield piece
            piece = []
            size = 0
    if piece:
        yield piece


def _encoded(rows: list[str]) -> bytes:
    return ("\n".join(rows) + "\n").encode("utf-8")
