"""Stages 1 and 3 for some dates: rebuild, test, export. A run is safe to repeat at any time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from runner.aws.invocation import Invocation
from runner.dbt.data_tests import Tests
from runner.dbt.dbt_run import DataTestsFailed, build_tables, run_data_tests
from runner.errors import MedLaunchError, UsageError
from runner.lake import bronze_folder, registry
from runner.lease.leased_run import leased_run
from runner.settings import Settings
from runner.tables import stage_tables
from runner.tables.bronze_folders import Folder, is_blank, list_folder
from runner.tables.exports import exports, was_written_by, write_exports
from runner.tables.initialise import make_lost_tables
from runner.tables.publication import Publication, announce, announced_for, shown_runs
from runner.tables.result import TransformResult, is_run_ts, later_than, make_run_ts
from runner.tables.state import DateState, basis_of, read_state, write_state
from runner.tables.table_watch import TablesChanged, TableWatch
from runner.telemetry import logger

#: The most dates of one build: the most partitions that Athena writes in one statement, less a tenth as a
#: margin.
DATES_PER_BUILD = int(registry()["dates_per_statement"]) * 9 // 10
#: The most bytes of files that one build reads, so that its MERGE ends within Athena's and Lambda's time
#: limits.
BYTES_PER_BUILD = 20 * 1024**3
#: The most bytes of the names of changed files. A MERGE has them three times, and Athena accepts 262,144
#: bytes per query.
MAX_LITERAL_BYTES = 75_000
#: How often a folder is read again if it changes while it is read. After that the next event reads it.
READS_OF_CHANGING_FILES = 3
#: Keys that "$path" returns unchanged. If another key has changed, the whole folder is read.
_PLAIN_KEY = re.compile(r"[A-Za-z0-9._/=' -]*", re.ASCII)


class NoFiles(UsageError):
    """A date has no record files."""


class LinesNotSeen(MedLaunchError):
    """A folder has lines that SQL does not see."""


@dataclass(slots=True)
class DateRun:
    """One date in a run.

    Attributes:
        folder: as it was last listed.
        state: as it was last written.
        changed: keys of the files to read; None for all files.
    """

    folder: Folder
    state: DateState
    changed: set[str] | None

    @property
    def snapshot_date(self) -> date:
        return self.folder.snapshot_date

    @property
    def bytes_to_read(self) -> int:
        return sum(one.size for one in self.folder.files if self.changed is None or one.key in self.changed)


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
    """Rebuild, test and export those of some dates that changed since their last successful run.

    Args:
        settings: which lake.
        snapshot_dates: the dates.
        run_ts: names the exports; by default made from the time and the run's id.
        force: rebuild dates that have not changed, too.
        full_refresh: create the tables again with only these dates.
        allow_empty: accept a date without files and delete its rows; otherwise it is an error.
        wait: seconds to wait for another run that holds the lease.
        seconds_left: the time that the run has; None for no limit.

    Raises:
        NoFiles: a date has no record files.
        LeaseHeld, DeadlineReached: see `leased_run`.
        LinesNotSeen: SQL does not see a date's files. The other dates are built.
        StateTakenOver, TablesMissing, DataTestsFailed, DbtNodeFailed, AthenaQueryFailed, AthenaThrottled.
    """
    dates = sorted(set(snapshot_dates))
    purpose = f"transform {dates[0]}{f' to {dates[-1]}' if len(dates) > 1 else ''}"
    with leased_run(settings, purpose, wait=wait, seconds_left=seconds_left) as invocation:
        folders = [list_folder(invocation.s3, settings.data_bucket, day) for day in dates]
        if not allow_empty:
            require_files(settings, folders)
        hidden = _report_hidden(settings, folders)
        make_lost_tables(settings, invocation)
        runs, last = plan(invocation, folders, everything=force or full_refresh)
        if last is not None:
            _announce_again(invocation, folders, last)
            return replace(last, snapshot_dates=[one.isoformat() for one in dates], hidden=hidden)
        unseen = _unseen(invocation, runs)
        runs = [one for one in runs if one.snapshot_date not in unseen]
        if not runs:
            raise _not_seen(invocation, unseen)
        run_ts = run_ts or make_run_ts(datetime.now(UTC), invocation.id)
        run_ts = later_than(max(_earlier_runs(invocation, runs)), run_ts)
        # A late commit during this run could be the only commit of a table and look like the run's own
        # commit.
        late_commits = invocation.late_commits_are_possible()
        try:
            result = _build_and_export(invocation, runs, run_ts, full_refresh=full_refresh)
        except TablesChanged:
            _distrust(invocation, runs, run_ts)
            raise
        except DataTestsFailed as error:
            if not late_commits:
                raise
            # The late commit of a table that the build left alone looks like the build's own.
            _distrust(invocation, runs, run_ts)
            raise TablesChanged(f"{error}; a query that was stopped may have committed late") from error
        result = replace(result, snapshot_dates=[one.isoformat() for one in dates], hidden=hidden)
        announce(invocation.s3, settings.data_bucket, _publication(result))
        _record(invocation, runs, result, late_commits=late_commits)
        if unseen:
            raise _not_seen(invocation, unseen)
        return result


def plan(
    invocation: Invocation, folders: Sequence[Folder], *, everything: bool
) -> tuple[list[DateRun], TransformResult | None]:
    """Decide what to do for some folders.

    Args:
        invocation: the run.
        folders: the dates' folders, as listed.
        everything: rebuild every date from all its files.

    Returns:
        The dates to build. If there are none, the result of the last run that built one of them.
    """
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    basis = basis_of(stage_tables.locations(invocation))
    states = {folder.snapshot_date: read_state(s3, bucket, folder.snapshot_date) for folder in folders}
    if everything:
        return [DateRun(folder, states[folder.snapshot_date], None) for folder in folders], None
    stale = [one for one in folders if not states[one.snapshot_date].is_current(one, basis)]
    runs = [
        DateRun(one, state, state.changed_files(one, basis))
        for one in stale
        for state in (states[one.snapshot_date],)
    ]
    if runs:
        return runs, None
    last = _last_result(invocation, states)
    if last is None:
        # The exports of the last run are gone or not usable. No file is read, but all dates are exported.
        return [DateRun(one, states[one.snapshot_date], set()) for one in folders], None
    return [], last


def _last_result(invocation: Invocation, states: dict[date, DateState]) -> TransformResult | None:
    """The last result of current dates; None if the exports of a date are neither published nor available."""
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    results = {day: TransformResult.from_kept(state.result) for day, state in states.items()}
    shown = shown_runs(s3, bucket, list(states))
    published = True
    for day, result in results.items():
        if result is None:
            return None
        if shown[day] >= result.run_ts:
            continue
        published = False
        # The keys of exports follow from the run's name, so that the state cannot decide what is published.
        if not all(
            was_written_by(s3, bucket, export.key, states[day].attempt)
            for export in exports(result.run_ts, [])
        ):
            return None
    last = max(
        (result for result in results.values() if result is not None), key=lambda result: result.run_ts
    )
    nothing = replace(
        last, built=[], changed=not published, queries=0, bytes_scanned=0, engine_milliseconds=0
    )
    return replace(nothing, exports={}, prod={}) if published else _with_exports(nothing, bucket)


def _with_exports(result: TransformResult, bucket: str) -> TransformResult:
    """A kept result with its exports. Their keys follow from the run's name."""
    written = exports(result.run_ts, [])
    return replace(
        result,
        exports={export.name: export.to_dict(bucket) for export in written},
        prod={f"{export.name}_key": export.prod_key for export in written},
    )


def _announce_again(invocation: Invocation, folders: Sequence[Folder], last: TransformResult) -> None:
    """Announce unpublished exports. Their execution may have ended before it published them."""
    if not last.changed:
        return
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    for folder in folders:
        kept = TransformResult.from_kept(read_state(s3, bucket, folder.snapshot_date).result)
        if kept is not None:
            announce(s3, bucket, _publication(_with_exports(kept, bucket)))


def _publication(result: TransformResult) -> Publication:
    return Publication(result.run_ts, result.built, result.exports, result.prod)


def _earlier_runs(invocation: Invocation, runs: Sequence[DateRun]) -> list[str]:
    """The names of earlier runs of some dates, and of the runs that `prod/` shows or is going to show."""
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    dates = [one.snapshot_date for one in runs]
    shown = shown_runs(s3, bucket, dates).values()
    names = [*(one.state.run_ts for one in runs), *announced_for(s3, bucket, dates), *shown]
    # Objects with other content name no run.
    return ["", *filter(is_run_ts, names)]


def _build_and_export(
    invocation: Invocation, runs: list[DateRun], run_ts: str, *, full_refresh: bool
) -> TransformResult:
    """Build, test and export some dates, and return the result."""
    begun = {one.snapshot_date: one.changed for one in runs}
    for one in runs:
        _begin(invocation, one, one.changed, run_ts)
    tests, watch = Tests(), TableWatch(invocation)
    first = True
    for some in list(_slices(runs)):
        tests = tests.merged(_build(invocation, watch, some, run_ts, full_refresh=full_refresh and first))
        first = False
    result = _export(invocation, runs, run_ts, tests, begun)
    watch.require_unchanged()
    return result


def _distrust(invocation: Invocation, runs: Sequence[DateRun], run_ts: str) -> None:
    """Empty the state of some dates, so that the next run builds them from all their files."""
    for one in runs:
        _begin(invocation, one, None, run_ts)


def _begin(invocation: Invocation, run: DateRun, keys: set[str] | None, run_ts: str) -> None:
    """Write down which files of a date are about to be read."""
    begun = run.state.begun(keys, invocation.id, run_ts)
    run.state = write_state(invocation.s3, invocation.settings.data_bucket, run.snapshot_date, begun)


def _slices(runs: Sequence[DateRun]) -> Iterator[list[DateRun]]:
    """The dates of each build, at most DATES_PER_BUILD and BYTES_PER_BUILD.

    Dates that are read whole have their own builds.
    """
    for whole in (True, False):
        some: list[DateRun] = []
        size = 0
        for run in runs:
            if (run.changed is None) is not whole:
                continue
            if some and (len(some) == DATES_PER_BUILD or size + run.bytes_to_read > BYTES_PER_BUILD):
                yield some
                some, size = [], 0
            some.append(run)
            size += run.bytes_to_read
        if some:
            yield some


def _build(
    invocation: Invocation, watch: TableWatch, runs: list[DateRun], run_ts: str, *, full_refresh: bool
) -> Tests:
    """Build and test the tables for some dates, and repeat it while their folders change.

    Returns:
        The outcomes of the data tests.
    """
    settings = invocation.settings
    dates = [run.snapshot_date.isoformat() for run in runs]
    reading: dict[date, set[str] | None] = {run.snapshot_date: run.changed for run in runs}
    tests = Tests()
    for left in reversed(range(READS_OF_CHANGING_FILES)):
        variables = {
            "snapshot_dates": dates,
            "changed_files": _addresses(invocation, reading.values()),
            "run_ts": run_ts,
            "lease_holder": invocation.id,
        }
        # A write within the second of the listing would not change the file's time.
        time.sleep(max(run.folder.seconds_until_settled() for run in runs))
        watch.look()
        build_tables(settings, stage_tables.TABLES, invocation, variables, full_refresh=full_refresh)
        watch.require_own_commits()
        tests = _test(invocation, watch, variables)
        full_refresh = False
        unlisted = _unlisted_files(invocation, runs) if variables["changed_files"] is None else {}
        reading = {}
        for run in runs:
            listed = list_folder(invocation.s3, settings.data_bucket, run.snapshot_date)
            differences = run.folder.differences(listed) | unlisted.get(run.snapshot_date, set())
            reading[run.snapshot_date] = differences
            if left:
                run.folder = listed
                if differences:
                    logger.info(
                        "files of %s changed while they were read: reading them again", listed.snapshot_date
                    )
                    _begin(invocation, run, differences, run_ts)
        if not any(reading.values()):
            break
    for run in runs:
        run.changed = reading[run.snapshot_date]
    return tests


def _test(invocation: Invocation, watch: TableWatch, variables: dict[str, Any]) -> Tests:
    """Run the data tests of a build.

    Raises:
        TablesChanged: the tests failed, and something else has changed a table since the build.
        DataTestsFailed: the tests failed.
    """
    try:
        return run_data_tests(invocation.settings, stage_tables.TABLES, invocation, variables)
    except DataTestsFailed:
        # A stopped query may commit between build and tests. Then a retry helps, and nobody needs an alert.
        watch.require_unchanged()
        raise


def _unlisted_files(invocation: Invocation, runs: Sequence[DateRun]) -> dict[date, set[str]]:
    """Keys of files that were read with their whole folder although they had not been listed.

    A file that was created after one listing and deleted before the next is in no listing, but the tables
    hold it.
    """
    head = f"s3://{invocation.settings.data_bucket}/"
    found = stage_tables.files_in_table(invocation, [one.snapshot_date for one in runs])
    keys = {one: {address.removeprefix(head) for address in found[one]} for one in found}
    return {
        one.snapshot_date: {
            key for key in keys[one.snapshot_date] - one.folder.etags.keys() if _PLAIN_KEY.fullmatch(key)
        }
        for one in runs
    }


def _addresses(invocation: Invocation, changed: Iterable[set[str] | None]) -> list[str] | None:
    """The S3 addresses of the files to read, or None for all files of the dates."""
    addresses: list[str] = []
    for keys in changed:
        if keys is None or not all(map(_PLAIN_KEY.fullmatch, keys)):
            return None
        addresses += [f"s3://{invocation.settings.data_bucket}/{key}" for key in keys]
    return sorted(addresses) if sum(len(one) + 4 for one in addresses) <= MAX_LITERAL_BYTES else None


def _export(
    invocation: Invocation,
    runs: Sequence[DateRun],
    run_ts: str,
    tests: Tests,
    begun: dict[date, set[str] | None],
) -> TransformResult:
    """Export the dates that were built, and return the run's result."""
    settings, dates = invocation.settings, [one.snapshot_date for one in runs]
    files = _addresses(invocation, [keys for keys in begun.values() if keys is not None]) or []
    counts = stage_tables.count(invocation, dates, files)
    _require_lines(invocation, runs, files, counts.lines)
    written = write_exports(invocation, run_ts, dates)
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


def _record(
    invocation: Invocation, runs: Sequence[DateRun], result: TransformResult, *, late_commits: bool
) -> None:
    """Record that the dates are built, from which files, and which files changed meanwhile.

    If late commits were possible when the build began, the state of the dates stays empty.
    """
    if late_commits:
        logger.warning("a stopped query may still commit: these dates are built again next time")
        _distrust(invocation, runs, result.run_ts)
        return
    # The basis is computed only now, because a build may have created a table again.
    basis = basis_of(stage_tables.locations(invocation))
    for one in runs:
        built = one.state.built(one.folder, basis, result.to_dict(), one.changed or ())
        write_state(invocation.s3, invocation.settings.data_bucket, one.snapshot_date, built)


def require_files(settings: Settings, folders: Sequence[Folder]) -> None:
    """Refuse dates without files.

    Raises:
        NoFiles: a date has none.
    """
    for folder in folders:
        if not folder.files:
            place = f"s3://{settings.data_bucket}/{bronze_folder(folder.snapshot_date)}"
            raise NoFiles(f"{place} has no record files: to delete that date's rows, use --allow-empty")


def _report_hidden(settings: Settings, folders: Sequence[Folder]) -> list[str]:
    hidden = [key for folder in folders for key in folder.hidden]
    for key in hidden:
        logger.warning("s3://%s/%s is not used: its name hides it from Athena", settings.data_bucket, key)
    return hidden


def _unseen(invocation: Invocation, runs: Sequence[DateRun]) -> dict[date, str]:
    """Dates that the source table does not reach, each with the key of one of its files that has lines."""
    unseen = set(stage_tables.unseen_dates(invocation, [one.snapshot_date for one in runs]))
    keys = {one.snapshot_date: _filled(invocation, one.folder) for one in runs if one.snapshot_date in unseen}
    return {snapshot_date: key for snapshot_date, key in keys.items() if key}


def _require_lines(
    invocation: Invocation, runs: Sequence[DateRun], files: Sequence[str], lines: dict[str, int]
) -> None:
    """Fail before the export if SQL saw no line of a date or changed file that does have lines."""
    head = f"s3://{invocation.settings.data_bucket}/"
    read = {address.removeprefix(head) for address in files if address not in lines}
    for run in runs:
        suspects = run.folder
        if run.snapshot_date.isoformat() in lines:
            suspects = replace(suspects, files=[file for file in suspects.files if file.key in read])
        if key := _filled(invocation, suspects):
            raise _not_seen(invocation, {run.snapshot_date: key})


def _filled(invocation: Invocation, folder: Folder) -> str:
    """The key of the first file that has lines; "" if all files are blank."""
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    return next((one.key for one in folder.files if one.size and not is_blank(s3, bucket, one.key)), "")


def _not_seen(invocation: Invocation, unseen: dict[date, str]) -> LinesNotSeen:
    told = "; ".join(
        f"s3://{invocation.settings.data_bucket}/{key} has lines, but Athena sees none of {snapshot_date}"
        for snapshot_date, key in unseen.items()
    )
    return LinesNotSeen(
        f"{told}: check projection range and location of table {stage_tables.SOURCE}; nothing was exported"
    )
