"""Stage 2: the accreditations that expire soon, from any amount of bronze lines in flat memory.

Every valid line is judged: there is no deduplication across lines, so a facility that stands in two
files or two snapshots gives rows for each.
"""

from __future__ import annotations

import base64
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.exceptions import BotoCoreError, ClientError

from runner import lake
from runner.aws.clients import s3_client
from runner.errors import DeadlineReached, MedLaunchError
from runner.settings import Settings
from runner.stage2.ahead import fetch_ahead
from runner.stage2.judge import COLUMNS, Judge, Reject, Window
from runner.stage2.lines import (
    CorruptGzip,
    ObjectChanged,
    ObjectGone,
    ObjectNotRead,
    OverlongLine,
    read_lines,
    read_object,
)
from runner.stage2.objects import ObjectWriter
from runner.telemetry import NAMESPACE, logger, metrics

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: Reasons beyond the registry: where Athena meets such a line or file, its whole query fails.
OVERLONG_LINE = "line_over_limit"
CORRUPT_GZIP = "corrupt_gzip"

#: How often one file is read from its start before the run gives up.
_MAX_STARTS = 4
#: Quarantine objects that go up while the next files are judged.
_QUARANTINED_AT_ONCE = 4
#: Bytes for which a raw line is repeated with its second and later rejects; or 32 MB of bad dates, each
#: with the 32 MB that it stands in, would be more than S3 holds in one object.
_MAX_REPEATED_BYTES = 1024 * 1024
_DELETE_BATCH = 1000  # S3 deletes at most so many keys at once


class QuarantineNotCleared(MedLaunchError):
    """Quarantine objects of an earlier run could not be deleted."""


@dataclass(frozen=True, slots=True)
class ExpiringResult:
    """What a run did.

    Attributes:
        run_date: the day from which expiry is counted, YYYY-MM-DD.
        window_days: accreditations that expire on days 0 to `window_days` from the run date are listed.
        snapshots: `all`, or `latest` for the newest date folder only.
        files: objects judged, with `bytes` stored bytes and `records` lines that are not blank.
        files_corrupt: objects quarantined whole, since they are not sound gzip; none of their lines counts.
        files_gone: objects deleted before they had been read.
        keys_ignored: keys below the bronze prefix that hold no records.
        rows: rows of the CSV.
        rejects: quarantined rejects, of which `rejects_by_code` have that code (one may have several).
        output: where the CSV is.
        quarantine: below which prefix the quarantine objects are.
        seconds: how long the run took.
    """

    run_date: str
    window_days: int
    snapshots: str
    files: int
    files_corrupt: int
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
        """The result as JSON takes it."""
        return asdict(self)


def expiring(
    settings: Settings, run_date: date, *, seconds_left: float | None = None, s3: S3Client | None = None
) -> ExpiringResult:
    """Write the CSV of accreditations that expire within the window, and the quarantine.

    The CSV appears when all files have been judged, or not at all. Quarantine objects are replaced file
    by file; those of before this run that no file of it accounts for are deleted once the CSV is out.

    Args:
        settings: the bucket, the window and which snapshots to read.
        run_date: the day from which expiry is counted.
        seconds_left: the time that the run has; None for no limit.
        s3: an S3 client; by default that of the process.

    Raises:
        DeadlineReached: the time ran out before the CSV was out.
        ObjectNotRead: S3 would not hand a file over.
        OutputNotWritten: S3 refused the CSV or a quarantine object.
        QuarantineNotCleared: S3 refused to delete a quarantine object of an earlier run.
    """
    started = time.monotonic()
    deadline = None if seconds_left is None else started + seconds_left
    s3 = s3 or s3_client()
    key = lake.expiring_soon_key(run_date)
    with (
        ThreadPoolExecutor(_QUARANTINED_AT_ONCE) as background,
        ObjectWriter(s3, settings.data_bucket, key, content_type="text/csv") as output,
    ):
        run = _Run(s3, settings, Window(run_date, settings.window_days), deadline, background)
        run.begin()
        output.write((",".join(COLUMNS) + "\n").encode())
        with closing(fetch_ahead(s3, run.bucket, run.files())) as files:
            for file, content in files:
                run.take(file, content, output)
        run.wait_for_quarantine(0)
        run.check_deadline()
    run.clear_quarantine()
    result = ExpiringResult(
        run_date=run_date.isoformat(),
        window_days=settings.window_days,
        snapshots=settings.snapshots,
        files=run.judged,
        files_corrupt=run.corrupt,
        files_gone=run.gone,
        keys_ignored=run.ignored,
        bytes=run.bytes,
        records=run.records,
        rows=run.rows,
        rejects=run.rejects,
        rejects_by_code=dict(run.rejects_by_code),
        output=output.uri,
        quarantine=f"s3://{settings.data_bucket}/{lake.prefix('quarantine')}/",
        seconds=round(time.monotonic() - started, 3),
    )
    logger.info("expiring finished", extra=result.to_dict())
    return result


def emit_metrics(result: ExpiringResult) -> None:
    """Print the figures of a run as EMF metrics, the rejects also by code."""
    for name, unit, value in (
        ("Stage2Files", MetricUnit.Count, result.files),
        ("Stage2Bytes", MetricUnit.Bytes, result.bytes),
        ("Stage2Records", MetricUnit.Count, result.records),
        ("Stage2Rows", MetricUnit.Count, result.rows),
        ("Stage2Rejects", MetricUnit.Count, result.rejects),
        ("Stage2Duration", MetricUnit.Seconds, result.seconds),
    ):
        metrics.add_metric(name=name, unit=unit, value=value)
    metrics.add_metadata(key="output", value=result.output)
    metrics.add_metadata(key="quarantine", value=result.quarantine)
    metrics.flush_metrics()
    for code, count in result.rejects_by_code.items():
        with single_metric(
            name="Stage2RejectsByCode", unit=MetricUnit.Count, value=count, namespace=NAMESPACE
        ) as metric:
            metric.add_dimension(name="reject_reason", value=code)


#: An object's ETag, and when it was written.
_Version = tuple[str, datetime]


class _File(NamedTuple):
    key: str
    bronze: lake.BronzeKey
    size: int


class _Rejects:
    """Writes the rejects of one file as NDJSON, and counts them; `check_deadline` is called at each."""

    def __init__(self, file: _File, writer: ObjectWriter, check_deadline: Callable[[], None]) -> None:
        self.count = 0
        self.by_code: Counter[str] = Counter()
        self._file = file
        self._writer = writer
        self._check_deadline = check_deadline
        self._line_number: int | None = None
        self._repeated_bytes = 0

    def add(self, reject: Reject) -> None:
        """Take one reject."""
        self._check_deadline()
        self.count += 1
        for code in reject.codes:
            self.by_code[code] += 1
        entry: dict[str, Any] = {
            "file_key": self._file.key,
            "line_number": reject.number,
            "snapshot_date": self._file.bronze.snapshot_date,
            "reject_reason": ";".join(reject.codes),
        }
        if reject.detail:
            entry["detail"] = reject.detail
        if reject.line is not None and self._holds_line(reject.number, len(reject.line)):
            entry |= _raw_line(reject.line)
        self._writer.write(msgspec.json.encode(entry))
        self._writer.write(b"\n")

    def _holds_line(self, number: int | None, length: int) -> bool:
        """Whether the raw line stands with this reject: always with a line's first one."""
        if number != self._line_number:
            self._line_number = number
            self._repeated_bytes = 0
            return True
        self._repeated_bytes += length
        return self._repeated_bytes <= _MAX_REPEATED_BYTES


def _raw_line(line: bytes) -> dict[str, str]:
    try:
        return {"raw_line": line.decode("utf-8")}
    except UnicodeDecodeError:
        return {"raw_line_base64": base64.b64encode(line).decode("ascii")}


@dataclass(slots=True)
class _Run:
    s3: S3Client
    settings: Settings
    window: Window
    deadline: float | None
    background: Executor
    judged: int = 0
    corrupt: int = 0
    gone: int = 0
    ignored: int = 0
    bytes: int = 0
    records: int = 0
    rows: int = 0
    rejects: int = 0
    rejects_by_code: Counter[str] = field(default_factory=Counter[str])
    #: The date folder that `snapshots=latest` reads; empty for all.
    folder: str = ""
    #: The quarantine as this run found it: the version of each key.
    earlier: dict[str, _Version] = field(default_factory=dict[str, _Version])
    #: The key that is being judged.
    key: str = ""
    quarantined: set[str] = field(default_factory=set[str])
    #: Quarantine objects on their way.
    publishing: deque[Future[None]] = field(default_factory=deque[Future[None]])

    @property
    def bucket(self) -> str:
        return self.settings.data_bucket

    def check_deadline(self) -> None:
        if self.deadline is not None and time.monotonic() > self.deadline:
            where = f", in {self.key}" if self.key else ""
            raise DeadlineReached(
                f"Stage 2 of s3://{self.bucket} ran out of time after {self.judged} files{where}; "
                "its CSV stays as is. Give it more time, or read only the newest folder with SNAPSHOTS=latest"
            )

    def begin(self) -> None:
        """Find the newest folder if only that is read, and what the quarantine holds before this run."""
        if self.settings.snapshots == "latest":
            self.folder = self._newest_folder()
        self.earlier = self._quarantine()

    def files(self) -> Iterator[_File]:
        """The files to read, in the order of their keys."""
        if self.settings.snapshots == "latest" and not self.folder:
            return
        for entry in self._objects(f"{lake.prefix('bronze')}/{self.folder}"):
            key = entry["Key"]
            bronze = lake.parse_bronze_key(key)
            if bronze is not None and bronze.holds_records:
                yield _File(key, bronze, entry["Size"])
            elif not key.endswith("/"):
                self.ignored += 1
                logger.warning("a key holds no records by its name", extra={"key": key})

    def take(self, file: _File, content: Iterator[bytes], output: ObjectWriter) -> None:
        """Judge one file; what it gave counts only once it has been read to its end."""
        self.key = file.key
        for _ in range(_MAX_STARTS):
            output.mark()
            try:
                self._judge(file, content, output)
            except ObjectGone as error:
                output.rollback()
                self.gone += 1
                logger.warning("a file was deleted before it had been read", extra={"cause": str(error)})
            except ObjectChanged as error:
                output.rollback()
                logger.warning("a file is read again from its start", extra={"cause": str(error)})
                content = read_object(self.s3, self.bucket, file.key)
                continue
            except CorruptGzip as error:
                output.rollback()
                self._quarantine_whole(file, error)
            return
        raise ObjectNotRead(f"s3://{self.bucket}/{file.key} kept changing while it was read; run again later")

    def wait_for_quarantine(self, under_way: int) -> None:
        """Wait until no more than so many quarantine objects are on their way."""
        while len(self.publishing) > under_way:
            self.publishing.popleft().result()

    def clear_quarantine(self) -> None:
        """Delete the quarantine objects of before this run that no file of it accounts for.

        What another run has written meanwhile may be of a file that this one has not seen.
        """
        stale = [
            key
            for key, version in self._quarantine().items()
            if key not in self.quarantined and self.earlier.get(key) == version
        ]
        for first in range(0, len(stale), _DELETE_BATCH):
            batch = stale[first : first + _DELETE_BATCH]
            try:
                answer = self.s3.delete_objects(
                    Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
                )
            except (BotoCoreError, ClientError) as error:
                raise QuarantineNotCleared(
                    f"s3://{self.bucket}/{batch[0]} could not be deleted: {error}"
                ) from error
            for failure in answer.get("Errors", []):
                raise QuarantineNotCleared(
                    f"s3://{self.bucket}/{failure.get('Key')} could not be deleted: {failure.get('Message')}"
                )

    def _judge(self, file: _File, content: Iterator[bytes], output: ObjectWriter) -> None:
        with self._quarantine_writer(file) as writer:
            rejects = _Rejects(file, writer, self.check_deadline)
            judge = Judge(self.window, file.bronze.snapshot_date, rejects.add)
            for block in read_lines(content, file.key):
                if isinstance(block, OverlongLine):
                    judge.records += 1
                    rejects.add(_overlong(block))
                else:
                    for csv_lines in judge.judge(block):
                        output.write(csv_lines)
                        self.check_deadline()
                    # The next lines then take the memory of these, which the processor has at hand.
                    block.lines.clear()
                self.check_deadline()
        self._publish_later(writer)
        self._count(file, judge.records, judge.rows, rejects)
        self.judged += 1

    def _quarantine_whole(self, file: _File, error: CorruptGzip) -> None:
        with self._quarantine_writer(file) as writer:
            rejects = _Rejects(file, writer, self.check_deadline)
            rejects.add(Reject(None, [CORRUPT_GZIP], None, str(error)))
        self._publish_later(writer)
        self._count(file, 0, 0, rejects)
        self.corrupt += 1
        logger.error("a file is quarantined whole", extra={"key": file.key, "cause": str(error)})

    def _quarantine_writer(self, file: _File) -> ObjectWriter:
        return ObjectWriter(
            self.s3,
            self.bucket,
            lake.quarantine_key(file.bronze),
            content_type="application/x-ndjson",
            skip_empty=True,
            background=self.background,
        )

    def _publish_later(self, writer: ObjectWriter) -> None:
        self.publishing.append(writer.published)
        self.wait_for_quarantine(_QUARANTINED_AT_ONCE)

    def _count(self, file: _File, records: int, rows: int, rejects: _Rejects) -> None:
        self.bytes += file.size
        self.records += records
        self.rows += rows
        self.rejects += rejects.count
        self.rejects_by_code += rejects.by_code
        if rejects.count:
            self.quarantined.add(lake.quarantine_key(file.bronze))

    def _quarantine(self) -> dict[str, _Version]:
        listed = self._objects(f"{lake.prefix('quarantine')}/{self.folder}")
        return {entry["Key"]: (entry["ETag"], entry["LastModified"]) for entry in listed}

    def _objects(self, prefix: str) -> Iterator[dict[str, Any]]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return _listed(pages, "Contents", self.bucket)

    def _newest_folder(self) -> str:
        """The newest date folder with a slash at its end, or nothing."""
        head = f"{lake.prefix('bronze')}/"
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=head, Delimiter="/"
        )
        folders = [
            entry["Prefix"].removeprefix(head) for entry in _listed(pages, "CommonPrefixes", self.bucket)
        ]
        return max((folder for folder in folders if lake.parse_date(folder[:-1])), default="")


def _listed(pages: Any, member: str, bucket: str) -> Iterator[dict[str, Any]]:
    try:
        for page in pages:
            yield from page.get(member, [])
    except (BotoCoreError, ClientError) as error:
        raise ObjectNotRead(
            f"s3://{bucket} could not be listed: {error}; check the bucket's name and the rights"
        ) from error


def _overlong(line: OverlongLine) -> Reject:
    return Reject(line.number, [OVERLONG_LINE], line.head, f"{line.length} bytes; only its start is kept")
