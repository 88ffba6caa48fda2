"""Compares Stage 2 with other implementations over a local S3 endpoint.

    python benchmarks/stage2.py [--records N] [--repeat R] [--only NAME …] [--json]
    python benchmarks/stage2.py --extremes [--json]

The implementations run in turn, each in a separate process, `--repeat` times. The median of each counts:

    naive    iter_lines, json.loads, strptime, DictWriter
    orjson   iter_lines in large reads, orjson.loads, dates remembered
    duckdb   the same rules in SQL, over files fetched first (DuckDB's wheel has no S3 client)
    ours     runner.stage2.expiring in one process
    two      the same in two processes
    floor    nothing but reading, inflating, splitting and typed decoding of every line

Records come from the generator, 1% of them bad, half of the files gzipped. Outputs agree when all
implementations wrote the same CSV, and the same file, line and reasons for each reject.

`--extremes` runs only `ours`, on inputs that are made to exhaust memory or time: see stage2_extremes.py.

Seconds are wall time, CPU is user and system time of the process (without the server's), memory is the
peak resident set of the process as the kernel counts it (VmHWM), imports included.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import os
import re
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from stage2_lake import BUCKET, SNAPSHOT, bronze_of, in_a_process, s3_server

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

RUN_DATE = date(2025, 8, 14)
WINDOW_DAYS = 180
BAD_SHARE = 0.01
FILES = 8
WAYS = ("naive", "orjson", "duckdb", "ours", "two", "floor")
PROCESSES = {"ours": 1, "two": 2}
COLUMNS = (
    "facility_id",
    "facility_name",
    "address",
    "city",
    "state",
    "zip",
    "accreditation_body",
    "accreditation_id",
    "valid_until",
    "days_until_expiry",
    "run_date",
    "snapshot_date",
)


@dataclass
class Outcome:
    """The output of an implementation: its CSV, and its rejects as (file name, line number, reasons)."""

    csv: bytes = b""
    rejects: list[tuple[str, int, str]] = field(default_factory=list)


def bodies() -> Iterator[tuple[str, Any]]:
    """Name and body of every file, in order."""
    import boto3

    s3 = boto3.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="bronze"):
        for entry in page.get("Contents", []):
            yield entry["Key"].rpartition("/")[2], s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"]


def naive() -> Outcome:
    """The first version that many people would write."""

    def no_constant(name: str) -> None:
        raise ValueError(name)

    loads = json.JSONDecoder(parse_constant=no_constant).decode

    def parse(text: Any) -> date:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        return datetime.strptime(text, "%Y-%m-%d").date()

    return _by_line(
        lambda name, body: gzip.open(body) if name.endswith(".gz") else body.iter_lines(),
        lambda line: loads(line.decode()),
        parse,
    )


def with_orjson() -> Outcome:
    """The version with the usual improvements: a fast parser, large reads, dates parsed once."""
    import orjson

    remembered: dict[str, date] = {}

    def parse(text: Any) -> date:
        if text not in remembered:
            if len(text) != 10 or text[4] != "-":
                raise ValueError(text)
            remembered[text] = date.fromisoformat(text)
        return remembered[text]

    return _by_line(
        lambda name, body: (
            gzip.open(body) if name.endswith(".gz") else body.iter_lines(chunk_size=256 * 1024)
        ),
        orjson.loads,
        parse,
    )


def _by_line(
    open_lines: Callable[[str, Any], Any], loads: Callable[[bytes], Any], parse: Callable[[Any], date]
) -> Outcome:
    outcome = Outcome()
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for name, body in bodies():
        rows: list[dict[str, Any]] = []
        for number, line in enumerate(open_lines(name, body), 1):
            try:
                record = loads(line.strip())
                if not isinstance(record, dict):
                    raise TypeError("no object")
            except (ValueError, TypeError):
                outcome.rejects.append((name, number, "malformed_json"))
                continue
            codes = list(_codes(record))
            if codes:
                outcome.rejects.append((name, number, ";".join(codes)))
                continue
            for accreditation in record["accreditations"]:
                try:
                    expires = parse(accreditation["valid_until"])
                except (ValueError, TypeError):
                    outcome.rejects.append((name, number, "bad_valid_until"))
                    continue
                if RUN_DATE <= expires <= RUN_DATE + timedelta(days=WINDOW_DAYS):
                    location = record["location"]
                    rows.append(
                        {
                            "facility_id": record["facility_id"],
                            "facility_name": record["facility_name"],
                            "address": location["address"],
                            "city": location["city"],
                            "state": location["state"],
                            "zip": location["zip"],
                            "accreditation_body": accreditation["accreditation_body"],
                            "accreditation_id": accreditation["accreditation_id"],
                            "valid_until": accreditation["valid_until"],
                            "days_until_expiry": (expires - RUN_DATE).days,
                            "run_date": RUN_DATE.isoformat(),
                            "snapshot_date": SNAPSHOT.isoformat(),
                        }
                    )
        writer.writerows(sorted(rows, key=lambda row: list(row.values())))
    outcome.csv = text.getvalue().encode()
    _upload(outcome)
    return outcome


def _codes(record: dict[str, Any]) -> Iterator[str]:
    facility_id = record.get("facility_id")
    if not isinstance(facility_id, str) or not facility_id.startswith("FAC"):
        yield "bad_facility_id"
    name = record.get("facility_name")
    if not isinstance(name, str) or not name.strip():
        yield "blank_facility_name"
    count = record.get("employee_count")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 10**18:
        yield "bad_employee_count"
    accreditations = record.get("accreditations")
    if not isinstance(accreditations, list):
        yield "missing_accreditations"
    elif not accreditations:
        yield "empty_accreditations"


def _upload(outcome: Outcome) -> None:
    import boto3

    s3 = boto3.client("s3")
    rejects = b"".join(json.dumps(reject).encode() + b"\n" for reject in outcome.rejects)
    s3.put_object(Bucket=BUCKET, Key="other/expiring_soon.csv", Body=outcome.csv)
    s3.put_object(Bucket=BUCKET, Key="other/rejects.jsonl", Body=rejects)


def with_duckdb() -> Outcome:
    """The same rules in SQL.

    DuckDB texts must be UTF-8. Its CSV reader puts other lines aside, with their numbers.
    """
    import duckdb
    from stage2_duckdb import REJECTS, ROWS, TABLES

    outcome = Outcome()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, body in bodies():
            with (folder / name).open("wb") as file:
                shutil.copyfileobj(body, file)
        connection = duckdb.connect(config={"threads": 1, "temp_directory": str(folder / "spill")})
        connection.execute(TABLES.format(folder=folder))
        outcome.rejects = connection.execute(REJECTS).fetchall()
        target = folder / "out.csv"
        connection.execute(
            ROWS.format(
                target=target,
                run_date=RUN_DATE,
                last_day=RUN_DATE + timedelta(days=WINDOW_DAYS),
                snapshot=SNAPSHOT,
            )
        )
        outcome.csv = target.read_bytes()
    _upload(outcome)
    return outcome


def ours(processes: int) -> Outcome:
    """Stage 2 itself. Its outputs are read back."""
    from runner.settings import Settings
    from runner.stage2.expiring import expiring

    expiring(Settings(data_bucket=BUCKET, window_days=WINDOW_DAYS, stage2_processes=processes), RUN_DATE)
    return Outcome()


def read_back() -> Outcome:
    """Read the outputs of `ours`. This is not part of the measured time."""
    import boto3

    from runner.lake import expiring_soon_key, prefix

    s3 = boto3.client("s3")
    outcome = Outcome(s3.get_object(Bucket=BUCKET, Key=expiring_soon_key(RUN_DATE))["Body"].read())
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix("quarantine")):
        for entry in page.get("Contents", []):
            for line in s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read().splitlines():
                reject = json.loads(line)
                name = reject["file_key"].rpartition("/")[2]
                outcome.rejects.append((name, reject["line_number"], reject["reject_reason"]))
    return outcome


def floor() -> Outcome:
    """The lower limit for a reader of these lines in Python. It judges nothing and writes nothing."""
    import zlib

    import msgspec
    from isal import isal_zlib

    from runner.stage2.record import DriftedFacility

    decode = msgspec.json.Decoder(DriftedFacility).decode
    for name, body in bodies():
        member = isal_zlib.decompressobj(31) if name.endswith(".gz") else None
        rest = b""
        while piece := body.read(256 * 1024):
            content = rest + (member.decompress(piece) if member else piece)
            end = content.rfind(b"\n") + 1
            rest = content[end:]
            for line in io.BytesIO(content[:end]):
                try:
                    decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError, zlib.error):
                    continue
    return Outcome()


RUNS = {
    "naive": naive,
    "orjson": with_orjson,
    "duckdb": with_duckdb,
    "floor": floor,
    **{way: partial(ours, processes) for way, processes in PROCESSES.items()},
}


def measure(way: str) -> dict[str, Any]:
    """Run one implementation in this process."""
    import boto3

    import runner.stage2.expiring  # noqa: F401  imports are no part of any way

    boto3.client("s3")  # loading S3's model is not measured either
    started, cpu = time.perf_counter(), _cpu_seconds()
    outcome = RUNS[way]()
    measured = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": _cpu_seconds() - cpu,
        "peak_rss_mb": _peak_rss_mb(),
    }
    if way in PROCESSES:
        outcome = read_back()
    digest = hashlib.sha256(outcome.csv + json.dumps(sorted(outcome.rejects)).encode()).hexdigest()
    return measured | {
        "output": None if way == "floor" else digest,
        "rows": outcome.csv.count(b"\n") - 1,
        "rejects": len(outcome.rejects),
    }


def _cpu_seconds() -> float:
    """The CPU seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def _peak_rss_mb() -> float:
    """The peak memory of this process or of its largest child."""
    status = Path("/proc/self/status").read_text()
    own = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])  # type: ignore[index]
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def compare(records: int, repeat: int, ways: list[str]) -> dict[str, Any]:
    """Run all implementations over one corpus."""
    from sandbox.generate import Spec, facility_lines

    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        bad = round(records * BAD_SHARE)
        lines = facility_lines(Spec(SNAPSHOT, n=records - bad, bad=bad))
        size = write_files(bronze_of(directory) / "batch" / SNAPSHOT.isoformat(), lines, records)
        runs: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
        with s3_server(directory):
            for _ in range(repeat):
                for way in ways:
                    runs[way].append(in_a_process(way))
    return summary(records, size, runs)


def write_files(folder: Path, lines: Iterator[bytes], records: int) -> int:
    """Write the files and gzip every second one. Return the number of bytes before compression."""
    from itertools import islice

    from isal import igzip

    folder.mkdir(parents=True)
    size = 0
    for number in range(FILES):
        name = f"facilities_{number:04d}.jsonl"
        zipped = number % 2 == 1
        opened = igzip.open(folder / f"{name}.gz", "wb") if zipped else (folder / name).open("wb")
        with opened as file:
            own = islice(lines, -(-records // FILES))
            while block := b"".join(islice(own, 1000)):
                size += len(block)
                file.write(block)
    return size


def summary(records: int, size: int, runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The medians of each implementation, its highest peak of memory, and the ratios that have bars."""
    result: dict[str, Any] = {"records": records, "input_mb": round(size / 1e6, 1), "ways": {}}
    for way, measured in runs.items():
        seconds = statistics.median(run["seconds"] for run in measured)
        result["ways"][way] = {
            "seconds": round(seconds, 2),
            "cpu_seconds": round(statistics.median(run["cpu_seconds"] for run in measured), 2),
            "records_per_second": round(records / seconds),
            "mb_per_second": round(size / 1e6 / seconds, 1),
            "peak_rss_mb": round(max(run["peak_rss_mb"] for run in measured), 1),
            "rows": measured[0]["rows"],
            "rejects": measured[0]["rejects"],
        }
    ways = result["ways"]
    outputs = {run["output"] for measured in runs.values() for run in measured if run["output"]}
    result["outputs_equal"] = len(outputs) == 1
    if "ours" in ways:
        result["peak_rss_mb"] = ways["ours"]["peak_rss_mb"]
    if {"ours", "naive"} <= ways.keys():
        result["ratio_to_naive"] = round(ways["naive"]["seconds"] / ways["ours"]["seconds"], 2)
        result["cpu_ratio_to_naive"] = round(ways["naive"]["cpu_seconds"] / ways["ours"]["cpu_seconds"], 2)
    if {"two", "naive"} <= ways.keys():
        result["two_processes_to_naive"] = round(ways["naive"]["seconds"] / ways["two"]["seconds"], 2)
    if {"ours", "floor"} <= ways.keys():
        result["cpu_ratio_to_floor"] = round(ways["ours"]["cpu_seconds"] / ways["floor"]["cpu_seconds"], 2)
    return result


def show(result: dict[str, Any]) -> None:
    """Print the comparison as a table."""
    print(f"{result['records']:,} records, {result['input_mb']} MB before gzip")
    print(
        f"{'':8}{'seconds':>9}{'CPU s':>8}{'records/s':>12}{'MB/s':>8}{'RSS MB':>8}{'rows':>9}{'rejects':>9}"
    )
    for way, measured in result["ways"].items():
        print(
            f"{way:8}{measured['seconds']:9.2f}{measured['cpu_seconds']:8.2f}"
            f"{measured['records_per_second']:12,}{measured['mb_per_second']:8.1f}"
            f"{measured['peak_rss_mb']:8.1f}{measured['rows']:9}{measured['rejects']:9}"
        )
    for key in (
        "ratio_to_naive",
        "two_processes_to_naive",
        "cpu_ratio_to_naive",
        "cpu_ratio_to_floor",
        "peak_rss_mb",
        "outputs_equal",
    ):
        if key in result:
            print(f"{key}: {result[key]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--extremes", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    if arguments.extremes:
        from stage2_extremes import extremes

        result = {}
        for name, measured in extremes():
            result[name] = measured
            print(f"{name}: {measured}", file=sys.stderr if arguments.json else sys.stdout, flush=True)
    else:
        result = compare(arguments.records, arguments.repeat, arguments.only)
        if not arguments.json:
            show(result)
    if arguments.json:
        print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
