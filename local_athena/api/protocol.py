"""Athena's API actions, from request members to response members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_athena.api import results
from local_athena.api.queries import FAILED, SUCCEEDED, Execution, Queries
from local_athena.errors import ApiError, QueryFailed
from local_athena.tables.catalog import CATALOG_NAME, Catalog, Table
from local_athena.values.columns import Column
from local_athena.values.types import VARCHAR

_MAX_PAGE = 1000
_MAX_QUERY_BYTES = 262_144


class Api:
    """Answers requests."""

    def __init__(self, queries: Queries, catalog: Catalog, account_id: str = "123456789012") -> None:
        self._queries = queries
        self._catalog = catalog
        self._account_id = account_id
        self._work_groups: dict[str, dict[str, Any]] = {"primary": _work_group("primary")}

    def answer(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request.

        Raises:
            ApiError: the request is answered with an error.
        """
        limits = self._queries.limits
        if limits.throttled_requests > 0:
            limits.throttled_requests -= 1
            raise ApiError("TooManyRequestsException", "Rate exceeded")
        method = self._ACTIONS.get(action)
        if method is None:
            raise ApiError("InvalidRequestException", f"local Athena does not support the action {action}")
        return method(self, request)

    # --- queries ---

    def _start_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        sql = request.get("QueryString") or ""
        if not sql.strip():
            raise _invalid("queryString must have length greater than or equal to 1")
        if len(sql.encode()) > _MAX_QUERY_BYTES:
            raise _invalid(f"queryString must have length less than or equal to {_MAX_QUERY_BYTES}")
        name = request.get("WorkGroup") or "primary"
        work_group = self._work_group(name)
        context = request.get("QueryExecutionContext") or {}
        catalog = context.get("Catalog") or CATALOG_NAME
        if catalog.lower() != CATALOG_NAME:
            raise _invalid(f"Catalog {catalog} was not found")
        location = self._output_location(request, work_group)
        database = (context.get("Database") or "default").lower()
        return {"QueryExecutionId": self._queries.start(request, name, location, database)}

    def _output_location(self, request: dict[str, Any], work_group: dict[str, Any]) -> str:
        configuration = work_group["Configuration"]
        own = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
        given = (request.get("ResultConfiguration") or {}).get("OutputLocation")
        location = own if configuration.get("EnforceWorkGroupConfiguration") else given or own
        if not location:
            raise _invalid(
                "No output location provided. An output location is required either through the Workgroup "
                "result configuration setting or as an API input."
            )
        if not location.startswith("s3://"):
            raise _invalid("outputLocation is not a valid S3 path.")
        return location

    def _get_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"QueryExecution": _shown(self._queries.get(_required(request, "QueryExecutionId")))}

    def _batch_get_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        found, missing = [], []
        for query_id in _required(request, "QueryExecutionIds"):
            try:
                found.append(_shown(self._queries.get(query_id)))
            except ApiError as error:
                missing.append(
                    {"QueryExecutionId": query_id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": str(error)}
                )
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def _list_query_executions(self, request: dict[str, Any]) -> dict[str, Any]:
        ids = self._queries.list(request.get("WorkGroup") or "primary")
        page, token = _page(ids, request, 50)
        return {"QueryExecutionIds": page, **token}

    def _stop_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        self._queries.stop(_required(request, "QueryExecutionId"))
        return {}

    def _get_query_results(self, request: dict[str, Any]) -> dict[str, Any]:
        execution = self._queries.get(_required(request, "QueryExecutionId"))
        if execution.state != SUCCEEDED or execution.outcome is None:
            problem = (
                "Query did not finish successfully"
                if execution.state == FAILED
                else "Query has not yet finished"
            )
            raise _invalid(
                f"{problem}. Final query state: {execution.state}", "INVALID_QUERY_EXECUTION_STATE"
            )
        outcome = execution.outcome
        if outcome.rows is None:
            columns: tuple[Column, ...] = (Column("result", VARCHAR),) if outcome.lines else ()
            rows: list[list[str | None]] = [[line] for line in outcome.lines]
        else:
            columns = outcome.columns
            rows = [[column.name for column in columns], *execution.rows]
        page, token = _page(rows, request, _MAX_PAGE)
        return {
            "UpdateCount": outcome.update_count or 0,
            "ResultSet": {
                "Rows": [{"Data": [_datum(value) for value in row]} for row in page],
                "ResultSetMetadata": {"ColumnInfo": [results.column_info(column) for column in columns]},
            },
            **token,
        }

    def _get_query_runtime_statistics(self, request: dict[str, Any]) -> dict[str, Any]:
        execution = self._queries.get(_required(request, "QueryExecutionId"))
        outcome = execution.outcome
        return {
            "QueryRuntimeStatistics": {
                "Timeline": {
                    "QueryQueueTimeInMillis": execution.queued_ms,
                    "EngineExecutionTimeInMillis": execution.engine_ms,
                    "TotalExecutionTimeInMillis": execution.queued_ms + execution.engine_ms,
                },
                "Rows": {
                    "InputBytes": outcome.scanned_bytes if outcome else 0,
                    "OutputRows": len(execution.rows),
                },
            }
        }

    # --- workgroups and catalogs ---

    def _work_group(self, name: str) -> dict[str, Any]:
        if name not in self._work_groups:
            raise _invalid(f"WorkGroup {name} is not found.")
        return self._work_groups[name]

    def _create_work_group(self, request: dict[str, Any]) -> dict[str, Any]:
        name = _required(request, "Name")
        if name in self._work_groups:
            raise _invalid("WorkGroup is already created")
        made = _work_group(name)
        made["Configuration"] |= request.get("Configuration") or {}
        made["Description"] = request.get("Description") or ""
        self._work_groups[name] = made
        return {}

    def _update_work_group(self, request: dict[str, Any]) -> dict[str, Any]:
        configuration = self._work_group(_required(request, "WorkGroup"))["Configuration"]
        updates = dict(request.get("ConfigurationUpdates") or {})
        result = updates.pop("ResultConfigurationUpdates", None) or {}
        configuration |= {key: value for key, value in updates.items() if key in configuration}
        if "OutputLocation" in result:
            configuration["ResultConfiguration"] = {"OutputLocation": result["OutputLocation"]}
        if result.get("RemoveOutputLocation"):
            configuration.pop("ResultConfiguration", None)
        return {}

    def _delete_work_group(self, request: dict[str, Any]) -> dict[str, Any]:
        name = _required(request, "WorkGroup")
        if name == "primary":
            raise _invalid("The primary workgroup cannot be deleted")
        self._work_group(name)
        del self._work_groups[name]
        return {}

    def _get_work_group(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"WorkGroup": self._work_group(_required(request, "WorkGroup"))}

    def _list_work_groups(self, request: dict[str, Any]) -> dict[str, Any]:
        page, token = _page(list(self._work_groups.values()), request, 50)
        shown = [{key: group[key] for key in ("Name", "State", "Description")} for group in page]
        return {"WorkGroups": shown, **token}

    def _get_data_catalog(self, request: dict[str, Any]) -> dict[str, Any]:
        if _required(request, "Name").lower() != CATALOG_NAME:
            raise _invalid(f"DataCatalog {request['Name']} was not found")
        return {"DataCatalog": self._data_catalog()}

    def _data_catalog(self) -> dict[str, Any]:
        return {"Name": "AwsDataCatalog", "Type": "GLUE", "Parameters": {"catalog-id": self._account_id}}

    def _list_data_catalogs(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        return {"DataCatalogsSummary": [{"CatalogName": "AwsDataCatalog", "Type": "GLUE"}]}

    def _list_databases(self, request: dict[str, Any]) -> dict[str, Any]:
        page, token = _page(self._catalog.databases(), request, 50)
        return {"DatabaseList": [_database(raw) for raw in page], **token}

    def _get_database(self, request: dict[str, Any]) -> dict[str, Any]:
        name = _required(request, "DatabaseName").lower()
        for raw in self._catalog.databases():
            if raw["Name"] == name:
                return {"Database": _database(raw)}
        raise ApiError("MetadataException", f"Database {name} not found.")

    def _list_table_metadata(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            tables = self._catalog.tables(_required(request, "DatabaseName"))
        except QueryFailed as error:
            raise ApiError("MetadataException", error.reason) from error
        page, token = _page(tables, request, 50)
        return {"TableMetadataList": [_table_metadata(table) for table in page], **token}

    def _get_table_metadata(self, request: dict[str, Any]) -> dict[str, Any]:
        name = _required(request, "TableName")
        table = self._catalog.find_table(_required(request, "DatabaseName"), name)
        if table is None:
            raise ApiError("MetadataException", f"Table {name} not found.")
        return {"TableMetadata": _table_metadata(table)}

    _ACTIONS: dict[str, Callable[[Api, dict[str, Any]], dict[str, Any]]] = {  # noqa: RUF012 - constant
        "StartQueryExecution": _start_query_execution,
        "GetQueryExecution": _get_query_execution,
        "BatchGetQueryExecution": _batch_get_query_execution,
        "ListQueryExecutions": _list_query_executions,
        "StopQueryExecution": _stop_query_execution,
        "GetQueryResults": _get_query_results,
        "GetQueryRuntimeStatistics": _get_query_runtime_statistics,
        "CreateWorkGroup": _create_work_group,
        "UpdateWorkGroup": _update_work_group,
        "DeleteWorkGroup": _delete_work_group,
        "GetWorkGroup": _get_work_group,
        "ListWorkGroups": _list_work_groups,
        "GetDataCatalog": _get_data_catalog,
        "ListDataCatalogs": _list_data_catalogs,
        "ListDatabases": _list_databases,
        "GetDatabase": _get_database,
        "ListTableMetadata": _list_table_metadata,
        "GetTableMetadata": _get_table_metadata,
    }


def _invalid(message: str, code: str = "INVALID_INPUT") -> ApiError:
    return ApiError("InvalidRequestException", message, AthenaErrorCode=code)


def _required(request: dict[str, Any], name: str) -> Any:
    if not request.get(name):
        raise _invalid(f"{name} is missing")
    return request[name]


def _page(items: list[Any], request: dict[str, Any], largest: int) -> tuple[list[Any], dict[str, str]]:
    """One page of a list and the token of the next; a token is where the page starts."""
    size = request.get("MaxResults") or largest
    if not 1 <= size <= largest:
        raise _invalid(f"MaxResults must be between 1 and {largest}")
    token = request.get("NextToken") or "0"
    if not token.isascii() or not token.isdigit():
        raise _invalid("Invalid NextToken")
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return items[start : start + size], more


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}


def _work_group(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "State": "ENABLED",
        "Description": "",
        "Configuration": {
            "ResultConfiguration": {},
            "EnforceWorkGroupConfiguration": False,
            "PublishCloudWatchMetricsEnabled": False,
            "RequesterPaysEnabled": False,
            "EngineVersion": {
                "SelectedEngineVersion": "AUTO",
                "EffectiveEngineVersion": "Athena engine version 3",
            },
        },
    }


def _database(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": raw["Name"],
        "Description": raw.get("Description", ""),
        "Parameters": raw.get("Parameters") or {},
    }


def _table_metadata(table: Table) -> dict[str, Any]:
    return {
        "Name": table.name,
        "TableType": table.raw.get("TableType", ""),
        "Columns": list(table.storage.get("Columns") or []),
        "PartitionKeys": list(table.raw.get("PartitionKeys") or []),
        "Parameters": table.parameters,
    }


def _shown(execution: Execution) -> dict[str, Any]:
    """An execution in the shape of GetQueryExecution."""
    outcome, request = execution.outcome, execution.request
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
            "ErrorMessage": execution.error.reason,
        }
    total = execution.queued_ms + execution.engine_ms
    shown: dict[str, Any] = {
        "QueryExecutionId": execution.id,
        "Query": request["QueryString"],
        "StatementType": outcome.statement_type if outcome else _guessed_type(execution),
        "ResultConfiguration": {
            **(request.get("ResultConfiguration") or {}),
            "OutputLocation": execution.output_location,
        },
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": request.get("QueryExecutionContext") or {},
        "Status": status,
        "Statistics": {
            "EngineExecutionTimeInMillis": execution.engine_ms,
            "DataScannedInBytes": outcome.scanned_bytes if outcome else 0,
            "TotalExecutionTimeInMillis": total,
            "QueryQueueTimeInMillis": execution.queued_ms,
            "ServiceProcessingTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": False},
            **(
                {"DataManifestLocation": execution.manifest_location}
                if outcome and outcome.written is not None
                else {}
            ),
        },
        "WorkGroup": execution.work_group,
        "EngineVersion": {
            "SelectedEngineVersion": "AUTO",
            "EffectiveEngineVersion": "Athena engine version 3",
        },
    }
    if outcome:
        shown["SubstatementType"] = outcome.substatement_type
    if request.get("ExecutionParameters"):
        shown["ExecutionParameters"] = request["ExecutionParameters"]
    return shown


def _guessed_type(execution: Execution) -> str:
    from local_athena.sql.parsing import is_hive_ddl

    return "DDL" if is_hive_ddl(execution.statement.sql) else "DML"
