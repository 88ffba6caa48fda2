"""Answers Athena's API actions: takes the members of a request, returns the members of the response."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from local_athena.api import prepared
from local_athena.api.execution import CANCELLED, FAILED, SUCCEEDED, Execution
from local_athena.api.executions import runtime_statistics, shown
from local_athena.api.metadata import Metadata
from local_athena.api.queries import Queries
from local_athena.api.requests import invalid, page, parsed
from local_athena.api.saved import Saved
from local_athena.errors import ApiError, QueryFailed
from local_athena.sql.names import CATALOG_NAME
from local_athena.sql.parsing import without_comments_before
from local_athena.sql.statements import Statement
from local_athena.tables.catalog import Catalog

_MAX_PAGE = 1000
_MAX_TOKEN_BYTES = 128
_Action = Callable[[dict[str, Any]], dict[str, Any]]


class Api:
    """Answers API requests.

    Args:
        queries: runs statements and remembers their executions.
        catalog: the databases and tables that the metadata actions show.
        saved: workgroups, named queries, prepared statements, data catalogs and tags.
    """

    def __init__(self, queries: Queries, catalog: Catalog, saved: Saved) -> None:
        self._queries = queries
        self._saved = saved
        metadata = Metadata(catalog, saved.catalogs)
        self._actions: dict[str, _Action] = {
            "StartQueryExecution": self._start_query_execution,
            "GetQueryExecution": self._get_query_execution,
            "BatchGetQueryExecution": self._batch_get_query_execution,
            "ListQueryExecutions": self._list_query_executions,
            "StopQueryExecution": self._stop_query_execution,
            "GetQueryResults": self._get_query_results,
            "GetQueryRuntimeStatistics": self._get_query_runtime_statistics,
            "ListDatabases": metadata.list_databases,
            "GetDatabase": metadata.get_database,
            "ListTableMetadata": metadata.list_table_metadata,
            "GetTableMetadata": metadata.get_table_metadata,
            **saved.actions,
        }

    def answer(self, action: str, body: bytes) -> dict[str, Any]:
        """Answer one request.

        Args:
            action: the action's name without the service prefix, for example StartQueryExecution.
            body: the request as JSON.

        Returns:
            The members of the response.

        Raises:
            ApiError: the client must receive this error.
        """
        limits = self._queries.limits
        if limits.throttled_requests > 0:
            limits.throttled_requests -= 1
            raise ApiError("TooManyRequestsException", "Rate exceeded")
        request = parsed(action, body)
        answer = self._actions.get(action)
        if answer is None:
            raise ApiError("UnknownOperationException", f"local Athena does not support the action {action}")
        return answer(request)

    def _start_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        token = request.get("ClientRequestToken")
        if token is None:
            raise invalid("clientRequestToken is null or empty")
        if len(token.encode()) > _MAX_TOKEN_BYTES:
            raise invalid(f"clientRequestToken exceeds maximum allowed length {_MAX_TOKEN_BYTES}")
        name = request.get("WorkGroup") or "primary"
        work_group = self._saved.work_groups.find(name)
        if work_group["State"] != "ENABLED":
            raise invalid("WorkGroup is disabled.")
        location = _output_location(request, work_group)
        context = request.get("QueryExecutionContext") or {}
        catalog = context.get("Catalog") or CATALOG_NAME
        if catalog.lower().startswith("s3tablescatalog"):
            raise invalid(f"local Athena does not support S3 Tables (the catalog {catalog})")
        if catalog.lower() != CATALOG_NAME:
            raise invalid(f"Catalog '{catalog}' does not exist", "DATACATALOG_NOT_FOUND")
        given = request.get("ExecutionParameters") or []
        try:
            sql, parameters = prepared.executed(
                without_comments_before(request["QueryString"]), given, self._saved.prepared, name
            )
            # Athena also accepts the name in back-ticks. awswrangler sends it like that.
            database = (context.get("Database") or "default").strip("`").lower()
            statement = Statement(
                sql, database, parameters, location, str(uuid.uuid4()), written=request["QueryString"]
            )
            self._queries.check(statement)
        except QueryFailed as error:
            raise _malformed(error) from error
        return {"QueryExecutionId": self._queries.start(request, name, statement)}

    def _get_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"QueryExecution": shown(self._queries.get(request["QueryExecutionId"]))}

    def _batch_get_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        executions, missing = [], []
        for query_id in request["QueryExecutionIds"]:
            try:
                executions.append(shown(self._queries.get(query_id)))
            except ApiError as error:
                missing.append(
                    {"QueryExecutionId": query_id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": str(error)}
                )
        return {"QueryExecutions": executions, "UnprocessedQueryExecutionIds": missing}

    def _list_query_executions(self, request: dict[str, Any]) -> dict[str, Any]:
        ids = self._queries.list(request.get("WorkGroup") or "primary")
        found, token = page(ids, request)
        return {"QueryExecutionIds": found, **token}

    def _stop_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        self._queries.stop(request["QueryExecutionId"])
        return {}

    def _get_query_results(self, request: dict[str, Any]) -> dict[str, Any]:
        execution = self._queries.get(request["QueryExecutionId"])
        size = request.get("MaxResults") or _MAX_PAGE
        if size > _MAX_PAGE:
            raise invalid(f"MaxResults is more than maximum allowed length {_MAX_PAGE}")
        if execution.error is not None and execution.error.is_hive:
            # As on AWS, a failure of Hive has an empty result.
            return {"ResultSet": {"Rows": []}}
        _check_succeeded(execution)
        token = request.get("NextToken") or "0"
        count = execution.row_count
        if count and not (token.isascii() and token.isdigit() and int(token) <= count):
            raise invalid(f"Malformed nextPageToken {token}")
        start = int(token) if count else 0
        rows = execution.page(start, size)
        updated = execution.update_count
        return {
            **({} if updated is None else {"UpdateCount": updated}),
            "ResultSet": {
                "Rows": [{"Data": [_datum(value) for value in row]} for row in rows],
                "ResultSetMetadata": {"ColumnInfo": execution.columns},
            },
            # As on AWS, a full page always has a token, even if no rows are left.
            **({"NextToken": str(start + size)} if len(rows) == size else {}),
        }

    def _get_query_runtime_statistics(self, request: dict[str, Any]) -> dict[str, Any]:
        execution = self._queries.get(request["QueryExecutionId"])
        return {"QueryRuntimeStatistics": runtime_statistics(execution)}


def _output_location(request: dict[str, Any], work_group: dict[str, Any]) -> str:
    configuration = work_group["Configuration"]
    if (configuration.get("ManagedQueryResultsConfiguration") or {}).get("Enabled"):
        # Athena keeps managed results itself. Only GetQueryResults returns them.
        return ""
    own = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    given = (request.get("ResultConfiguration") or {}).get("OutputLocation")
    location = own if configuration.get("EnforceWorkGroupConfiguration") else given or own
    if not location:
        raise invalid(
            "No output location provided. An output location is required either through the Workgroup "
            "result configuration setting or as an API input."
        )
    if not re.match(r"s3://[^/]", location):
        raise invalid("outputLocation is not a valid S3 path.")
    return location


def _malformed(error: QueryFailed) -> ApiError:
    """StartQueryExecution's error for a statement. Its message is the reason without Trino's error code."""
    codes = {"ENTITY_NOT_FOUND": "INVALID_INPUT", "CATALOG_NOT_FOUND": "DATACATALOG_NOT_FOUND"}
    code = codes.get(error.code, "MALFORMED_QUERY")
    return invalid(error.reason.removeprefix(f"{error.code}: "), code)


def _check_succeeded(execution: Execution) -> None:
    if execution.state == CANCELLED or (execution.state == FAILED and execution.statement.kind.is_hive):
        raise invalid("Could not find results", "RESULT_NOT_FOUND")
    if execution.state == FAILED:
        raise invalid(
            "Query did not finish successfully. Final query state: FAILED", "INVALID_QUERY_EXECUTION_STATE"
        )
    if execution.state != SUCCEEDED:
        raise invalid(
            f"Query has not yet finished. Current state: {execution.state}", "INVALID_QUERY_EXECUTION_STATE"
        )


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}
