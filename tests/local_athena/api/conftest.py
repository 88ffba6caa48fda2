"""Fixtures for tests that need their own server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from local_athena.server import LocalAthena
from tests.local_athena.conftest import House, Servers, make_house

_numbers = itertools.count()


@pytest.fixture
def own_server(servers: Servers) -> Iterator[House]:
    """A separate server, for tests of limits that would disturb other tests."""
    with LocalAthena(servers.aws_url) as athena:
        yield make_house(Servers(servers.aws_url, athena), f"own-{next(_numbers)}")
