"""Reads gzip data as Trino does: any number of members. Bytes after the last member are ignored.

This module reads the headers itself and inflates the raw data with isal. isal's own reader of headers has a
fault: it rejects a sound member if a read ends inside a header that has two of the optional fields, or a
checksum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from runner.errors import MedLaunchError

if TYPE_CHECKING:
    import zlib
else:
    try:
        from isal import isal_zlib as zlib
    except ImportError:  # no isal wheel for this machine: zlib is three times slower
        import zlib

#: Bytes of one piece of inflated data. It bounds the memory for a small file that inflates to a huge one.
INFLATE_SIZE = 512 * 1024

_MAGIC = b"\x1f\x8b\x08"  # the last byte is the method, deflate
_HAS_CHECKSUM, _HAS_EXTRA, _HAS_NAME, _HAS_COMMENT = 2, 4, 8, 16
_RAW = -15  # zlib's window bits for deflate data without header and trailer


class CorruptGzip(MedLaunchError):
    """A .gz object is not gzip data, is damaged, or ends early."""


class _Header(Exception):
    """The next bytes are not the header of a member."""


def inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The content of gzip data, in pieces of at most INFLATE_SIZE bytes.

    Trino uses Java's GZIPInputStream. As there, the data ends where a member is not followed by a sound
    header but by text, zero bytes, or half a header. Reserved flags of a header are ignored.

    Raises:
        CorruptGzip: the first header is not sound, or a member is damaged or ends early.
    """
    source = _Source(pieces)
    if not source.fill():
        return
    try:
        source.skip_header()
    except _Header as error:
        raise CorruptGzip(f"not gzip data: {error}") from error
    while True:
        yield from _content(source)
        try:
            source.skip_header()
        except _Header:
            return


class _Source:
    """Bytes that come in pieces, read from the front."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        #: Bytes that have come and are not yet read.
        self.held = b""
        self._pieces = iter(pieces)
        self._checksum = 0

    def fill(self) -> bool:
        """Make sure that `held` has bytes; False at the end of the data."""
        while not self.held:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self.held = piece
        return True

    def skip_header(self) -> None:
        """Read one member's header.

        Raises:
            _Header: the header is missing or damaged.
        """
        self._checksum = 0
        if self._take(len(_MAGIC)) != _MAGIC:
            raise _Header("it does not start as a gzip member does")
        flags = self._take(1)[0]
        self._take(6)  # time, compression level, operating system
        if flags & _HAS_EXTRA:
            self._take(int.from_bytes(self._take(2), "little"))
        for flag in (_HAS_NAME, _HAS_COMMENT):
            if flags & flag:
                self._skip_text()
        if flags & _HAS_CHECKSUM:
            expected = self._checksum & 0xFFFF
            if int.from_bytes(self._take(2), "little") != expected:
                raise _Header("the checksum of its header is wrong")

    def take(self, count: int) -> bytes:
        """The next bytes; fewer at the end of the data."""
        taken = self.held[:count]
        self.held = self.held[count:]
        while len(taken) < count and self.fill():
            rest = count - len(taken)
            taken += self.held[:rest]
            self.held = self.held[rest:]
        return taken

    def _take(self, count: int) -> bytes:
        taken = self.take(count)
        if len(taken) < count:
            raise _Header("it ends inside a header")
        self._checksum = zlib.crc32(taken, self._checksum)
        return taken

    def _skip_text(self) -> None:
        """Read up to a zero byte. The text may have any length, so it is not kept."""
        while self.fill():
            text, end, rest = self.held.partition(b"\0")
            self._checksum = zlib.crc32(text + end, self._checksum)
            self.held = rest
            if end:
                return
        raise _Header("it ends inside a header")


def _content(source: _Source) -> Iterator[bytes]:
    """The content of one member. Its trailer is read too."""
    member = zlib.decompressobj(_RAW)
    checksum = length = 0
    more_inside = False  # the decompressor holds content that did not fit
    while not member.eof:
        if not more_inside and not source.fill():
            raise CorruptGzip("gzip data ends early")
        try:
            content = member.decompress(source.held, INFLATE_SIZE)
        except zlib.error as error:
            raise CorruptGzip(f"damaged gzip data: {error}") from error
        source.held = member.unused_data if member.eof else member.unconsumed_tail
        more_inside = len(content) == INFLATE_SIZE
        if content:
            checksum = zlib.crc32(content, checksum)
            length += len(content)
            yield content
    trailer = source.take(8)
    if len(trailer) < 8:
        raise CorruptGzip("gzip data ends early")
    if trailer != checksum.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little"):
        raise CorruptGzip("damaged gzip data: the checksum or the length at its end is wrong")
