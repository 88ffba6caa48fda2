"""Runs ministack with the details added that it loses. Its settings come from the environment.

* A function's error has its class name, which Step Functions' retries match. ministack reports Runtime.HandlerError for
  all errors but keeps the traceback, whose last line names the class.
* A Glue table has an owner. dbt-athena sends the owner back, and boto3 refuses an empty one.
* Glue answers GetTableVersions with no earlier version.
* CloudFormation creates Glue databases and accepts Athena workgroups.
"""

from __future__ import annotations

import re
from typing import Any

from ministack import app
from ministack.core.responses import json_response
from ministack.services import glue, lambda_svc
from ministack.services.cloudformation import provisioners

#: The last line of a traceback: `package.module.DataTestsFailed: message`.
_RAISED = re.compile(r"^(?:[\w]+\.)*(\w+): ", re.ASCII)

_execute = lambda_svc._execute_function_warm
_create_table = glue._create_table
_glue = glue.handle_request


def _execute_with_error_type(func: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    result = _execute(func, event)
    if result.get("error") and result["body"]["errorType"] == "Runtime.HandlerError":
        names = [found[1] for line in result.get("log", "").splitlines() if (found := _RAISED.match(line))]
        if names:
            result["body"]["errorType"] = names[-1]
    return result


def _create_table_with_owner(data: dict[str, Any]) -> Any:
    # Athena spells it like this.
    data["TableInput"].setdefault("Owner", "hadoop")
    return _create_table(data)


async def _glue_with_versions(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Any:
    if headers.get("x-amz-target", "").endswith(".GetTableVersions"):
        return json_response({"TableVersions": []})
    return await _glue(method, path, headers, body, query)


def _create_database(_logical_id: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
    glue._create_database({"DatabaseInput": properties["DatabaseInput"]})
    return properties["DatabaseInput"]["Name"], {}


def _accept_workgroup(
    _logical_id: str, properties: dict[str, Any], _stack: str
) -> tuple[str, dict[str, Any]]:
    # Queries go to local Athena, which has this workgroup.
    return properties["Name"], {}


if __name__ == "__main__":
    lambda_svc._execute_function_warm = _execute_with_error_type
    glue.handle_request = _glue_with_versions
    glue._create_table = _create_table_with_owner
    provisioners._RESOURCE_HANDLERS["AWS::Glue::Database"] = {"create": _create_database}
    provisioners._RESOURCE_HANDLERS["AWS::Athena::WorkGroup"] = {"create": _accept_workgroup}
    app.main()
