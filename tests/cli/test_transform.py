"""Tests `medlaunch transform` and related commands as a user calls them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from cli import main as cli
from runner.errors import UsageError
from runner.lake import prefix
from runner.tables.stage_tables import STAGE1
from sandbox.local import Sandbox
from tests.pipeline.facts import facility, initialised_lake

if TYPE_CHECKING:
    from tests.conftest import Lake

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("transform")]


@pytest.fixture(scope="module")
def ready(sandbox: Sandbox) -> Iterator[Lake]:
    """A lake after `medlaunch init`, with three dates."""
    with pytest.MonkeyPatch.context() as patch:
        lake = initialised_lake(sandbox, patch, "command-tests")
        land_three_dates(lake)
        yield lake


def land_three_dates(lake: Lake) -> None:
    lake.put_bronze("2025-08-10", "a.jsonl", [facility(1), "bad"])
    lake.put_bronze("2025-08-12", "a.jsonl", [facility(1), facility(2)])
    lake.put_bronze("2025-08-20", "a.jsonl", [facility(3)])


def medlaunch(*arguments: str) -> None:
    """Call the command in this process. Its errors are raised as exceptions."""
    cli.app(["transform", *arguments], standalone_mode=False)


def built(lake: Lake) -> dict[str, int]:
    rows = lake.query(f"select snapshot_date, count(*) as n from {STAGE1} group by 1")
    return {str(row["snapshot_date"]): row["n"] for row in rows}


def test_a_dry_run_shows_dates_files_bytes_and_models_and_writes_nothing(
    ready: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    before = ready.keys()
    medlaunch("--from", "2025-08-10", "--to", "2025-08-12", "--dry-run")
    text = capsys.readouterr().out
    size = len(facility(1)) + len("bad") + 2
    assert ["2025-08-10", "1", str(size), "rebuild"] in [
        line.replace("│", " ").split() for line in text.splitlines()
    ]
    assert STAGE1 in text
    assert ready.keys() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name dates in one way"),
        (["--all", "--snapshot-date", "2025-08-10"], "name dates in one way"),
        (["--from", "2025-08-12", "--to", "2025-08-10"], "lies after"),
        (["--from", "2026-01-01"], "no date folder in that range"),
        (["--snapshot-date", "2025-08-11"], "2025-08-11/ has no record files.*--allow-empty"),
        (["--snapshot-date", "2025-08-11", "--dry-run"], "has no record files"),
        (["--snapshot-date", "2025-08-10", "--full-refresh"], "with --all only"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error_of_one_line(
    ready: Lake, arguments: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as failure:
        medlaunch(*arguments)
    assert failure.value.exit_code == 2
    assert "\n" not in str(failure.value)


def test_dates_ranges_and_all(ready: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    medlaunch("--snapshot-date", "2025-08-10", "--snapshot-date", "2025-08-12", "--json")
    result = json.loads(capsys.readouterr().out)
    assert result["built"] == ["2025-08-10", "2025-08-12"]
    assert result["counts"]["stage1"] == {"curated": 3, "rejected": 1}

    medlaunch("--from", "2025-08-11", "--to", "2025-08-31", "--json")
    result = json.loads(capsys.readouterr().out)
    assert (result["snapshot_dates"], result["built"]) == (["2025-08-12", "2025-08-20"], ["2025-08-20"])

    medlaunch("--from", "2025-08-11", "--to", "2025-08-31")
    assert "nothing to do" in capsys.readouterr().out

    ready.delete(f"{prefix('bronze')}/2025-08-20/a.jsonl")
    medlaunch("--all")
    text = capsys.readouterr().out
    assert "built 2025-08-20" in text
    assert "Athena queries" in text
    assert built(ready) == {"2025-08-10": 1, "2025-08-12": 2}

    medlaunch("--all", "--full-refresh")
    assert built(ready) == {"2025-08-10": 1, "2025-08-12": 2}
