"""A text object's lines, cut as Trino's text reader cuts them."""

from __future__ import annotations

import bz2

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.gzip_members import CutShort, NoGzip, gunzip

#: Athena fails a query on a longer line ("Line too long in text file"): 32 MB.
MAX_LINE_BYTES = 32 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


def text_lines(body: bytes, uri: str) -> list[bytes]:
    """The lines of an object, without their ends; LF, CRLF and a bare CR each end one.

    Args:
        body: the object's bytes, compressed if its name says so.
        uri: its address, for the error and for the compression that its ending names.

    Raises:
        QueryFailed: it is corrupt, truncated, compressed in an unknown way, or holds too long a line.
    """
    text = decompressed(body, uri).removeprefix(_BOM)
    lines = text.splitlines()
    if len(text) > MAX_LINE_BYTES and any(len(line) > MAX_LINE_BYTES for line in lines):
        raise QueryFailed("HIVE_BAD_DATA", f"Line too long in text file: {uri}")
    return lines


def decompressed(body: bytes, uri: str) -> bytes:
    """The decompressed bytes of an object; the ending of its name says how it is compressed."""
    ending = uri.rsplit(".", 1)[-1]
    if ending == "gz":
        return _gunzip(body, uri)
    if ending == "bz2":
        try:
            return bz2.decompress(body)
        except (OSError, EOFError, ValueError) as error:
            raise QueryFailed("HIVE_CURSOR_ERROR", f"Failed to read file at {uri}: {error}") from error
    if ending in ("snappy", "lz4", "zst", "zstd", "lzo", "deflate"):
        raise Refused(f"text compressed as .{ending} ({uri})")
    return body


def _gunzip(body: bytes, uri: str) -> bytes:
    try:
        return gunzip(body)
    except NoGzip as error:
        raise QueryFailed(
            "HIVE_CANNOT_OPEN_SPLIT",
            f"Error opening Hive split {uri} (offset=0, length={len(body)}): {error}",
        ) from error
    except CutShort as error:
        raise QueryFailed("HIVE_CURSOR_ERROR", f"Failed to read file at {uri}") from error
