"""Tests the walls between the packages that pyproject.toml defines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_import_walls_hold() -> None:
    result = subprocess.run(["lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_runner_loads_nothing_of_the_local_tools() -> None:
    """The code that Lambda imports must work where moto, DuckDB and similar packages are not installed."""
    program = (
        "import sys, pkgutil, importlib, runner\n"
        "names = [module.name for module in pkgutil.walk_packages(runner.__path__, 'runner.')]\n"
        "for name in names: importlib.import_module(name)\n"
        "local = {'sandbox', 'local_athena', 'moto', 'duckdb', 'pyiceberg', 'faker', 'sqlglot'}\n"
        "print(sorted(local & set(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "", "DATA_BUCKET": "any", "AWS_DEFAULT_REGION": "us-east-1"},
    )
    assert result.stdout.strip() == "[]"
