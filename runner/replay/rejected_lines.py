"""Lists each line of a snapshot date that some stage did not use, once, with the reasons of all stages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from runner.aws.invocation import Invocation
from runner.aws.listing import list_objects
from runner.lake import prefix
from runner.rules import DUPLICATE
from runner.tables.rejects import rejects_of


@dataclass(frozen=True, order=True, slots=True)
class LineId:
    """Identifies a line of bronze.

    Attributes:
        key: the S3 key of its file.
        line_hash: SHA-256 of the line without its line end, in upper-case hexadecimal as the tables have it.
        occurrence: the number of the line among the identical lines of its file, counted from 1.
    """

    key: str
    line_hash: str
    occurrence: int


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that at least one stage did not use.

    Attributes:
        id: identifies the line.
        reasons: by stage (1, 2, 3) the codes that the line fails, joined with `;`.
        raw_line: the line, without its line end.
    """

    id: LineId
    reasons: dict[int, str]
    raw_line: bytes

    @property
    def is_duplicate_only(self) -> bool:
        """Whether the line's only fault is that another line of its facility counts."""
        return set(self.reasons.values()) == {DUPLICATE}


def line_hash(line: bytes) -> str:
    """A line's hash as it is in the tables."""
    return hashlib.sha256(line).hexdigest().upper()


def rejected_lines(invocation: Invocation, snapshot_date: date) -> list[RejectedLine]:
    """The rejected lines of a date, by file and line.

    Rejects of Stages 1 and 3 come from their tables, and rejects of Stage 2 from its quarantine. Files that
    Stage 2 quarantines whole and lines over its length limit are missing here, because the quarantine does
    not keep their lines.
    """
    reasons: dict[LineId, dict[int, str]] = defaultdict(dict)
    raw_lines: dict[LineId, bytes] = {}
    head = f"s3://{invocation.settings.data_bucket}/"
    for reject in rejects_of(invocation, snapshot_date):
        line_id = LineId(reject.source_file.removeprefix(head), reject.line_hash, reject.occurrence)
        reasons[line_id][reject.stage] = reject.reason
        raw_lines[line_id] = reject.raw_line.encode()
    for line_id, reason, raw_line in _quarantined(invocation, snapshot_date):
        reasons[line_id][2] = reason
        raw_lines[line_id] = raw_line
    return [RejectedLine(line_id, reasons[line_id], raw_lines[line_id]) for line_id in sorted(reasons)]


def _quarantined(invocation: Invocation, snapshot_date: date) -> Iterator[tuple[LineId, str, bytes]]:
    """The lines of a date that Stage 2 quarantined."""
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    folder = f"{prefix('quarantine')}/{snapshot_date.isoformat()}/"
    for listed in list_objects(s3, bucket, folder):
        body = s3.get_object(Bucket=bucket, Key=listed["Key"])["Body"]
        yield from _lines_of(json.loads(line) for line in body.iter_lines())


def _lines_of(rejects: Iterable[dict[str, Any]]) -> Iterator[tuple[LineId, str, bytes]]:
    """The lines of one quarantine object. Each line and each of its codes appears once."""
    reasons: dict[int, list[str]] = defaultdict(list)
    lines: dict[int, tuple[str, bytes]] = {}
    for reject in rejects:
        number, raw_line = reject.get("line_number"), _raw_line(reject)
        if number is None or reject["reject_reason"] == "line_over_limit":
            continue
        if raw_line is not None:
            lines.setdefault(number, (reject["file_key"], raw_line))
        reasons[number] += [
            code for code in reject["reject_reason"].split(";") if code not in reasons[number]
        ]
    occurrences: dict[bytes, int] = defaultdict(int)
    for number, (key, raw_line) in sorted(lines.items()):
        occurrences[raw_line] += 1
        yield LineId(key, line_hash(raw_line), occurrences[raw_line]), ";".join(reasons[number]), raw_line


def _raw_line(reject: dict[str, Any]) -> bytes | None:
    if "raw_line_base64" in reject:
        return base64.b64decode(reject["raw_line_base64"])
    text = reject.get("raw_line")
    return text.encode() if isinstance(text, str) else None
