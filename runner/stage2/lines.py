"""An S3 object of any size as numbered lines, in memory that does not grow with the object.

A line is what Trino's text reader takes for one: LF, CRLF and a bare CR each end it, and a UTF-8 byte
order mark at the start of the file is skipped.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from urllib3.exceptions import HTTPError

from runner.aws.errors import error_code
from runner.errors import MedLaunchError
from runner.telemetry import logger

if TYPE_CHECKING:
    import zlib

    from mypy_boto3_s3 import S3Client
else:
    try:
        from isal import isal_zlib as zlib
    except ImportError:  # no wheel for this machine: the same interface, three times slower
        import zlib

#: Bytes of one read. Larger reads cost memory and gain no speed.
READ_SIZE = 256 * 1024
#: Bytes of one piece of inflated data: what bounds memory when a small file inflates to a huge one.
INFLATE_SIZE = 512 * 1024
#: Athena fails a query on a longer line.
MAX_LINE_BYTES = 32 * 1024 * 1024
#: Bytes that are kept of a line over the limit.
HEAD_BYTES = 1024

#: What a line may end with. It is left on most lines, since to cut it off would copy the line once more.
LINE_ENDS = b"\r\n"

_BOM = b"\xef\xbb\xbf"
_GZIP = 31  # zlib's window bits for data in gzip format
MAX_FAILURES_IN_A_ROW = 6
FIRST_PAUSE_SECONDS = 0.1
_GONE = frozenset({"NoSuchKey", "404"})
_DENIED = frozenset({"AccessDenied", "403"})
_CHANGED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})


class ObjectNotRead(MedLaunchError):
    """S3 would not hand an object over."""


class ObjectGone(MedLaunchError):
    """The object was deleted before it had been read."""


class ObjectChanged(MedLaunchError):
    """The object was replaced while it was read, or came damaged: what was read of it does not count."""


class CorruptGzip(MedLaunchError):
    """A .gz object is not gzip data, is damaged, or ends early."""


class Lines(NamedTuple):
    """Lines in a row, some still with their line ends; `first` is the number of the first, counted from 1.

    The list is its reader's own.
    """

    first: int
    lines: list[bytes]


class OverlongLine(NamedTuple):
    """A line over the limit: its number, how it starts, and how many bytes it has."""

    number: int
    head: bytes
    length: int


def read_lines(pieces: Iterable[bytes], key: str) -> Iterator[Lines | OverlongLine]:
    """The lines of an object's bytes; of an object whose key ends in .gz, of what is in it.

    Raises:
        CorruptGzip: after the lines before the damage.
    """
    return split_lines(inflate(pieces) if key.endswith(".gz") else pieces)


def read_object(s3: S3Client, bucket: str, key: str) -> Iterator[bytes]:
    """The bytes of one version of an object, in pieces.

    A read that breaks goes on where it broke, on condition that the object is still the same; so what
    has been handed out is never handed out again.

    Raises:
        ObjectGone: there is no such object (any more).
        ObjectChanged: the object was replaced or came damaged after its first bytes.
        ObjectNotRead: S3 refused, or the read kept breaking.
    """
    offset = size = failures = 0
    etag = ""
    while True:
        resume: dict[str, Any] = {"IfMatch": etag, "Range": f"bytes={offset}-"} if offset else {}
        try:
            response = s3.get_object(Bucket=bucket, Key=key, **resume)
            if not offset:
                etag, size = response["ETag"], response["ContentLength"]
            with closing(response["Body"]) as body:
                while piece := body.read(READ_SIZE):
                    offset += len(piece)
                    failures = 0
                    yield piece
            return
        except ClientError as error:
            raise _refusal(s3, bucket, key, error) from error
        except FlexibleChecksumError as error:
            raise ObjectChanged(f"s3://{bucket}/{key} came damaged: {error}") from error
        except (BotoCoreError, HTTPError, OSError) as error:
            failures += 1
            if failures > MAX_FAILURES_IN_A_ROW:
                raise ObjectNotRead(
                    f"s3://{bucket}/{key} kept breaking at byte {offset}: {error}; run again later"
                ) from error
            logger.warning("a read broke", extra={"key": key, "offset": offset, "cause": str(error)})
            time.sleep(FIRST_PAUSE_SECONDS * 2**failures * random.uniform(0.5, 1))  # noqa: S311
            if offset and offset == size:
                return


def _refusal(s3: S3Client, bucket: str, key: str, error: ClientError) -> MedLaunchError:
    uri = f"s3://{bucket}/{key}"
    code = error_code(error)
    if code in _GONE or (code in _DENIED and not _is_listed(s3, bucket, key)):
        return ObjectGone(f"{uri} is not there")
    if code in _CHANGED:
        return ObjectChanged(f"{uri} was replaced while it was read")
    return ObjectNotRead(f"{uri} could not be read: {error}; check the object and the caller's rights")


def _is_listed(s3: S3Client, bucket: str, key: str) -> bool:
    """To a caller who may list only some prefixes, S3 denies access to a missing object."""
    try:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
    except (BotoCoreError, ClientError):
        return True
    return any(entry.get("Key") == key for entry in listed)


def inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The content of gzip data of one or more members, in pieces of bounded size.

    Zero bytes after a member are padding, as gzip itself takes them.

    Raises:
        CorruptGzip: the data is not gzip, is damaged, or ends inside a member.
    """
    member = None
    for piece in pieces:
        data = piece
        more_inside = False  # the decompressor holds content that did not fit
        while data or more_inside:
            if member is None:
                data = data.lstrip(b"\0")
                if not data:
                    break
                member = zlib.decompressobj(_GZIP)
            try:
                content = member.decompress(data, INFLATE_SIZE)
            except zlib.error as error:
                raise CorruptGzip(f"damaged gzip data: {error}") from error
            if content:
                yield content
            data = member.unused_data if member.eof else member.unconsumed_tail
            more_inside = len(content) == INFLATE_SIZE and not member.eof
            if member.eof:
                member = None
    if member is not None:
        raise CorruptGzip("gzip data ends early")


def split_lines(pieces: Iterable[bytes], limit: int = MAX_LINE_BYTES) -> Iterator[Lines | OverlongLine]:
    """Pieces of a file as lines, in order; none of a line over `limit` bytes is held but its start.

    `limit` must not be under the size of a piece.
    """
    number = 1
    tail = bytearray()  # the line that the next piece goes on with; over the limit: its start
    dropped = 0  # bytes of that line that are not in `tail`
    for piece in _without_bom(_with_whole_line_ends(pieces)):
        lines = _split(piece)
        unended = b"" if lines[-1].endswith((b"\n", b"\r")) else lines.pop()
        if lines:
            if tail:
                rest = lines[0].rstrip(LINE_ENDS)
                length = len(tail) + dropped + len(rest)
                if length > limit:
                    yield OverlongLine(number, (bytes(tail[:HEAD_BYTES]) + rest)[:HEAD_BYTES], length)
                    number += 1
                    del lines[0]
                else:
                    tail += rest
                    lines[0] = bytes(tail)
            # Before the lines are handed out, or a long one would be held twice.
            tail = bytearray()
            dropped = 0
            first = number
            number += len(lines)
            if lines:
                yield Lines(first, lines)
        tail += unended
        if len(tail) + dropped > limit:
            dropped += max(0, len(tail) - HEAD_BYTES)
            del tail[HEAD_BYTES:]
    if len(tail) + dropped > limit:
        yield OverlongLine(number, bytes(tail), len(tail) + dropped)
    elif tail:
        yield Lines(number, [bytes(tail)])


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
