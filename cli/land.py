"""`medlaunch land`: puts your own files into bronze, and shows which of their lines were used."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console

from cli.options import JsonOption, counted, date_option, print_json
from runner.aws.executions import dates_of, message_of
from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError, UsageError
from runner.lake import RECORD_SUFFIXES, BronzeKey, bronze_folder, parse_date
from runner.settings import Settings
from runner.tables.bronze_folders import list_folder
from runner.tables.rejects import Reject, rejects_of_file
from runner.tables.result import TransformResult
from runner.tables.transform import plan

#: Seconds between two checks of a date, few at first, then more. Each check costs a listing and a read.
_FIRST_POLL_SECONDS, _POLL_FACTOR, _LONGEST_POLL_SECONDS = 1.0, 1.25, 15.0
#: The number of lines in which a snapshot date is searched.
_LINES_LOOKED_AT = 100
#: The most rejects that are printed per file. `medlaunch show` prints all.
_REJECTS_SHOWN = 20


class NotPublished(MedLaunchError):
    """The landed files were not published in time, or their execution failed. The message has the reason."""


@dataclass(frozen=True, slots=True)
class Landing:
    """A file and its destination in bronze."""

    path: Path
    snapshot_date: date

    @property
    def key(self) -> str:
        return bronze_folder(self.snapshot_date) + self.path.name


def land(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="NDJSON files, .jsonl or .jsonl.gz.")],
    snapshot_date: Annotated[
        date | None,
        date_option("--date", help="The date folder; else the date that the file's records state."),
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for the result; 0 does not wait.")
    ] = 600.0,
    as_json: JsonOption = False,
) -> None:
    """Put files into the lake's bronze folder and wait until they are published."""
    settings = Settings.from_environment()
    landings = [_landing(path, snapshot_date) for path in files]
    _require_own_keys(landings)
    invocation = Invocation(settings, "land")
    started_at = time.time()
    for landing in landings:
        invocation.s3.upload_file(str(landing.path), settings.data_bucket, landing.key)
        if not as_json:
            print(f"landed s3://{settings.data_bucket}/{landing.key}", flush=True)
    if not wait:
        return
    dates = sorted({landing.snapshot_date for landing in landings})
    results = wait_until_published(invocation, dates, wait, started_at)
    rejects = {
        landing.key: rejects_of_file(invocation, landing.snapshot_date, landing.key) for landing in landings
    }
    if as_json:
        print_json(
            {
                "dates": {str(day): result.to_dict() for day, result in results.items()},
                "rejects": {
                    key: [reject.to_dict() for reject in rejected] for key, rejected in rejects.items()
                },
            }
        )
        return
    for day, result in results.items():
        _print_result(day, result)
    for key, rejected in rejects.items():
        _print_rejects(key, rejected)


def _landing(path: Path, snapshot_date: date | None) -> Landing:
    """The destination of a file.

    Raises:
        UsageError: it is not a file, the lake does not read files with this name, or its date is unknown.
    """
    if not path.is_file():
        raise UsageError(f"{path} is not a file")
    name = BronzeKey(date.min, path.name)
    if not name.holds_records:
        raise UsageError(
            f"{path}: rename it: the lake reads names that end in {' or '.join(RECORD_SUFFIXES)} and do not "
            "begin with an underscore or a dot"
        )
    day = snapshot_date or _stated_date(path)
    if day is None:
        raise UsageError(
            f"{path}: none of its first {_LINES_LOOKED_AT} lines states a snapshot_date: say --date"
        )
    return Landing(path, day)


def _require_own_keys(landings: Sequence[Landing]) -> None:
    """Refuse files that would replace each other.

    Raises:
        UsageError: two files of one date have the same name.
    """
    by_key: dict[str, Path] = {}
    for landing in landings:
        other = by_key.setdefault(landing.key, landing.path)
        if other is not landing.path:
            raise UsageError(
                f"{other} and {landing.path} would both land as {landing.key}: "
                "rename one, or land one after the other"
            )


def _stated_date(path: Path) -> date | None:
    """The first snapshot date in a line of the file."""
    for _, line in zip(range(_LINES_LOOKED_AT), _lines(path), strict=False):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            # The lake judges the line later. Here the line just has no date.
            continue
        stated = cast("dict[str, Any]", record).get("snapshot_date") if isinstance(record, dict) else None
        day = parse_date(stated) if isinstance(stated, str) else None
        if day is not None:
            return day
    return None


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file. A file whose name says gzip is unpacked."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", errors="replace") as lines:
            yield from lines
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(f"{path} is not a whole gzip file ({error}): the lake could not read it") from error


def wait_until_published(
    invocation: Invocation, dates: Sequence[date], seconds: float, started_at: float
) -> dict[date, TransformResult]:
    """Wait for the run that built and published the current folder of each date, and return its result.

    Args:
        invocation: clients of the lake.
        dates: snapshot dates.
        seconds: how long to wait.
        started_at: a time in seconds since the epoch. Only executions that fail after it count.

    Raises:
        NotPublished: an execution of a date failed, or the time is over.
    """
    give_up = time.monotonic() + seconds
    with Console(stderr=True).status("Waiting for the lake to publish"):
        return {day: _wait_until_published(invocation, day, give_up, started_at) for day in dates}


def _wait_until_published(
    invocation: Invocation, snapshot_date: date, give_up: float, started_at: float
) -> TransformResult:
    """Wait for the run that built and published the current folder of a date, and return its result.

    Raises:
        NotPublished: an execution of the date failed, or the time is over.
    """
    pause = _FIRST_POLL_SECONDS
    while True:
        folder = list_folder(invocation.s3, invocation.settings.data_bucket, snapshot_date)
        _, last = plan(invocation, [folder], everything=False)
        if last is not None and not last.changed:
            return last
        _raise_if_failed(invocation, snapshot_date, started_at)
        if time.monotonic() > give_up:
            raise NotPublished(
                f"snapshot {snapshot_date} was not published in time: `medlaunch status` says what it waits "
                "for. Where nothing builds what lands, run "
                f"`medlaunch transform --snapshot-date {snapshot_date}`"
            )
        time.sleep(min(pause, max(0.0, give_up - time.monotonic())))
        pause = min(pause * _POLL_FACTOR, _LONGEST_POLL_SECONDS)


def _raise_if_failed(invocation: Invocation, snapshot_date: date, started_at: float) -> None:
    """Raise if an execution of the date that started after the landing has failed."""
    arn = invocation.settings.state_machine_arn
    if not arn:
        return
    step_functions = invocation.client("stepfunctions")
    failed = step_functions.list_executions(stateMachineArn=arn, statusFilter="FAILED")["executions"]
    for execution in failed:
        began: datetime = execution["startDate"]
        if began.timestamp() < started_at - 1:
            continue
        told = step_functions.describe_execution(executionArn=execution["executionArn"])
        if snapshot_date.isoformat() in dates_of(told["input"]):
            cause = message_of(told.get("cause", ""))
            raise NotPublished(f"the run of snapshot {snapshot_date} failed: {told.get('error')}: {cause}")


def _print_result(snapshot_date: date, result: TransformResult) -> None:
    stage1, stage3 = result.counts["stage1"], result.counts["stage3"]
    print(f"snapshot {snapshot_date}, run {result.run_ts}")
    for stage, used, verb, counts in ((1, "curated", "", stage1), (3, "processed", " counted", stage3)):
        facilities = counted(counts[used], "facility", "facilities")
        print(f"  Stage {stage}: {facilities}{verb}, {counted(counts['rejected'], 'reject')}")
    for name in result.tests["warned"]:
        print(f"  warning: {name}")


def _print_rejects(key: str, rejects: list[Reject]) -> None:
    name = key.rpartition("/")[2]
    if not rejects:
        print(f"{name}: every line was used")
        return
    print(f"{name}: {counted(len(rejects), 'reject')}")
    for reject in rejects[:_REJECTS_SHOWN]:
        print(f"  Stage {reject.stage}: {reject.reason}: {reject.raw_line[:120]}")
    if len(rejects) > _REJECTS_SHOWN:
        print(f"  and {len(rejects) - _REJECTS_SHOWN} more: `medlaunch show` prints them")
