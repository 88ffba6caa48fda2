"""Stages 1 and 3 for some dates: rebuild, test, export. A run is safe to repeat at any time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from runner.aws.invocation import Invocation
from runner.dbt.dbt_run import Tests, run_dbt
from runner.errors import MedLaunchError, UsageError
from runner.lake import bronze_folder
from runner.lease.leased_run import leased_run
from runner.settings import Settings
from runner.tables import stage_tables
from runner.tables.exports import exists, write_exports
from runner.tables.fingerprint import Folder, is_blank, list_folder, read_success, write_success
from runner.tables.publication import Publication, announce, announced, shown_runs
from runner.telemetry import logger

#: Dates that one dbt build takes: Iceberg writes to at most 100 partitions in one statement.
DATES_PER_BUILD = 90
#: What an event run builds: the tables with their data tests. Unit tests belong to development, and a test
#: that reads bronze again would judge files that the run did not read.
BUILD = (
    *("build", "--select", *stage_tables.TABLES),
    *("--exclude", "tag:reads_bronze", "--exclude-resource-type", "unit_test"),
)
_RUN_TS_TIME = "%Y%m%dT%H%M%SZ"


class NoFiles(UsageError):
    """A date has no record files."""


class LinesNotSeen(MedLaunchError):
    """A folder has lines that SQL does not see."""


@dataclass(frozen=True, slots=True)
class TransformResult:
    """What a run did, in JSON's own types: what `--json` prints and the state machine reads.

    Attributes:
        snapshot_dates: the dates that the run was asked for.
        run_ts: names the exports.
        built: the dates that were rebuilt; the others had not changed since their last successful run.
        changed: whether there are exports that `prod/` lacks.
        counts: `stage1` with `curated` and `rejected` lines, `stage3` with `processed` and `rejected`.
        rejects_by_reason: rejects by stage and reject code; one reject may have several codes.
        tests: names of the data tests `passed`, `warned`, `failed`.
        hidden: keys that Athena does not read, because their names begin with an underscore or a dot.
        exports: by name (`processed`, `rejects`): bucket, key and URL-encoded copy source.
        prod: `processed_key` and `rejects_key`, where Stage 4 publishes them.
        queries, bytes_scanned, engine_milliseconds: sums over all Athena queries of the run.
    """

    snapshot_dates: list[str]
    run_ts: str
    built: list[str]
    changed: bool
    counts: dict[str, dict[str, int]]
    rejects_by_reason: dict[str, dict[str, int]]
    tests: dict[str, list[str]]
    hidden: list[str]
    exports: dict[str, dict[str, str]]
    prod: dict[str, str]
    queries: int
    bytes_scanned: int
    engine_milliseconds: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def make_run_ts(started_at: datetime, name: str) -> str:
    """A run's folder name: `YYYYMMDDTHHMMSSZ-<8 hex>`, the same for every retry of one execution."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{started_at.astimezone(UTC).strftime(_RUN_TS_TIME)}-{digest}"


def transform(
    settings: Settings,
    snapshot_dates: Sequence[date],
    *,
    run_ts: str = "",
    force: bool = False,
    full_refresh: bool = False,
    allow_empty: bool = False,
    wait: float = 0.0,
    seconds_left: float | None = None,
) -> TransformResult:
    """Rebuild, test and export some dates, those that changed since their last successful run.

    Args:
        settings: which lake.
        snapshot_dates: the dates.
        run_ts: names the exports; by default made from the time and the run's id.
        force: rebuild also what has not changed.
        full_refresh: create the tables again with these dates only.
        allow_empty: take a date without files as emptied rather than as a mistake.
        wait: seconds to wait for another run that holds the lease.
        seconds_left: the time that the run has; None for no limit.

    Raises:
        NoFiles: a date has no record files.
        LeaseHeld, DeadlineReached: see `leased_run`.
        LinesNotSeen, TablesMissing, DataTestsFailed, DbtNodeFailed, AthenaQueryFailed, AthenaThrottled.
    """
    dates = sorted(set(snapshot_dates))
    purpose = f"transform {dates[0]}{f' to {dates[-1]}' if len(dates) > 1 else ''}"
    with leased_run(settings, purpose, wait=wait, seconds_left=seconds_left) as invocation:
        folders = [list_folder(invocation.s3, settings.data_bucket, day) for day in dates]
        if not allow_empty:
            require_files(settings, folders)
        hidden = _report_hidden(settings, folders)
        run_ts = run_ts or make_run_ts(datetime.now(UTC), invocation.id)
        successes = read_successes(invocation, folders)
        stale = folders
        if not (force or full_refresh):
            stale, last = what_changed(invocation, folders, successes)
            if last is not None:
                if last.changed:
                    _announce_again(invocation, successes)
                return replace(last, snapshot_dates=[day.isoformat() for day in dates], hidden=hidden)
        run_ts = _later_than_before(_earlier_runs(invocation, stale, successes), run_ts)
        _require_lines(invocation, stale)
        tests = _build(invocation, stale, run_ts, full_refresh=full_refresh)
        # Only now: a build may have created a table again.
        places = stage_tables.locations(invocation)
        fingerprints = {folder.snapshot_date: folder.fingerprint(places) for folder in stale}
        result = _export(invocation, fingerprints, run_ts, tests)
        result = replace(result, snapshot_dates=[day.isoformat() for day in dates], hidden=hidden)
        announce(invocation.s3, settings.data_bucket, _publication(result))
        for day, fingerprint in fingerprints.items():
            write_success(invocation.s3, settings.data_bucket, day, fingerprint, result.to_dict())
        return result


def read_successes(invocation: Invocation, folders: list[Folder]) -> dict[date, dict[str, Any]]:
    """Fingerprint and result of the last successful run, for each folder's date that had one."""
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    successes_by_date = {
        folder.snapshot_date: read_success(s3, bucket, folder.snapshot_date) for folder in folders
    }
    return {day: success for day, success in successes_by_date.items() if success is not None}


def what_changed(
    invocation: Invocation, folders: list[Folder], successes: dict[date, dict[str, Any]]
) -> tuple[list[Folder], TransformResult | None]:
    """The folders that differ from their last successful run; if none does, the last of those runs."""
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    places = stage_tables.locations(invocation)
    stale = [
        folder
        for folder in folders
        if successes.get(folder.snapshot_date, {}).get("fingerprint") != folder.fingerprint(places)
    ]
    if stale:
        return stale, None
    results = {folder.snapshot_date: successes[folder.snapshot_date]["result"] for folder in folders}
    last = TransformResult(**max(results.values(), key=lambda result: result["run_ts"]))
    shown = shown_runs(s3, bucket, list(results))
    published = all(shown[one] >= result["run_ts"] for one, result in results.items())
    exports = [export["key"] for result in results.values() for export in result["exports"].values()]
    if not published and not all(exists(s3, bucket, key) for key in exports):
        # What could still be published has expired.
        return folders, None
    nothing = replace(
        last, built=[], changed=not published, queries=0, bytes_scanned=0, engine_milliseconds=0
    )
    return [], replace(nothing, exports={}, prod={}) if published else nothing


def _announce_again(invocation: Invocation, successes: dict[date, dict[str, Any]]) -> None:
    """Announce what is not published: the execution that was to publish it may have ended before it did."""
    for success in successes.values():
        result = TransformResult(**success["result"])
        announce(invocation.s3, invocation.settings.data_bucket, _publication(result))


def _publication(result: TransformResult) -> Publication:
    return Publication(result.run_ts, result.built, result.exports, result.prod)


def _earlier_runs(
    invocation: Invocation, folders: list[Folder], successes: dict[date, dict[str, Any]]
) -> list[str]:
    """The names of the last runs of some dates, and of those that `prod/` shows or is going to show."""
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    dates = [folder.snapshot_date for folder in folders]
    succeeded = [successes[day]["result"]["run_ts"] for day in dates if day in successes]
    return [*succeeded, *announced(s3, bucket), *shown_runs(s3, bucket, dates).values()]


def _later_than_before(earlier: Sequence[str], run_ts: str) -> str:
    """The run's name, moved behind those of earlier runs where it is not later by itself.

    An execution may wait for the lease while one that started later builds the date, and a machine's clock
    may be ahead. What this run finds is newer, but `prod/` shows the run with the greatest name.
    """
    latest = max(earlier, default="")
    if latest < run_ts:
        return run_ts
    started_at, own = latest.split("-")[0], run_ts.split("-")[1]
    after = datetime.strptime(started_at, _RUN_TS_TIME) + timedelta(seconds=1)
    return f"{after.strftime(_RUN_TS_TIME)}-{own}"


def _build(invocation: Invocation, folders: list[Folder], run_ts: str, *, full_refresh: bool) -> Tests:
    """Build and test the tables for some dates; the outcomes of the data tests."""
    tests = Tests()
    for start in range(0, len(folders), DATES_PER_BUILD):
        some = [folder.snapshot_date.isoformat() for folder in folders[start : start + DATES_PER_BUILD]]
        refresh = ["--full-refresh"] if full_refresh and start == 0 else []
        variables = {"snapshot_dates": some, "run_ts": run_ts}
        tests = tests.merged(run_dbt(invocation.settings, [*BUILD, *refresh], invocation, variables))
    return tests


def _export(
    invocation: Invocation, fingerprints: dict[date, str], run_ts: str, tests: Tests
) -> TransformResult:
    """Export the dates that were built, by their fingerprints; what the run did."""
    settings, dates = invocation.settings, list(fingerprints)
    counts = stage_tables.count(invocation, dates)
    built_from = hashlib.sha256("".join(fingerprints.values()).encode()).hexdigest()
    written = write_exports(invocation, run_ts, dates, built_from)
    invocation.check()
    statistics = invocation.statistics()
    iso_dates = [day.isoformat() for day in dates]
    return TransformResult(
        snapshot_dates=iso_dates,
        run_ts=run_ts,
        built=iso_dates,
        changed=True,
        counts={
            "stage1": {"curated": counts.curated, "rejected": counts.rejected[1]},
            "stage3": {"processed": counts.processed, "rejected": counts.rejected[3]},
        },
        rejects_by_reason={f"stage{stage}": codes for stage, codes in counts.reasons.items()},
        tests=asdict(tests),
        hidden=[],
        exports={export.name: export.to_dict(settings.data_bucket) for export in written},
        prod={f"{export.name}_key": export.prod_key for export in written},
        queries=statistics.queries,
        bytes_scanned=statistics.bytes_scanned,
        engine_milliseconds=statistics.engine_milliseconds,
    )


def require_files(settings: Settings, folders: list[Folder]) -> None:
    for folder in folders:
        if not folder.files:
            place = f"s3://{settings.data_bucket}/{bronze_folder(folder.snapshot_date)}"
            raise NoFiles(f"{place} has no record files: to empty that date's rows say --allow-empty")


def _report_hidden(settings: Settings, folders: list[Folder]) -> list[str]:
    hidden = [key for folder in folders for key in folder.hidden]
    for key in hidden:
        logger.warning("s3://%s/%s is hidden from Athena by its name and not used", settings.data_bucket, key)
    return hidden


def _require_lines(invocation: Invocation, folders: list[Folder]) -> None:
    """Fail before anything is written if SQL sees no line of a folder that has some.

    A table whose projection or location misses a folder would otherwise delete that date's rows.
    """
    filled = {folder.snapshot_date: folder for folder in folders if folder.size}
    if not filled:
        return
    among = ", ".join(f"'{day.isoformat()}'" for day in filled)
    # One line is enough. With the limit Athena does not read the rest of a single date.
    limit = "limit 1" if len(filled) == 1 else ""
    sql = f"select distinct snapshot_date from {stage_tables.SOURCE} where snapshot_date in ({among}) {limit}"
    seen = {row[0] for row in invocation.rows(sql)}
    for snapshot_date, folder in filled.items():
        if snapshot_date.isoformat() in seen:
            continue
        for file in folder.files:
            if not is_blank(invocation.s3, invocation.settings.data_bucket, file.key):
                raise LinesNotSeen(
                    f"s3://{invocation.settings.data_bucket}/{file.key} has lines, but Athena sees none of "
                    f"{snapshot_date} in {stage_tables.SOURCE}: check that table's projection range and "
                    "location; nothing was changed"
                )
