"""Reads the report's figures of each snapshot date, once, from the run's kept result and its two CSVs."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

import msgspec

from runner.aws.errors import get_or_none
from runner.tables.exports import metadata

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The number of files per date that are listed with their rejects. These have the most rejects.
MOST_FILES = 10
#: A field of a rejects CSV is a raw line. Athena reads lines of up to 32 MiB.
_MAX_FIELD = 64 * 1024 * 1024


class Run(msgspec.Struct, frozen=True):
    """A successful run of Stages 1 and 3.

    Attributes:
        run_ts: its name, UTC time first.
        snapshot_dates: the dates that it built.
        counts: lines by stage, as in `TransformResult`.
        rejects_by_reason: rejects by stage and code, as in `TransformResult`.
        passed, warned: names of data tests.
        queries, bytes_scanned: sums over its Athena queries.
    """

    run_ts: str
    snapshot_dates: list[str]
    counts: dict[str, dict[str, int]]
    rejects_by_reason: dict[str, dict[str, int]]
    passed: list[str]
    warned: list[str]
    queries: int
    bytes_scanned: int

    @classmethod
    def from_result(cls, result: dict[str, Any]) -> Run:
        """A run from `TransformResult.to_dict()`."""
        return cls(
            run_ts=result["run_ts"],
            snapshot_dates=result["built"],
            counts=result["counts"],
            rejects_by_reason=result["rejects_by_reason"],
            passed=result["tests"]["passed"],
            warned=result["tests"]["warned"],
            queries=result["queries"],
            bytes_scanned=result["bytes_scanned"],
        )


class Snapshot(msgspec.Struct, frozen=True):
    """One snapshot date as its last successful run left it.

    Attributes:
        snapshot_date: YYYY-MM-DD.
        etag: the ETag of the kept result that this was read from.
        run_ts: the name of the run.
        published: whether the run's CSVs are in `prod/`. Otherwise the run's own exports were read.
        states: accredited facilities and all facilities, by state.
        rejected: lines that Stage 3 did not use.
        reasons: rejects by code; one reject may have several codes.
        files: rejects by code, for the files that have the most. The names are without the date folder.
    """

    snapshot_date: str
    etag: str
    run_ts: str
    published: bool
    states: dict[str, tuple[int, int]]
    rejected: int
    reasons: dict[str, int]
    files: dict[str, dict[str, int]]

    @property
    def facilities(self) -> int:
        """Facilities of all states."""
        return sum(total for _, total in self.states.values())

    @property
    def accredited(self) -> int:
        """Accredited facilities of all states."""
        return sum(accredited for accredited, _ in self.states.values())


def read_run(s3: S3Client, bucket: str, result: dict[str, Any], etags: dict[str, str]) -> list[Snapshot]:
    """Read the snapshots of one run from its two CSVs.

    Args:
        s3: a client.
        bucket: the lake's bucket.
        result: the run's `TransformResult.to_dict()`.
        etags: the ETags of the kept results, by snapshot date. Only these dates are read.

    Returns:
        One snapshot per date; none if the CSVs have expired.
    """
    published = True
    processed = _open_csv(s3, bucket, result["prod"]["processed_key"])
    rejects = _open_csv(s3, bucket, result["prod"]["rejects_key"])
    if processed is None or rejects is None:
        published = False
        processed = _open_csv(s3, bucket, result["exports"]["processed"]["key"])
        rejects = _open_csv(s3, bucket, result["exports"]["rejects"]["key"])
    if processed is None or rejects is None:
        return []
    states: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in processed:
        counts = int(row["accredited_facility_count"]), int(row["facility_count"])
        states[row["snapshot_date"]][row["state"]] = counts
    rejects_by_date = _count_rejects(rejects)
    return [
        Snapshot(
            snapshot_date=snapshot_date,
            etag=etag,
            run_ts=result["run_ts"],
            published=published,
            states=states[snapshot_date],
            rejected=rejects_by_date[snapshot_date].lines,
            reasons=dict(rejects_by_date[snapshot_date].reasons),
            files=rejects_by_date[snapshot_date].worst_files(),
        )
        for snapshot_date, etag in etags.items()
    ]


def is_published(s3: S3Client, bucket: str, result: dict[str, Any]) -> bool:
    """Whether both CSVs of a run are in `prod/`."""
    return all(metadata(s3, bucket, key) is not None for key in result["prod"].values())


class _Rejects:
    def __init__(self) -> None:
        self.lines = 0
        self.reasons: Counter[str] = Counter()
        self.files: dict[str, Counter[str]] = defaultdict(Counter)

    def worst_files(self) -> dict[str, dict[str, int]]:
        ranked = sorted(self.files.items(), key=lambda item: (-item[1].total(), item[0]))
        return {name: dict(reasons) for name, reasons in ranked[:MOST_FILES]}


def _count_rejects(rows: Iterable[dict[str, str]]) -> dict[str, _Rejects]:
    """Rejects by snapshot date."""
    by_date: dict[str, _Rejects] = defaultdict(_Rejects)
    for row in rows:
        counts = by_date[row["snapshot_date"]]
        codes = row["reject_reason"].split(";")
        counts.lines += 1
        counts.reasons.update(codes)
        counts.files[row["source_file"].rpartition("/")[2]].update(codes)
    return by_date


def _open_csv(s3: S3Client, bucket: str, key: str) -> Iterator[dict[str, str]] | None:
    """The rows of a CSV, read one at a time; None if the object does not exist."""
    answer = get_or_none(lambda: s3.get_object(Bucket=bucket, Key=key))
    return read_csv(answer["Body"]) if answer else None


def read_csv(body: Any) -> Iterator[dict[str, str]]:
    """The rows of a CSV with a header, from an S3 body, in the memory of one row."""
    csv.field_size_limit(_MAX_FIELD)
    text = io.TextIOWrapper(
        io.BufferedReader(cast("io.RawIOBase", body)), encoding="utf-8", errors="replace", newline=""
    )
    return csv.DictReader(text)
