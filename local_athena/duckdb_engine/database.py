"""Wraps DuckDB: one database for all statements, and one session for each statement."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import duckdb
import pyarrow as pa

from local_athena.errors import QueryFailed, QueryStopped
from local_athena.udfs import registry
from local_athena.values.arrow_types import to_arrow
from local_athena.values.duckdb_types import to_duckdb

_FAILURE = re.compile(f"{registry.MARK}(.*?){registry.MARK}(.*?){registry.MARK}", re.DOTALL)
#: Seconds between interrupts of a query that was stopped.
_INTERRUPT_AGAIN = 0.05


class Database:
    """One in-memory DuckDB database. Each statement runs on its own cursor.

    Args:
        threads: the number of threads that DuckDB uses.
    """

    def __init__(self, threads: int = 2) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": threads})
        self._connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
        self._registered: set[str] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def session(self) -> Session:
        """A new session for one statement."""
        return Session(self._connection.cursor(), self._add_functions)

    def _add_functions(self) -> None:
        with self._lock:
            for name, udf in list(registry.REGISTRY.items()):
                if name not in self._registered:
                    self._connection.create_function(
                        name,
                        udf.body,
                        [duckdb.sqltype(to_duckdb(kind)) for kind in udf.parameters],
                        duckdb.sqltype(to_duckdb(udf.returns)),
                        type="arrow",  # type: ignore[arg-type]
                        null_handling="special",  # type: ignore[arg-type]
                    )
                    self._registered.add(name)


class Session:
    """Runs the SQL of one statement. Another thread can interrupt it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, add_functions: Callable[[], None]) -> None:
        self._cursor = cursor
        self._add_functions = add_functions
        self._stopped = threading.Event()
        self._idle = threading.Event()
        self._idle.set()

    def interrupt(self) -> None:
        """Stop the running SQL. Later calls of `run` raise QueryStopped at once."""
        self._stopped.set()
        threading.Thread(target=self._interrupt_until_idle, name="local-athena-stop", daemon=True).start()

    def _interrupt_until_idle(self) -> None:
        # DuckDB ignores an interrupt that comes while it prepares a query, so one interrupt may not be enough.
        with suppress(duckdb.ConnectionException):  # The query has just ended and closed its cursor.
            while not self._idle.is_set():
                self._cursor.interrupt()
                self._idle.wait(_INTERRUPT_AGAIN)

    def check(self) -> None:
        """Check that the statement was not stopped.

        Raises:
            QueryStopped: the statement was stopped.
        """
        if self._stopped.is_set():
            raise QueryStopped

    def register(self, name: str, rows: pa.Table) -> None:
        """Make rows available to this statement's SQL as a table."""
        self._cursor.register(name, rows)

    def run(self, sql: str) -> pa.Table:
        """Run a SELECT and return its rows.

        Raises:
            QueryFailed: DuckDB or one of our functions failed on a value.
            QueryStopped: the statement was stopped.
        """
        self.check()
        self._add_functions()
        with registry.watching_refusals() as refusal:
            rows = self._execute(sql)
            if "TRY(" not in sql or not refusal():
                return rows
        return self._run_without_folding(sql)

    def _run_without_folding(self, sql: str) -> pa.Table:
        """Run SQL again without folding of constants.

        Folding evaluates constant expressions even if no row needs them. If a value is refused again without it, a
        row needs that value.

        Raises:
            Refused: a value was refused, although TRY turned the refusal into null.
        """
        self._cursor.execute("SET disabled_optimizers = 'expression_rewriter,statistics_propagation'")
        try:
            with registry.watching_refusals() as refusal:
                rows = self._execute(sql)
                refused = refusal()
        finally:
            self._cursor.execute("RESET disabled_optimizers")
        if refused:
            raise refused
        return rows

    def _execute(self, sql: str) -> pa.Table:
        self._idle.clear()
        try:
            self.check()
            return self._cursor.sql(sql).to_arrow_table()
        except duckdb.InterruptException as error:
            raise QueryStopped from error
        except duckdb.Error as error:
            self.check()
            raise as_failure(error) from error
        finally:
            self._idle.set()

    def close(self) -> None:
        """Close the cursor."""
        with suppress(duckdb.Error):
            self._cursor.close()


def as_failure(error: duckdb.Error) -> QueryFailed:
    """The error that Trino would report instead of an error of DuckDB."""
    text = str(error)
    failure = _FAILURE.search(text)
    if failure:
        return QueryFailed(failure[1], failure[2])
    if "Division by zero" in text or "division by zero" in text:
        return QueryFailed("DIVISION_BY_ZERO", "Division by zero")
    if "Overflow in division" in text and str(-(2**63)) not in text:
        # Trino detects this overflow only for bigint. For narrower integers it fails with an internal error.
        return QueryFailed("GENERIC_INTERNAL_ERROR", "Value exceeds the maximum of its type")
    if "INT128" in text:
        return QueryFailed("NUMERIC_VALUE_OUT_OF_RANGE", "bigint addition overflow")
    if isinstance(error, duckdb.OutOfRangeException):
        return QueryFailed("NUMERIC_VALUE_OUT_OF_RANGE", text.removeprefix("Out of Range Error: "))
    if isinstance(error, duckdb.ConversionException):
        return QueryFailed("INVALID_CAST_ARGUMENT", text.removeprefix("Conversion Error: "))
    if "More than one row returned by a subquery" in text:
        return QueryFailed("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows")
    return QueryFailed("GENERIC_INTERNAL_ERROR", f"local Athena could not run the query: {text}", category=1)


def named(rows: pa.Table, columns: Any) -> pa.Table:
    """A query's rows (columns c0, c1, …) under the names and types of the given columns."""
    schema = pa.schema([(column.name, to_arrow(column.type)) for column in columns])
    arrays = [
        # DuckDB gives a column of untyped NULLs the type integer, which Arrow cannot cast to its null type.
        pa.nulls(len(rows)) if pa.types.is_null(field.type) else rows.column(index).cast(field.type)
        for index, field in enumerate(schema)
    ]
    return pa.table(arrays, schema=schema) if arrays else rows
