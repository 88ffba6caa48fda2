"""Renders the report as one HTML file.

It contains its styles and script, and is readable without the script.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runner.lake import registry
from runner.report import charts
from runner.report.gather import Summary
from runner.report.snapshots import Run, Snapshot
from runner.settings import PROJECT_DIR
from runner.tables.result import start_of_run

_HERE = Path(__file__).parent
#: The number of shades of the map.
_SHADES = 5
#: The most rows of a list on the page. The CSVs and tables have the rest.
_MOST_RUNS = 10
_MOST_FILES = 100


def render(summary: Summary, bucket: str, *, made_at: datetime) -> str:
    """The page.

    Args:
        summary: the figures of the page.
        bucket: the lake's bucket, which the page names.
        made_at: the time of the report, which the page shows.
    """
    script = (_HERE / "page.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template("page.html")
        .render(
            bucket=bucket,
            made_at=made_at.astimezone(UTC),
            style=(_HERE / "page.css").read_text("utf-8"),
            script=script,
            script_digest=f"sha256-{digest}",
            newest=_newest(summary),
            facts=_facts(summary),
            map=_map(summary),
            expirations=summary.expirations,
            weeks=_weeks(summary),
            rejects=_rejects(summary),
            stages=_stages(summary),
            files=_files(summary),
            most_files=_MOST_FILES,
            runs=[_run(one) for one in list(summary.runs.values())[: -_MOST_RUNS - 1 : -1]],
            tests=_tests(summary),
            waiting=summary.waiting,
            unpublished=[one.snapshot_date for one in summary.snapshots.values() if not one.published],
            chart=charts,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=_count, plural=_plural)  # pyright: ignore[reportUnknownMemberType] - jinja2 says Any
    return environment


def _count(number: int) -> str:
    return f"{number:,}"


def _plural(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


@cache
def _state_names() -> dict[str, str]:
    with (PROJECT_DIR / "seeds" / "us_states.csv").open(encoding="utf-8", newline="") as file:
        return {row["state"]: row["name"] for row in csv.DictReader(file)}


@cache
def _tiles() -> list[tuple[str, int, int]]:
    """State, column and row of each tile of the map, counted from the upper left."""
    with (_HERE / "us_tiles.csv").open(encoding="utf-8", newline="") as file:
        return [(row["state"], int(row["column"]), int(row["row"])) for row in csv.DictReader(file)]


def _newest(summary: Summary) -> Snapshot | None:
    """The newest snapshot; None if there is none yet."""
    return next(reversed(summary.snapshots.values()), None)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


def _facts(summary: Summary) -> list[tuple[str, str, str]]:
    """The figures at the top: name, value, and a note on what the value refers to."""
    newest = _newest(summary)
    if newest is None:
        return []
    lines = newest.facilities + newest.rejected
    facts = [
        ("Newest snapshot", newest.snapshot_date, f"built {_run_time(newest.run_ts)}"),
        (
            "Facilities",
            f"{newest.facilities:,}",
            f"in {_plural(len(newest.states), 'state or territory', 'states and territories')}",
        ),
        ("Accredited", f"{newest.accredited:,}", f"{_share(newest.accredited, newest.facilities)} of them"),
        (
            "Lines not used",
            f"{newest.rejected:,}",
            f"{_share(newest.rejected, lines)} of {_plural(lines, 'line', 'lines')}",
        ),
    ]
    if soon := summary.expirations:
        noun = "accreditation" if soon.total == 1 else "accreditations"
        facts.append(("Expire soon", f"{soon.total:,}", f"{noun}, from {soon.run_date} on"))
    return facts


def _map(summary: Summary) -> dict[str, Any]:
    """The tiles of the newest snapshot, and the counts of all snapshots for the date picker."""
    newest = _newest(summary)
    shown: dict[str, tuple[int, int]] = newest.states if newest else {}
    most = max((accredited for accredited, _ in shown.values()), default=0)
    names = _state_names()
    tiles = [
        {
            "state": state,
            "name": names[state],
            "column": column,
            "row": row,
            "accredited": shown.get(state, (0, 0))[0],
            "facilities": shown.get(state, (0, 0))[1],
            "shade": _shade(shown[state][0], most) if state in shown else 0,
        }
        for state, column, row in _tiles()
    ]
    return {
        "tiles": tiles,
        "legend": _legend(most),
        "dates": [one.snapshot_date for one in reversed(summary.snapshots.values())],
        "counts": {one.snapshot_date: one.states for one in summary.snapshots.values()},
    }


def _shade(accredited: int, most: int) -> int:
    """A shade from 1 to _SHADES, by the square root, because a few states have most of the facilities."""
    if not accredited:
        return 1
    return max(1, math.ceil(_SHADES * math.sqrt(accredited / most)))


def _legend(most: int) -> list[str]:
    """The range of each shade, from the lightest."""
    ends = [most * shade**2 // _SHADES**2 for shade in range(1, _SHADES + 1)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [
        f"{start:,}" if start == end else f"{start:,} to {end:,}" if start < end else ""
        for start, end in zip(starts, ends, strict=True)
    ]


def _weeks(summary: Summary) -> charts.Chart | None:
    soon = summary.expirations
    if soon is None or not soon.weeks:
        return None
    names = [f"week {week}" if week else "this week" for week in range(len(soon.weeks))]
    return charts.stacked_bars(names, [("accreditations expire", soon.weeks)])


def _rejects(summary: Summary) -> dict[str, Any]:
    """Stage 3's rejects by reason and date: a chart, its table, and the meanings of the codes."""
    snapshots = list(summary.snapshots.values())
    totals: Counter[str] = Counter()
    for snapshot in snapshots:
        totals.update(snapshot.reasons)
    rules = [rule for rule in registry()["reject_rules"] if totals[rule["code"]]]
    dates = [snapshot.snapshot_date for snapshot in snapshots]
    series = [
        (rule["code"], [snapshot.reasons.get(rule["code"], 0) for snapshot in snapshots]) for rule in rules
    ]
    return {
        "rules": rules,
        "totals": totals,
        "chart": charts.stacked_bars(dates, series) if series else None,
        "rows": [
            (
                snapshot.snapshot_date,
                snapshot.facilities + snapshot.rejected,
                snapshot.rejected,
                [snapshot.reasons.get(rule["code"], 0) for rule in rules],
            )
            for snapshot in reversed(snapshots)
        ],
    }


def _stages(summary: Summary) -> dict[str, Any] | None:
    """The newest snapshot's unused lines by stage and reason; None if all stages used every line.

    The counts of Stages 1 and 3 are per run. A run that built several dates has one sum for all of them.
    """
    newest = _newest(summary)
    if newest is None:
        return None
    run, stage2 = summary.runs[newest.run_ts], summary.quarantined
    by_stage = {
        1: run.rejects_by_reason.get("stage1", {}),
        2: stage2.reasons if stage2 else {},
        3: run.rejects_by_reason.get("stage3", {}),
    }
    rules = [
        rule for rule in registry()["reject_rules"] if any(one.get(rule["code"]) for one in by_stage.values())
    ]
    if not rules:
        return None
    return {
        "date": newest.snapshot_date,
        "dates": _run(run)["dates"],
        "several": len(run.snapshot_dates) > 1,
        "totals": [
            run.counts["stage1"]["rejected"],
            stage2.rejects if stage2 else None,
            run.counts["stage3"]["rejected"],
        ],
        "rows": [
            (
                rule["code"],
                [
                    reasons.get(rule["code"], 0) if stage in rule["stages"] else None
                    for stage, reasons in by_stage.items()
                ],
            )
            for rule in rules
        ],
    }


def _files(summary: Summary) -> list[tuple[str, str, int, str]]:
    """Date, file, rejects and reasons, newest date first."""
    return [
        (one.snapshot_date, name, sum(reasons.values()), _counts(reasons))
        for one in reversed(summary.snapshots.values())
        for name, reasons in one.files.items()
    ][:_MOST_FILES]


def _counts(reasons: dict[str, int]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in reasons.items())


def _run(run: Run) -> dict[str, Any]:
    first, last = run.snapshot_dates[0], run.snapshot_dates[-1]
    return {
        "name": run.run_ts,
        "time": _run_time(run.run_ts),
        "dates": first if first == last else f"{first} to {last} ({len(run.snapshot_dates)})",
        "stage1": (run.counts["stage1"]["curated"], run.counts["stage1"]["rejected"]),
        "stage3": (run.counts["stage3"]["processed"], run.counts["stage3"]["rejected"]),
        "stage1_reasons": _counts(run.rejects_by_reason.get("stage1", {})),
        "passed": len(run.passed),
        "warned": len(run.warned),
        "queries": run.queries,
        "scanned": _bytes(run.bytes_scanned),
    }


def _tests(summary: Summary) -> list[tuple[str, str]]:
    """The data tests of the newest run and how each ended, warnings first."""
    run = next(reversed(summary.runs.values()), None)
    if run is None:
        return []
    return [*((name, "warned") for name in run.warned), *((name, "passed") for name in run.passed)]


def _run_time(run_ts: str) -> str:
    """`20250811T041500Z-1a2b3c4d` as `2025-08-11 04:15 UTC`."""
    return start_of_run(run_ts).strftime("%Y-%m-%d %H:%M UTC")


def _bytes(number: int) -> str:
    units: Sequence[str] = ("bytes", "kB", "MB", "GB", "TB")
    size, unit = float(number), 0
    while size >= 1000 and unit < len(units) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:,.0f} {units[unit]}" if unit == 0 else f"{size:,.1f} {units[unit]}"
