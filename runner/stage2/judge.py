"""Stage 2's verdict on the lines of one file: rows for the CSV, rejects for the quarantine.

A line's verdict is the verdict of `runner.rules`. A usual line reaches the same verdict in a faster way.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from runner import rules
from runner.rules import scalar_text
from runner.stage2.csv_rows import Row
from runner.stage2.lines import LINE_ENDS, Lines, LongLine, OverlongLine
from runner.stage2.long_lines import MAX_TEXT_LENGTH, LongRecord, LongText, is_blank, read_long_line
from runner.stage2.record import (
    FACILITY_ID_END,
    FACILITY_ID_START,
    NAME_START,
    NOT_OF_SHAPE,
    DriftedAccreditation,
    DriftedFacility,
    DriftedLocation,
    Facility,
    decode_drifted,
    decode_facility,
)

#: Codes that are not in the registry.
OVERLONG_LINE = "line_over_limit"  # Athena fails a query on such a line
LONG_TEXT = "text_over_limit"

_NOWHERE = DriftedLocation()
_PLACES = ("address", "city", "state", "zip")
#: The number of distinct dates whose text is cached: 137 years, far more than real data has.
_MAX_REMEMBERED_DATES = 50_000
_LINES_AT_A_TIME = 16_384
_BAD_DATE = ("bad_valid_until",)


class Reject(NamedTuple):
    """The reason why a line, one of its accreditations, or a whole file is not used.

    For a whole file `number` and `line` are None. The line may still have its line end.
    """

    number: int | None
    codes: tuple[str, ...]
    line: bytes | bytearray | None
    detail: str = ""


@dataclass(slots=True)
class Verdict:
    """The outcome of some lines of a file.

    Attributes:
        records: lines that are not blank.
        rows: the CSV's fields of each accreditation that expires within the window.
        rejects: the rejects in the order of the lines.
    """

    records: int = 0
    rows: list[Row] = field(default_factory=list[Row])
    rejects: list[Reject] = field(default_factory=list[Reject])


class Window:
    """The days from `run_date` to `days` days later, inclusive.

    Attributes:
        first: the first of these days, which is the run date.
        last: the last of them.
    """

    def __init__(self, run_date: date, days: int) -> None:
        self.first = run_date
        self.last = run_date + timedelta(min(days, (date.max - run_date).days))
        #: By date: its text, and the number of days from the run date to it as digits.
        self.texts = lru_cache(_MAX_REMEMBERED_DATES)(self._texts)

    def _texts(self, day: date) -> tuple[str, str]:
        return day.isoformat(), str((day - self.first).days)


class Judge:
    """Judges the lines of one file.

    Args:
        window: which dates count as expiring soon.
        snapshot_date: the date of the file's folder.
    """

    def __init__(self, window: Window, snapshot_date: date) -> None:
        self._window = window
        self._snapshot_date = snapshot_date
        self._dates = (window.first.isoformat(), snapshot_date.isoformat())

    def judge(self, block: Lines | LongLine | OverlongLine) -> Iterator[Verdict]:
        """The verdict on a block. A long line or very many lines get several verdicts that add up."""
        if isinstance(block, Lines):
            for start in range(0, len(block.lines), _LINES_AT_A_TIME):
                # A block of usual lines is smaller than this. One verdict on very many short lines would be
                # large.
                whole = len(block.lines) <= _LINES_AT_A_TIME
                lines = block.lines if whole else block.lines[start : start + _LINES_AT_A_TIME]
                yield self.judge_lines(Lines(block.first + start, lines))
        elif isinstance(block, LongLine):
            yield from self._judge_long_line(block)
        else:
            detail = f"{block.length} bytes; only its start is kept"
            yield Verdict(1, rejects=[Reject(block.number, (OVERLONG_LINE,), block.head, detail)])

    def judge_lines(self, block: Lines) -> Verdict:
        """The verdict on lines in a row."""
        verdict = Verdict(len(block.lines))
        # This loop takes most of Stage 2's Python time, so it uses local names, which are looked up fastest.
        rows, first, last = verdict.rows, self._window.first, self._window.last
        id_start, id_end, name_start = FACILITY_ID_START, FACILITY_ID_END, NAME_START
        for number, line in enumerate(block.lines, block.first):
            try:
                facility = decode_facility(line)
            except NOT_OF_SHAPE:
                facility = decode_drifted(line) if line.strip() else None
                if facility is None:
                    self._judge_by_the_rules(verdict, number, line)
                    continue
            if not id_start <= facility.facility_id < id_end or facility.facility_name < name_start:
                self._judge_by_the_rules(verdict, number, line)
                continue
            for accreditation in facility.accreditations:
                if first <= accreditation.valid_until <= last:
                    rows.append(self._row(facility, accreditation))
        return verdict

    def _row(self, facility: Facility | DriftedFacility, accreditation: DriftedAccreditation) -> Row:
        location = facility.location or _NOWHERE
        valid_until, days = self._window.texts(accreditation.valid_until)
        run_date, snapshot_date = self._dates
        return (
            facility.facility_id,
            facility.facility_name,
            location.address,
            location.city,
            location.state,
            location.zip,
            accreditation.accreditation_body,
            accreditation.accreditation_id,
            valid_until,
            days,
            run_date,
            snapshot_date,
        )

    def _judge_by_the_rules(self, verdict: Verdict, number: int, line: bytes) -> None:
        if not line.strip():
            verdict.records -= 1
            return
        seen = rules.read(line.rstrip(LINE_ENDS), self._snapshot_date)
        codes = rules.failing(seen, stage=2)
        if codes not in ([], ["bad_valid_until"]):
            verdict.rejects.append(Reject(number, tuple(codes), line))
            return
        of_facility = _of_facility(seen.fields)
        for accreditation in seen.accreditations or ():
            self._judge_accreditation(verdict, number, line, of_facility, accreditation)

    def _judge_accreditation(
        self, verdict: Verdict, number: int, line: bytes | bytearray, of_facility: Row, accreditation: Any
    ) -> None:
        """One accreditation as `rules.read_json` reads it."""
        held = rules.as_object(accreditation)
        day = rules.valid_until(accreditation)
        if day is None:
            verdict.rejects.append(_bad_date(number, line, held.get("valid_until")))
            return
        body, name = held.get("accreditation_body"), held.get("accreditation_id")
        if long := _long_text({"accreditation_body": body, "accreditation_id": name}):
            verdict.rejects.append(Reject(number, (LONG_TEXT,), line, long))
        elif self._window.first <= day <= self._window.last:
            own = (scalar_text(body), scalar_text(name), *self._window.texts(day))
            verdict.rows.append((*of_facility, *own, *self._dates))

    def _judge_long_line(self, block: LongLine) -> Iterator[Verdict]:
        number, line = block
        if is_blank(line):
            return
        record = read_long_line(line)
        seen = rules.Line(record.for_the_rules() if record else None, self._snapshot_date)
        codes = rules.failing(seen, stage=2)
        if record is None or codes not in ([], ["bad_valid_until"]):
            yield Verdict(1, rejects=[Reject(number, tuple(codes), line)])
            return
        if long := _long_text(record.fields | rules.as_object(record.fields.get("location"))):
            yield Verdict(1, rejects=[Reject(number, (LONG_TEXT,), line, long)])
            return
        yield Verdict(1)
        yield from self._judge_long_record(number, line, record)

    def _judge_long_record(self, number: int, line: bytearray, record: LongRecord) -> Iterator[Verdict]:
        of_facility = _of_facility(record.fields)
        first, last, texts = self._window.first, self._window.last, self._window.texts
        for accreditations in record.accreditations():
            verdict = Verdict()
            for accreditation in accreditations:
                if not isinstance(accreditation, DriftedAccreditation):
                    self._judge_accreditation(verdict, number, line, of_facility, accreditation)
                elif first <= accreditation.valid_until <= last:
                    own = accreditation.accreditation_body, accreditation.accreditation_id
                    verdict.rows.append((*of_facility, *own, *texts(accreditation.valid_until), *self._dates))
            yield verdict


def _of_facility(record: rules.Record) -> Row:
    place = rules.as_object(record.get("location"))
    return (
        record["facility_id"],
        record["facility_name"],
        *(scalar_text(place.get(name)) for name in _PLACES),
    )


def _long_text(fields: rules.Record) -> str:
    """The detail of a reject: which field has a text over the limit; empty if no field has one."""
    for name, value in fields.items():
        if isinstance(value, LongText):
            return f"{name} has more than {MAX_TEXT_LENGTH} characters"
    return ""


def _bad_date(number: int, line: bytes | bytearray, valid_until: Any) -> Reject:
    shown = reprlib.repr(str(valid_until)) if isinstance(valid_until, str) else "missing or not a text"
    return Reject(number, _BAD_DATE, line, f"valid_until is {shown}")
