"""The servers on this machine answer this machine, and no web page that a browser shows on it."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from local_athena.api.local_only import refusal
from sandbox.local import Sandbox


@pytest.mark.parametrize(
    "host", ["127.0.0.1:5000", "localhost:5000", "localhost", "LOCALHOST:1", "[::1]:5000"]
)
@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:8080", "http://localhost:3000"])
def test_this_machine_is_answered(host: str, origin: str | None) -> None:
    assert refusal(host, origin) == ""


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("attacker.example:5000", None),
        ("127.0.0.1.attacker.example", None),
        ("localhost.attacker.example:5000", None),
        ("attacker@evil.example", None),
        ("169.254.169.254", None),
        ("[::1", None),
        ("", None),
        (None, None),
        ("127.0.0.1:5000", "https://attacker.example"),
        ("127.0.0.1:5000", "http://localhost.attacker.example"),
        ("127.0.0.1:5000", "null"),
        ("127.0.0.1:5000", ""),
    ],
)
def test_nobody_else_is(host: str | None, origin: str | None) -> None:
    assert refusal(host, origin)


@pytest.mark.slow
@pytest.mark.parametrize("service", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ATHENA"])
@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Host": "attacker.example"}, True),
        ({"Origin": "https://attacker.example"}, True),
    ],
)
def test_both_servers_check_what_they_are_asked_for(
    sandbox: Sandbox, service: str, headers: dict[str, str], *, refused: bool
) -> None:
    address = urlsplit(sandbox.environment[service])
    assert address.hostname == "127.0.0.1"
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 0)

    connection.request("POST", "/", body=b"{}", headers=headers)

    assert (connection.getresponse().status == 403) is refused
    connection.close()
