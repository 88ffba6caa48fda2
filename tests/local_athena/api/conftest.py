"""A server of its own for what would disturb others."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from local_athena.server import LocalAthena
from tests.local_athena.conftest import House, Servers, make_house

_numbers = itertools.count()


@pytest.fixture
def own_server(servers: Servers) -> Iterator[House]:
    """A server of its own, for limits that would disturb others."""
    with LocalAthena(servers.aws_url) as athena:
        yield make_house(Servers(servers.aws_url, athena), f"own-{next(_numbers)}")
