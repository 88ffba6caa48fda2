"""Lists objects and folders of S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def list_objects(s3: S3Client, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """S3's entry of each object below a prefix (`Key`, `ETag`, `Size`, …), in the order of the keys."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from cast("list[dict[str, Any]]", page.get("Contents", []))


def list_folders(s3: S3Client, bucket: str, prefix: str) -> Iterator[str]:
    """The names of the folders directly below a prefix that ends with a slash, in order."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    for page in pages:
        for folder in page.get("CommonPrefixes", []):
            yield folder.get("Prefix", "").removeprefix(prefix).removesuffix("/")
