"""Describes query executions in the shapes of the API."""

from __future__ import annotations

from typing import Any

from local_athena.api.execution import Execution
from local_athena.api.shown_queries import shown_query
from local_athena.api.work_groups import ENGINE_VERSION


def shown(execution: Execution) -> dict[str, Any]:
    """An execution in the shape of GetQueryExecution."""
    outcome, request = execution.outcome, execution.request
    total = execution.queued_ms + execution.engine_ms
    query, database = shown_query(request["QueryString"], execution.substatement_type)
    members: dict[str, Any] = {
        "QueryExecutionId": execution.id,
        "Query": query,
        "StatementType": execution.statement.kind.statement_type,
        "SubstatementType": execution.substatement_type,
        **_result_configuration(execution),
        "ResultReuseConfiguration": request.get("ResultReuseConfiguration")
        or {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": {
            name: value.lower() if name == "Catalog" else value
            for name, value in (request.get("QueryExecutionContext") or {}).items()
        }
        | ({"Database": database} if database else {}),
        "Status": _status(execution),
        "Statistics": {
            "EngineExecutionTimeInMillis": execution.engine_ms,
            "DataScannedInBytes": outcome.scanned_bytes if outcome else 0,
            "TotalExecutionTimeInMillis": total,
            "QueryQueueTimeInMillis": execution.queued_ms,
            "ServiceProcessingTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": execution.is_reused},
        },
        "WorkGroup": execution.work_group,
        "EngineVersion": dict(ENGINE_VERSION),
    }
    if execution.manifest_location:
        members["Statistics"]["DataManifestLocation"] = execution.manifest_location
    if request.get("ExecutionParameters"):
        members["ExecutionParameters"] = request["ExecutionParameters"]
    return members


def _result_configuration(execution: Execution) -> dict[str, Any]:
    if not execution.output_location:
        return {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    given = execution.request.get("ResultConfiguration") or {}
    return {"ResultConfiguration": {**given, "OutputLocation": execution.output_location}}


def _status(execution: Execution) -> dict[str, Any]:
    status: dict[str, Any] = {
        "State": execution.state,
        "SubmissionDateTime": execution.submitted.timestamp(),
    }
    if execution.completed is not None:
        status["CompletionDateTime"] = execution.completed.timestamp()
    if execution.reason:
        status["StateChangeReason"] = execution.reason
    if execution.error is not None:
        status["AthenaError"] = {
            "ErrorCategory": execution.error.category,
            "ErrorType": execution.error.error_type,
            "Retryable": False,
            "ErrorMessage": execution.error.error_message,
        }
    return status


def runtime_statistics(execution: Execution) -> dict[str, Any]:
    """An execution in the shape of GetQueryRuntimeStatistics."""
    outcome = execution.outcome
    return {
        "Timeline": {
            "QueryQueueTimeInMillis": execution.queued_ms,
            "EngineExecutionTimeInMillis": execution.engine_ms,
            "TotalExecutionTimeInMillis": execution.queued_ms + execution.engine_ms,
        },
        "Rows": {
            "InputBytes": outcome.scanned_bytes if outcome else 0,
            "OutputRows": execution.rows.count if execution.rows else 0,
        },
    }
