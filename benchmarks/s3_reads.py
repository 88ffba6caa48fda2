"""Reports each GET that the lake's S3 (moto) answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def watch_gets(seen: Callable[[str, int], None]) -> None:
    """From now on, report each GET of an object.

    The requests are counted, because moto looks an object up more than once for a request.

    Args:
        seen: is called with the object's key and its size in bytes.
    """
    from moto.s3.responses import S3Response

    get_object: Callable[[S3Response], Any] = S3Response.get_object

    def watching(response: S3Response) -> Any:
        status, headers, body = get_object(response)
        seen(response.parse_key_name(), int(headers.get("content-length", len(body))))
        return status, headers, body

    S3Response.get_object = watching  # type: ignore[method-assign]
