"""One run's access to Athena. Queries are recorded, can be stopped, and start only while the run may write.

Every client that a run uses comes from its `Invocation`, dbt's included. This has three purposes:

* **Found again.** Each query's results go below `<query results>/<invocation id>/`. A run that takes over the
  lease of a dead run finds the dead run's queries by this prefix. It cannot find them by their SQL, because
  Athena drops comments in DDL.
* **Guarded.** Before any call that changes something, the lease and the deadline are checked.
* **Counted.** The query ids, dbt nodes, bytes scanned and engine time of all queries of the run are recorded.

A shared client also saves seconds of CPU: dbt-athena alone would make about 70 boto3 clients per run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from runner.aws import clients
from runner.aws.queries import (
    RUNNING,
    execution_of,
    executions_of,
    output_location,
    raise_if_failed,
    stop_queries,
)
from runner.errors import DeadlineReached, MedLaunchError, SettingsError
from runner.settings import Settings
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

_POLL_SECONDS = 0.1
_MAX_POLL_SECONDS = 1.0
#: The names of API operations that change something begin with these words. StopQueryExecution is always
#: allowed.
_CHANGING = ("Start", "Create", "Update", "Delete", "BatchDelete", "BatchCreate", "Put", "Copy")


@dataclass(frozen=True, slots=True)
class Query:
    """A query that this run started, and the dbt node that asked for it ("" for the runner itself)."""

    id: str
    node: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sums over all queries of a run."""

    queries: int
    bytes_scanned: int
    engine_milliseconds: int


class Invocation:
    """One run's clients and queries.

    Args:
        settings: bucket, Glue database, workgroup.
        run_id: the run's id, unique.
        deadline: the `time.monotonic()` by which the run must have ended; None for no limit.
    """

    def __init__(self, settings: Settings, run_id: str, *, deadline: float | None = None) -> None:
        self.settings = settings
        self.id = run_id
        self.queries: list[Query] = []
        self.node_of_thread: Callable[[], str] = lambda: ""
        self.verify_lease: Callable[[], None] = lambda: None
        self.late_commits_are_possible: Callable[[], bool] = lambda: False
        #: The reason why no further query may start.
        self.ended_by: MedLaunchError | None = None
        self._output_location = output_location(settings, run_id)
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._lock = threading.Lock()
        self._deadline = deadline
        self._alarm: threading.Timer | None = None

    @property
    def s3(self) -> S3Client:
        return self.client("s3")

    @property
    def glue(self) -> GlueClient:
        return self.client("glue")

    @property
    def athena(self) -> AthenaClient:
        return self.client("athena")

    def client(
        self, service: str, region_name: str | None = None, session: boto3.Session | None = None
    ) -> Any:
        """The run's only client of this service and region."""
        with self._lock:
            client = self._clients.get((service, region_name))
            if client is None:
                client = clients.make_client(service, region_name, session)
                self.watch(client)
                self._clients[service, region_name] = client
            return client

    def watch(self, client: Any) -> None:
        """Guard and record the calls of a client."""
        events, service = client.meta.events, client.meta.service_model.service_name
        events.register(f"before-call.{service}", self._before_call)
        if service == "athena":
            events.register("before-parameter-build.athena.StartQueryExecution", self._set_output_location)
            events.register("after-call.athena.StartQueryExecution", self._record)

    def start_alarm(self) -> None:
        """Stop this run's queries when the deadline comes."""
        if self._deadline is not None:
            self._alarm = threading.Timer(max(0.0, self._deadline - time.monotonic()), self._reach_deadline)
            self._alarm.daemon = True
            self._alarm.start()

    def cancel_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    def check(self) -> None:
        """Raise if this run is no longer allowed to change anything.

        Raises:
            LeaseHeld: this run no longer holds the lease.
            DeadlineReached: the deadline has come.
        """
        if self.ended_by is None:
            try:
                self.verify_lease()
            except MedLaunchError as error:
                self.ended_by = error
        if self.ended_by is not None:
            raise self.ended_by

    def run(self, sql: str) -> str:
        """Run a statement and wait for its end.

        Returns:
            The query id.

        Raises:
            AthenaQueryFailed: it failed or was cancelled.
            AthenaThrottled: Athena was overloaded or failed on its side.
            SettingsError: the workgroup does not exist.
        """
        workgroup = self.settings.athena_workgroup
        try:
            response = self.athena.start_query_execution(
                QueryString=sql,
                QueryExecutionContext={"Database": self.settings.glue_database},
                WorkGroup=workgroup,
            )
        except self.athena.exceptions.InvalidRequestException as error:
            if "WorkGroup is not found" in str(error):
                raise SettingsError(
                    f"ATHENA_WORKGROUP is {workgroup!r}: Athena has no such workgroup"
                ) from error
            raise
        query_id = response["QueryExecutionId"]
        execution = self._wait(query_id)
        self.check()
        raise_if_failed(execution, node="")
        return query_id

    def rows(self, sql: str) -> list[list[str | None]]:
        """Run a query whose result is small. Every value is text as Athena writes it, or None."""
        return self.table(sql)[1]

    def table(self, sql: str) -> tuple[list[str], list[list[str | None]]]:
        """Run a query whose result is small: the names of its columns, and its rows as `rows` gives them."""
        query_id = self.run(sql)
        columns: list[str] = []
        rows: list[list[str | None]] = []
        for page in self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id):
            result = page["ResultSet"]
            columns = [each["Name"] for each in result.get("ResultSetMetadata", {}).get("ColumnInfo", [])]
            rows += [
                [datum.get("VarCharValue") for datum in row.get("Data", [])] for row in result.get("Rows", [])
            ]
        return columns, rows[1:]

    def result_object(self, query_id: str) -> tuple[str, str]:
        """Bucket and key of a query's CSV."""
        location = (
            execution_of(self.athena, query_id).get("ResultConfiguration", {}).get("OutputLocation", "")
        )
        bucket, _, key = location.removeprefix("s3://").partition("/")
        return bucket, key

    def statistics(self) -> Statistics:
        """Queries, bytes scanned and engine time of this run so far."""
        statistics = [
            execution.get("Statistics", {})
            for execution in executions_of(self.athena, [query.id for query in self.queries])
        ]
        return Statistics(
            queries=len(self.queries),
            bytes_scanned=sum(
                query_statistics.get("DataScannedInBytes", 0) for query_statistics in statistics
            ),
            engine_milliseconds=sum(
                query_statistics.get("TotalExecutionTimeInMillis", 0) for query_statistics in statistics
            ),
        )

    def failed_query(self, node: str) -> QueryExecutionTypeDef | None:
        """The last query that a dbt node asked for, if it did not succeed."""
        asked = [query.id for query in self.queries if query.node == node]
        if not asked:
            return None
        execution = execution_of(self.athena, asked[-1])
        return None if execution.get("Status", {}).get("State") == "SUCCEEDED" else execution

    def _wait(self, query_id: str) -> QueryExecutionTypeDef:
        pause = _POLL_SECONDS
        while True:
            execution = execution_of(self.athena, query_id)
            if execution.get("Status", {}).get("State") not in RUNNING:
                return execution
            time.sleep(pause)
            pause = min(pause * 1.5, _MAX_POLL_SECONDS)

    def _before_call(self, model: Any, **_: Any) -> None:
        if model.name.startswith(_CHANGING):
            self.check()

    def _set_output_location(self, params: dict[str, Any], **_: Any) -> None:
        params["ResultConfiguration"] = {
            **params.get("ResultConfiguration", {}),
            "OutputLocation": self._output_location,
        }

    def _record(self, parsed: dict[str, Any], **_: Any) -> None:
        if query_id := parsed.get("QueryExecutionId"):
            self.queries.append(Query(query_id, self.node_of_thread()))
            if isinstance(self.ended_by, DeadlineReached):
                self.athena.stop_query_execution(QueryExecutionId=query_id)

    def _reach_deadline(self) -> None:
        self.ended_by = DeadlineReached(
            f"run {self.id} was stopped shortly before its time ran out, and its queries with it: "
            "retry it, or give it more time or fewer dates"
        )
        logger.error("%s", self.ended_by)
        stop_queries(clients.make_client("athena"), [query.id for query in self.queries])
