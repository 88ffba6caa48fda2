"""Tests the guides: each example, applied to a copy of the project, does what the guide says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner.settings import PROJECT_DIR

GUIDES = PROJECT_DIR / "docs" / "guides"
#: The heading of a step names the file; the code to insert follows the description of its place.
STEP = re.compile(r"^## \d+\. .*`(?P<file>[\w./-]+)`$", re.MULTILINE)
INSERTION = re.compile(
    r"^Insert (?:(?P<side>above|below) (?P<tick>`+)(?P<anchor>.+?)(?P=tick)|at the end):\n\n```\w+\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
FILE_NAME = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.\w+)`")
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")


@dataclass(frozen=True)
class Step:
    """A file to change, and the insertions that the guide shows."""

    file: str
    insertions: tuple[re.Match[str], ...]


def steps(guide: str) -> list[Step]:
    """The steps of a guide, in order."""
    text = (GUIDES / guide).read_text("utf-8")
    headings = list(STEP.finditer(text))
    found = []
    for heading in headings:
        end = text.find("\n## ", heading.end())
        found.append(Step(heading["file"], tuple(INSERTION.finditer(text, heading.end(), end))))
    return found


def apply(guide: str, root: Path) -> list[str]:
    """Make the changes of a guide, and return the changed files."""
    for step in steps(guide):
        path = root / step.file
        lines = path.read_text("utf-8").splitlines(keepends=True)
        for insertion in step.insertions:
            at = len(lines)
            if insertion["anchor"]:
                places = [
                    number for number, line in enumerate(lines) if line.rstrip("\n") == insertion["anchor"]
                ]
                assert len(places) == 1, f"{step.file} has {len(places)} lines {insertion['anchor']!r}"
                at = places[0] + (insertion["side"] == "below")
            lines[at:at] = insertion["code"].splitlines(keepends=True)
        path.write_text("".join(lines), "utf-8")
    return [step.file for step in steps(guide)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project."""
    ignored = shutil.ignore_patterns(
        ".*_cache", ".git", ".hypothesis", ".venv", "__pycache__", "cdk.out", "target"
    )
    return Path(shutil.copytree(PROJECT_DIR, tmp_path / "project", ignore=ignored))


def run(project: Path, *arguments: str) -> str:
    """Run Python in the copy, which comes before the original on the path, and return its output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def run_tests(project: Path, *tests: str) -> str:
    return run(project, "-m", "pytest", "-n", "0", "-v", "-p", "no:cacheprovider", *tests)


@pytest.mark.slow
def test_a_rule_is_added_in_five_files(project: Path) -> None:
    assert apply("add-a-reject-rule.md", project) == [
        "dbt_project.yml",
        "models/staging/stg_facilities.sql",
        "models/staging/stg_facilities.yml",
        "runner/rules.py",
        "tests/cases/reject_cases.jsonl",
    ]
    told = run_tests(
        project,
        "tests/runner/test_rules.py",
        "tests/pipeline/test_verdict_parity.py::test_sql_gives_every_case_its_codes",
        "tests/pipeline/test_dbt_project.py::test_every_rule_has_column_predicate_description_and_case",
        "tests/pipeline/test_dbt_project.py::test_unit_tests_pass",
    )
    assert "test_a_case_gets_its_codes[zip of four digits-1] PASSED" in told


@pytest.mark.slow
def test_a_column_is_added_in_two_files(project: Path) -> None:
    assert apply("add-a-column.md", project) == [
        "models/stage1/stage1_facility_metrics.sql",
        "models/stage1/stage1_facility_metrics.yml",
    ]
    run_tests(
        project,
        "tests/pipeline/test_dbt_project.py::test_unit_tests_pass",
        "tests/pipeline/test_dbt_project.py::test_everything_is_documented",
    )


@pytest.mark.slow
def test_a_function_is_allowed_once_trino_has_answered(project: Path) -> None:
    allowed = project / "local_athena" / "compiler" / "proven.txt"
    assert "radians(double)" not in allowed.read_text("utf-8").splitlines()
    apply("add-an-athena-function.md", project)
    run(project, "-m", "tests.local_athena.proof")
    assert "radians(double)" in allowed.read_text("utf-8").splitlines()


def documents() -> list[Path]:
    return [PROJECT_DIR / "README.md", *sorted((PROJECT_DIR / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_the_files_that_a_document_names_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    linked = [(document.parent / link).resolve() for link in LINK.findall(text)]
    # Links that leave the project lead to pages of the site that hosts the repository.
    linked = [path for path in linked if path.is_relative_to(PROJECT_DIR)]
    # Keys of the lake look like files, but do not start with a folder of the project.
    names = [name for name in FILE_NAME.findall(text) if (PROJECT_DIR / name.split("/")[0]).is_dir()]
    named = [PROJECT_DIR / name for name in names]
    assert [str(path) for path in [*linked, *named] if not path.exists()] == []
