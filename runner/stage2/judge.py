"""Stage 2's verdict on the lines of one file: rows for the CSV, rejects for the quarantine.

A line's verdict is that of `runner.rules`. The common line takes a shorter way to the same verdict.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from runner import rules
from runner.lake import parse_date
from runner.stage2.lines import LINE_ENDS, Lines
from runner.stage2.record import NOT_OF_SHAPE, Location, decode_drifted, decode_facility, text

#: The columns of the CSV.
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

_SPECIAL = re.compile(r'[",\r\n]')
_NOWHERE = Location()
#: Distinct dates whose distance is remembered: 137 years, far more than real data holds.
_MAX_REMEMBERED_DATES = 50_000
#: Bytes of CSV that are made at a time. Each row repeats its facility, so a long line may make gigabytes.
_CSV_BYTES_AT_A_TIME = 2 * 1024 * 1024


class Reject(NamedTuple):
    """Why a line, one accreditation of it, or a whole file (`number` and `line` None) is not used."""

    number: int | None
    codes: list[str]
    line: bytes | None
    detail: str = ""


def csv_lines(rows: list[tuple[str, ...]]) -> str:
    """Rows of equally many fields as RFC 4180 separates and quotes them, each ended by LF.

    csv.writer takes five times as long where no field needs quotes, which is looked at for all at once.
    """
    if not rows:
        return ""
    lines = "\n".join(map(",".join, rows)) + "\n"
    commas = (len(rows[0]) - 1) * len(rows)
    plain = lines.count(",") == commas and lines.count("\n") == len(rows)
    if plain and '"' not in lines and "\r" not in lines:
        return lines
    if len(rows) > 1:
        return "".join(csv_lines([row]) for row in rows)
    return ",".join(map(_quoted, rows[0])) + "\n"


def _quoted(field: str) -> str:
    if not _SPECIAL.search(field):
        return field
    return '"' + field.replace('"', '""') + '"'


class Window:
    """The days from `run_date` to `days` days later, both included."""

    def __init__(self, run_date: date, days: int) -> None:
        self.run_date = run_date.isoformat()
        #: What `days_until` said of a date seen before.
        self.remembered: dict[str, str] = {}
        self._run_date = run_date
        self._days = days

    def days_until(self, valid_until: str) -> str | None:
        """Days from the run date as digits; empty outside the window, None for what is no date."""
        day = parse_date(valid_until)
        if day is None:
            return None
        distance = (day - self._run_date).days
        if len(self.remembered) >= _MAX_REMEMBERED_DATES:
            self.remembered.clear()
        self.remembered[valid_until] = days = str(distance) if 0 <= distance <= self._days else ""
        return days


class Judge:
    """Judges the lines of one file.

    Args:
        window: which dates count as expiring soon.
        snapshot_date: the date of the file's folder.
        reject: takes each reject, in the order of the lines.
    """

    def __init__(self, window: Window, snapshot_date: date, reject: Callable[[Reject], object]) -> None:
        self.records = 0
        self.rows = 0
        self._window = window
        self._snapshot_date = snapshot_date
        self._folder_date = snapshot_date.isoformat()
        self._reject = reject
        self._csv_rows: list[tuple[str, ...]] = []

    def judge(self, block: Lines) -> Iterator[bytes]:
        """Judge lines in a row.

        Yields:
            CSV lines: the COLUMNS of each accreditation that expires within the window. Several times
            for long lines of many rows.
        """
        self.records += len(block.lines)
        remembered = self._window.remembered
        run_date, folder_date, add = self._window.run_date, self._folder_date, self._csv_rows.append
        for number, line in enumerate(block.lines, block.first):
            try:
                facility = decode_facility(line)
            except NOT_OF_SHAPE:
                facility = decode_drifted(line) if line.strip() else None
                if facility is None:
                    self._judge_by_the_rules(number, line)
                    continue
            # As text: from FAC up to FAD is what starts with FAC; under ! is what is or starts with a blank.
            if not "FAC" <= facility.facility_id < "FAD" or facility.facility_name < "!":
                self._judge_by_the_rules(number, line)
                continue
            for accreditation in facility.accreditations:
                try:
                    days = remembered[accreditation.valid_until]
                except KeyError:
                    days = self._window.days_until(accreditation.valid_until)
                if days:
                    location = facility.location or _NOWHERE
                    add(
                        (
                            facility.facility_id,
                            facility.facility_name,
                            location.address or "",
                            location.city or "",
                            location.state or "",
                            location.zip or "",
                            accreditation.accreditation_body or "",
                            accreditation.accreditation_id or "",
                            accreditation.valid_until,
                            days,
                            run_date,
                            folder_date,
                        )
                    )
                elif days is None:
                    line = line.rstrip(LINE_ENDS)
                    self._reject_accreditation(number, line, accreditation.valid_until)
        rows = self._csv_rows
        if rows:
            self.rows += len(rows)
            # Hardly any row is longer than its line.
            at_a_time = max(1, _CSV_BYTES_AT_A_TIME // max(map(len, block.lines)))
            for first in range(0, len(rows), at_a_time):
                yield csv_lines(rows[first : first + at_a_time]).encode("utf-8")
            rows.clear()

    def _judge_by_the_rules(self, number: int, line: bytes) -> None:
        if not line.strip():
            self.records -= 1
            return
        line = line.rstrip(LINE_ENDS)
        seen = rules.read(line, self._snapshot_date)
        codes = rules.failing(seen, stage=2)
        if codes not in ([], ["bad_valid_until"]):
            self._reject(Reject(number, codes, line))
            return
        for accreditation in seen.accreditations or ():
            self._judge_accreditation(number, line, seen.fields, accreditation)

    def _judge_accreditation(
        self, number: int, line: bytes, record: rules.Record, accreditation: Any
    ) -> None:
        held = rules.as_object(accreditation)
        valid_until: Any = held.get("valid_until")
        days = self._window.days_until(valid_until) if rules.valid_until(held) else None
        if days:
            place = rules.as_object(record.get("location"))
            self._csv_rows.append(
                (
                    record["facility_id"],
                    record["facility_name"],
                    *(text(place.get(name)) for name in ("address", "city", "state", "zip")),
                    text(held.get("accreditation_body")),
                    text(held.get("accreditation_id")),
                    valid_until,
                    days,
                    self._window.run_date,
                    self._folder_date,
                )
            )
        elif days is None:
            self._reject_accreditation(number, line, valid_until)

    def _reject_accreditation(self, number: int, line: bytes, valid_until: Any) -> None:
        shown = reprlib.repr(valid_until) if isinstance(valid_until, str) else "missing or no text"
        self._reject(Reject(number, ["bad_valid_until"], line, f"valid_until is {shown}"))
