"""Reads and writes objects in S3, and mirrors them on disk by ETag, because DuckDB's wheel has no S3 client."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_athena.errors import QueryFailed

#: How many requests run in parallel; enough to hide the latency of the endpoint.
_PARALLEL_FETCHES = 8
#: Above this number of objects, one listing is cheaper than one request for each object.
_LISTING_PAYS = 8
#: The content type that S3 gives to an object that was put without one.
DEFAULT_CONTENT_TYPE = "binary/octet-stream"


@dataclass(frozen=True)
class S3Object:
    """An object in a listing; its size is in bytes."""

    bucket: str
    key: str
    size: int
    etag: str
    modified: dt.datetime

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]


def split_uri(uri: str) -> tuple[str, str]:
    """The bucket and key of an `s3://` URI.

    Raises:
        QueryFailed: the text is not an S3 URI.
    """
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise QueryFailed("INVALID_PROPERTY", f"{uri!r} is not an S3 location")
    return bucket, key


class ObjectStore:
    """S3 at one endpoint, with a mirror of the objects that were read."""

    def __init__(self, client: Any, mirror: Path) -> None:
        self._client = client
        self._mirror = mirror
        self._pool = ThreadPoolExecutor(_PARALLEL_FETCHES, thread_name_prefix="local-athena-s3")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def list(self, bucket: str, prefix: str) -> list[S3Object]:
        """All objects under a prefix, sorted by key.

        Raises:
            QueryFailed: the bucket does not exist.
        """
        objects = []
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                objects += [
                    S3Object(bucket, item["Key"], item["Size"], item["ETag"], item["LastModified"])
                    for item in page.get("Contents", [])
                ]
        except ClientError as error:
            raise _as_failure(error, f"s3://{bucket}/{prefix}") from error
        return objects

    def fetch(self, item: S3Object) -> Path:
        """Mirror an object unless it is mirrored already, and return the file with its bytes.

        Raises:
            QueryFailed: the object does not exist any more.
        """
        path = self._path(item.bucket, item.key, item.etag)
        if not path.exists():
            self._write(path, self.read(item.bucket, item.key))
        return path

    def fetch_all(self, items: Iterable[S3Object]) -> list[Path]:
        """Call `fetch` for many objects in parallel."""
        return list(self._pool.map(self.fetch, items))

    def read(self, bucket: str, key: str) -> bytes:
        """The current bytes of an object, read without the mirror.

        Raises:
            QueryFailed: the object or the bucket does not exist.
        """
        try:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise _as_failure(error, f"s3://{bucket}/{key}") from error

    def write(self, bucket: str, key: str, body: bytes, content_type: str = DEFAULT_CONTENT_TYPE) -> None:
        """Put an object.

        Raises:
            QueryFailed: the bucket does not exist.
        """
        try:
            self._client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        except ClientError as error:
            raise _as_failure(error, f"s3://{bucket}/{key}") from error

    def write_all(self, bucket: str, objects: Mapping[str, tuple[bytes, str]]) -> None:
        """Put several objects in parallel; `objects` holds the bytes and the content type of each by key."""
        list(self._pool.map(lambda item: self.write(bucket, item[0], *item[1]), objects.items()))

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete objects. Missing objects are ignored."""
        pending = list(keys)
        for start in range(0, len(pending), 1000):
            batch = [{"Key": key} for key in pending[start : start + 1000]]
            self._client.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})

    def missing(self, uris: Sequence[str], folder: str) -> list[str]:
        """The URIs of objects that do not exist.

        Args:
            uris: the URIs to check; all are inside the folder.
            folder: the URI of a folder. Many URIs are checked with one listing of it instead of one request each.
        """
        if len(uris) > _LISTING_PAYS:
            bucket, prefix = split_uri(folder)
            present = {item.key for item in self.list(bucket, prefix)}
            return [uri for uri in uris if split_uri(uri)[1] not in present]
        exist = self._pool.map(self._exists, uris)
        return [uri for uri, exists in zip(uris, exist, strict=True) if not exists]

    def _exists(self, uri: str) -> bool:
        bucket, key = split_uri(uri)
        try:
            self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NoSuchBucket"):
                return False
            raise _as_failure(error, uri) from error
        return True

    def immutable(self, uri: str) -> Path:
        """The mirrored file of an object that is never overwritten, such as a metadata file of Iceberg.

        Raises:
            QueryFailed: the object or the bucket does not exist.
        """
        bucket, key = split_uri(uri)
        path = self._path(bucket, key, "immutable")
        if not path.exists():
            self._write(path, self.read(bucket, key))
        return path

    def write_immutable(self, uri: str, body: bytes) -> None:
        """Put an object that is never overwritten, and mirror it."""
        bucket, key = split_uri(uri)
        self.write(bucket, key, body)
        self._write(self._path(bucket, key, "immutable"), body)

    def _path(self, bucket: str, key: str, version: str) -> Path:
        digest = hashlib.sha256(f"{bucket}/{key}@{version}".encode()).hexdigest()
        return self._mirror / digest[:2] / digest[2:]

    def _write(self, path: Path, body: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two queries may fetch the same object at once. The rename puts a complete file in place in either case.
        part = path.with_suffix(f".{threading.get_ident()}")
        part.write_bytes(body)
        part.replace(path)


def _as_failure(error: ClientError, uri: str) -> QueryFailed:
    code = error.response.get("Error", {}).get("Code", "")
    if code in ("NoSuchKey", "404"):
        return QueryFailed(
            "HIVE_CANNOT_OPEN_SPLIT", f"Error opening Hive split {uri}: the object does not exist"
        )
    return QueryFailed("", f"{error} (Path: {uri})")


def client(service: str, endpoint_url: str, region: str) -> Any:
    """A boto3 client for an endpoint. It uses dummy credentials if the environment has none."""
    session: Any = boto3.session.Session(
        aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "local"),
        aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "local"),
        aws_session_token=os.environ.get("AWS_SESSION_TOKEN"),
        region_name=region,
    )
    config = Config(
        s3={"addressing_style": "path"},
        max_pool_connections=32,
        retries={"mode": "standard", "max_attempts": 3},
    )
    return session.client(service, endpoint_url=endpoint_url, config=config)


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A temporary folder for the server's files."""
    return tempfile.TemporaryDirectory(prefix="local-athena-", ignore_cleanup_errors=True)
