"""A lake on this machine as a newcomer uses it: land files of one's own, look at the rows and the rejects."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.main import run
from runner.lake import prefix
from sandbox.event_path import EventPath
from sandbox.local import Sandbox
from tests.pipeline.facts import facility, initialised_lake

if TYPE_CHECKING:
    from tests.conftest import Lake

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("living lake")]

DAY = "2025-08-10"


@pytest.fixture(scope="module")
def told() -> list[str]:
    """The lines that the event path prints."""
    return []


@pytest.fixture(scope="module")
def living_lake(sandbox: Sandbox, told: list[str]) -> Iterator[EventPath]:
    """An initialised lake in which what lands is built."""
    with pytest.MonkeyPatch.context() as patch:
        lake = initialised_lake(sandbox, patch, "living-lake")
        with EventPath(sandbox, lake.environment, told.append) as path:
            yield path


@pytest.fixture
def inside(living_lake: EventPath, monkeypatch: pytest.MonkeyPatch) -> EventPath:
    """This process's environment is that of a command in the lake."""
    for name, value in living_lake.environment.items():
        monkeypatch.setenv(name, value)
    return living_lake


def test_what_lands_is_built_published_and_shown(
    inside: EventPath, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text("\n".join([facility(1), facility(2), facility(3), "not a record"]) + "\n")

    assert run(["land", str(mine), "--date", DAY]) == 0
    out = capsys.readouterr().out
    assert f"landed s3://{inside.environment['DATA_BUCKET']}/{prefix('bronze')}/{DAY}/mine.jsonl" in out
    assert "Stage 1: 3 facilities, 1 rejects" in out
    assert "Stage 1: malformed_json: not a record" in out

    states = [line.split()[-1] for line in told if line.split()[1:2] == [DAY]]
    assert states == ["ValidateEvent", "RunStage3", "CheckCounts", "CopyProcessed", "CopyRejects", "Success"]

    assert run(["show", "stage1_facility_metrics", "--date", DAY, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["facility_id"] for row in rows] == [json.loads(facility(n))["facility_id"] for n in (1, 2, 3)]

    assert run(["show", "stage1_facility_metrics_rejects", "--limit", "1", "--format", "csv"]) == 0
    assert "not a record" in capsys.readouterr().out


def test_the_date_may_come_from_the_records(
    inside: EventPath, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads(facility(1)) | {"snapshot_date": "2025-08-12"}
    mine = tmp_path / "mine.jsonl"
    mine.write_text(f"no record\n{json.dumps(record)}\n")
    assert run(["land", str(mine), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert list(result["dates"]) == ["2025-08-12"]
    [rejects] = result["rejects"].values()
    assert {(each["stage"], each["reason"]) for each in rejects} == {
        (1, "malformed_json"),
        (3, "malformed_json"),
    }


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("mine.json", "{}", "rename it"),
        ("_mine.jsonl", "{}", "rename it"),
        ("mine.jsonl", "{}\n[]\nnonsense\n", "say --date"),
        ("mine.jsonl.gz", "not gzip", "not a whole gzip file"),
    ],
)
def test_what_the_lake_would_not_read_does_not_land(
    inside: EventPath, tmp_path: Path, name: str, content: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / name
    mine.write_text(content)
    assert run(["land", str(mine)]) == 2
    assert named in capsys.readouterr().err


def test_the_output_of_a_command_in_the_lake_is_its_own() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cli.main", "local", "--", "echo", "mine"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "mine\n"), ended.stderr


def test_a_missing_bucket_is_named(
    lake: Lake, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_BUCKET", "no-such-bucket-anywhere")
    assert run(["transform", "--snapshot-date", DAY]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "no-such-bucket-anywhere" in err
