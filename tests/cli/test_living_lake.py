"""Tests a lake on this machine as a new user uses it: land own files, and look at the rows and the rejects."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.main import run
from cli.status import DateStatus, to_do_for_date
from runner.lake import prefix
from runner.lease.leased_run import leased_run
from runner.settings import Settings
from sandbox.event_path import EventPath
from sandbox.local import Sandbox
from tests.infra.executions import PUBLISHED
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
    """An initialised lake that builds what lands."""
    with pytest.MonkeyPatch.context() as patch:
        lake = initialised_lake(sandbox, patch, "living-lake")
        with EventPath(sandbox, lake.environment, told.append) as path:
            yield path


@pytest.fixture
def lake_files(sandbox: Sandbox, living_lake: EventPath) -> Lake:
    """The objects in the living lake."""
    from tests.conftest import Lake

    return Lake(sandbox, living_lake.environment)


@pytest.fixture
def inside(living_lake: EventPath, monkeypatch: pytest.MonkeyPatch) -> EventPath:
    """Give this process the environment of a command in the lake."""
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
    assert "Stage 1: 3 facilities, 1 reject\n" in out
    assert "Stage 1: malformed_json: not a record" in out

    states = [line.split()[-1] for line in told if line.split()[1:2] == [DAY]]
    whole_way = [state for state in PUBLISHED if state not in ("ReadRequest", "ReportResult")]
    assert [state for state in states if state in whole_way] == whole_way

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
        [sys.executable, "-m", "cli", "local", "--", "echo", "mine"],
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


REPLAYED = "2025-08-20"


def test_rejects_land_again_corrected_and_the_accounting_balances(
    inside: EventPath, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text(
        "\n".join(
            [
                facility(1),
                facility(2, location={"state": "Texas"}),
                facility(3, employee_count="3"),
                "cut off {",
            ]
        )
        + "\n"
    )
    assert run(["land", str(mine), "--date", REPLAYED]) == 0
    capsys.readouterr()

    # Without a correction, the command lists the rejected lines.
    assert run(["replay", "--date", REPLAYED]) == 0
    listed = capsys.readouterr().out
    assert "mine.jsonl: Stage 1: bad_employee_count, Stage 3: bad_employee_count: " in listed
    assert "3 rejected lines = 0 corrected + 0 rejected again + 3 open" in listed

    # This filter corrects one line and leaves the others unchanged.
    assert run(["replay", "--date", REPLAYED, "--filter", "sed s/Texas/TX/"]) == 0
    assert "3 rejected lines = 1 corrected + 0 rejected again + 2 open" in capsys.readouterr().out
    assert run(["show", "accredited_facilities_per_state", "--date", REPLAYED, "--format", "json"]) == 0
    counted = {row["state"]: row["facility_count"] for row in json.loads(capsys.readouterr().out)}
    assert counted == {"OR": "1", "TX": "1"}

    # A correction that still fails a rule does not land by mistake. On request it lands, and counts as rejected again.
    half = ["--filter", "sed 's/^cut off {$/{}/'"]
    assert run(["replay", "--date", REPLAYED, *half]) == 2
    assert "still fail a rule: bad_facility_id" in capsys.readouterr().err
    assert run(["replay", "--date", REPLAYED, *half, "--allow-rejects"]) == 0
    assert "3 rejected lines = 1 corrected + 1 rejected again + 1 open" in capsys.readouterr().out

    # An editor corrects the failed correction, and the line with a number written as text.
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        f"good = {facility(9)!r}\n"
        "lines = [good if line == '{}' else line.replace('\"3\"', '3') for line in path.read_text().splitlines()]\n"
        "path.write_text('\\n'.join(lines) + '\\n')\n"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    assert run(["replay", "--date", REPLAYED, "--edit", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "snapshot_date": REPLAYED,
        "rejected": 3,
        "corrected": 3,
        "rejected_again": 0,
        "open": 0,
    }


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        (["--filter", "cat", "--edit"], 2, "in one way"),
        (["--filter", "cat"], 2, "no line was changed"),
        (["--filter", "head -1"], 2, "2 lines became 1"),
        (["--filter", "exit 3"], 1, "exit code 3"),
        (["--filter", "cat", "--reason", "bad_services"], 2, "nothing to correct"),
        (["--filter", "cat", "--file", "other.jsonl"], 2, "nothing to correct"),
    ],
)
def test_a_correction_that_makes_no_sense_does_not_land(
    inside: EventPath,
    tmp_path: Path,
    options: list[str],
    code: int,
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    day = "2025-08-21"
    mine = tmp_path / "mine.jsonl"
    mine.write_text("bad\nworse\n")
    assert run(["land", str(mine), "--date", day]) == 0
    capsys.readouterr()
    assert run(["replay", "--date", day, *options]) == code
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert named in err


def test_status_tells_who_writes_what_is_behind_and_what_to_do(
    inside: EventPath,
    tmp_path: Path,
    lake_files: Lake,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text(facility(1) + "\n")
    assert run(["land", str(mine), "--date", "2025-08-25"]) == 0
    capsys.readouterr()

    assert run(["status", "--json", "--all"]) == 0
    told = json.loads(capsys.readouterr().out)
    states = {each["snapshot_date"]: each["state"] for each in told["dates"]}
    assert states["2025-08-25"] == "published"
    free = {"holder": "", "purpose": "", "since": "", "seconds": 0, "expired": False, "unfenced": []}
    assert told["lease"] == free
    assert told["queues"] == {"waiting": 0, "dead letters": 0}
    assert told["newest_publication"] >= "2026"

    # The tables of this date are out of date: its state is missing, as if the date had never been built.
    [state] = [
        key
        for key in lake_files.keys(f"{prefix('pipeline_state')}/")
        if "2025-08-25" in key and "fing" in key
    ]
    lake_files.delete(state)
    assert run(["status", "--dates", "1"]) == 0
    text = capsys.readouterr().out
    assert "lease        free" in text
    assert "2025-08-25   never built" in text
    [command] = status(capsys)["to_do"]
    monkeypatch.delenv("STATE_MACHINE_ARN")
    assert status(capsys)["to_do"] == ["medlaunch transform --snapshot-date 2025-08-25  # never built"]
    in_a_shell(command)
    wait_until_nothing_is_to_do(capsys)
    assert run(["status", "--dates", "1"]) == 0
    assert "2025-08-25   published" in capsys.readouterr().out


def test_status_says_why_a_date_failed_and_how_to_mend_it(
    inside: EventPath,
    tmp_path: Path,
    sandbox: Sandbox,
    lake_files: Lake,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text(facility(1) + "\n")
    step_functions = sandbox.client("stepfunctions")
    with leased_run(lake_files.settings, "maintain"):
        assert run(["land", str(mine), "--date", "2025-08-26", "--wait", "0"]) == 0
        while not (running := executions(step_functions, inside, "RUNNING")):
            time.sleep(0.2)
        lease = status(capsys)["lease"]
        assert (lease["purpose"], lease["expired"]) == ("maintain", False)
        assert lease["seconds"] < 60
        # Otherwise it would wait for the lease for a day.
        step_functions.stop_execution(executionArn=running[0]["executionArn"])
        while executions(step_functions, inside, "RUNNING"):
            time.sleep(0.2)

    told = status(capsys)
    assert told["dates"][0]["state"] == "failed"
    assert told["dates"][0]["failure"].startswith("LeaseHeld: run ")
    assert run(["status", "--dates", "1"]) == 0
    assert "2025-08-26   failed" in capsys.readouterr().out
    [command] = told["to_do"]
    assert command.endswith("# failed, LeaseHeld: mend the cause first, see docs/operations.md")
    in_a_shell(command)
    wait_until_nothing_is_to_do(capsys)


@pytest.mark.parametrize(
    "reason",
    [
        "HIVE_CURSOR_ERROR: Failed to read file at {address}",
        "HIVE_CURSOR_ERROR: Failed to read file at {address}: not a gzip file",
        "HIVE_BAD_DATA: Line too long in text file: {address}",
        "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split {address} (offset=0, length=1): Unexpected end",
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a b.jsonl.gz", "a.jsonl.b.jsonl"])
def test_a_file_that_cannot_be_read_is_to_be_deleted(reason: str, name: str) -> None:
    address = f"s3://a-bucket/bronze/batch/2025-08-26/{name}"
    failure = (
        f"AthenaQueryFailed: Athena query 7 of a.model FAILED: {reason.format(address=address)} (run_ts=x)"
    )
    told = DateStatus("2025-08-26", 1, 60, "failed", "x", "", failure)

    command = to_do_for_date(Settings("a-bucket", state_machine_arn="an-arn"), told)

    assert shlex.split(command, comments=True) == ["aws", "s3", "rm", address]


def status(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What `medlaunch status` says of the newest date."""
    capsys.readouterr()
    assert run(["status", "--json", "--dates", "1"]) == 0
    return json.loads(capsys.readouterr().out)


def executions(step_functions: Any, path: EventPath, status: str) -> list[dict[str, Any]]:
    arn = path.environment["STATE_MACHINE_ARN"]
    return step_functions.list_executions(stateMachineArn=arn, statusFilter=status)["executions"]


def in_a_shell(command: str) -> None:
    """Run a command that a person copies, in the environment of this process."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run(["bash", "-c", command], check=True, env={**os.environ, "PATH": path})


def wait_until_nothing_is_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    give_up = time.monotonic() + 120
    while (told := status(capsys))["to_do"] or told["dates"][0]["state"] != "published":
        assert time.monotonic() < give_up, told
        time.sleep(0.5)
