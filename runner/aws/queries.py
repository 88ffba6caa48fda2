"""Athena queries: where their results go, how they ended, and how to find and stop the queries of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runner.aws.errors import AthenaQueryFailed, AthenaThrottled, error_code, is_throttle
from runner.lake import prefix
from runner.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

#: The states of a query that has not ended.
RUNNING = ("QUEUED", "RUNNING")
#: The state of a query that was stopped before its end.
STOPPED = "CANCELLED"
#: The engine's names for what `medlaunch init` makes, and for a table whose metadata file is gone.
_NOT_MADE, _LOST = ("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND"), "ICEBERG_MISSING_METADATA"
#: BatchGetQueryExecution takes at most 50 ids, and ListQueryExecutions returns at most 50.
_BATCH = 50
#: Athena's clock and S3's may differ by a little when an earlier run's queries are looked for.
_CLOCK_SKEW = timedelta(minutes=5)


def output_location(settings: Settings, invocation_id: str) -> str:
    """The S3 location of the results of a run's queries."""
    return f"s3://{settings.data_bucket}/{prefix('stage1_query_results')}/{invocation_id}/"


def execution_of(athena: AthenaClient, query_id: str) -> QueryExecutionTypeDef:
    return athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]


def executions_of(athena: AthenaClient, query_ids: Sequence[str]) -> Iterator[QueryExecutionTypeDef]:
    for start in range(0, len(query_ids), _BATCH):
        batch = athena.batch_get_query_execution(QueryExecutionIds=list(query_ids[start : start + _BATCH]))
        yield from batch.get("QueryExecutions", [])


def raise_if_failed(execution: QueryExecutionTypeDef, node: str) -> None:
    """Raise the error that a query's final state means.

    Raises:
        AthenaThrottled: Athena says that the failure is on its side or that a retry may succeed.
        AthenaQueryFailed: any other end but success.
    """
    status = execution.get("Status", {})
    state, reason = status.get("State"), status.get("StateChangeReason", "no reason given")
    if state == "SUCCEEDED":
        return
    asked_by = f" of {node}" if node else ""
    way_out = ""
    if reason.startswith(_NOT_MADE) and not node:
        way_out = ": run `medlaunch init` first"
    elif reason.startswith(_LOST):
        way_out = ": restore it, or delete the table in Glue and run `medlaunch init` (docs/operations.md)"
    text = f"Athena query {execution.get('QueryExecutionId')}{asked_by} {state}: {reason}{way_out}"
    error = status.get("AthenaError", {})
    # ErrorCategory 1 is "system": https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
    if error.get("Retryable") or error.get("ErrorCategory") == 1 or is_throttle(reason):
        raise AthenaThrottled(text)
    raise AthenaQueryFailed(text)


def states_of_run(
    athena: AthenaClient, settings: Settings, invocation_id: str, since: datetime
) -> dict[str, str]:
    """The states of a run's queries in the workgroup, by query id. Their output location tells the run."""
    location, states = output_location(settings, invocation_id), dict[str, str]()
    pages = athena.get_paginator("list_query_executions").paginate(WorkGroup=settings.athena_workgroup)
    for page in pages:
        executions = list(executions_of(athena, page.get("QueryExecutionIds", [])))
        states |= {
            execution.get("QueryExecutionId", ""): execution.get("Status", {}).get("State", "")
            for execution in executions
            if execution.get("ResultConfiguration", {}).get("OutputLocation", "").startswith(location)
        }
        # The list begins with the newest query, and may be long.
        submitted = [
            execution.get("Status", {}).get("SubmissionDateTime") or since for execution in executions
        ]
        if submitted and max(submitted) < since - _CLOCK_SKEW:
            break
    return states


def stop_queries(athena: AthenaClient, query_ids: Iterable[str]) -> None:
    """Ask Athena to stop queries. Finished queries are ignored."""
    for query_id in query_ids:
        try:
            athena.stop_query_execution(QueryExecutionId=query_id)
        except ClientError as error:
            if error_code(error) != "InvalidRequestException":
                raise
