"""Splits the bytes of a file into numbered lines. The memory that it takes does not grow with the file.

Lines are the same as for Trino's text reader: LF, CRLF and a bare CR each end a line, and a UTF-8 byte order
mark at the start of the file is skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import NamedTuple

from runner.stage2.gzip_members import INFLATE_SIZE, inflate

#: Athena fails a query on a longer line.
MAX_LINE_BYTES = 32 * 1024 * 1024
#: Bytes of the longest line that is judged together with others. A longer line is judged in pieces.
MAX_USUAL_LINE_BYTES = INFLATE_SIZE
#: The number of bytes that are kept of a line over the limit.
HEAD_BYTES = 1024

#: The line ends. Most lines keep theirs, because cutting it off would copy the line once more.
LINE_ENDS = b"\r\n"

_BOM = b"\xef\xbb\xbf"


class Lines(NamedTuple):
    """Consecutive lines, some still with their line ends.

    `first` is the number of the first line, counted from 1. The reader may change the list.
    """

    first: int
    lines: list[bytes]


class LongLine(NamedTuple):
    """One line of more than MAX_USUAL_LINE_BYTES, without its line end. The reader may change the bytes."""

    number: int
    line: bytearray


class OverlongLine(NamedTuple):
    """A line over the limit: its number, its start, and its length in bytes."""

    number: int
    head: bytes
    length: int


def read_lines(pieces: Iterable[bytes], key: str) -> Iterator[Lines | LongLine | OverlongLine]:
    """The lines of an object. If its key ends in .gz, the lines of its unpacked content.

    Raises:
        CorruptGzip: the gzip data is damaged. The lines before the damage are returned first.
    """
    return split_lines(inflate(pieces) if key.endswith(".gz") else pieces)


def split_lines(
    pieces: Iterable[bytes], limit: int = MAX_LINE_BYTES, usual: int = MAX_USUAL_LINE_BYTES
) -> Iterator[Lines | LongLine | OverlongLine]:
    """Split the pieces of a file into lines, in order. Only the start of a line over `limit` bytes is held.

    Args:
        pieces: the bytes; no piece has more than `usual` bytes.
        limit: the most bytes of a line, at least `usual`.
        usual: the most bytes of a line that is returned together with others.
    """
    number = 1
    unended = _Unended(limit, usual)
    for piece in _without_bom(_with_whole_line_ends(pieces)):
        lines = _split(piece)
        rest = b"" if lines[-1].endswith((b"\n", b"\r")) else lines.pop()
        if lines and unended:
            unended.add(lines[0].rstrip(LINE_ENDS))
            ended = unended.as_line(number)
            if isinstance(ended, Lines):
                lines[0] = ended.lines[0]
            else:
                yield ended
                del ended, lines[0]  # otherwise a long line would be held until the next line
                number += 1
        if lines:
            first = number
            number += len(lines)  # count them first, because the reader may empty the list
            yield Lines(first, lines)
        unended.add(rest)
    if unended:
        yield unended.as_line(number)


class _Unended:
    """A line whose end has not been read yet. Only the start of a line over the limit is kept."""

    def __init__(self, limit: int, usual: int) -> None:
        self._limit = limit
        self._usual = usual
        self._held = bytearray()
        self._length = 0

    def __bool__(self) -> bool:
        return self._length > 0

    def add(self, data: bytes) -> None:
        self._length += len(data)
        if self._length <= self._limit:
            self._held += data
        elif len(self._held) >= HEAD_BYTES:
            del self._held[HEAD_BYTES:]
        else:
            self._held += data[: HEAD_BYTES - len(self._held)]

    def as_line(self, number: int) -> Lines | LongLine | OverlongLine:
        """The complete line. The next line starts empty."""
        held, length = self._held, self._length
        self._held, self._length = bytearray(), 0
        if length > self._limit:
            return OverlongLine(number, bytes(held[:HEAD_BYTES]), length)
        if length > self._usual:
            return LongLine(number, held)
        return Lines(number, [bytes(held)])


def _split(piece: bytes) -> list[bytes]:
    """The lines of some bytes, with their line ends."""
    if b"\r" in piece:
        return piece.splitlines(keepends=True)
    # This does the same as splitlines in half the time.
    return BytesIO(piece).readlines()


def _with_whole_line_ends(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, cut so that a CR and its LF stay together."""
    held = b""
    for piece in pieces:
        whole = held + piece if held else piece
        held = whole[-1:] if whole.endswith(b"\r") else b""
        if held:
            whole = whole[:-1]
        if whole:
            yield whole
    if held:
        yield held


def _without_bom(pieces: Iterable[bytes]) -> Iterator[bytes]:
    start = b""
    started = False
    for piece in pieces:
        if started:
            yield piece
            continue
        start += piece
        if len(start) >= len(_BOM) or not _BOM.startswith(start):
            started = True
            if rest := start.removeprefix(_BOM):
                yield rest
    if not started and start:
        yield start
