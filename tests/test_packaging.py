"""Tests that no wheel can be built, because it would lack the dbt project. The project is used from a checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_wheel_is_refused_with_the_way_out(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "is used from a checkout" in done.stderr
    assert not list(tmp_path.iterdir())
