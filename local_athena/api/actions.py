"""Athena's API actions, from request members to response members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_athena.api import results
from local_athena.api.executions import runtime_statistics, shown
from local_athena.api.metadata import Metadata
from local_athena.api.queries import FAILED, SUCCEEDED, Queries
from local_athena.api.requests import invalid, page, page_bounds, required
from local_athena.api.work_groups import WorkGroups
from local_athena.errors import ApiError
from local_athena.sql.names import CATALOG_NAME
from local_athena.tables.catalog import Catalog
from local_athena.values.columns import Column
from local_athena.values.types import VARCHAR

_MAX_PAGE = 1000
_MAX_QUERY_BYTES = 262_144
_Action = Callable[[dict[str, Any]], dict[str, Any]]


class Api:
    """Answers requests."""

    def __init__(self, queries: Queries, catalog: Catalog, account_id: str = "123456789012") -> None:
        self._queries = queries
        self._work_groups = WorkGroups()
        metadata = Metadata(catalog, account_id)
        self._actions: dict[str, _Action] = {
            "StartQueryExecution": self._start_query_execution,
            "GetQueryExecution": self._get_query_execution,
            "BatchGetQueryExecution": self._batch_get_query_execution,
            "ListQueryExecutions": self._list_query_executions,
            "StopQueryExecution": self._stop_query_execution,
            "GetQueryResults": self._get_query_results,
            "GetQueryRuntimeStatistics": self._get_query_runtime_statistics,
            "CreateWorkGroup": self._work_groups.create,
            "UpdateWorkGroup": self._work_groups.update,
            "DeleteWorkGroup": self._work_groups.delete,
            "GetWorkGroup": self._work_groups.describe,
            "ListWorkGroups": self._work_groups.list,
            "GetDataCatalog": metadata.get_data_catalog,
            "ListDataCatalogs": metadata.list_data_catalogs,
            "ListDatabases": metadata.list_databases,
            "GetDatabase": metadata.get_database,
            "ListTableMetadata": metadata.list_table_metadata,
            "GetTableMetadata": metadata.get_table_metadata,
        }

    def answer(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request.

        Raises:
            ApiError: the request is answered with an error.
        """
        limits = self._queries.limits
        if limits.throttled_requests > 0:
            limits.throttled_requests -= 1
            raise ApiError("TooManyRequestsException", "Rate exceeded")
        answer = self._actions.get(action)
        if answer is None:
            raise ApiError("InvalidRequestException", f"local Athena does not support the action {action}")
        return answer(request)

    def _start_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        sql = request.get("QueryString") or ""
        if not sql.strip():
            raise invalid("queryString must have length greater than or equal to 1")
        if len(sql.encode()) > _MAX_QUERY_BYTES:
            raise invalid(f"queryString must have length less than or equal to {_MAX_QUERY_BYTES}")
        name = request.get("WorkGroup") or "primary"
        work_group = self._work_groups.get(name)
        context = request.get("QueryExecutionContext") or {}
        catalog = context.get("Catalog") or CATALOG_NAME
        if catalog.lower() != CATALOG_NAME:
            raise invalid(f"Catalog {catalog} was not found")
        location = self._output_location(request, work_group)
        database = (context.get("Database") or "default").lower()
        return {"QueryExecutionId": self._queries.start(request, name, location, database)}

    def _output_location(self, request: dict[str, Any], work_group: dict[str, Any]) -> str:
        configuration = work_group["Configuration"]
        own = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
        given = (request.get("ResultConfiguration") or {}).get("OutputLocation")
        location = own if configuration.get("EnforceWorkGroupConfiguration") else given or own
        if not location:
            raise invalid(
                "No output location provided. An output location is required either through the Workgroup "
                "result configuration setting or as an API input."
            )
        if not location.startswith("s3://"):
            raise invalid("outputLocation is not a valid S3 path.")
        return location

    def _get_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"QueryExecution": shown(self._queries.get(required(request, "QueryExecutionId")))}

    def _batch_get_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        executions, missing = [], []
        for query_id in required(request, "QueryExecutionIds"):
            try:
                executions.append(shown(self._queries.get(query_id)))
            except ApiError as error:
                missing.append(
                    {"QueryExecutionId": query_id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": str(error)}
                )
        return {"QueryExecutions": executions, "UnprocessedQueryExecutionIds": missing}

    def _list_query_executions(self, request: dict[str, Any]) -> dict[str, Any]:
        ids = self._queries.list(request.get("WorkGroup") or "primary")
        shown_ids, token = page(ids, request, 50)
        return {"QueryExecutionIds": shown_ids, **token}

    def _stop_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        self._queries.stop(required(request, "QueryExecutionId"))
        return {}

    def _get_query_results(self, request: dict[str, Any]) -> dict[str, Any]:
        execution = self._queries.get(required(request, "QueryExecutionId"))
        if execution.state != SUCCEEDED or execution.outcome is None:
            problem = (
                "Query did not finish successfully"
                if execution.state == FAILED
                else "Query has not yet finished"
            )
            raise invalid(f"{problem}. Final query state: {execution.state}", "INVALID_QUERY_EXECUTION_STATE")
        outcome, rows = execution.outcome, execution.rows
        if rows is None:
            columns: tuple[Column, ...] = (Column("result", VARCHAR),) if outcome.lines else ()
            part, token = page([[line] for line in outcome.lines], request, _MAX_PAGE)
        else:
            columns = outcome.columns
            # The first row of the first page names the columns.
            start, stop, token = page_bounds(rows.count + 1, request, _MAX_PAGE)
            header: list[list[str | None]] = [[column.name for column in columns]] if start == 0 else []
            part = [*header, *rows.page(max(start - 1, 0), stop - 1)]
        return {
            "UpdateCount": outcome.update_count or 0,
            "ResultSet": {
                "Rows": [{"Data": [_datum(value) for value in row]} for row in part],
                "ResultSetMetadata": {"ColumnInfo": [results.column_info(column) for column in columns]},
            },
            **token,
        }

    def _get_query_runtime_statistics(self, request: dict[str, Any]) -> dict[str, Any]:
        execution = self._queries.get(required(request, "QueryExecutionId"))
        return {"QueryRuntimeStatistics": runtime_statistics(execution)}


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}
