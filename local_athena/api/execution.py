"""Holds one query execution: its state, and its result as GetQueryResults shows it."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
import string
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from local_athena.api import results
from local_athena.api.kept_results import KeptRows
from local_athena.errors import QueryFailed
from local_athena.sql.statements import Control, Outcome, Statement

#: The last part of the engine's ids, which Trino draws when it starts.
_COORDINATOR = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(5))
_numbers = itertools.count()

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"


@dataclass
class Execution:
    """One query execution.

    Attributes:
        request: the members that StartQueryExecution received.
        submitted: when the statement was queued (UTC).
        started_at: the same moment on the monotonic clock, in seconds.
        completed: when the execution ended (UTC); None while it is active.
        queued_ms: milliseconds from queueing to the start.
        engine_ms: milliseconds from the start to the end.
        outcome: the statement's result without its rows; None until it has succeeded.
        rows: the rows of a query; None for other statements.
        is_reused: whether the rows come from an earlier execution.
    """

    request: dict[str, Any]
    statement: Statement
    work_group: str
    submitted: dt.datetime
    started_at: float
    control: Control = field(default_factory=Control)
    state: str = QUEUED
    reason: str = ""
    error: QueryFailed | None = None
    completed: dt.datetime | None = None
    queued_ms: int = 0
    engine_ms: int = 0
    outcome: Outcome | None = None
    rows: KeptRows | None = None
    is_reused: bool = False

    @property
    def id(self) -> str:
        return self.statement.query_id

    @cached_property
    def engine_id(self) -> str:
        """The engine's own id of the query, in Trino's form: 20260916_000544_00027_jemvf."""
        return f"{self.submitted:%Y%m%d_%H%M%S}_{next(_numbers) % 100_000:05}_{_COORDINATOR}"

    @property
    def is_active(self) -> bool:
        return self.state in (QUEUED, RUNNING)

    @property
    def substatement_type(self) -> str:
        """The statement's SubstatementType. For DESCRIBE it is known only after the statement has run."""
        special = self.outcome.kind if self.outcome else ""
        return special or self.statement.kind.substatement_type

    @property
    def output_location(self) -> str:
        """URI of the result as Athena reports it: a CSV file, a text file, or the new table's folder."""
        return self.statement.result_location

    @property
    def manifest_location(self) -> str | None:
        """URI of the list of written files; None if the statement writes no such list."""
        if self.outcome is None or self.outcome.written is None or not self.output_location:
            return None
        return f"{self.output_location.removesuffix('.csv')}-manifest.csv"

    @property
    def update_count(self) -> int | None:
        """Number of rows written: 0 for queries and most SHOW statements, None for DDL."""
        if self.outcome is None:
            return None
        return 0 if self.rows is not None else self.outcome.update_count

    @property
    def is_write(self) -> bool:
        """Whether the statement writes rows and reports how many."""
        counts = self.outcome is not None and self.outcome.update_count is not None
        return counts and self.rows is None and self.statement.kind.statement_type != "UTILITY"

    @cached_property
    def columns(self) -> list[dict[str, Any]]:
        """The result's columns, as GetQueryResults shows them."""
        assert self.outcome is not None
        if self.rows is not None or self.outcome.columns:
            return list(map(results.column_info, self.outcome.columns))
        if self.is_write:
            return list(map(results.column_info, results.WRITTEN))
        return [results.heading_info(*one) for one in self.outcome.heading]

    @property
    def row_count(self) -> int:
        """Number of rows in the result. The header row of a query counts."""
        assert self.outcome is not None
        return len(self.outcome.lines) if self.rows is None else self.rows.count + 1

    def page(self, start: int, size: int) -> list[list[str | None]]:
        """At most `size` rows of the result from row `start`. Row 0 of a query is its header."""
        assert self.outcome is not None
        if self.rows is None:
            return [[line] for line in self.outcome.lines[start : start + size]]
        header: list[list[str | None]] = [] if start else [[column.name for column in self.outcome.columns]]
        first = max(start - 1, 0)
        return [*header, *self.rows.page(first, first + size - len(header))]
