"""Fixtures: the synthesised templates, once per worker, and the state machine on a lake, once per module."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from infra.app import build
from runner.settings import Settings
from runner.tables.initialise import initialise
from sandbox.local import Sandbox
from sandbox.state_machine import StateMachine
from tests.conftest import Lake
from tests.infra.executions import Alerts, subscribe
from tests.infra.template import Template


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the cloud assembly. Synthesis fails if a check of the AWS Solutions pack fails."""
    folder = tmp_path_factory.mktemp("assembly")
    build(outdir=str(folder)).synth()
    return folder


@pytest.fixture(scope="session")
def data(assembly: Path) -> Template:
    return Template(_read(assembly, "MedLaunchLake"))


@pytest.fixture(scope="session")
def pipeline(assembly: Path) -> Template:
    return Template(_read(assembly, "MedLaunchPipeline"))


def _read(assembly: Path, stack: str) -> dict[str, Any]:
    return json.loads((assembly / f"{stack}.template.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def machine(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[StateMachine]:
    """A state machine on a ready lake, without waits between retries. Each test uses its own date."""
    name = request.module.__name__.rpartition("test_")[2]
    environment = sandbox.create_lake(name.replace("_", "-"), name)
    with (
        mock.patch.object(retrier_decl, "time", SimpleNamespace(sleep=lambda _: None)),
        StateMachine(environment) as running,
    ):
        initialise(Settings.from_environment())
        yield running


@pytest.fixture(scope="module")
def lake(sandbox: Sandbox, machine: StateMachine) -> Lake:
    """The state machine's lake."""
    return Lake(sandbox, machine.environment)


_days = itertools.count(1)


@pytest.fixture
def day(lake: Lake) -> str:
    """A snapshot date that no other test uses, in a lake for which no stopped query may still commit."""
    lake.forget_stopped_queries()
    return (date(2025, 8, 10) + timedelta(next(_days))).isoformat()


@pytest.fixture
def alerts(machine: StateMachine, sandbox: Sandbox) -> Alerts:
    """The alerts that the state machine sends from now on."""
    return subscribe(sandbox, machine)
