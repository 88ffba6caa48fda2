"""Computes from bronze alone what the lake must hold, with the rules of `runner.rules`.

The simulated Athena uses the same functions to compute the effect of a statement on the rows that it reads. Other tests
prove that SQL and Python judge a line alike. The simulation checks which lines were read, and when.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from runner import rules
from runner.lake import parse_bronze_key

STAGED = "int_judged_lines"
STAGE1 = "stage1_facility_metrics"
STAGE1_REJECTS = "stage1_facility_metrics_rejects"
STAGE3 = "accredited_facilities_per_state"
STAGE3_REJECTS = "accredited_facilities_per_state_rejects"

#: The files of one date by key; each file is its non-blank lines.
Files = Mapping[str, tuple[bytes, ...]]
#: The rows of one date in one table, by key.
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judged line: the codes that it fails in each stage, and the values that the stages take from it."""

    codes: dict[int, str]
    facility_id: str
    stage1: tuple[Any, ...]
    state: str
    accredited: bool


@cache
def verdict(line: bytes, day: date) -> Verdict:
    """The verdict on a line in the folder of a date, without duplicate_facility."""
    seen = rules.read(line, day)
    codes = {stage: ";".join(rules.failing(seen, stage)) for stage in (1, 2, 3)}
    fields = seen.fields
    if codes[1] and codes[3]:
        return Verdict(codes, "", (), "", False)
    dates = [rules.valid_until(one) for one in seen.accreditations or ()]
    return Verdict(
        codes,
        facility_id=fields["facility_id"],
        stage1=(
            fields["facility_name"],
            int(fields["employee_count"]),
            len(fields.get("services") or ()),
            dates[0].isoformat() if dates and dates[0] else None,
        ),
        state=rules.as_object(fields.get("location")).get("state", ""),
        accredited=any(one >= day for one in dates if one),
    )


def lines_of(body: bytes) -> tuple[bytes, ...]:
    """The non-blank lines of a file."""
    return tuple(line for line in body.splitlines() if line.strip())


def holds_records(key: str) -> bool:
    """Whether Stages 1 to 3 read the object with this key."""
    parsed = parse_bronze_key(key)
    return parsed is not None and parsed.holds_records


def stage_rows(table: str, day: date, files: Files) -> Rows:
    """The rows of one date in one of the four tables."""
    stage = 1 if table in (STAGE1, STAGE1_REJECTS) else 3
    used, rejects = _judged(stage, day, files)
    if table == STAGE1:
        return {(one.facility_id,): one.stage1 for one in used}
    if table == STAGE3:
        facilities = Counter(one.state for one in used)
        accredited = Counter(one.state for one in used if one.accredited)
        return {(state,): (number, accredited[state]) for state, number in facilities.items()}
    rows: Rows = {}
    seen: Counter[tuple[str, bytes]] = Counter()
    for path, line, reason in rejects:
        seen[path, line] += 1
        rows[path, line, seen[path, line]] = (reason,)
    return rows


def _judged(stage: int, day: date, files: Files) -> tuple[list[Verdict], list[tuple[str, bytes, str]]]:
    """The lines that count in a stage, and the rejected lines with their reasons."""
    candidates: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    rejects: list[tuple[str, bytes, str]] = []
    for path, lines in files.items():
        for line in lines:
            judged = verdict(line, day)
            if judged.codes[stage]:
                rejects.append((path, line, judged.codes[stage]))
            else:
                candidates[judged.facility_id].append((path, line))
    used: list[Verdict] = []
    for lines in candidates.values():
        best = rules.winner(lines)
        used.append(verdict(best[1], day))
        lines.remove(best)
        rejects += [(path, line, "duplicate_facility") for path, line in lines]
    return used, rejects


def counts_csv(day_rows: Iterable[tuple[date, Rows]]) -> list[tuple[str, ...]]:
    """The rows of the counts' CSV without run_ts, in order."""
    return sorted(
        (day.isoformat(), key[0], str(row[0]), str(row[1]))
        for day, rows in day_rows
        for key, row in rows.items()
    )


def rejects_csv(day_rows: Iterable[tuple[date, Rows]]) -> list[tuple[str, ...]]:
    """The rows of the rejects' CSV."""
    return sorted(
        (day.isoformat(), key[0], row[0], key[1].decode(errors="replace"))
        for day, rows in day_rows
        for key, row in rows.items()
    )


def read_csv(body: bytes) -> list[tuple[str, ...]]:
    """The rows of a CSV without its header."""
    return [tuple(row) for row in csv.reader(io.StringIO(body.decode(), newline=""))][1:]


def expiring_rows(
    bronze: Mapping[str, bytes], run_date: date, days: int
) -> tuple[list[tuple[str, ...]], dict[str, int]]:
    """Stage 2's result: the identifying values of each CSV row, sorted, and the number of rejects of each file."""
    rows: list[tuple[str, ...]] = []
    rejected: dict[str, int] = {}
    for key, body in bronze.items():
        parsed = parse_bronze_key(key)
        if parsed is None or not parsed.holds_records:
            continue
        for line in lines_of(body):
            day = parsed.snapshot_date
            codes = rules.reject_codes(line, 2, day)
            by_accreditation = not codes or codes[0] == "bad_valid_until"
            if codes:
                rejected[key] = rejected.get(key, 0) + (len(codes) if by_accreditation else 1)
            if by_accreditation:
                seen = rules.read(line, day)
                ends = [rules.valid_until(one) for one in seen.accreditations or ()]
                rows += [
                    (seen.fields["facility_id"], one.isoformat(), str((one - run_date).days), str(day))
                    for one in ends
                    if one and 0 <= (one - run_date).days <= days
                ]
    return sorted(rows), rejected
