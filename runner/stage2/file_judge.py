"""Turns one bronze file into its CSV rows and its quarantine object."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from runner import lake
from runner.bronze import RecordFile
from runner.errors import MedLaunchError
from runner.settings import FileCaps, Settings
from runner.stage2.ahead import fetch_ahead
from runner.stage2.csv_rows import csv_rows
from runner.stage2.gzip_members import CorruptGzip
from runner.stage2.judge import Judge, Reject, Verdict, Window
from runner.stage2.lines import Lines, read_lines
from runner.stage2.objects import ObjectWriter
from runner.stage2.quarantine import RejectsWriter
from runner.stage2.reading import ObjectChanged, ObjectGone, ObjectNotRead, read_object
from runner.stage2.sorted_rows import SortedRows
from runner.stage2.tally import Tally
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The codes for a file that is quarantined whole.
CORRUPT_GZIP = "corrupt_gzip"
OVER_CAP = "file_over_cap"

#: How often one file is read from its start before the run gives up.
_MAX_STARTS = 4
#: The most quarantine objects that are uploaded while the next files are judged.
_QUARANTINED_AT_ONCE = 4
#: The most rejects and rows between two checks of the clock and the caps.
_REJECTS_AT_A_TIME = 1000
_ROWS_AT_A_TIME = 4096


class OutOfTime(MedLaunchError):
    """The run's time is over. The message is the key of the file that was being judged."""


class FileOverCap(MedLaunchError):
    """A file exceeds a cap."""


@dataclass(slots=True)
class Judged:
    """The outcome of one or more files.

    Attributes:
        tally: the figures.
        quarantined: keys of the quarantine objects.
        csv: the rows in order, as pieces of the CSV. They can be read once.
    """

    tally: Tally
    quarantined: list[str] = field(default_factory=list[str])
    csv: Iterable[bytes] = ()


class FileJudge:
    """Judges files one after the other. As a context manager, it ends its threads.

    Args:
        s3: an S3 client.
        settings: bucket, window and caps.
        window: which dates count as expiring soon.
        deadline: the `time.monotonic()` at which the run's time is over; None for no deadline.
    """

    def __init__(self, s3: S3Client, settings: Settings, window: Window, deadline: float | None) -> None:
        self._s3 = s3
        self._bucket = settings.data_bucket
        self._caps = settings.file_caps
        self._window = window
        self._deadline = deadline
        self._background = ThreadPoolExecutor(_QUARANTINED_AT_ONCE)
        self._publishing: deque[Future[None]] = deque()

    def __enter__(self) -> FileJudge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._background.shutdown()

    def judge_all(self, files: Iterable[RecordFile]) -> Generator[Judged]:
        """The verdict on each file, in order.

        Read the rows of a file before you ask for the next file. The generator ends when all quarantine
        objects are uploaded.

        Raises:
            OutOfTime: the deadline has passed.
            ObjectNotRead: S3 would not hand a file over.
            OutputNotWritten: S3 refused a quarantine object.
        """
        with closing(fetch_ahead(self._s3, self._bucket, files)) as fetched:
            for file, content in fetched:
                with closing(SortedRows()) as rows:
                    yield self._judge(file, content, rows)
        self._wait_for_quarantine()

    def _wait_for_quarantine(self, under_way: int = 0) -> None:
        """Wait until at most this many quarantine objects are still being uploaded."""
        while len(self._publishing) > under_way:
            self._publishing.popleft().result()

    def _judge(self, file: RecordFile, content: Iterator[bytes], rows: SortedRows) -> Judged:
        """The outcome of a file. It counts only when the file has been read to its end."""
        for _ in range(_MAX_STARTS):
            try:
                return self._judge_lines(file, content, rows)
            except ObjectGone as error:
                logger.warning("a file was deleted before it had been read", extra={"cause": str(error)})
                return Judged(Tally(files_gone=1))
            except ObjectChanged as error:
                logger.warning("a file is read again from its start", extra={"cause": str(error)})
                content = read_object(self._s3, self._bucket, file.key)
                rows.close()
            except CorruptGzip as error:
                return self._quarantine_whole(file, Tally(files_corrupt=1), CORRUPT_GZIP, error)
            except FileOverCap as error:
                return self._quarantine_whole(file, Tally(files_over_cap=[file.key]), OVER_CAP, error)
        raise ObjectNotRead(
            f"s3://{self._bucket}/{file.key} kept changing while it was read; run again later"
        )

    def _judge_lines(self, file: RecordFile, content: Iterator[bytes], rows: SortedRows) -> Judged:
        judge = Judge(self._window, file.bronze.snapshot_date)
        with self._quarantine_writer(file) as writer:
            sink = _Sink(file, rows, RejectsWriter(file, writer), self._caps, self._deadline)
            for block in read_lines(content, file.key):
                for verdict in judge.judge(block):
                    sink.take(verdict)
                if isinstance(block, Lines):
                    # The next lines then reuse this memory, which is still in the processor's cache.
                    block.lines.clear()
        return self._judged(file, writer, sink.tally, sink.rejects, rows.pieces())

    def _quarantine_whole(self, file: RecordFile, tally: Tally, code: str, error: MedLaunchError) -> Judged:
        logger.error(
            "a file is quarantined whole", extra={"key": file.key, "reason": code, "cause": str(error)}
        )
        with self._quarantine_writer(file) as writer:
            rejects = RejectsWriter(file, writer)
            rejects.add(Reject(None, (code,), None, str(error)))
        return self._judged(file, writer, tally, rejects, ())

    def _judged(
        self,
        file: RecordFile,
        writer: ObjectWriter,
        tally: Tally,
        rejects: RejectsWriter,
        csv: Iterable[bytes],
    ) -> Judged:
        self._publishing.append(writer.published)
        self._wait_for_quarantine(_QUARANTINED_AT_ONCE)
        tally.bytes = file.size
        tally.rejects, tally.rejects_by_code = rejects.count, rejects.by_code
        return Judged(tally, [lake.quarantine_key(file.bronze)] if rejects.count else [], csv)

    def _quarantine_writer(self, file: RecordFile) -> ObjectWriter:
        return ObjectWriter(
            self._s3,
            self._bucket,
            lake.quarantine_key(file.bronze),
            content_type="application/x-ndjson",
            skip_empty=True,
            background=self._background,
        )


class _Sink:
    """Takes the verdicts of one file, and watches its caps and the clock.

    Attributes:
        tally: the figures so far, without the rejects.
        rejects: the writer of the rejects.
    """

    def __init__(
        self,
        file: RecordFile,
        rows: SortedRows,
        rejects: RejectsWriter,
        caps: FileCaps,
        deadline: float | None,
    ) -> None:
        self.tally = Tally(files=1)
        self.rejects = rejects
        self._key = file.key
        self._rows = rows
        self._csv_size = 0
        self._caps = caps
        self._deadline = deadline
        self._started = time.monotonic()

    def take(self, verdict: Verdict) -> None:
        """Keep the rows and write the rejects.

        Raises:
            FileOverCap: the file exceeds a cap.
            OutOfTime: the run's time is over.
        """
        self._check()
        self.tally.records += verdict.records
        self.tally.rows += len(verdict.rows)
        # Each row repeats its facility, so the rows of a long line may need gigabytes.
        for rows in _in_slices(verdict.rows, _ROWS_AT_A_TIME):
            self._csv_size += self._rows.add(csv_rows(rows))
            self._check()
        for rejects in _in_slices(verdict.rejects, _REJECTS_AT_A_TIME):
            for reject in rejects:
                self.rejects.add(reject)
            self._check()

    def _check(self) -> None:
        now = time.monotonic()
        if self._deadline is not None and now > self._deadline:
            raise OutOfTime(self._key)
        caps = self._caps
        for what, used, most, setting in (
            ("rows", self.tally.rows, caps.rows, "STAGE2_MAX_ROWS"),
            ("rejects", self.rejects.count, caps.rejects, "STAGE2_MAX_REJECTS"),
            ("bytes of output", self._csv_size + self.rejects.size, caps.bytes_out, "STAGE2_MAX_BYTES_OUT"),
            ("seconds", now - self._started, caps.seconds, "STAGE2_MAX_SECONDS"),
        ):
            if used > most:
                raise FileOverCap(f"more than {most} {what}; {setting} sets how many one file may ask for")


_Item = TypeVar("_Item")


def _in_slices(items: list[_Item], at_most: int) -> Iterator[list[_Item]]:
    if len(items) <= at_most:
        if items:
            yield items
        return
    for start in range(0, len(items), at_most):
        yield items[start : start + at_most]
