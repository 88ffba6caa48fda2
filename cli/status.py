"""`medlaunch status`: shows the state of the lake, the dates that are behind, and what to do about them."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from cli.options import JsonOption, counted, print_json
from runner.aws.executions import dates_of, message_of
from runner.aws.invocation import Invocation
from runner.bronze import bronze_dates
from runner.lake import prefix
from runner.lease.lease import read_lease
from runner.settings import Settings
from runner.tables import stage_tables
from runner.tables.bronze_folders import list_folder
from runner.tables.publication import announced, shown_runs
from runner.tables.result import start_of_run
from runner.tables.state import basis_of, read_state

#: The queue that dispatch reads, and the queue of messages that dispatch could not handle.
QUEUES = {"waiting": "BRONZE_QUEUE_URL", "dead letters": "DEAD_LETTER_QUEUE_URL"}
#: Executions that ended before this are ignored.
_EXECUTIONS_SINCE = timedelta(days=1)

#: How Athena names a file that it cannot read.
_UNREADABLE = re.compile(
    r"HIVE_(?:CURSOR_ERROR|BAD_DATA|CANNOT_OPEN_SPLIT).*?(s3://.+?\.jsonl(?:\.gz)?)(?=[\s):;,]|$)"
)

PUBLISHED, UNPUBLISHED, BUILDING, FAILED, INTERRUPTED, CHANGED, NEVER_BUILT = (
    "published",
    "built, not published",
    "being built",
    "failed",
    "interrupted",
    "changed since its last run",
    "never built",
)


@dataclass(frozen=True, slots=True)
class DateStatus:
    """One snapshot date.

    Attributes:
        snapshot_date: the date.
        files, bytes: its record files.
        state: one of the words above.
        run_ts: the last run that built it; "" if unknown.
        published: the run that `prod/` shows; "" if it shows none.
        failure: why its last execution failed. Set only if it failed within a day and no later run has built
            or published the date.
    """

    snapshot_date: str
    files: int
    bytes: int
    state: str
    run_ts: str
    published: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class LeaseStatus:
    """Who may write tables now, and which earlier runs may still have queries running.

    Attributes:
        holder: the run that holds the lease; "" if the lease is free.
        purpose: what the holder does.
        since: when the holder took the lease, in ISO 8601.
        seconds: how long ago that is.
        expired: whether the holder has not renewed the lease in time, so that another run may take it.
        unfenced: earlier holders that may still have queries running.
    """

    holder: str = ""
    purpose: str = ""
    since: str = ""
    seconds: int = 0
    expired: bool = False
    unfenced: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Status:
    """The lake as it is now.

    Attributes:
        bucket: the lake's bucket.
        lease: the holder of the lease.
        dates: the newest dates first.
        queues: messages by queue; None where the queue's URL is not known here.
        unpublished: runs whose exports wait for their publication.
        newest_publication: the time of the newest run that `prod/` shows; "" when it shows none.
        expiring_soon: the run date of Stage 2's newest CSV; "" without a CSV.
        to_do: what to do, as commands; empty when all is well.
    """

    bucket: str
    lease: LeaseStatus
    dates: list[DateStatus]
    queues: dict[str, int | None]
    unpublished: list[str]
    newest_publication: str
    expiring_soon: str
    to_do: list[str]


def status(
    dates: Annotated[int, typer.Option("--dates", min=1, help="How many of the newest dates.")] = 30,
    every_date: Annotated[bool, typer.Option("--all", help="Every date.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show who writes, which dates are behind or failed, what waits, and what to do."""
    told = read_status(Settings.from_environment(), most_dates=None if every_date else dates)
    if as_json:
        print_json(asdict(told))
    else:
        _print(told)


def read_status(settings: Settings, *, most_dates: int | None) -> Status:
    """The lake as it is now. Reads S3, Glue and the known queues, but sends no query to Athena.

    Args:
        settings: which lake.
        most_dates: the number of newest dates to show; None for all.
    """
    invocation = Invocation(settings, "status")
    s3, bucket = invocation.s3, settings.data_bucket
    days = sorted(bronze_dates(s3, bucket), reverse=True)[:most_dates]
    lease = _lease(invocation)
    shown = shown_runs(s3, bucket, days)
    failures = _failures(invocation)
    told = [_date_status(invocation, day, lease, shown[day], failures.get(str(day))) for day in days]
    unpublished = announced(s3, bucket)
    queues = {name: _messages(invocation, os.environ.get(variable, "")) for name, variable in QUEUES.items()}
    newest = max((each.published for each in told), default="")
    return Status(
        bucket=bucket,
        lease=lease,
        dates=told,
        queues=queues,
        unpublished=unpublished,
        newest_publication=start_of_run(newest).isoformat() if newest else "",
        expiring_soon=_newest_expiring_soon(invocation),
        to_do=list(_to_do(settings, told, lease, queues, unpublished)),
    )


def _lease(invocation: Invocation) -> LeaseStatus:
    seen = read_lease(invocation.s3, invocation.settings.data_bucket)
    unfenced = [holder.id for holder in seen.unfenced]
    if seen.holder is None:
        return LeaseStatus(unfenced=unfenced)
    holder = seen.holder
    age = datetime.now(UTC) - datetime.fromisoformat(holder.since)
    seconds = max(0, int(age.total_seconds()))
    return LeaseStatus(holder.id, holder.purpose, holder.since, seconds, seen.expired, unfenced)


def _date_status(
    invocation: Invocation, snapshot_date: date, lease: LeaseStatus, shown: str, failed: _Failure | None
) -> DateStatus:
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    folder = list_folder(s3, bucket, snapshot_date)
    kept = read_state(s3, bucket, snapshot_date)
    run_ts = str((kept.result or {}).get("run_ts", "")) or kept.run_ts
    if kept.is_current(folder, basis_of(stage_tables.locations(invocation))):
        word = PUBLISHED if shown and shown >= run_ts else UNPUBLISHED
        if word == PUBLISHED or (failed and start_of_run(run_ts) > failed.started_at):
            failed = None
    elif kept.attempt and kept.result is None:
        word = BUILDING if kept.attempt == lease.holder and not lease.expired else INTERRUPTED
    else:
        word = NEVER_BUILT if kept.files is None else CHANGED
    if failed and word in (INTERRUPTED, CHANGED, NEVER_BUILT):
        word = FAILED
    return DateStatus(
        snapshot_date=snapshot_date.isoformat(),
        files=len(folder.files),
        bytes=folder.size,
        state=word,
        run_ts=run_ts,
        published=shown,
        failure=failed.reason if failed else "",
    )


@dataclass(frozen=True, slots=True)
class _Failure:
    """An execution that failed: its start, to the second, and the reason."""

    started_at: datetime
    reason: str


def _failures(invocation: Invocation) -> dict[str, _Failure]:
    """By date, its newest execution within a day if that one failed.

    Empty if the state machine is unknown.
    """
    arn = invocation.settings.state_machine_arn
    if not arn:
        return {}
    step_functions = invocation.client("stepfunctions")
    since = datetime.now(UTC) - _EXECUTIONS_SINCE
    failures: dict[str, _Failure] = {}
    seen: set[str] = set()
    for page in step_functions.get_paginator("list_executions").paginate(stateMachineArn=arn):
        for execution in page["executions"]:
            if execution["startDate"] < since:
                return failures
            told = step_functions.describe_execution(executionArn=execution["executionArn"])
            for day in dates_of(told["input"]):
                if day not in seen and execution["status"] in ("FAILED", "TIMED_OUT", "ABORTED"):
                    error = told.get("error", execution["status"])
                    started_at = execution["startDate"].replace(microsecond=0)
                    failures[day] = _Failure(started_at, f"{error}: {message_of(told.get('cause', ''))}")
                seen.add(day)
    return failures


def _messages(invocation: Invocation, queue_url: str) -> int | None:
    """The number of messages in a queue, with the messages in flight; None if its URL is unknown."""
    if not queue_url:
        return None
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = invocation.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=counts)
    return sum(int(told["Attributes"][count]) for count in counts)


def _newest_expiring_soon(invocation: Invocation) -> str:
    """The run date of Stage 2's newest CSV."""
    head = f"{prefix('expiring_soon')}/"
    pages = invocation.s3.get_paginator("list_objects_v2").paginate(
        Bucket=invocation.settings.data_bucket, Prefix=head, Delimiter="/"
    )
    folders = [each.get("Prefix", "") for page in pages for each in page.get("CommonPrefixes", [])]
    return max((each.removeprefix(f"{head}run_date=").rstrip("/") for each in folders), default="")


def _to_do(
    settings: Settings,
    dates: Sequence[DateStatus],
    lease: LeaseStatus,
    queues: dict[str, int | None],
    unpublished: Sequence[str],
) -> Iterator[str]:
    """Commands to copy, each with its reason behind a #."""
    if lease.holder and lease.expired:
        yield f"medlaunch init  # run {lease.holder} died with the lease: the next writer ends its queries"
    if not queues.get("waiting"):
        yield from filter(None, (to_do_for_date(settings, each) for each in dates))
    if not settings.state_machine_arn and (unpublished or any(each.state == UNPUBLISHED for each in dates)):
        yield "medlaunch publish  # exports wait for their publication"
    if queues.get("dead letters"):
        yield "medlaunch transform --all  # dead letters: their dates may be behind"


def to_do_for_date(settings: Settings, told: DateStatus) -> str:
    """The command that brings a date up to date; "" if there is nothing to do.

    Where the state machine is known, an execution builds, publishes and reports. Elsewhere `medlaunch
    transform` builds.
    """
    if told.state in (PUBLISHED, BUILDING):
        return ""
    if unreadable := _UNREADABLE.search(told.failure):
        return f"aws s3 rm {shlex.quote(unreadable[1])}  # it cannot be read: delete it, or land it again"
    reason = told.state
    if told.failure:
        reason = (
            f"{told.state}, {told.failure.partition(':')[0]}: mend the cause first, see docs/operations.md"
        )
    if settings.state_machine_arn:
        request = json.dumps({"snapshot_date": told.snapshot_date})
        command = f"aws stepfunctions start-execution --state-machine-arn {settings.state_machine_arn}"
        return f"{command} --input '{request}'  # {reason}"
    if told.state == UNPUBLISHED:
        return ""
    return f"medlaunch transform --snapshot-date {told.snapshot_date}  # {reason}"


def _print(told: Status) -> None:
    lease = told.lease
    if not lease.holder:
        print("lease        free")
    else:
        end = "expired" if lease.expired else "held"
        print(f"lease        {end} by run {lease.holder} ({lease.purpose}), taken {lease.seconds} s ago")
    for run in lease.unfenced:
        print(f"             run {run} may still have queries running; the next writer ends them")
    for name, count in told.queues.items():
        unknown = f"unknown here: set {QUEUES[name]}"
        print(f"{name:<12} {unknown if count is None else counted(count, 'message')}")
    print(f"published    {told.newest_publication or 'nothing yet'}")
    print(f"Stage 2      {told.expiring_soon or 'no CSV yet'}")
    for each in told.dates:
        files = f"{counted(each.files, 'file')}, {each.bytes:,} bytes"
        print(f"{each.snapshot_date}   {each.state:<26} {files:<24} {each.run_ts}".rstrip())
        if each.failure:
            print(f"             {each.failure}")
    print("nothing to do" if not told.to_do else "to do:")
    for line in told.to_do:
        print(f"  {line}")
