"""Reads gzip data as Java's GZIPInputStream does, which Trino uses to read text."""

from __future__ import annotations

import zlib

_MAGIC = b"\x1f\x8b"
_DEFLATE = 8
_FIXED_HEADER = 10  # magic number, method, flags, time, compression level, operating system
_TRAILER = 8  # checksum and length
_HAS_CHECKSUM, _HAS_EXTRA, _HAS_NAME, _HAS_COMMENT = 2, 4, 8, 16


class NoGzip(Exception):
    """The data does not start with a valid header, or a member's data or checksum is wrong."""


class CutShort(Exception):
    """The data ends inside a member."""


def gunzip(data: bytes) -> bytes:
    """The decompressed content of all members.

    Reading stops after the first member that no valid header follows; the rest of the data is ignored. Reserved flags
    in a header are ignored.

    Raises:
        NoGzip: the first header is not valid, or a member is damaged. The message is Java's.
        CutShort: the data ends inside the first header, or inside a member's data or trailer.
    """
    if not data:
        return b""
    parts: list[bytes] = []
    start = _header_end(data, 0)
    while True:
        member = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = member.decompress(memoryview(data)[start:])
        except zlib.error as error:
            raise NoGzip(str(error)) from error
        trailer = member.unused_data[:_TRAILER]
        if not member.eof or len(trailer) < _TRAILER:
            raise CutShort
        if trailer != _trailer(content):
            raise NoGzip("Corrupt GZIP trailer")
        parts.append(content)
        try:
            start = _header_end(data, len(data) - len(member.unused_data) + _TRAILER)
        except (NoGzip, CutShort):
            return b"".join(parts)


def _trailer(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")


def _header_end(data: bytes, start: int) -> int:
    """The position after the header that begins at `start`."""
    if not data.startswith(_MAGIC, start):
        raise NoGzip("Not in GZIP format")
    if len(data) < start + _FIXED_HEADER:
        raise CutShort
    method, flags = data[start + 2], data[start + 3]
    if method != _DEFLATE:
        raise NoGzip("Unsupported compression method")
    end = start + _FIXED_HEADER
    if flags & _HAS_EXTRA:
        end += 2 + _two_bytes(data, end)
    for flag in (_HAS_NAME, _HAS_COMMENT):
        if flags & flag:
            end = data.find(b"\0", end) + 1
            if not end:
                raise CutShort
    if flags & _HAS_CHECKSUM:
        if _two_bytes(data, end) != zlib.crc32(data[start:end]) & 0xFFFF:
            raise NoGzip("Corrupt GZIP header")
        end += 2
    if end > len(data):
        raise CutShort
    return end


def _two_bytes(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")
