"""Stage 2: the accreditations that expire soon, from any amount of bronze lines in flat memory.

Lines are not deduplicated: a facility in two files or two snapshots gives rows for each of them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from runner import lake
from runner.aws.clients import make_client, s3_client
from runner.bronze import RecordFile
from runner.errors import DeadlineReached, MedLaunchError
from runner.settings import Settings
from runner.stage2.csv_rows import BYTE_ORDER_MARK, HEADER
from runner.stage2.file_judge import FileJudge, Judged, OutOfTime
from runner.stage2.judge import Window
from runner.stage2.listing import Listing, listed_objects
from runner.stage2.objects import ObjectTakenOver, ObjectWriter
from runner.stage2.processes import Processes, vcpus
from runner.stage2.quarantine import Quarantine
from runner.stage2.staged import write_staged_csv
from runner.stage2.tally import Tally
from runner.telemetry import NAMESPACE, logger, metrics

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The most bytes of lines that one process judges per second. Measured: 280 MB per second of processor time.
_MOST_BYTES_PER_SECOND = 300_000_000
#: Bytes that a run tries to read even if little time is left.
_ALWAYS_TRIED = 64 * 1024 * 1024
#: From this many bytes of files on, several processes are worth their start.
_WORTH_PROCESSES = 32 * 1024 * 1024
#: How often a run starts at most when other runs write its CSV meanwhile.
_MOST_STARTS = 3

_WAYS_OUT = (
    "read only the newest folder with SNAPSHOTS=latest, or the table of judged lines with "
    "STAGE2_ENGINE=athena"
)


class TooMuchToRead(MedLaunchError):
    """The files have more bytes than the run can read in the time that is left."""


@dataclass(frozen=True, slots=True)
class ExpiringResult:
    """What a run did.

    Attributes:
        run_date: the day from which expiry is counted, YYYY-MM-DD.
        window_days: accreditations that expire on days 0 to `window_days` from the run date are listed.
        snapshots: `all`, or `latest` for the newest date folder only.
        engine: `stream` if the run read the files, `athena` if it read the table of judged lines.
        keys_ignored: keys below the bronze prefix that hold no records.
        output: the address of the CSV.
        quarantine: the prefix of the quarantine objects.
        seconds: how long the run took.

    The other attributes are those of `Tally`. The engine `athena` counts only the rows and the bytes that the
    query read. The runs that built the table have counted lines and rejects, and no quarantine is written.
    """

    run_date: str
    window_days: int
    snapshots: str
    engine: str
    files: int
    files_corrupt: int
    files_over_cap: list[str]
    files_gone: int
    keys_ignored: int
    bytes: int
    records: int
    rows: int
    rejects: int
    rejects_by_code: dict[str, int]
    output: str
    quarantine: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The result in JSON types."""
        return asdict(self)


def expiring(
    settings: Settings, run_date: date, *, seconds_left: float | None = None, s3: S3Client | None = None
) -> ExpiringResult:
    """Write the CSV of accreditations that expire within the window, and the quarantine.

    The CSV appears when all files have been judged, or not at all. Quarantine objects are replaced file by
    file. After the CSV is written, older quarantine objects are deleted if this run has no rejects for them.

    A run starts again if another run of the same day has written the CSV meanwhile, because this run may have
    read older files. If runs overlap, the last CSV therefore comes from a run that began after the others had
    written theirs.

    Args:
        settings: the bucket, the window, which snapshots to read, the engine, the caps and the processes.
        run_date: the day from which expiry is counted.
        seconds_left: the time that the run has; None for no limit.
        s3: an S3 client; by default that of the process.

    Raises:
        TooMuchToRead: the files cannot be read in the time that is left.
        DeadlineReached: the time ran out before the CSV was out.
        NoStagedTable: the engine is `athena`, and the table of judged lines could not be read.
        ObjectNotRead: S3 did not return a file.
        ObjectTakenOver: other runs wrote the CSV meanwhile at every attempt.
        OutputNotWritten: S3 refused the CSV or a quarantine object.
        ProcessDied: one of several processes was killed.
        QuarantineNotCleared: S3 refused to delete a quarantine object of an earlier run.
    """
    deadline = None if seconds_left is None else time.monotonic() + seconds_left
    s3 = s3 or s3_client()
    for _ in range(_MOST_STARTS - 1):
        try:
            return _run(s3, settings, run_date, deadline)
        except ObjectTakenOver as error:
            logger.info("%s", error)
    return _run(s3, settings, run_date, deadline)


def _run(s3: S3Client, settings: Settings, run_date: date, deadline: float | None) -> ExpiringResult:
    started = time.monotonic()
    standing = _standing_csv(s3, settings.data_bucket, run_date)
    listing = Listing(s3, settings.data_bucket, latest=settings.snapshots == "latest")
    engine = _engine(settings, listing, None if deadline is None else deadline - started)
    if engine == "athena":
        output, tally = _from_the_table(settings, run_date, deadline, standing)
    else:
        output, tally = _from_the_files(s3, settings, run_date, listing, deadline, standing)
    result = ExpiringResult(
        run_date=run_date.isoformat(),
        window_days=settings.window_days,
        snapshots=settings.snapshots,
        engine=engine,
        keys_ignored=listing.ignored,
        output=output,
        quarantine=f"s3://{settings.data_bucket}/{lake.prefix('quarantine')}/",
        seconds=round(time.monotonic() - started, 3),
        **tally.to_dict(),
    )
    logger.info("expiring finished", extra=result.to_dict())
    return result


def _standing_csv(s3: S3Client, bucket: str, run_date: date) -> str:
    """The ETag of the CSV that an earlier run has written; "" without a CSV."""
    key = lake.expiring_soon_key(run_date)
    return next((entry["ETag"] for entry in listed_objects(s3, bucket, key) if entry["Key"] == key), "")


def _engine(settings: Settings, listing: Listing, seconds_left: float | None) -> str:
    """`stream` or `athena`, chosen by the setting and the number of bytes to read."""
    asked = settings.stage2_engine
    if asked == "athena" or (asked == "stream" and seconds_left is None):
        return asked
    processes = settings.stage2_processes or vcpus()
    seconds = math.inf if seconds_left is None else seconds_left
    readable = max(_ALWAYS_TRIED, seconds * processes * _MOST_BYTES_PER_SECOND)
    stored = held = 0
    for stored_size, held_size in listing.sizes():
        stored += stored_size
        held += held_size
        if asked == "auto" and (held > readable or stored > settings.stage2_auto_bytes):
            return "athena"
        if held > readable:
            raise TooMuchToRead(
                f"the files of s3://{settings.data_bucket} hold more than {int(readable):,} bytes, which "
                f"cannot be read in the {seconds:.0f} seconds that are left: {_WAYS_OUT}, or give the run "
                "more time or memory"
            )
    return "stream"


def _from_the_table(
    settings: Settings, run_date: date, deadline: float | None, standing: str
) -> tuple[str, Tally]:
    output, rows, bytes_read = write_staged_csv(settings, run_date, deadline, standing)
    return output, Tally(rows=rows, bytes=bytes_read)


def _from_the_files(
    s3: S3Client,
    settings: Settings,
    run_date: date,
    listing: Listing,
    deadline: float | None,
    standing: str,
) -> tuple[str, Tally]:
    quarantine = Quarantine(s3, settings.data_bucket, listing.folder)
    quarantine.look()
    tally = Tally()
    window = Window(run_date, settings.window_days)
    try:
        with _judged(s3, settings, window, listing, deadline) as outcomes:
            output = _write_csv(s3, settings, run_date, outcomes, tally, quarantine, standing)
    except OutOfTime as error:
        raise DeadlineReached(
            f"Stage 2 of s3://{settings.data_bucket} ran out of time after {tally.files} files, in {error}; "
            f"its CSV stays as is. Give it more time, or {_WAYS_OUT}"
        ) from error
    quarantine.clear()
    return output, tally


@contextmanager
def _judged(
    s3: S3Client, settings: Settings, window: Window, listing: Listing, deadline: float | None
) -> Generator[Iterable[Judged]]:
    """The verdicts on the listed files, in order: from this process, or from several."""
    count = settings.stage2_processes or vcpus()
    files, is_large = _look_ahead(listing.files()) if count > 1 else (listing.files(), False)
    if is_large:
        with (
            Processes(count, lambda: FileJudge(make_client("s3"), settings, window, deadline)) as processes,
            closing(processes.judge_all(files)) as outcomes,
        ):
            yield outcomes
    else:
        with FileJudge(s3, settings, window, deadline) as judge, closing(judge.judge_all(files)) as outcomes:
            yield outcomes


def _look_ahead(files: Iterator[RecordFile]) -> tuple[Iterator[RecordFile], bool]:
    """The same files, and whether they are worth several processes."""
    seen: list[RecordFile] = []
    size = 0
    for file in files:
        seen.append(file)
        size += file.size
        if len(seen) > 1 and size >= _WORTH_PROCESSES:
            return chain(seen, files), True
    return iter(seen), False


def _write_csv(
    s3: S3Client,
    settings: Settings,
    run_date: date,
    outcomes: Iterable[Judged],
    tally: Tally,
    quarantine: Quarantine,
    standing: str,
) -> str:
    """Replace the existing CSV, add the figures up, and return the address of the CSV."""
    key = lake.expiring_soon_key(run_date)
    with ObjectWriter(s3, settings.data_bucket, key, content_type="text/csv", replaces=standing) as output:
        if settings.csv_bom:
            output.write(BYTE_ORDER_MARK)
        output.write(f"{HEADER}\n".encode())
        for judged in outcomes:
            for piece in judged.csv:
                output.write(piece)
            tally.add(judged.tally)
            quarantine.written.update(judged.quarantined)
    return output.uri


def emit_metrics(result: ExpiringResult) -> None:
    """Print the figures of a run as EMF metrics, the rejects also by code."""
    for name, unit, value in (
        ("Stage2Files", MetricUnit.Count, result.files),
        ("Stage2FilesOverCap", MetricUnit.Count, len(result.files_over_cap)),
        ("Stage2Bytes", MetricUnit.Bytes, result.bytes),
        ("Stage2Records", MetricUnit.Count, result.records),
        ("Stage2Rows", MetricUnit.Count, result.rows),
        ("Stage2Rejects", MetricUnit.Count, result.rejects),
        ("Stage2Duration", MetricUnit.Seconds, result.seconds),
    ):
        metrics.add_metric(name=name, unit=unit, value=value)
    metrics.add_metadata(key="output", value=result.output)
    metrics.add_metadata(key="quarantine", value=result.quarantine)
    metrics.add_metadata(key="files_over_cap", value=result.files_over_cap)
    metrics.flush_metrics()
    for code, count in result.rejects_by_code.items():
        with single_metric(
            name="Stage2RejectsByCode", unit=MetricUnit.Count, value=count, namespace=NAMESPACE
        ) as metric:
            metric.add_dimension(name="reject_reason", value=code)
