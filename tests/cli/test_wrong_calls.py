"""Tests wrong calls from a shell: one line on standard error, exit code 2 for invalid usage and 1 for failure."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import app, run

USAGE, FAILURE = 2, 1
COMMANDS = [str(command.callback.__name__) for command in app.registered_commands if command.callback]
#: Nothing listens at the endpoint.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
}

#: The call, its exit code, and what its one line must name.
CALLS = [
    ("nonsense", USAGE, ["nonsense", "medlaunch --help"]),
    ("--nonsense", USAGE, ["--nonsense"]),
    ("--version extra", USAGE, ["extra"]),
    ("--version status", USAGE, ["--version", "status"]),
    ("generate", USAGE, ["--snapshot", "medlaunch generate --help"]),
    ("generate --snapshot", USAGE, ["--snapshot"]),
    ("generate --snapshot 2025-02-30", USAGE, ["2025-02-30"]),
    ("generate --snapshot 20250210", USAGE, ["20250210", "YYYY-MM-DD"]),
    ("generate --snapshot 2025-W46-6", USAGE, ["2025-W46-6"]),
    ("generate --snapshot ''", USAGE, ["YYYY-MM-DD"]),
    ("generate --snapshot 2025-02-10 --n -1", USAGE, ["--n"]),
    ("generate --snapshot 2025-02-10 --n many", USAGE, ["--n", "integer"]),
    ("generate --snapshot 2025-02-10 --chunk 0", USAGE, ["--chunk"]),
    ("generate --snapshot 2025-02-10 --bad -3", USAGE, ["--bad"]),
    ("generate --snapshot 2025-02-10 --seed x", USAGE, ["--seed", "integer"]),
    ("generate --snapshot 2025-02-10 --out {file}", FAILURE, ["{file}"]),
    ("generate --snapshot 2025-02-10 --out {file}/below", FAILURE, ["{file}"]),
    ("generate --snapshot 2025-02-10 --out /proc/nope", FAILURE, ["/proc/nope"]),
    ("generate --snapshot 2025-02-10 --n 0 --out {file}", FAILURE, ["{file}"]),
    ("generate --snapshot 2025-02-10 --out ''", USAGE, ["--out"]),
    ("generate --snapshot 2025-02-10 --out s3://", USAGE, ["--out"]),
    ("generate --snapshot 2025-02-10 extra", USAGE, ["extra"]),
    ("demo extra", USAGE, ["extra"]),
    ("expiring extra", USAGE, ["extra"]),
    ("init extra", USAGE, ["extra"]),
    ("publish extra", USAGE, ["extra"]),
    ("replay --date 2025-02-10 extra", USAGE, ["extra"]),
    ("report extra", USAGE, ["extra"]),
    ("status extra", USAGE, ["extra"]),
    ("init --force", USAGE, ["--force"]),
    ("init", USAGE, ["DATA_BUCKET"]),
    ("transform --snapshot-date 2025-08-10", USAGE, ["DATA_BUCKET"]),
    ("transform --snapshot-date 2025-13-01", USAGE, ["2025-13-01"]),
    ("transform --snapshot-date yesterday", USAGE, ["yesterday"]),
    ("transform --from 2025-02-29", USAGE, ["2025-02-29"]),
    ("transform --wait -1", USAGE, ["--wait"]),
    ("transform --wait soon", USAGE, ["--wait"]),
    ("transform 2025-08-10", USAGE, ["2025-08-10"]),
    ("expiring", USAGE, ["DATA_BUCKET"]),
    ("expiring --run-date", USAGE, ["--run-date"]),
    ("expiring --run-date 2025-04-31", USAGE, ["2025-04-31"]),
    ("expiring --window-days -1", USAGE, ["--window-days"]),
    ("expiring --window-days 1.5", USAGE, ["--window-days"]),
    ("maintain now", USAGE, ["now"]),
    ("local --prot", USAGE, ["--prot", "--port"]),
    ("local --prot 4566 -- true", USAGE, ["--prot"]),
    ("local --port 99999", USAGE, ["--port"]),
    ("local --port -1", USAGE, ["--port"]),
    ("local --port http", USAGE, ["--port"]),
    ("local --engine spark", USAGE, ["spark"]),
    ("local -- dbtt", USAGE, ["dbtt"]),
    ("local -- {file}", USAGE, ["{file}"]),
    ("demo --lake {file}", FAILURE, ["{file}"]),
    ("demo --lake {folder}", USAGE, ["{folder}", "--lake"]),
    ("land", USAGE, ["FILE"]),
    ("land {file}", USAGE, ["DATA_BUCKET"]),
    ("replay", USAGE, ["--date"]),
    ("replay --date 2025-02-30", USAGE, ["2025-02-30"]),
    ("show", USAGE, ["table", "medlaunch show --help"]),
    ("show no_such_table", USAGE, ["no_such_table", "stage1_facility_metrics"]),
    ("show stage1_facility_metrics --date 2025-02-31", USAGE, ["2025-02-31"]),
    ("show stage1_facility_metrics --limit 0", USAGE, ["--limit"]),
    ("show stage1_facility_metrics --format xml", USAGE, ["xml"]),
]


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A file and a folder with contents of the user."""
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("mine")
    folder.mkdir()
    (folder / "mine").touch()
    yield {"file": str(file), "folder": str(folder)}
    assert file.read_text() == "mine"
    assert [path.name for path in folder.iterdir()] == ["mine"]


@pytest.fixture(autouse=True)
def no_lake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the caller's variables that name a lake or an account."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name == "DATA_BUCKET"]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(("call", "code", "named"), CALLS, ids=[call for call, _, _ in CALLS])
def test_a_wrong_call_is_one_line_that_names_what_is_wrong(
    call: str, code: int, named: list[str], places: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(shlex.split(call.format(**places))) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    for part in named:
        assert part.format(**places) in err


@pytest.mark.parametrize(
    ("call", "settings", "code", "named"),
    [
        ("status", {"DATA_BUCKET": "s3://a-bucket"}, USAGE, ["s3://a-bucket", "DATA_BUCKET"]),
        ("transform --snapshot-date 2025-08-10", {"DATA_BUCKET": "a bucket"}, USAGE, ["a bucket"]),
        ("show stage1_facility_metrics", {"AWS_PROFILE": "no-such"}, FAILURE, ["no-such", "AWS_PROFILE"]),
        ("status", {"AWS_PROFILE": "no-such"}, FAILURE, ["no-such", "AWS_PROFILE"]),
        ("show stage1_facility_metrics", {"AWS_REGION": ""}, FAILURE, ["AWS_REGION"]),
        ("init", {}, FAILURE, ["credentials", "AWS_PROFILE", "medlaunch local"]),
        ("land {file}.jsonl {folder}/file.jsonl", {}, USAGE, ["{folder}/file.jsonl", "2025-08-10"]),
        ("land {file}.jsonl", CREDENTIALS, FAILURE, ["127.0.0.1:1"]),
        # The error about a bad destination comes before the lake is read.
        ("report --out {folder}", CREDENTIALS, FAILURE, ["{folder}", "Is a directory"]),
        ("report --out {file}.jsonl/report.html", CREDENTIALS, FAILURE, ["{file}.jsonl/report.html"]),
        ("report --out {folder}/none/report.html", CREDENTIALS, FAILURE, ["{folder}/none/report.html"]),
        ("status", CREDENTIALS, FAILURE, ["127.0.0.1:1"]),
    ],
)
def test_a_wrong_set_up_is_one_line_that_names_the_way_out(
    call: str,
    settings: dict[str, str],
    code: int,
    named: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = {"file": str(tmp_path / "file"), "folder": str(tmp_path / "folder")}
    for path in (Path(places["file"] + ".jsonl"), Path(places["folder"]) / "file.jsonl"):
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"snapshot_date": "2025-08-10"}\n')
    environment = {
        **os.environ,
        "DATA_BUCKET": "a-bucket",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "HOME": str(tmp_path),
        **settings,
    }
    ended = medlaunch(*shlex.split(call.format(**places)), env=environment)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (code, "", 1), ended.stderr
    for part in named:
        assert part.format(**places) in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--debug", "expiring"], ["expiring", "--debug"], ["expiring", "--run-date", "2025-08-10", "--debug"]],
)
def test_debug_prints_the_traceback_wherever_it_stands(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == USAGE
    err = capfd.readouterr().err
    assert "Traceback" in err
    assert err.splitlines()[-1].startswith("error: DATA_BUCKET")


def medlaunch(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-m", "cli", *arguments],
        **{"capture_output": True, "text": True, "check": False, "timeout": 120, **options},
    )


def test_the_version_is_that_of_the_package(capfd: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert run(["--version"]) == 0
    assert capfd.readouterr().out == f"medlaunch {version('medlaunch-elt')}\n"


@pytest.mark.parametrize("arguments", [[], ["--debug"], ["--"], ["--debug", "--"]])
def test_no_command_is_answered_with_the_help(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == USAGE
    out, err = capfd.readouterr()
    assert "Usage: medlaunch" in out
    assert "transform" in out
    assert err == ""


def test_a_report_that_cannot_be_made_leaves_the_earlier_one(tmp_path: Path) -> None:
    earlier, new = tmp_path / "earlier.html", tmp_path / "new.html"
    earlier.write_text("earlier")
    settings = {"DATA_BUCKET": "a-bucket", "AWS_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", **CREDENTIALS}
    for path in (earlier, new):
        ended = medlaunch("report", "--out", str(path), env={**os.environ, **settings})
        assert ended.returncode == FAILURE
        assert "127.0.0.1:1" in ended.stderr
    assert earlier.read_text() == "earlier"
    assert not new.exists()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_says_what_to_write_behind_an_option(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    out = capfd.readouterr().out
    assert not re.search(r"<[^|>]+>", out)
    assert "--help" in out


@pytest.mark.parametrize("command", ["generate", "transform", "expiring", "show", "land"])
def test_help_says_how_a_date_is_written(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    out = capfd.readouterr().out
    assert "YYYY-MM-DD" in out
    assert "datetime" not in out


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        ended = medlaunch("--help", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == FAILURE
    assert ended.stderr == "error: standard output: No space left on device\n"


def test_a_reader_that_has_seen_enough_is_no_error_to_tell() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        ended = medlaunch("--help", capture_output=False, stdout=write_end, stderr=subprocess.PIPE)
    finally:
        os.close(write_end)
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("call", "code"),
    [("--version", 0), ("generate --snapshot 2025-02-10 --out {folder}", 0), ("nonsense", USAGE)],
)
def test_a_command_without_an_output_does_its_work(call: str, code: int, tmp_path: Path) -> None:
    words = [word.format(folder=tmp_path) for word in call.split()]
    without_output = ["bash", "-c", '"$@" >&-', "bash", sys.executable, "-m", "cli", *words]
    ended = subprocess.run(without_output, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (code, int(code != 0)), ended.stderr


@pytest.mark.parametrize("library", ["typer", "boto3", "rich.console"])
def test_an_interruption_of_the_imports_is_one_line(library: str) -> None:
    script = (
        "import sys\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {library!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupts())\n"
        "from cli.__main__ import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "status"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "error: interrupted\n")


def test_a_port_that_is_taken_is_named_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = medlaunch("local", "--port", str(port), "--", "true")
    assert ended.returncode == USAGE
    assert f"port {port}" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "code", "named"),
    [
        ("AWS_ENDPOINT_URL", "nonsense", USAGE, "nonsense"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", FAILURE, "127.0.0.1:1"),
        ("WINDOW_DAYS", "soon", USAGE, "WINDOW_DAYS"),
        ("SNAPSHOTS", "some", USAGE, "SNAPSHOTS"),
        ("LEASE_SECONDS", "0", USAGE, "LEASE_SECONDS"),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_line(variable: str, value: str, code: int, named: str) -> None:
    settings = {
        "DATA_BUCKET": "some-bucket",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_MAX_ATTEMPTS": "1",
        variable: value,
    }
    ended = medlaunch("expiring", env={**os.environ, **settings})
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (code, "", 1)
    assert named in ended.stderr
