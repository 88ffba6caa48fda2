"""The answer that CloudFormation waits for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from runner.lambdas.deployment import initialise

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
    """What was PUT to a URL."""

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
            """Nothing: pytest's output stays readable."""

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

    initialise(request("Create", answers.url), CONTEXT)

    (answer,) = answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("SettingsError: DATA_BUCKET is not set")
    assert (answer["StackId"], answer["RequestId"]) == ("stack", "request")
    assert answer["LogicalResourceId"] == "InitialisedLake"
    assert answer["PhysicalResourceId"]


def test_removing_the_stack_touches_no_table(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_BUCKET", raising=False)

    initialise({**request("Delete", answers.url), "PhysicalResourceId": "kept"}, CONTEXT)

    assert [(one["Status"], one["PhysicalResourceId"]) for one in answers] == [("SUCCESS", "kept")]
