"""Tests the distribution `local-athena`: its pins, its command, and an example project that uses only its wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = tomllib.loads((ROOT / "local_athena/pyproject.toml").read_text("utf-8"))["project"]


def test_the_engines_versions_are_those_that_the_proofs_ran_on() -> None:
    locked = dict(
        re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "requirements/dev.txt").read_text("utf-8"), re.MULTILINE)
    )
    pinned = dict(
        re.findall(r"^([\w-]+)(?:\[.*\])?==(.+)$", "\n".join(PACKAGE["dependencies"]), re.MULTILINE)
    )

    assert set(pinned) == {"duckdb", "pyarrow", "pyiceberg", "sqlglot"}
    assert pinned == {name: locked[name] for name in pinned}


@pytest.mark.slow
def test_the_command_brings_everything_up_for_another_command(tmp_path: Path) -> None:
    log = tmp_path / "statements.jsonl"
    script = (
        "import boto3, time; a = boto3.client('athena')\n"
        "i = a.start_query_execution(QueryString='select 1 as n')['QueryExecutionId']\n"
        "while a.get_query_execution(QueryExecutionId=i)['QueryExecution']['Status']['State'] in ('QUEUED', 'RUNNING'):\n"
        "    time.sleep(0.05)\n"
        "print(a.get_query_results(QueryExecutionId=i)['ResultSet']['Rows'][1])\n"
        "raise SystemExit(3)\n"
    )
    command = [
        sys.executable,
        "-m",
        "local_athena",
        "--moto",
        "--log",
        str(log),
        "--",
        sys.executable,
        "-c",
        script,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 3, done.stderr
    assert done.stdout.strip() == "{'Data': [{'VarCharValue': '1'}]}"
    (line,) = map(json.loads, log.read_text("utf-8").splitlines())
    assert (line["state"], line["kind"], line["sql"], line["reason"]) == (
        "SUCCEEDED",
        "SELECT",
        "select 1 as n",
        "",
    )


@pytest.mark.parametrize(
    "arguments",
    [[], ["--moto", "--aws-endpoint-url", "http://127.0.0.1:1"], ["--aws-endpoint-url", "x", "--", "true"]],
)
def test_a_wrong_use_is_told(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local_athena", *arguments], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "local-athena: error: " in done.stderr


@pytest.mark.slow
def test_an_example_project_is_built_with_the_wheel_in_a_fresh_environment(tmp_path: Path) -> None:
    uv = [str(Path(sys.executable).with_name("uv"))]
    subprocess.run(
        [
            *uv,
            "build",
            "--quiet",
            "--wheel",
            "--no-build-isolation",
            "--out-dir",
            str(tmp_path),
            "local_athena",
        ],
        cwd=ROOT,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    fresh = tmp_path / "venv"
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(fresh)], check=True)
    packages = [f"local-athena[moto] @ {wheel.as_uri()}", "dbt-athena", "dbt-core<1.12", "pytest"]
    subprocess.run(
        [*uv, "pip", "install", "--quiet", "--python", str(fresh / "bin/python"), *packages], check=True
    )
    counted = "from local_athena.conformance.cases import recorded; print(sum(1 for _ in recorded()))"
    answers = subprocess.run(
        [str(fresh / "bin/python"), "-c", counted], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    # The command `local-athena conformance` finds Trino's answers in the wheel.
    assert int(answers.stdout) > 2000
    project = shutil.copytree(ROOT / "examples/bike_rental", tmp_path / "bike_rental")

    done = subprocess.run(
        [str(fresh / "bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", str(project)],
        cwd=project,
        env={
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "DBT_", "PYTEST_"))
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
