"""The life of query executions: queued, running, ended."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import uuid
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from local_athena.api import results
from local_athena.api.kept_results import KeptRows, keep
from local_athena.errors import SYSTEM, ApiError, QueryFailed, QueryStopped
from local_athena.sql.kinds import ResultForm
from local_athena.sql.parsing import without_comments_before
from local_athena.sql.statements import Control, Engine, Outcome, Statement
from local_athena.tables.ddl.runner import HiveDdl
from local_athena.tables.s3 import ObjectStore, split_uri

_log = logging.getLogger(__name__)

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"
#: Athena forgets executions after 45 days; a laptop after this many.
_REMEMBERED = 10_000


@dataclass
class Limits:
    """Limits and faults that tests of clients can switch on.

    Attributes:
        running: statements that run at once; the others wait as QUEUED.
        queued: statements that may wait; one more is answered with TooManyRequestsException.
        throttled_requests: how many of the next requests are answered with TooManyRequestsException.
        hold: statements stay QUEUED until it is switched off again or they are stopped.
    """

    running: int = 8
    queued: int = 10_000
    throttled_requests: int = 0
    hold: bool = False


@dataclass
class Execution:
    """One query execution.

    Attributes:
        rows: a query's rows; None until it has succeeded, and for statements that yield none.
        outcome: what the statement yielded, without the rows.
    """

    request: dict[str, Any]
    statement: Statement
    work_group: str
    submitted: dt.datetime
    control: Control = field(default_factory=Control)
    state: str = QUEUED
    reason: str = ""
    error: QueryFailed | None = None
    completed: dt.datetime | None = None
    started_at: float = 0.0
    queued_ms: int = 0
    engine_ms: int = 0
    outcome: Outcome | None = None
    rows: KeptRows | None = None

    @property
    def id(self) -> str:
        return self.statement.query_id

    @property
    def output_location(self) -> str:
        """Where Athena says that the result lies: CSV, text, or the new table's folder."""
        return self.statement.result_location

    @property
    def manifest_location(self) -> str:
        """Where the list of written files lies."""
        return f"{self.statement.output_location.rstrip('/')}/{self.id}-manifest.csv"


class Queries:
    """Runs statements in parallel, each on its own thread.

    Args:
        engine, ddl: what runs the statements.
        store: where their results go.
        folder: where the rows of results are kept for GetQueryResults.
    """

    def __init__(self, engine: Engine, ddl: HiveDdl, store: ObjectStore, folder: Path) -> None:
        self.limits = Limits()
        self._engine = engine
        self._ddl = ddl
        self._store = store
        self._folder = folder
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

    def start(self, request: dict[str, Any], work_group: str, output_location: str, database: str) -> str:
        """Queue a statement and return its id.

        Raises:
            ApiError: too many statements wait.
        """
        token = request.get("ClientRequestToken")
        with self._changed:
            if token and token in self._by_token:
                return self._same_request(self._executions[self._by_token[token]], request)
            waiting = sum(e.state == QUEUED for e in self._executions.values())
            if waiting >= self.limits.queued:
                raise ApiError(
                    "TooManyRequestsException",
                    "You have exceeded the limit for the number of queries you can run concurrently. "
                    "Please reduce the number of concurrent queries submitted by this account.",
                    Reason="CONCURRENT_QUERY_LIMIT_EXCEEDED",
                )
            query_id = str(uuid.uuid4())
            statement = Statement(
                sql=without_comments_before(request["QueryString"]),
                database=database,
                parameters=request.get("ExecutionParameters") or [],
                output_location=output_location,
                query_id=query_id,
            )
            execution = Execution(request, statement, work_group, _now())
            execution.started_at = time.monotonic()
            self._executions[query_id] = execution
            if token:
                self._by_token[token] = query_id
            self._forget_old()
        execution.control.on_stop(self._wake)
        self._pool.submit(self._run, execution)
        return query_id

    def _forget_old(self) -> None:
        """Forget the oldest executions, as far as they have ended."""
        while len(self._executions) > _REMEMBERED:
            query_id, oldest = next(iter(self._executions.items()))
            if oldest.state in (QUEUED, RUNNING):
                return
            del self._executions[query_id]
            self._by_token.pop(oldest.request.get("ClientRequestToken") or "", None)
            if oldest.rows is not None:
                oldest.rows.forget()

    def _same_request(self, execution: Execution, request: dict[str, Any]) -> str:
        if execution.request["QueryString"] != request["QueryString"]:
            raise ApiError("InvalidRequestException", "Idempotent parameters do not match")
        return execution.id

    def get(self, query_id: str) -> Execution:
        """An execution by id.

        Raises:
            ApiError: there is none.
        """
        execution = self._executions.get(query_id)
        if execution is None:
            raise ApiError(
                "InvalidRequestException",
                f"QueryExecution {query_id} was not found",
                AthenaErrorCode="INVALID_INPUT",
            )
        return execution

    def list(self, work_group: str) -> list[str]:
        """Ids of a workgroup's executions, the newest first."""
        return [e.id for e in reversed(list(self._executions.values())) if e.work_group == work_group]

    def stop(self, query_id: str) -> None:
        """Stop an execution. Finished executions are ignored."""
        self._stop(self.get(query_id))

    def _stop(self, execution: Execution) -> None:
        with self._changed:
            if execution.state not in (QUEUED, RUNNING):
                return
            # As on AWS, the state is CANCELLED at once; the engine follows.
            self._end(execution, CANCELLED, "Query cancelled by user")
        execution.control.stop()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _may_run(self, execution: Execution) -> bool:
        return execution.control.stopped or (self._running < self.limits.running and not self.limits.hold)

    def release(self) -> None:
        """Let queued statements look at the limits again."""
        self._wake()

    def _run(self, execution: Execution) -> None:
        with self._changed:
            while not self._may_run(execution):
                self._changed.wait()
            if execution.control.stopped or execution.state != QUEUED:
                return
            self._running += 1
            execution.state = RUNNING
            execution.queued_ms = _since(execution.started_at)
        started = time.monotonic()
        try:
            self._finish(execution, self._outcome(execution), started)
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
        if execution.statement.kind.is_hive:
            return self._ddl.run(execution.statement)
        return self._engine.run(execution.statement, execution.control)

    def _finish(self, execution: Execution, outcome: Outcome, started: float) -> None:
        columns = results.text_columns(outcome) if outcome.rows is not None else None
        execution.control.check()
        execution.outcome = replace(outcome, rows=None)
        self._store_result(execution, outcome, columns)
        rows = keep(self._folder / f"{execution.id}.arrow", columns) if columns is not None else None
        with self._changed:
            execution.rows = rows
            execution.engine_ms = _since(started)
            self._end(execution, SUCCEEDED, "")

    def _store_result(
        self, execution: Execution, outcome: Outcome, columns: list[list[str | None]] | None
    ) -> None:
        bucket, key = split_uri(execution.output_location)
        if columns is not None:
            bodies = {
                key: results.csv_file([column.name for column in outcome.columns], columns),
                f"{key}.metadata": results.metadata_file(outcome.columns),
            }
            self._store.write_all(bucket, bodies)
        elif execution.statement.kind.result is ResultForm.TEXT:
            text = "".join(f"{line}\n" for line in outcome.lines).encode()
            self._store.write_all(bucket, {key: text, f"{key}.metadata": b""})
        if outcome.written is not None:
            manifest = "".join(f"{uri}\n" for uri in outcome.written).encode()
            self._store.write(*split_uri(execution.manifest_location), manifest)

    def _fail(self, execution: Execution, error: QueryFailed, started: float) -> None:
        with self._changed:
            execution.engine_ms = _since(started)
            execution.error = error
            self._end(execution, FAILED, error.reason)

    def _end(self, execution: Execution, state: str, reason: str) -> None:
        if execution.state in (QUEUED, RUNNING):
            execution.state, execution.reason, execution.completed = state, reason, _now()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _since(moment: float) -> int:
    return int((time.monotonic() - moment) * 1000)
