"""The one place that makes AWS clients."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

from runner.errors import SettingsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The number of attempts of one call, the first included. Throttling and broken connections end within
#: seconds.
_ATTEMPTS = 8
#: More connections than Stage 2 uses for its reads and writes at a time.
_MAX_CONNECTIONS = 16


@cache
def _process_session() -> boto3.Session:
    """The process's only session. It keeps the service models, whose parsing is slow."""
    return boto3.Session()


def make_client(service: str, region_name: str | None = None, session: boto3.Session | None = None) -> Any:
    """A new client. It retries throttling and broken connections by itself.

    Args:
        service: boto3's name of the service, such as `s3`.
        region_name: by default the region of the session or of the environment. boto3 itself reads only
            AWS_DEFAULT_REGION. Other AWS tools also read AWS_REGION.
        session: whose credentials to use; by default those of the environment.

    Raises:
        SettingsError: an endpoint in the environment is not a URL.
    """
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}, max_pool_connections=_MAX_CONNECTIONS
    )
    maker = cast("Any", session or _process_session())
    if session is None:
        region_name = region_name or os.environ.get("AWS_REGION") or None
    try:
        return maker.client(service, region_name=region_name, config=config)
    except ValueError as error:
        raise SettingsError(
            f"AWS_ENDPOINT_URL, or the one for {service}: {error}: it takes a URL such as http://127.0.0.1:4566"
        ) from error


@cache
def s3_client() -> S3Client:
    """The S3 client that this process shares among its threads."""
    return make_client("s3")
