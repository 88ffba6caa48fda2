"""Tests the demo as a new user runs it: in another process, with its output piped."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runner.lake import registry

ROOT = Path(__file__).parents[2]


def run_demo(tree: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "demo", "--lake", str(tree)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def published(tree: Path, prefix: str) -> list[dict[str, str]]:
    """The rows of all CSVs under a prefix of the folder, one file per execution."""
    files = sorted((tree / registry()["prefixes"][prefix]).glob("run_ts=*/*.csv"))
    assert len(files) == 3
    return [row for file in files for row in csv.DictReader(file.read_text("utf-8").splitlines())]


@pytest.mark.slow
def test_the_demo_shows_and_leaves_every_stage(tmp_path: Path) -> None:
    tree = tmp_path / "lake"
    # The account that the caller's shell points at must not matter.
    result = run_demo(
        tree, AWS_PROFILE="no-such-profile", AWS_ENDPOINT_URL="http://127.0.0.1:1", COLUMNS="60"
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    assert "{" not in result.stdout
    assert "2025-08-13" in result.stdout
    tables, _, paths = result.stdout.partition("Open this next:")
    assert max(map(len, tables.splitlines())) <= 60
    for whole in (
        "undecided_accreditation 1",
        "missing_accreditations 1",
        "accredited_facilities_per_state/ ",
    ):
        assert whole in tables
    # A path stays on one line, so that it can be copied.
    assert f"{tree / registry()['prefixes']['prod_report']}/index.html\n" in paths

    written = {name for name, prefix in registry()["prefixes"].items() if any((tree / prefix).rglob("*.*"))}
    # Temporary tables are dropped by the run that created them.
    assert set(registry()["prefixes"]) - written <= {"dbt_temporary", "stage3_query_results"}

    states = published(tree, "prod_processed")
    rejects = published(tree, "prod_rejects")
    lines_of = {"2025-08-10": 20, "2025-08-11": 50, "2025-08-13": 6}
    for snapshot_date, lines in lines_of.items():
        counted = sum(int(row["facility_count"]) for row in states if row["snapshot_date"] == snapshot_date)
        rejected = sum(row["snapshot_date"] == snapshot_date for row in rejects)
        assert counted + rejected == lines


def test_the_demo_does_not_empty_a_folder_that_it_did_not_make(tmp_path: Path) -> None:
    kept = tmp_path / "thesis.txt"
    kept.write_text("years of work")
    result = run_demo(tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1
    assert kept.read_text() == "years of work"
