"""One query execution: its state, and its result as GetQueryResults shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from local_athena.api import results
from local_athena.api.kept_results import KeptRows
from local_athena.errors import QueryFailed
from local_athena.sql.statements import Control, Outcome, Statement

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"


@dataclass
class Execution:
    """One query execution.

    Attributes:
        request: what StartQueryExecution received.
        outcome: what the statement yielded, without its rows.
        rows: a query's rows; None for other statements.
        is_reused: whether the rows are those of an earlier execution.
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

    @property
    def is_active(self) -> bool:
        return self.state in (QUEUED, RUNNING)

    @property
    def substatement_type(self) -> str:
        """The kind of statement; DESCRIBE knows what it was about only at its end."""
        special = self.outcome.kind if self.outcome else ""
        return special or self.statement.kind.substatement_type

    @property
    def output_location(self) -> str:
        """Where Athena says that the result lies: CSV, text, or the new table's folder."""
        return self.statement.result_location

    @property
    def manifest_location(self) -> str | None:
        """Where the list of written files lies; None when nothing was written that has one."""
        if self.outcome is None or self.outcome.written is None or not self.output_location:
            return None
        return f"{self.output_location.removesuffix('.csv')}-manifest.csv"

    @property
    def update_count(self) -> int | None:
        """Rows written; 0 for queries and most of SHOW, None for DDL."""
        if self.outcome is None:
            return None
        return 0 if self.rows is not None else self.outcome.update_count

    @property
    def is_write(self) -> bool:
        """Whether it yields a count of rows."""
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
        """Rows of the result, the header of a query's included."""
        assert self.outcome is not None
        return len(self.outcome.lines) if self.rows is None else self.rows.count + 1

    def page(self, start: int, size: int) -> list[list[str | None]]:
        """Some rows of the result, the header of a query's included."""
        assert self.outcome is not None
        if self.rows is None:
            return [[line] for line in self.outcome.lines[start : start + size]]
        header: list[list[str | None]] = [] if start else [[column.name for column in self.outcome.columns]]
        first = max(start - 1, 0)
        return [*header, *self.rows.page(first, first + size - len(header))]
