"""Statements, their outcomes, and the interface of an engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import pyarrow as pa

from local_athena.errors import QueryStopped
from local_athena.sql.kinds import Kind, kind_of
from local_athena.values.columns import Column


@dataclass(frozen=True)
class Statement:
    """A statement as StartQueryExecution received it.

    Attributes:
        sql: without comments in front and without a semicolon at its end.
        database: where names without a database are looked up.
        parameters: SQL literals for its question marks.
        output_location: where its results go, an `s3://` folder; empty where the work group manages results.
        query_id: the query execution's id.
    """

    sql: str
    database: str
    parameters: Sequence[str] = ()
    output_location: str = ""
    query_id: str = ""

    @cached_property
    def kind(self) -> Kind:
        """What kind of statement it is."""
        return kind_of(self.sql)

    @property
    def result_location(self) -> str:
        """Where its result lies: a file or, for CREATE TABLE AS, the new table's folder; empty if nowhere."""
        if not self.output_location:
            return ""
        return self.kind.result.value.format(base=self.output_location.rstrip("/"), id=self.query_id)


@dataclass
class Outcome:
    """What a statement yields.

    Attributes:
        columns, rows: a query's result; the rows' columns have the columns' types.
        lines: the rows that DDL and SHOW yield instead, each of them one text.
        heading: name and type of the columns that GetQueryResults shows for the lines.
        update_count: rows written, for what writes; 0 for most of SHOW.
        written: addresses of the data files, for UNLOAD and for CREATE TABLE AS and INSERT of Hive tables; they make
            the manifest.
        scanned_bytes: bytes read from S3.
        kind: the substatement type, where only the run shows it.
    """

    columns: tuple[Column, ...] = ()
    rows: pa.Table | None = None
    lines: list[str] = field(default_factory=list)
    heading: tuple[tuple[str, str], ...] = ()
    update_count: int | None = None
    written: list[str] | None = None
    scanned_bytes: int = 0
    kind: str = ""


class Control:
    """Lets other threads stop a running statement."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._on_stop: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call a function when the statement is stopped; at once if it was stopped already."""
        with self._lock:
            self._on_stop.append(callback)
            if not self.stopped:
                return
        callback()

    def stop(self) -> None:
        """Stop the statement."""
        with self._lock:
            self._stopped.set()
            callbacks = list(self._on_stop)
        for callback in callbacks:
            callback()

    def finished(self) -> None:
        """The statement has ended: drop the callbacks, which hold objects such as a DuckDB cursor."""
        with self._lock:
            self._on_stop.clear()

    def check(self) -> None:
        """Raise if the statement was stopped.

        Raises:
            QueryStopped: it was.
        """
        if self.stopped:
            raise QueryStopped


class Engine(Protocol):
    """Runs what is not Hive DDL: queries, and statements that write."""

    def check(self, statement: Statement) -> None:
        """Whether a statement can be started at all.

        Raises:
            QueryFailed: its syntax is wrong.
        """
        ...

    def run(self, statement: Statement, control: Control) -> Outcome:
        """Run one statement to its end.

        Raises:
            QueryFailed: it failed.
            QueryStopped: it was stopped.
        """
        ...

    def close(self) -> None: ...
