"""Defines statements, their outcomes, and the interface of an engine."""

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
        sql: the text without comments before it and without a semicolon at its end.
        database: the database of names without a database.
        parameters: the values for its question marks (see `parameters.with_parameters`).
        output_location: the `s3://` folder for its results; empty if the workgroup manages results.
        query_id: the query execution's id.
        written: the text as the client sent it.
    """

    sql: str
    database: str
    parameters: Sequence[str] = ()
    output_location: str = ""
    query_id: str = ""
    written: str = ""

    @cached_property
    def kind(self) -> Kind:
        """The statement's kind."""
        return kind_of(self.sql)

    @property
    def result_location(self) -> str:
        """URI of the result: a file, or the new table's folder for CREATE TABLE AS; empty for managed results."""
        if not self.output_location:
            return ""
        return self.kind.result.value.format(base=self.output_location.rstrip("/"), id=self.query_id)


@dataclass
class Outcome:
    """The result of a statement.

    Attributes:
        columns: the columns of a query.
        rows: the rows of a query, with those columns and their types; None for other statements.
        lines: the rows of DDL, SHOW, DESCRIBE and EXPLAIN, each as one string.
        heading: the names and types of the columns that GetQueryResults shows for the lines.
        update_count: the number of rows written; 0 for most SHOW statements, None for DDL.
        written: the URIs of the data files, which become the manifest. Only UNLOAD, and CREATE TABLE AS and INSERT
            into Hive tables, have them.
        scanned_bytes: bytes read from S3.
        kind: the substatement type if it is known only after the run; else empty.
        update_type: the metadata file of a statement without columns: the kind of statement that it names, or empty if
            it holds only the query's id. None if the statement has no metadata file.
    """

    columns: tuple[Column, ...] = ()
    rows: pa.Table | None = None
    lines: list[str] = field(default_factory=list)
    heading: tuple[tuple[str, str], ...] = ()
    update_count: int | None = None
    written: list[str] | None = None
    scanned_bytes: int = 0
    kind: str = ""
    update_type: str | None = None


class Control:
    """Lets other threads stop a running statement."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._on_stop: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def stopped(self) -> bool:
        """Whether the statement was stopped."""
        return self._stopped.is_set()

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call a function when the statement is stopped, or now if it was stopped already."""
        with self._lock:
            self._on_stop.append(callback)
            if not self.stopped:
                return
        callback()

    def stop(self) -> None:
        """Stop the statement and call the registered functions."""
        with self._lock:
            self._stopped.set()
            callbacks = list(self._on_stop)
        for callback in callbacks:
            callback()

    def finished(self) -> None:
        """Drop the registered functions after the statement's end, because they hold objects such as DuckDB cursors."""
        with self._lock:
            self._on_stop.clear()

    def check(self) -> None:
        """Check that the statement was not stopped.

        Raises:
            QueryStopped: the statement was stopped.
        """
        if self.stopped:
            raise QueryStopped


class Engine(Protocol):
    """Runs all statements except Hive's DDL: queries, and statements that write."""

    def check(self, statement: Statement) -> None:
        """Check that a statement can start.

        Raises:
            QueryFailed: its syntax is wrong.
        """
        ...

    def run(self, statement: Statement, control: Control) -> Outcome:
        """Run one statement to its end.

        Raises:
            QueryFailed: the statement failed.
            QueryStopped: the statement was stopped.
        """
        ...

    def close(self) -> None:
        """Release the engine's resources."""
        ...
