"""Reads the rejects of Stages 1 and 3 by date and by file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from runner.aws.invocation import Invocation
from runner.tables.stage_tables import STAGE1_REJECTS, STAGE3_REJECTS, date_literals


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that a stage did not use.

    Attributes:
        stage: 1 or 3.
        source_file: the S3 URL of its file.
        line_hash: SHA-256 of the line in hexadecimal.
        occurrence: the number of this line among the identical lines of its file, from 1 on.
        reason: the codes of the rules that the line fails, joined with `;`.
        raw_line: the line.
    """

    stage: int
    source_file: str
    line_hash: str
    occurrence: int
    reason: str
    raw_line: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def rejects_of(invocation: Invocation, snapshot_date: date) -> list[Reject]:
    """The rejects of a date, by stage, file and line. One Athena query."""
    among = f"where snapshot_date in ({date_literals([snapshot_date])})"
    columns = "source_file, line_hash, occurrence, reject_reason, raw_line"
    rows = invocation.rows(
        f"""
select 1 as stage, {columns} from {STAGE1_REJECTS} {among}
union all
select 3 as stage, {columns} from {STAGE3_REJECTS} {among}
order by 1, 2, 6, 4
"""
    )
    return [
        Reject(
            int(stage or 0),
            source_file or "",
            line_hash or "",
            int(occurrence or 0),
            reason or "",
            line or "",
        )
        for stage, source_file, line_hash, occurrence, reason, line in rows
    ]


def rejects_of_file(invocation: Invocation, snapshot_date: date, key: str) -> list[Reject]:
    """The rejects of one file of a date."""
    source_file = f"s3://{invocation.settings.data_bucket}/{key}"
    return [reject for reject in rejects_of(invocation, snapshot_date) if reject.source_file == source_file]
