"""Runs query executions through their states: queued, running, and succeeded, failed or cancelled."""

from __future__ import annotations

import datetime as dt
import io
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from local_athena.api import prepared, result_files, results, reuse
from local_athena.api.execution import CANCELLED, FAILED, QUEUED, RUNNING, SUCCEEDED, Execution
from local_athena.api.kept_results import Keeper
from local_athena.api.requests import invalid
from local_athena.errors import SYSTEM, ApiError, QueryFailed, QueryStopped, Refused
from local_athena.sql.early_checks import check_text
from local_athena.sql.statements import Engine, Outcome, Statement
from local_athena.tables.ddl.runner import HiveDdl
from local_athena.tables.s3 import ObjectStore, split_uri

_log = logging.getLogger(__name__)

#: Executions that are remembered. Athena itself forgets executions after 45 days.
_REMEMBERED = 10_000
#: Members that must be equal in all requests with the same token.
_IDEMPOTENT_MEMBERS = ("QueryString", "QueryExecutionContext", "ResultConfiguration")


@dataclass
class Limits:
    """Limits and faults that tests of clients can switch on.

    Attributes:
        running: statements that may run at once; the others wait as QUEUED.
        queued: statements that may wait; a further statement gets TooManyRequestsException.
        throttled_requests: how many of the next requests get TooManyRequestsException.
        hold: while it is true, no statement starts; queued statements can still be stopped.
    """

    running: int = 8
    queued: int = 10_000
    throttled_requests: int = 0
    hold: bool = False


class Queries:
    """Runs statements in parallel, each on its own thread.

    Args:
        engine: runs the statements that Athena gives to Trino.
        ddl: runs the statements that Athena gives to Hive.
        store: receives the result objects.
        prepared_statements: the store that PREPARE and DEALLOCATE change.
        folder: where rows are kept for GetQueryResults.
        on_end: called with each execution that has ended.
    """

    def __init__(
        self,
        engine: Engine,
        ddl: HiveDdl,
        store: ObjectStore,
        prepared_statements: prepared.Store,
        folder: Path,
        on_end: Callable[[Execution], None] | None = None,
    ) -> None:
        self.limits = Limits()
        self._engine = engine
        self._ddl = ddl
        self._store = store
        self._prepared = prepared_statements
        self._folder = folder
        self._on_end = on_end
        self._executions: OrderedDict[str, Execution] = OrderedDict()
        self._by_token: dict[str, str] = {}
        self._changed = threading.Condition()
        self._running = 0
        self._pool = ThreadPoolExecutor(256, thread_name_prefix="local-athena-query")

    def close(self) -> None:
        """Stop all running statements and wait for them."""
        for execution in list(self._executions.values()):
            self._stop(execution)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def check(self, statement: Statement) -> None:
        """Check that a statement can start.

        Raises:
            QueryFailed: its syntax is wrong, or Athena rejects it before it starts.
        """
        check_text(statement)
        # A statement that local Athena does not support is not a syntax error: it starts, then fails with the reason.
        with suppress(Refused):
            if statement.kind.is_hive:
                self._ddl.check(statement)
            elif not prepared.is_about_prepared(statement):
                self._engine.check(statement)

    def start(self, request: dict[str, Any], work_group: str, statement: Statement) -> str:
        """Queue a statement and return its id.

        Raises:
            ApiError: too many statements wait, or a different request used the same token.
        """
        token = request["ClientRequestToken"]
        with self._changed:
            if token in self._by_token:
                return _same_request(self._executions[self._by_token[token]], request)
            waiting = sum(e.state == QUEUED for e in self._executions.values())
            if waiting >= self.limits.queued:
                raise ApiError(
                    "TooManyRequestsException",
                    "You have exceeded the limit for the number of queries you can run concurrently. "
                    "Please reduce the number of concurrent queries submitted by this account.",
                    Reason="CONCURRENT_QUERY_LIMIT_EXCEEDED",
                )
            execution = Execution(request, statement, work_group, _now(), time.monotonic())
            self._executions[execution.id] = execution
            self._by_token[token] = execution.id
            self._forget_old()
        execution.control.on_stop(self._wake)
        self._pool.submit(self._run, execution)
        return execution.id

    def _forget_old(self) -> None:
        """Forget the oldest executions above the limit, up to the first that is still active."""
        while len(self._executions) > _REMEMBERED:
            query_id, oldest = next(iter(self._executions.items()))
            if oldest.is_active:
                return
            del self._executions[query_id]
            self._by_token.pop(oldest.request["ClientRequestToken"], None)
            if oldest.rows is not None:
                oldest.rows.forget()

    def get(self, query_id: str) -> Execution:
        """The execution with an id.

        Raises:
            ApiError: the execution does not exist.
        """
        execution = self._executions.get(query_id)
        if execution is None:
            raise invalid(f"QueryExecution {query_id} was not found", "QUERY_EXECUTION_NOT_FOUND")
        return execution

    def list(self, work_group: str) -> list[str]:
        """Ids of a workgroup's executions, newest first."""
        return [e.id for e in reversed(list(self._executions.values())) if e.work_group == work_group]

    def stop(self, query_id: str) -> None:
        """Stop an execution. Finished executions are ignored."""
        self._stop(self.get(query_id))

    def _stop(self, execution: Execution) -> None:
        with self._changed:
            if not execution.is_active:
                return
            # As on AWS, the state becomes CANCELLED at once, and the engine stops a little later.
            self._end(execution, CANCELLED, "Query cancelled by user")
        execution.control.stop()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _may_run(self, execution: Execution) -> bool:
        return execution.control.stopped or (self._running < self.limits.running and not self.limits.hold)

    def release(self) -> None:
        """Make queued statements check the limits again. Call it after a change of `limits`."""
        self._wake()

    def _run(self, execution: Execution) -> None:
        with self._changed:
            while not self._may_run(execution):
                self._changed.wait()
            if execution.control.stopped or execution.state != QUEUED:
                return
            self._running += 1
            execution.state = RUNNING
            # At least 1 ms, because clients treat 0 as a missing statistic.
            execution.queued_ms = max(_since(execution.started_at), 1)
        started = time.monotonic()
        try:
            self._finish(execution, started)
        except QueryStopped:
            with self._changed:
                self._end(execution, CANCELLED, "Query cancelled by user")
        except QueryFailed as error:
            self._fail(execution, error, started)
        except Exception as error:
            _log.exception("query %s failed inside of local Athena", execution.id)
            self._fail(
                execution,
                QueryFailed("GENERIC_INTERNAL_ERROR", f"{type(error).__name__}: {error}", category=SYSTEM),
                started,
            )
        finally:
            execution.control.finished()
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _outcome(self, execution: Execution) -> Outcome:
        statement = execution.statement
        if statement.kind.is_hive:
            return self._ddl.run(statement)
        if prepared.is_about_prepared(statement):
            return prepared.run(statement, self._prepared, execution.work_group)
        return self._engine.run(statement, execution.control)

    def _result(self, execution: Execution) -> tuple[Outcome, Iterable[pa.Table] | None]:
        """The outcome of a statement, and its rows as text, part by part, if it is a query."""
        earlier = reuse.earlier(execution, list(self._executions.values()))
        if earlier is None:
            outcome = self._outcome(execution)
            return outcome, results.texts(outcome) if outcome.rows is not None else None
        assert earlier.outcome is not None
        assert earlier.rows is not None
        execution.is_reused = True
        return replace(earlier.outcome, scanned_bytes=0), earlier.rows.texts()

    def _finish(self, execution: Execution, started: float) -> None:
        outcome, texts = self._result(execution)
        csv = None
        if texts is not None:
            csv = self._keep(execution, outcome, texts)
        # The rows are kept on disk only, so that remembered results need no memory.
        execution.outcome = replace(outcome, rows=None)
        self._store_result(execution, csv)
        with self._changed:
            execution.engine_ms = _since(started)
            self._end(execution, SUCCEEDED, "")

    def _keep(self, execution: Execution, outcome: Outcome, texts: Iterable[pa.Table]) -> bytes:
        """Keep the rows of a query for GetQueryResults, and return its CSV file.

        Raises:
            QueryStopped: the statement was stopped meanwhile.
        """
        csv = io.BytesIO()
        csv.write(results.csv_header(outcome.columns))
        with Keeper(self._folder / f"{execution.id}.arrow", len(outcome.columns)) as keeper:
            execution.control.check()
            for part in texts:
                keeper.add(part)
                csv.write(results.csv_lines(part))
                execution.control.check()
        execution.rows = keeper.kept
        return csv.getvalue()

    def _store_result(self, execution: Execution, csv: bytes | None) -> None:
        if execution.output_location:
            bucket, _ = split_uri(execution.output_location)
            self._store.write_all(bucket, result_files.of(execution, csv))

    def _fail(self, execution: Execution, error: QueryFailed, started: float) -> None:
        if error.is_hive and execution.output_location:
            # Hive writes its error to the result location. If that write fails, too, the execution still reports the
            # statement's own error.
            with suppress(QueryFailed):
                self._store.write(
                    *split_uri(execution.output_location), error.reason.encode(), result_files.APPLICATION
                )
        with self._changed:
            execution.engine_ms = _since(started)
            execution.error = error
            self._end(execution, FAILED, error.reason)

    def _end(self, execution: Execution, state: str, reason: str) -> None:
        if execution.is_active:
            execution.state, execution.reason, execution.completed = state, reason, _now()
            if self._on_end is not None:
                self._on_end(execution)


def _same_request(execution: Execution, request: dict[str, Any]) -> str:
    """The id of the execution that an earlier request with the same token started.

    Raises:
        ApiError: the earlier request was a different one.
    """
    if any(execution.request.get(member) != request.get(member) for member in _IDEMPOTENT_MEMBERS):
        raise invalid("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
    return execution.id


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _since(moment: float) -> int:
    return int((time.monotonic() - moment) * 1000)
