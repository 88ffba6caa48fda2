"""Rejects HTTP requests that come from another machine or from a web page of another site.

A web page can make a browser send requests to 127.0.0.1, either across origins or under the page's own host name
(DNS rebinding). The browser then sends the page's site in the Origin or the Host header.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def refusal(host: str | None, origin: str | None) -> str:
    """The reason why a request is rejected.

    Args:
        host: its Host header. All HTTP clients of AWS send it, so None is rejected.
        origin: its Origin header. Only browsers send it.

    Returns:
        The reason; empty if the request is accepted.
    """
    if not _is_loopback(f"//{host or ''}"):
        return f"the Host header is {host!r}, but this server is only called 127.0.0.1 or localhost"
    if origin is not None and not _is_loopback(origin):
        return f"the Origin header is {origin!r}, but this server rejects web pages of other origins"
    return ""


def for_this_machine(application: Any) -> Any:
    """Wrap a WSGI application so that it answers only requests from this machine. Other requests get status 403."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        refused = refusal(environ.get("HTTP_HOST"), environ.get("HTTP_ORIGIN"))
        if not refused:
            return application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
        return [refused.encode()]

    return answer


def is_loopback_address(host: str) -> bool:
    """Whether a server that listens on `host` is reachable only from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False
