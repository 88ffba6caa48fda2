"""Splits a text object into lines as Trino's text reader does."""

from __future__ import annotations

import bz2

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.gzip_members import CutShort, NoGzip, gunzip

#: The longest line that Athena reads: 32 MiB. A longer line fails the query ("Line too long in text file").
MAX_LINE_BYTES = 32 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


def text_lines(body: bytes, uri: str) -> list[bytes]:
    """The lines of an object, without line ends. LF, CRLF and a bare CR end a line.

    Args:
        body: the object's bytes, possibly compressed.
        uri: the object's URI. Its extension names the compression.

    Raises:
        QueryFailed: the object is corrupt or truncated, or holds a line that is too long.
        Refused: local Athena does not read the compression.
    """
    text = decompressed(body, uri).removeprefix(_BOM)
    lines = text.splitlines()
    if len(text) > MAX_LINE_BYTES and any(len(line) > MAX_LINE_BYTES for line in lines):
        raise QueryFailed("HIVE_BAD_DATA", f"Line too long in text file: {uri}")
    return lines


def decompressed(body: bytes, uri: str) -> bytes:
    """The decompressed bytes of an object; its extension names the compression.

    Raises:
        QueryFailed: the object is corrupt or truncated.
        Refused: local Athena does not read the compression.
    """
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
