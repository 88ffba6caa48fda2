"""Generates synthetic facility records as NDJSON chunks, good (sandbox/facilities.py) and bad ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol, cast

import msgspec
from isal import igzip

from runner.aws.clients import s3_client
from runner.errors import UsageError
from runner.lake import prefix
from runner.stage2.objects import ObjectWriter
from sandbox.facilities import Facilities, Record

#: The number of records between two calls of `on_records`.
_PROGRESS_STEP = 1000


@dataclass(frozen=True, slots=True)
class Spec:
    """What to generate.

    Attributes:
        snapshot: the date folder, and `snapshot_date` in each record.
        n: good records.
        bad: bad lines, spread among the good ones; each shows another mistake, the first 6 several at once.
        start_index: number of the first facility.
        seed: the same seed gives the same bytes.
    """

    snapshot: date
    n: int = 1000
    bad: int = 0
    start_index: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written: `records` lines (good and bad) in `files` chunks below `location`."""

    location: str
    files: int
    records: int


def _with(**fields: Any) -> Callable[[Record], bytes]:
    return lambda record: msgspec.json.encode(record | fields)


def _with_state(state: str) -> Callable[[Record], bytes]:
    return lambda record: msgspec.json.encode(record | {"location": record["location"] | {"state": state}})


def _with_literal(literal: bytes) -> Callable[[Record], bytes]:
    """A line with an employee_count that msgspec would not write."""
    return lambda record: msgspec.json.encode(record | {"employee_count": "?"}).replace(b'"?"', literal)


def _with_valid_until(*dates: str) -> Callable[[Record], bytes]:
    def line(record: Record) -> bytes:
        first = record["accreditations"][0]
        accreditations = [first | {"valid_until": text} for text in dates]
        return msgspec.json.encode(record | {"accreditations": accreditations})

    return line


def _truncated(record: Record) -> bytes:
    line = msgspec.json.encode(record)
    return line[: len(line) // 2]


def _nowhere_named_wrongly(record: Record) -> bytes:
    """A record with a bad id, name and state, and without accreditations."""
    kept = {
        "facility_id": "HOSP-7",
        "facility_name": "   ",
        "location": {"city": "Toronto", "state": "Ontario"},
    }
    return msgspec.json.encode({field: record[field] for field in ("employee_count", "services")} | kept)


#: The first six have eleven codes together. Each of the others has one code in another form. Numbers 5 and 6
#: are two lines of one facility: one of them is a duplicate.
_BAD_LINES: tuple[Callable[[Record], bytes], ...] = (
    _truncated,
    _nowhere_named_wrongly,
    _with(employee_count=-12, accreditations=[]),
    lambda record: _with_valid_until("2025-13-45")(record | {"services": "Emergency"}),
    _with(),
    _with(employee_count=77),
    lambda record: msgspec.json.encode(record | {"facility_name": "Caf? Clinic"}).replace(
        b"Caf?", b"Caf\xe9"
    ),
    _with_literal(b"NaN"),
    _with_literal(b"312.5"),
    _with_literal(b"1e2"),
    _with(facility_id=None),
    _with(facility_name=None),
    _with(employee_count="forty"),
    _with(services="Radiology, Surgery"),
    _with(accreditations=None),
    _with(accreditations=[]),
    _with_valid_until("20251115", "2027-01-31"),
    _with_valid_until("2025-02-29"),
    _with_valid_until("soon"),
    _with_state("Ontario"),
    lambda record: msgspec.json.encode([record]),
    lambda record: msgspec.json.encode(record) + b" " + msgspec.json.encode(record),
)
_DUPLICATE = 5


def facility_lines(spec: Spec) -> Iterator[bytes]:
    """The lines of one snapshot, each with its LF, the bad ones spread evenly among the good ones."""
    facilities = Facilities(spec.seed, spec.snapshot)
    total = spec.n + spec.bad
    good = spec.start_index
    first_bad = spec.start_index + spec.n
    for position in range(total):
        number = position * spec.bad // total
        if (position + 1) * spec.bad // total == number:
            yield msgspec.json.encode(facilities.record(good)) + b"\n"
            good += 1
            continue
        kind = number % len(_BAD_LINES)
        facility = first_bad + number - (kind == _DUPLICATE)
        yield _BAD_LINES[kind](facilities.record(facility)) + b"\n"


class _Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


def generate(
    out: str,
    spec: Spec,
    *,
    chunk: int = 100,
    gzip: bool = False,
    on_records: Callable[[int], None] = lambda _: None,
) -> Generated:
    """Write one snapshot's records in chunks of `chunk` lines, in constant memory.

    Args:
        out: a directory, or `s3://bucket/prefix`; chunks land below `batch/<snapshot>/` in it. A bare
            `s3://bucket` means the lake's own bronze prefix in that bucket.
        spec: what to generate.
        chunk: lines of one file; does not change the lines.
        gzip: write `.jsonl.gz`.
        on_records: called with the number of lines written since the last call.

    Raises:
        UsageError: a number is out of range, or `out` is empty or names no bucket.
        OSError: the directory cannot be made or written.
        OutputNotWritten: S3 refused an object.
    """
    if chunk < 1 or spec.n < 0 or spec.bad < 0 or spec.seed < 0 or spec.start_index < 0:
        raise UsageError("--chunk takes 1 or more; --n, --bad, --seed and --start-index take 0 or more")
    folder = f"{_batch_folder(out)}/{spec.snapshot.isoformat()}"
    if not folder.startswith("s3://"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    total = spec.n + spec.bad
    files = -(-total // chunk)
    lines = facility_lines(spec)
    for number in range(1, files + 1):
        with _open_chunk(f"{folder}/{chunk_name(number, files, gzip)}", gzip) as sink:
            left = chunk
            while left > 0 and (block := list(islice(lines, min(left, _PROGRESS_STEP)))):
                sink.write(b"".join(block))
                on_records(len(block))
                left -= len(block)
    return Generated(location=folder, files=files, records=total)


def chunk_name(number: int, files: int, gzip: bool) -> str:
    """The name of chunk `number` of `files`. Names sort in the order of their lines."""
    width = max(4, len(str(files)))
    return f"facilities_{number:0{width}d}.jsonl{'.gz' if gzip else ''}"


def _batch_folder(out: str) -> str:
    if not out:
        raise UsageError("--out is empty: name a directory or s3://BUCKET")
    if not out.startswith("s3://"):
        return str(Path(out) / "batch")
    bucket, _, path = out.removeprefix("s3://").partition("/")
    if not bucket:
        raise UsageError(f"--out {out} names no bucket")
    path = path.strip("/")
    return f"s3://{bucket}/{path}/batch" if path else f"s3://{bucket}/{prefix('bronze')}"


@contextmanager
def _open_chunk(target: str, gzip: bool) -> Iterator[_Sink]:
    with _open_target(target) as sink:
        if not gzip:
            yield sink
            return
        # The header has no name and no time, so that the same lines give the same bytes.
        with igzip.IGzipFile(filename="", mode="wb", fileobj=cast("IO[bytes]", sink), mtime=0) as zipped:
            yield zipped


@contextmanager
def _open_target(target: str) -> Iterator[_Sink]:
    if target.startswith("s3://"):
        bucket, _, key = target.removeprefix("s3://").partition("/")
        with ObjectWriter(s3_client(), bucket, key, content_type="application/x-ndjson") as writer:
            yield writer
        return
    with Path(target).open("wb") as file:
        yield file
