"""Fetches small objects ahead, before they are judged.

S3 takes tens of milliseconds to answer. Stage 2 judges tens of small files in that time. A large object is
not fetched ahead: it would gain little, and S3 closes a connection that waits for long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from runner.stage2.reading import READ_SIZE, read_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The number of objects that are fetched at a time.
OBJECTS_AHEAD = 6
#: The size in bytes of the largest object that is fetched ahead.
MAX_SIZE_AHEAD = 2 * READ_SIZE
#: The reads of an object of that size, and one more read that finds its end and frees the connection.
_READS = MAX_SIZE_AHEAD // READ_SIZE + 1


class Listed(Protocol):
    """An object of a listing."""

    @property
    def key(self) -> str:
        """The object's key."""
        ...

    @property
    def size(self) -> int:
        """The object's size in bytes."""
        ...


ListedObject = TypeVar("ListedObject", bound=Listed)


def fetch_ahead(
    s3: S3Client, bucket: str, objects: Iterable[ListedObject]
) -> Generator[tuple[ListedObject, Iterator[bytes]]]:
    """Each object with its bytes, in order.

    The bytes are in the pieces of `read_object`. Reading them raises the errors of `read_object`. If an
    object has grown since it was listed, only its first pieces are held.
    """
    waiting: deque[tuple[ListedObject, Iterator[bytes]]] = deque()
    pool = ThreadPoolExecutor(max_workers=OBJECTS_AHEAD)
    try:
        for each in objects:
            pieces = read_object(s3, bucket, each.key)
            if each.size <= MAX_SIZE_AHEAD:
                pieces = _started(pool.submit(_first_pieces, pieces), pieces)
            waiting.append((each, pieces))
            if len(waiting) > OBJECTS_AHEAD:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        pool.shutdown(cancel_futures=True)


def _first_pieces(pieces: Iterator[bytes]) -> list[bytes]:
    return list(islice(pieces, _READS))


def _started(first: Future[list[bytes]], rest: Iterator[bytes]) -> Iterator[bytes]:
    yield from first.result()
    yield from rest
