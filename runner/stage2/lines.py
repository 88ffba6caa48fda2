"""The bytes of a file as numbered lines, in memory that does not grow with the file.

A line is what Trino's text reader sees as one: LF, CRLF and a bare CR each end it, and a UTF-8 byte
order mark at the start of the file is skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import NamedTuple

from runner.stage2.gzip_members import INFLATE_SIZE, inflate

#: Athena fails a query on a longer line.
MAX_LINE_BYTES = 32 * 1024 * 1024
#: Bytes of the longest line that comes among others. A longer one is judged piece by piece.
MAX_USUAL_LINE_BYTES = INFLATE_SIZE
#: Bytes that are kept of a line over the limit.
HEAD_BYTES = 1024

#: What a line may end with. Most lines keep it, because cutting it off would copy the line once more.
LINE_ENDS = b"\r\n"

_BOM = b"\xef\xbb\xbf"


class Lines(NamedTuple):
    """Lines in a row, some still with their line ends; `first` is the number of the first, counted from 1.

    The list is its reader's own.
    """

    first: int
    lines: list[bytes]


class LongLine(NamedTuple):
    """One line of more than MAX_USUAL_LINE_BYTES, without its line end. The bytes are its reader's own."""

    number: int
    line: bytearray


class OverlongLine(NamedTuple):
    """A line over the limit: its number, how it starts, and how many bytes it has."""

    number: int
    head: bytes
    length: int


def read_lines(pieces: Iterable[bytes], key: str) -> Iterator[Lines | LongLine | OverlongLine]:
    """The lines of an object's bytes; of an object whose key ends in .gz, of what is in it.

    Raises:
        CorruptGzip: after the lines before the damage.
    """
    return split_lines(inflate(pieces) if key.endswith(".gz") else pieces)


def split_lines(
    pieces: Iterable[bytes], limit: int = MAX_LINE_BYTES, usual: int = MAX_USUAL_LINE_BYTES
) -> Iterator[Lines | LongLine | OverlongLine]:
    """Pieces of a file as lines, in order. Of a line over `limit` bytes only its start is held.

    Args:
        pieces: the bytes; no piece has more than `usual` bytes.
        limit: bytes of the longest line that is a line, at least `usual`.
        usual: bytes of the longest line that comes among others.
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
                del ended, lines[0]  # a long line would be held until the next
                number += 1
        if lines:
            first = number
            number += len(lines)  # before their reader may empty the list
            yield Lines(first, lines)
        unended.add(rest)
    if unended:
        yield unended.as_line(number)


class _Unended:
    """The line whose end has not come yet; of one over the limit only its start."""

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
        """The line, which is complete; the next one starts empty."""
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
    # As splitlines, but it finds a line end in half the time.
    return BytesIO(piece).readlines()


def _with_whole_line_ends(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, cut so that no CR is parted from its LF."""
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
