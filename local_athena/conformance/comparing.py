"""Runs statements on an endpoint and compares its answers with the known ones."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError

from local_athena.conformance.cases import Case, Row

_POLL_SECONDS = 0.02
_DEADLINE_SECONDS = 120
#: Statements that run at once. The number is below the limit of a new AWS account.
_AT_ONCE = 8


class Outcome(Enum):
    """The relation of an endpoint's answer to the known answer."""

    EQUAL = "equal"
    SAME_FAILURE = "fails with the same code"
    OTHER_FAILURE = "fails with another code"
    REFUSED = "fails instead of answering"
    DIFFERENT = "different answer"


@dataclass(frozen=True)
class Verdict:
    """The outcome of one statement.

    Attributes:
        got: the endpoint's answer or error, as text.
    """

    case: Case
    outcome: Outcome
    got: str


@dataclass(frozen=True)
class _Answer:
    """An endpoint's answer: either types and rows, or a failure.

    Attributes:
        reason: the error message; empty if the statement succeeded.
        error_type: Athena's ErrorType of the failure.
        refused: the error code of StartQueryExecution; empty if the statement started.
    """

    types: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    reason: str = ""
    error_type: int | None = None
    refused: str = ""


class Endpoint:
    """An endpoint with Athena's API.

    Args:
        client: boto3's Athena client for the endpoint.
        output: the `s3://` folder for results; empty if the workgroup has one.
        database: a database that exists.
        work_group: the workgroup of the statements.
    """

    def __init__(
        self, client: Any, output: str, database: str = "default", work_group: str = "primary"
    ) -> None:
        self._client = client
        self._request: dict[str, Any] = {
            "QueryExecutionContext": {"Database": database},
            "WorkGroup": work_group,
            **({"ResultConfiguration": {"OutputLocation": output}} if output else {}),
        }

    def compare(self, cases: Iterable[Case]) -> Iterator[Verdict]:
        """Run each statement and compare its answer. The verdicts come in the order of the cases.

        Raises:
            ClientError: the endpoint failed in another way than Athena fails a statement.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(lambda case: judged(case, self._ask(case)), cases)

    def _ask(self, case: Case) -> _Answer:
        request = {**self._request, "QueryString": case.sql}
        if case.parameters:
            request["ExecutionParameters"] = list(case.parameters)
        try:
            query_id = self._client.start_query_execution(**request)["QueryExecutionId"]
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "InvalidRequestException":
                raise
            return _Answer(
                reason=str(error), refused=error.response.get("AthenaErrorCode") or "InvalidRequestException"
            )
        status = self._ended(query_id)
        if status["State"] != "SUCCEEDED":
            number = status.get("AthenaError", {}).get("ErrorType")
            return _Answer(reason=status.get("StateChangeReason") or status["State"], error_type=number)
        return self._rows(query_id)

    def _ended(self, query_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while True:
            status = self._client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                return status
            if time.monotonic() > deadline:
                self._client.stop_query_execution(QueryExecutionId=query_id)
                return {"State": "CANCELLED", "StateChangeReason": f"no end after {_DEADLINE_SECONDS} s"}
            time.sleep(_POLL_SECONDS)

    def _rows(self, query_id: str) -> _Answer:
        rows: list[Row] = []
        types: tuple[str, ...] = ()
        for page in self._client.get_paginator("get_query_results").paginate(QueryExecutionId=query_id):
            found = page["ResultSet"]
            types = tuple(column["Type"] for column in found["ResultSetMetadata"]["ColumnInfo"])
            rows += [tuple(datum.get("VarCharValue") for datum in row["Data"]) for row in found["Rows"]]
        # The first row holds the names of the columns.
        return _Answer(types, tuple(rows[1:]))


def judged(case: Case, answer: _Answer) -> Verdict:
    """Compare an endpoint's answer with the known answer of a case."""
    if answer.reason:
        return Verdict(case, _failure(case, answer), answer.reason)
    shown = f"{list(answer.types)} {[list(row) for row in answer.rows]}"
    is_equal = not (case.error or case.refused) and (answer.types, answer.rows) == (case.types, case.rows)
    return Verdict(case, Outcome.EQUAL if is_equal else Outcome.DIFFERENT, shown)


def _failure(case: Case, answer: _Answer) -> Outcome:
    if not case.error and not case.refused:
        return Outcome.REFUSED
    if case.refused:
        return Outcome.SAME_FAILURE if answer.refused == case.refused else Outcome.OTHER_FAILURE
    # Athena rejects statements before the start that Trino rejects while it parses or analyses them.
    same = bool(answer.refused) or answer.reason.startswith(f"{case.error}:")
    if case.error_type is not None:
        same = same and answer.error_type == case.error_type
    return Outcome.SAME_FAILURE if same else Outcome.OTHER_FAILURE
