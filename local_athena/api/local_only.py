"""Which HTTP requests a server on this machine answers: those of this machine, and of no web page.

A page of a foreign site can have a browser send requests to 127.0.0.1, under its own name by DNS rebinding or
across origins. The browser then tells of it in the Host or the Origin header.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def refusal(host: str | None, origin: str | None) -> str:
    """Why a request is not answered.

    Args:
        host: its Host header; no HTTP client of AWS leaves it out.
        origin: its Origin header, which only browsers send.

    Returns:
        The reason; empty if the request is of this machine.
    """
    if not _is_loopback(f"//{host or ''}"):
        return f"the Host header is {host!r}: this server answers as 127.0.0.1 or localhost only"
    if origin is not None and not _is_loopback(origin):
        return f"the Origin header is {origin!r}: this server answers no web page of another origin"
    return ""


def for_this_machine(application: Any) -> Any:
    """A WSGI application that answers only requests from this machine. It wraps an application that takes any Host and Origin."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        refused = refusal(environ.get("HTTP_HOST"), environ.get("HTTP_ORIGIN"))
        if not refused:
            return application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
        return [refused.encode()]

    return answer


def is_loopback_address(host: str) -> bool:
    """Whether a server that listens on a host can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False
