"""Writes Stage 2's CSV from the table of judged lines, with one Athena query.

The table is built by `medlaunch transform` and by dbt. It holds every line of bronze, parsed and judged once,
so that a run reads no file.
"""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from runner import lake
from runner.aws.csv_fields import harmless_sql
from runner.aws.errors import AthenaQueryFailed
from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError
from runner.settings import Settings
from runner.stage2.csv_rows import BYTE_ORDER_MARK, COLUMNS
from runner.stage2.long_lines import MAX_TEXT_LENGTH
from runner.stage2.objects import ObjectWriter
from runner.stage2.reading import read_object

TABLE = "int_judged_lines"

_OF_FACILITY = ("facility_id", "facility_name", "address", "city", "state", "zip")
_OF_ACCREDITATION = ("accreditation_body", "accreditation_id")


class NoStagedTable(MedLaunchError):
    """The table of judged lines could not be read."""


def expiring_sql(run_date: date, window_days: int, *, latest: bool) -> str:
    """The query whose result is the CSV of `runner.stage2.expiring`, byte for byte.

    The rows are ordered as `SortedRows` orders them, by a column that is not part of the result.
    """
    last_date = run_date + timedelta(min(window_days, (date.max - run_date).days))
    within_limit = " and ".join(
        f"coalesce(length({name}), 0) <= {MAX_TEXT_LENGTH}" for name in (*_OF_FACILITY, *_OF_ACCREDITATION)
    )
    fields = {name: harmless_sql(name) for name in (*_OF_FACILITY, *_OF_ACCREDITATION)} | {
        "valid_until": "cast(valid_until as varchar)",
        "days_until_expiry": f"cast(date_diff('day', date '{run_date}', valid_until) as varchar)",
        "run_date": f"'{run_date}'",
        "snapshot_date": "cast(snapshot_date as varchar)",
    }
    quoted = (f"""coalesce('"' || replace({name}, '"', '""') || '"', '')""" for name in COLUMNS)
    return f"""
with expiring as (
    select
        source_file,
        {", ".join(f"{sql} as {name}" for name, sql in fields.items())}
    from (
        select
            lines.source_file,
            lines.snapshot_date,
            {", ".join(f"lines.{name}" for name in _OF_FACILITY)},
            accreditation.accreditation_body,
            accreditation.accreditation_id,
            accreditation.valid_until
        from {TABLE} as lines
        cross join unnest(lines.accreditations)
            as accreditation (accreditation_body, accreditation_id, valid_until)
        where
            lines.stage2_codes in ('', 'bad_valid_until')
            {f"and lines.snapshot_date = (select max(snapshot_date) from {TABLE})" if latest else ""}
    )
    where valid_until between date '{run_date}' and date '{last_date}' and {within_limit}
)
select {", ".join(COLUMNS)}
from expiring
order by source_file, {" || ',' || ".join(quoted)}
"""


def write_staged_csv(
    settings: Settings, run_date: date, deadline: float | None, standing: str
) -> tuple[str, int, int]:
    """Write the CSV from the table. It replaces the CSV with the ETag `standing` ("" without a CSV).

    Returns:
        The address of the CSV, its number of rows, and the bytes that Athena read.

    Raises:
        NoStagedTable: the table does not exist, or another version built it.
        DeadlineReached: the time ran out; the query is stopped.
        ObjectTakenOver: another run has written the CSV meanwhile.
        OutputNotWritten: S3 refused the CSV.
    """
    invocation = Invocation(settings, f"expiring-{uuid.uuid4().hex}", deadline=deadline)
    invocation.start_alarm()
    try:
        sql = expiring_sql(run_date, settings.window_days, latest=settings.snapshots == "latest")
        try:
            query_id = invocation.run(sql)
        except AthenaQueryFailed as error:
            raise NoStagedTable(
                f"{settings.glue_database}.{TABLE} could not be read: {error}; build it with "
                "`medlaunch transform`, or read the files with --engine stream"
            ) from error
        bucket, key = invocation.result_object(query_id)
        counter = _RowCounter()
        target = lake.expiring_soon_key(run_date)
        with ObjectWriter(
            invocation.s3, settings.data_bucket, target, content_type="text/csv", replaces=standing
        ) as output:
            if settings.csv_bom:
                output.write(BYTE_ORDER_MARK)
            for piece in read_object(invocation.s3, bucket, key):
                counter.add(piece)
                output.write(piece)
            invocation.check()
        return output.uri, counter.rows - 1, invocation.statistics().bytes_scanned
    finally:
        invocation.cancel_alarm()


class _RowCounter:
    """Counts the rows of a CSV that arrives in pieces: the line feeds outside quotes."""

    def __init__(self) -> None:
        self.rows = 0
        self._inside = False

    def add(self, piece: bytes) -> None:
        for text in piece.split(b'"'):
            if not self._inside:
                self.rows += text.count(b"\n")
            self._inside = not self._inside
        self._inside = not self._inside  # no quote follows the last text
