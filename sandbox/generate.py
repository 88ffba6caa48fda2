"""Synthetic facility records as NDJSON chunks, good ones and bad ones.

Faker makes the words once (places, streets, names); records draw from them with a generator seeded by
(seed, facility index). A facility so has the same name and address in every snapshot, and the same
arguments give the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol, cast

import msgspec
from faker import Faker
from isal import igzip

from runner.errors import UsageError
from runner.lake import prefix
from runner.stage2.objects import ObjectWriter, s3_client

Record = dict[str, Any]

_ACCREDITATION_BODIES = (
    ("The Joint Commission", "TJC"),
    ("DNV Healthcare", "DNV"),
    ("Accreditation Commission for Health Care", "ACHC"),
    ("CARF International", "CARF"),
    ("Center for Improvement in Healthcare Quality", "CIHQ"),
    ("Accreditation Association for Ambulatory Health Care", "AAAHC"),
    ("National Committee for Quality Assurance", "NCQA"),
)
_KINDS = (
    "Medical Center",
    "Community Hospital",
    "Regional Hospital",
    "Health Clinic",
    "Family Clinic",
    "Surgery Center",
    "Rehabilitation Center",
    "Children's Hospital",
    "Clínica de Salud",
    "Urgent Care",
)
_SERVICES = (
    "Emergency",
    "Radiology",
    "Cardiology",
    "Oncology",
    "Pediatrics",
    "Orthopedics",
    "Surgery",
    "Maternity",
    "Neurology",
    "Pharmacy",
    "Physical Therapy",
    "Behavioral Health",
)
_LABS = ("Clinical Laboratory", "Pathology Lab", "Microbiology Lab", "Blood Bank", "Imaging Lab")
_CERTIFICATIONS = ("CLIA", "CAP", "COLA", "AABB", "ISO 15189")

#: Accreditations run out between a year before the snapshot and three years after it.
_VALID_UNTIL_DAYS = range(-365, 3 * 365)

#: Records between two calls of `on_records`.
_PROGRESS_STEP = 1000


@dataclass(frozen=True, slots=True)
class Spec:
    """What to generate.

    Attributes:
        snapshot: the date folder, and `snapshot_date` in each record.
        n: good records.
        bad: bad lines, spread among the good ones. Any 6 in a row, from the first, cover every reject code.
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


@dataclass(frozen=True, slots=True)
class _Words:
    places: list[tuple[str, str, str]]
    streets: list[str]
    names: list[str]


@cache
def _words(seed: int) -> _Words:
    faker = Faker("en_US")
    faker.seed_instance(seed)
    places: list[tuple[str, str, str]] = []
    for _ in range(1000):
        state = faker.state_abbr(include_freely_associated_states=False)
        places.append((faker.city(), state, faker.zipcode_in_state(state)))
    return _Words(
        places=places,
        streets=[faker.street_address() for _ in range(1000)],
        names=[faker.last_name() for _ in range(500)],
    )


class Facilities:
    """The facilities of one seed.

    Each is drawn anew from its number, so any part of any snapshot can be made without the rest.
    """

    def __init__(self, seed: int, snapshot: date) -> None:
        self._seed = seed
        self._snapshot = snapshot.isoformat()
        self._words = _words(seed)
        self._random = random.Random()
        self._dates = [(snapshot + timedelta(days)).isoformat() for days in _VALID_UNTIL_DAYS]

    def record(self, index: int) -> Record:
        """The valid record of facility number `index`."""
        self._random.seed((self._seed << 64) + index)
        draw = self._random.random
        words = self._words
        city, state, zip_code = words.places[int(draw() * len(words.places))]
        name = words.names[int(draw() * len(words.names))] if draw() < 0.6 else city
        first_service = int(draw() * len(_SERVICES))
        return {
            "facility_id": f"FAC{index:05d}",
            "facility_name": f"{name} {_KINDS[int(draw() * len(_KINDS))]}",
            "location": {
                "address": words.streets[int(draw() * len(words.streets))],
                "city": city,
                "state": state,
                "zip": zip_code,
            },
            "employee_count": 5 + int(draw() ** 3 * 5000),
            "services": _SERVICES[first_service : first_service + 1 + int(draw() * 5)],
            "labs": [self._lab() for _ in range(int(draw() * 3))],
            "accreditations": [self._accreditation() for _ in range(1 + int(draw() * 2))],
            "snapshot_date": self._snapshot,
        }

    def _lab(self) -> Record:
        draw = self._random.random
        first = int(draw() * len(_CERTIFICATIONS))
        return {
            "lab_name": _LABS[int(draw() * len(_LABS))],
            "certifications": _CERTIFICATIONS[first : first + 1 + int(draw() * 2)],
        }

    def _accreditation(self) -> Record:
        draw = self._random.random
        body, short = _ACCREDITATION_BODIES[int(draw() * len(_ACCREDITATION_BODIES))]
        return {
            "accreditation_body": body,
            "accreditation_id": f"{short}-{int(draw() * 10**6):06d}",
            "valid_until": self._dates[int(draw() * len(self._dates))],
        }


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
    """Fails what identifies and places a facility: id, name, state, and no accreditations at all."""
    kept = {
        "facility_id": "HOSP-7",
        "facility_name": "   ",
        "location": {"city": "Toronto", "state": "Ontario"},
    }
    return msgspec.json.encode({field: record[field] for field in ("employee_count", "services")} | kept)


#: The first six cover every reject code together; the others each show one code in another shape.
#: Numbers 5 and 6 are two lines of one facility: one of them is a duplicate.
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
        on_records: told how many more lines have been written.

    Raises:
        UsageError: a number makes no sense.
        OutputNotWritten: S3 refused an object.
    """
    if chunk < 1 or spec.n < 0 or spec.bad < 0 or spec.seed < 0 or spec.start_index < 0:
        raise UsageError("--chunk takes 1 or more; --n, --bad, --seed and --start-index take 0 or more")
    folder = f"{_batch_folder(out)}/{spec.snapshot.isoformat()}"
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
    """The name of chunk `number` of `files`, so that names sort as their lines do."""
    width = max(4, len(str(files)))
    return f"facilities_{number:0{width}d}.jsonl{'.gz' if gzip else ''}"


def _batch_folder(out: str) -> str:
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
        # No name and no time in the header: the same lines give the same bytes.
        with igzip.IGzipFile(filename="", mode="wb", fileobj=cast("IO[bytes]", sink), mtime=0) as zipped:
            yield zipped


@contextmanager
def _open_target(target: str) -> Iterator[_Sink]:
    if target.startswith("s3://"):
        bucket, _, key = target.removeprefix("s3://").partition("/")
        with ObjectWriter(s3_client(), bucket, key, content_type="application/x-ndjson") as writer:
            yield writer
        return
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        yield file
