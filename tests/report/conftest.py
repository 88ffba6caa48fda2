"""Fixtures with lakes as runs leave them, with any number of snapshots, and a browser."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from runner.aws.clients import s3_client
from runner.lake import prefix
from runner.report.gather import Summary, gather
from runner.stage2.expiring import expiring
from runner.tables.bronze_folders import Folder
from runner.tables.exports import exports
from runner.tables.state import read_state, write_state
from sandbox.facilities import Facilities
from sandbox.generate import Spec, generate

FIRST = date(2025, 8, 10)
REASONS = (
    "malformed_json",
    "bad_state",
    "duplicate_facility",
    "undecided_accreditation",
    "bad_facility_id;bad_state",
)


#: The number of dates that one backfill run builds.
_BACKFILL = 39


class ReportLake:
    """A lake with the objects that successful runs leave: kept results, CSVs, bronze folders."""

    def __init__(self, lake: Any) -> None:
        self.lake = lake
        self.bucket: str = lake.settings.data_bucket

    def add_run(
        self, *dates: date, facilities: int = 60, rejects: int = 5, published: bool = True, hour: int = 4
    ) -> dict[str, Any]:
        """Add a run that built some dates, and return its kept result."""
        run_ts = f"{dates[-1]:%Y%m%d}T{hour:02d}1500Z-1a2b3c4d"
        processed, rejected = exports(run_ts, list(dates))
        state_rows = [
            [day.isoformat(), state, total, accredited, run_ts]
            for day in dates
            for state, (accredited, total) in sorted(states_of(day, facilities).items())
        ]
        reject_rows = [
            [
                day.isoformat(),
                f"s3://{self.bucket}/{prefix('bronze')}/{day}/facilities_{1 + at % 3:04d}.jsonl",
                REASONS[at % len(REASONS)],
                f'{{"line": "{at}, \u2028 ""\n'.strip(),
            ]
            for day in dates
            for at in range(rejects)
        ]
        for export, header, rows in (
            (processed, "snapshot_date,state,facility_count,accredited_facility_count,run_ts", state_rows),
            (rejected, "snapshot_date,source_file,reject_reason,raw_line", reject_rows),
        ):
            for key in (export.key, export.prod_key) if published else (export.key,):
                self.put(key, to_csv(header.split(","), rows))
        result = {
            "snapshot_dates": [day.isoformat() for day in dates],
            "run_ts": run_ts,
            "built": [day.isoformat() for day in dates],
            "changed": True,
            "counts": {
                "stage1": {"curated": facilities * len(dates), "rejected": rejects * len(dates)},
                "stage3": {"processed": facilities * len(dates), "rejected": rejects * len(dates)},
            },
            "rejects_by_reason": {
                "stage1": {"malformed_json": len(dates)},
                "stage3": {"bad_state": len(dates)},
            },
            "tests": {
                "passed": ["stage1_accounts_for_every_line"],
                "warned": ["records_have_known_fields"],
                "failed": [],
            },
            "hidden": [],
            "exports": {one.name: one.to_dict(self.bucket) for one in (processed, rejected)},
            "prod": {f"{one.name}_key": one.prod_key for one in (processed, rejected)},
            "queries": 12,
            "bytes_scanned": 1_234_567,
            "engine_milliseconds": 9000,
        }
        self.put(f"{prefix('bronze')}/{dates[-1]}/facilities_0001.jsonl", b"")
        for day in dates:
            begun = read_state(self.lake.s3, self.bucket, day).begun(None, "a run", run_ts)
            write_state(self.lake.s3, self.bucket, day, begun.built(Folder(day), "basis", result))
        return result

    def run_stage2(self, day: date, facilities: int) -> None:
        """Put bronze files of one date, and run Stage 2 over them."""
        generate(f"s3://{self.bucket}", Spec(day, n=facilities))
        expiring(self.lake.settings, day)

    def put(self, key: str, body: bytes) -> None:
        self.lake.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def calls(self) -> Counter[str]:
        """Count the S3 operations of this lake's client from now on."""
        counted: Counter[str] = Counter()
        self.lake.s3.meta.events.register("before-call.s3", lambda model, **_: counted.update([model.name]))
        return counted


def states_of(day: date, facilities: int) -> dict[str, tuple[int, int]]:
    """The accredited and all facilities by state, as Stage 3 counts them."""
    found: dict[str, tuple[int, int]] = {}
    register = Facilities(0, day)
    for number in range(1, facilities + 1):
        record = register.record(number)
        state = record["location"]["state"]
        accredited, total = found.get(state, (0, 0))
        valid = any(one["valid_until"] >= day.isoformat() for one in record["accreditations"])
        found[state] = accredited + valid, total + 1
    return found


def to_csv(header: list[str], rows: list[list[Any]]) -> bytes:
    """A CSV in Athena's format: every field is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def report_lake(lake: Any) -> Iterator[ReportLake]:
    """An empty lake."""
    s3_client.cache_clear()
    yield ReportLake(lake)
    s3_client.cache_clear()


def fill(lake: ReportLake, snapshots: int) -> None:
    """Add daily snapshots (a backfill, and single days after it), and Stage 2's CSV of the newest."""
    days = [FIRST + timedelta(number) for number in range(snapshots)]
    backfilled = len(days) - len(days) % _BACKFILL if len(days) > _BACKFILL else 0
    for start in range(0, backfilled, _BACKFILL):
        lake.add_run(*days[start : start + _BACKFILL], facilities=80, rejects=start // _BACKFILL % 7)
    for number in range(backfilled, snapshots):
        lake.add_run(days[number], facilities=1200 if snapshots == 1 else 80, rejects=12)
    if snapshots:
        lake.run_stage2(days[-1], facilities=1200)


@pytest.fixture(scope="session")
def summary_of(new_lake: Callable[[], Any]) -> Callable[[int], Summary]:
    """The summary of a lake with this many snapshots; it is computed once for each number."""

    @cache
    def make(snapshots: int) -> Summary:
        with pytest.MonkeyPatch.context() as monkeypatch:
            made = new_lake()
            made.use(monkeypatch)
            s3_client.cache_clear()
            lake = ReportLake(made)
            fill(lake, snapshots)
            s3_client.cache_clear()
            return gather(made.s3, lake.bucket, None)

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium that can open only files."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    assert path, "no Chromium: `make browser` installs it or says how to"
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path, args=[*arguments, "--disable-component-update", "--disable-sync"]
        )
        yield started
        started.close()
