"""Tests the answer for which CloudFormation waits."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from runner.lambdas import handlers
from runner.lambdas.deployment import at_deployment
from runner.lease.lease import LeaseHeld

CONTEXT: Any = type(
    "Context",
    (),
    {
        "function_name": "initialise",
        "memory_limit_in_mb": 2048,
        "invoked_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:initialise",
        "aws_request_id": "request",
        "get_remaining_time_in_millis": lambda _: 900_000,
    },
)()


class Answers(list[dict[str, Any]]):
    """The bodies that were PUT to a URL."""

    url = ""


@pytest.fixture
def answers() -> Iterator[Answers]:
    received = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Log nothing, so that pytest's output stays readable."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        received.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield received
        server.shutdown()
        thread.join()


def request(kind: str, url: str) -> dict[str, str]:
    return {
        "RequestType": kind,
        "ResponseURL": url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "InitialisedLake",
    }


def test_a_failure_is_told_with_its_reason(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_BUCKET", raising=False)

    at_deployment(request("Create", answers.url), CONTEXT)

    (answer,) = answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("SettingsError: DATA_BUCKET is not set")
    assert (answer["StackId"], answer["RequestId"]) == ("stack", "request")
    assert answer["LogicalResourceId"] == "InitialisedLake"
    assert answer["PhysicalResourceId"]


def test_a_held_lease_rolls_no_stack_back_but_is_repeated_and_told(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(event: Any, context: Any) -> None:
        raise LeaseHeld("a backfill holds the lease")

    monkeypatch.setattr(handlers, "initialise", held)

    # Lambda retries a failed asynchronous invocation, and then sends it to the topic.
    with pytest.raises(LeaseHeld):
        at_deployment(request("Update", answers.url), CONTEXT)

    assert [one["Status"] for one in answers] == ["SUCCESS"]


def test_lake_formation_is_told_with_the_way_out(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(event: Any, context: Any) -> None:
        raise PermissionError(
            "Insufficient Lake Formation permission(s): Required Create Table on medlaunch_db"
        )

    monkeypatch.setattr(handlers, "initialise", refused)

    at_deployment(request("Create", answers.url), CONTEXT)

    assert answers[0]["Status"] == "FAILED"
    assert answers[0]["Reason"].startswith("Lake Formation guards")
    assert "docs/operations.md" in answers[0]["Reason"]


def test_an_answer_stays_within_what_cloudformation_takes(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(event: Any, context: Any) -> None:
        raise ValueError("\u4e2d" * 4_000)

    monkeypatch.setattr(handlers, "initialise", fails)

    at_deployment(request("Create", answers.url), CONTEXT)

    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
    assert len(json.dumps(answers[0])) < 4096
    assert answers[0]["Reason"].startswith("ValueError: \u4e2d\u4e2d")


def test_removing_the_stack_touches_no_table(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_BUCKET", raising=False)

    at_deployment({**request("Delete", answers.url), "PhysicalResourceId": "kept"}, CONTEXT)

    assert [(one["Status"], one["PhysicalResourceId"]) for one in answers] == [("SUCCESS", "kept")]
