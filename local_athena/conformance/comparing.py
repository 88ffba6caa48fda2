"""An endpoint's answers beside those that are known."""

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
#: Statements that are asked at once: below the limit of a new AWS account.
_AT_ONCE = 8


class Outcome(Enum):
    """How an answer stands to the known one."""

    EQUAL = "equal"
    SAME_FAILURE = "fails with the same code"
    OTHER_FAILURE = "fails with another code"
    REFUSED = "fails, where there is an answer"
    DIFFERENT = "another answer"


@dataclass(frozen=True)
class Verdict:
    """One statement's outcome; `got` says what the endpoint answered."""

    case: Case
    outcome: Outcome
    got: str


@dataclass(frozen=True)
class _Answer:
    """What an endpoint answered: its rows, or how it failed."""

    types: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    reason: str = ""
    error_type: int | None = None
    refused: str = ""


class Endpoint:
    """An Athena that is asked.

    Args:
        client: boto3's client for it.
        output: where results go, an `s3://` folder; empty if the work group says it.
        database: a database that exists.
        work_group: the work group.
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
        """Ask each statement; the verdicts come in the order of the cases."""
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
        # The first row names the columns.
        return _Answer(types, tuple(rows[1:]))


def judged(case: Case, answer: _Answer) -> Verdict:
    """How an answer stands to the known one."""
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
    # What Trino rejects while it parses, Athena does not even start.
    same = bool(answer.refused) or answer.reason.startswith(f"{case.error}:")
    if case.error_type is not None:
        same = same and answer.error_type == case.error_type
    return Outcome.SAME_FAILURE if same else Outcome.OTHER_FAILURE
