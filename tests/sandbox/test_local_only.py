"""Tests that the servers on this machine answer only this machine, and no web page in a browser on it."""

from __future__ import annotations

import http.client
import sys
from urllib.parse import urlsplit

import pytest

from local_athena import command
from local_athena.api.local_only import is_loopback_address, refusal
from local_athena.kit import LocalAws
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


@pytest.mark.slow
@pytest.mark.parametrize("headers", [{"Host": "attacker.example"}, {"Origin": "https://attacker.example"}])
def test_the_moto_beside_local_athenas_own_command_checks_too(headers: dict[str, str]) -> None:
    with LocalAws() as aws:
        address = urlsplit(aws.aws_url)
        connection = http.client.HTTPConnection("127.0.0.1", address.port or 0)
        connection.request("GET", "/", headers=headers)
        assert connection.getresponse().status == 403
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_addresses_of_this_machine(host: str) -> None:
    assert is_loopback_address(host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.0.1", "", "localhost.example", "laptop"],  # noqa: S104 - never bound
)
def test_local_athena_listens_on_no_address_that_others_reach(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["local-athena", "--moto", "--host", host])

    with pytest.raises(SystemExit) as ended:
        command.main()

    assert ended.value.code == 2
    assert "--in-container" in capsys.readouterr().err
