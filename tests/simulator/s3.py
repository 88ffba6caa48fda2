"""Simulates the parts of S3 that the runner uses: conditional writes, copies, listings, multipart uploads."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.simulator.cloud import Answer, Call, ServiceError, http_date

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """An object. S3 shows its time in whole seconds; here the exact time is kept."""

    body: bytes
    etag: str
    modified: float
    metadata: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def headers(self) -> dict[str, str]:
        return {
            "etag": self.etag,
            "last-modified": http_date(int(self.modified)),
            **{f"x-amz-meta-{name}": value for name, value in self.metadata.items()},
        }


class S3:
    """The objects of each bucket.

    Args:
        clock: the current time, in seconds since 1970.
        written: called for every write with the key, the object before and the object now.
    """

    def __init__(
        self, clock: Callable[[], float], written: Callable[[str, Stored | None, Stored], None]
    ) -> None:
        self._clock = clock
        self._written = written
        self.objects: dict[str, Stored] = {}
        self._uploads: dict[str, dict[int, bytes]] = {}

    def put(self, key: str, body: bytes, metadata: dict[str, str] | None = None) -> Stored:
        """Store an object."""
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        before, stored = self.objects.get(key), Stored(body, etag, self._clock(), metadata or {})
        self.objects[key] = stored
        self._written(key, before, stored)
        return stored

    def delete(self, key: str) -> None:
        """Delete an object, if it exists."""
        self.objects.pop(key, None)

    def keys(self, prefix: str = "") -> list[str]:
        """The keys under a prefix, sorted."""
        return sorted(key for key in self.objects if key.startswith(prefix))

    def handle(self, call: Call) -> Answer:
        query, method = call.input, call.operation
        if method == "POST" and "delete" in query:
            return self._delete_objects(call)
        if "uploads" in query or "uploadId" in query:
            return self._multipart(call)
        if not call.key:
            if "location" in query:
                return Answer(b"<LocationConstraint/>")
            return self._list(call)
        if method in ("GET", "HEAD"):
            return self._get(call)
        if method == "DELETE":
            if "if-match" in call.headers:
                self._check(call)
            self.delete(call.key)
            return Answer(status=204)
        if "x-amz-copy-source" in call.headers:
            return self._copy(call)
        self._check(call)
        stored = self.put(call.key, call.body, _metadata(call))
        return Answer(headers={"etag": stored.etag})

    def _check(self, call: Call) -> None:
        """Check the conditions of a write."""
        found = self.objects.get(call.key)
        if "if-none-match" in call.headers and found is not None:
            raise ServiceError("PreconditionFailed", "the object exists", 412)
        if wanted := call.headers.get("if-match"):
            if found is None:
                raise ServiceError("NoSuchKey", call.key, 404)
            if found.etag.strip('"') != wanted.strip('"'):
                raise ServiceError("PreconditionFailed", "the ETag differs", 412)

    def _found(self, key: str) -> Stored:
        if key not in self.objects:
            raise ServiceError("NoSuchKey", key, 404)
        return self.objects[key]

    def _get(self, call: Call) -> Answer:
        stored = self._found(call.key)
        if (wanted := call.headers.get("if-match")) and stored.etag.strip('"') != wanted.strip('"'):
            raise ServiceError("PreconditionFailed", "the ETag differs", 412)
        body, status, headers = stored.body, 200, dict(stored.headers)
        if asked := call.headers.get("range"):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start = len(body) - int(last) if not first else int(first)
            end = len(body) if not first or not last else int(last) + 1
            if start >= len(body):
                raise ServiceError("InvalidRange", asked, 416)
            headers["content-range"] = f"bytes {start}-{min(end, len(body)) - 1}/{len(body)}"
            body, status = body[start:end], 206
        if call.operation == "HEAD":
            return Answer(b"", status, {**headers, "content-length": str(len(body))})
        return Answer(body, status, headers)

    def _copy(self, call: Call) -> Answer:
        source = unquote(call.headers["x-amz-copy-source"]).lstrip("/").partition("?")[0]
        stored = self._found(source.partition("/")[2])
        wanted = call.headers.get("x-amz-copy-source-if-match")
        if wanted and stored.etag.strip('"') != wanted.strip('"'):
            raise ServiceError("PreconditionFailed", "the source's ETag differs", 412)
        self._check(call)
        replaces = call.headers.get("x-amz-metadata-directive") == "REPLACE"
        copied = self.put(call.key, stored.body, _metadata(call) if replaces else stored.metadata)
        return Answer(
            f"<CopyObjectResult><ETag>{escape(copied.etag)}</ETag>"
            f"<LastModified>{_iso(copied.modified)}</LastModified></CopyObjectResult>".encode()
        )

    def _delete_objects(self, call: Call) -> Answer:
        root = ElementTree.fromstring(call.body)
        for element in root.iter():
            if element.tag.endswith("Key"):
                self.delete(element.text or "")
        return Answer(b"<DeleteResult></DeleteResult>")

    def _list(self, call: Call) -> Answer:
        query = call.input
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        after = query.get("continuation-token", query.get("marker", ""))
        page = list(self._entries(prefix, delimiter, after))
        shown, rest = page[:_PAGE], page[_PAGE:]
        xml = [f"<IsTruncated>{'true' if rest else 'false'}</IsTruncated>"]
        if rest:
            xml.append(f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>")
        for entry in shown:
            if entry.endswith("\0"):
                xml.append(f"<CommonPrefixes><Prefix>{escape(entry[:-1])}</Prefix></CommonPrefixes>")
                continue
            stored = self.objects[entry]
            xml.append(
                f"<Contents><Key>{escape(entry)}</Key><ETag>{escape(stored.etag)}</ETag>"
                f"<Size>{len(stored.body)}</Size><LastModified>{_iso(stored.modified)}</LastModified></Contents>"
            )
        return Answer(f"<ListBucketResult>{''.join(xml)}</ListBucketResult>".encode())

    def _entries(self, prefix: str, delimiter: str, after: str) -> Iterator[str]:
        """The keys, and common prefixes (marked by a NUL at the end), sorted."""
        last = ""
        for key in self.keys(prefix):
            entry = key
            if delimiter and delimiter in key[len(prefix) :]:
                entry = key[: key.index(delimiter, len(prefix)) + len(delimiter)] + "\0"
            if entry != last and entry > after:
                yield entry
            last = entry

    def _multipart(self, call: Call) -> Answer:
        query = call.input
        if "uploads" in query:
            upload = f"upload-{len(self._uploads)}"
            self._uploads[upload] = {}
            return Answer(
                f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>".encode()
            )
        parts = self._uploads.get(query["uploadId"])
        if parts is None:
            raise ServiceError("NoSuchUpload", query["uploadId"], 404)
        if call.operation == "PUT":
            parts[int(query["partNumber"])] = call.body
            return Answer(headers={"etag": f'"{len(parts)}"'})
        del self._uploads[query["uploadId"]]
        if call.operation == "DELETE":
            return Answer(status=204)
        self._check(call)
        stored = self.put(call.key, b"".join(parts[number] for number in sorted(parts)))
        return Answer(
            f"<CompleteMultipartUploadResult><ETag>{escape(stored.etag)}</ETag></CompleteMultipartUploadResult>".encode()
        )


def _metadata(call: Call) -> dict[str, str]:
    head = "x-amz-meta-"
    return {name[len(head) :]: value for name, value in call.headers.items() if name.startswith(head)}


def _iso(when: float) -> str:
    return _iso_of(int(when))


@lru_cache(10_000)
def _iso_of(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
