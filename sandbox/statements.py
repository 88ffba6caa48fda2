"""Runs one Athena statement in a lake of the sandbox to its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runner.errors import MedLaunchError
from runner.lake import prefix
from sandbox.local import BUCKET, DATABASE

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

_POLL_SECONDS = 0.05


class StatementFailed(MedLaunchError):
    """A statement failed. The message has the statement and Athena's reason."""


def run_statement(athena: AthenaClient, sql: str) -> str:
    """Run a statement in the sandbox's own bucket and database, and return its query id.

    Raises:
        StatementFailed: it did not succeed.
    """
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": DATABASE},
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/{prefix('stage1_query_results')}/"},
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"].get("Status", {})
        if status.get("State") == "SUCCEEDED":
            return query
        if status.get("State") in ("FAILED", "CANCELLED"):
            raise StatementFailed(f"{sql!r}: {status.get('StateChangeReason')}")
        time.sleep(_POLL_SECONDS)
