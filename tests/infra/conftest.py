"""The synthesised templates, once per worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.app import build
from tests.infra.template import Template


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the cloud assembly; synthesis fails if a check of the AWS Solutions pack does."""
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
