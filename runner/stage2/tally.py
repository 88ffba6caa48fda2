"""The figures that Stage 2 counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Tally:
    """The figures of one file, or the sums over many files.

    Attributes:
        files: files judged line by line.
        files_corrupt: files quarantined whole because they are not sound gzip. None of their lines counts.
        files_over_cap: keys of the files quarantined whole because they exceeded a cap.
        files_gone: files deleted before they had been read.
        bytes: stored bytes of the files that were read.
        records: lines that are not blank.
        rows: rows of the CSV.
        rejects: rejects in the quarantine.
        rejects_by_code: rejects with each code; one reject may have several codes.
    """

    files: int = 0
    files_corrupt: int = 0
    files_over_cap: list[str] = field(default_factory=list[str])
    files_gone: int = 0
    bytes: int = 0
    records: int = 0
    rows: int = 0
    rejects: int = 0
    rejects_by_code: Counter[str] = field(default_factory=Counter[str])

    def to_dict(self) -> dict[str, Any]:
        """The figures by their names."""
        figures = {each.name: getattr(self, each.name) for each in fields(self)}
        return figures | {"rejects_by_code": dict(self.rejects_by_code)}

    def add(self, other: Tally) -> None:
        """Add the figures of other files."""
        self.files += other.files
        self.files_corrupt += other.files_corrupt
        self.files_over_cap += other.files_over_cap
        self.files_gone += other.files_gone
        self.bytes += other.bytes
        self.records += other.records
        self.rows += other.rows
        self.rejects += other.rejects
        self.rejects_by_code += other.rejects_by_code
