"""Fixtures for tests that run the runner in virtual time; see `tests/simulator/virtual.py`."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from runner.telemetry import logger
from tests.simulator import histories


@pytest.fixture(scope="module", autouse=True)
def simulated() -> Iterator[None]:
    """Put the runner's modules into virtual time, and silence their logs: a simulation logs thousands of lines."""
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    with histories.simulated():
        yield
    logger.setLevel(level)
