"""Injects faults below all AWS clients: a request is answered with an error instead of being sent."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

Matcher = Callable[[AWSPreparedRequest], bool]


@dataclass
class Fault:
    """A fault and what it has answered so far.

    Attributes:
        times: how many requests it answers with the error.
        answered: how many requests it has answered.
    """

    times: int
    answered: int = field(default=0)


@contextmanager
def answer(matches: Matcher, *, status: int, body: str, times: int = 10**6) -> Iterator[Fault]:
    """Answer the first `times` matching requests with an error in the service's format."""
    send = URLLib3Session.send
    fault = Fault(times)

    def faulty(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        if fault.answered < fault.times and matches(request):
            fault.answered += 1
            raw: Any = _Raw(body.encode())
            return AWSResponse(request.url, status, {"x-amzn-requestid": "fault"}, raw)
        return send(session, request)

    with mock.patch.object(URLLib3Session, "send", faulty):
        yield fault


@contextmanager
def rewritten(old: bytes, new: bytes) -> Iterator[None]:
    """Send every request with a text in its body replaced by another text of the same length."""
    send = URLLib3Session.send
    assert len(old) == len(new)

    def rewriting(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        if isinstance(request.body, bytes):
            request.body = request.body.replace(old, new)
        return send(session, request)

    with mock.patch.object(URLLib3Session, "send", rewriting):
        yield


class _Raw(io.BytesIO):
    """The part of urllib3's response that botocore uses."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def athena(action: str) -> Matcher:
    """Matches requests of an Athena action."""
    return lambda request: _header(request, "X-Amz-Target") == f"AmazonAthena.{action}"


def until_stopped() -> Matcher:
    """Matches GetQueryExecution requests for a query that nobody has stopped."""
    polls, stops, stopped = athena("GetQueryExecution"), athena("StopQueryExecution"), set[str]()

    def matches(request: AWSPreparedRequest) -> bool:
        if stops(request):
            stopped.add(_query_id(request))
        return polls(request) and _query_id(request) not in stopped

    return matches


def _query_id(request: AWSPreparedRequest) -> str:
    return json.loads(request.body or b"{}")["QueryExecutionId"]


def copies_to(prefix: str) -> Matcher:
    """Matches S3 CopyObject requests to keys under a prefix."""
    return lambda request: bool(_header(request, "x-amz-copy-source")) and f"/{prefix}/" in request.url


def sns_publish(request: AWSPreparedRequest) -> bool:
    body = request.body
    text = body.decode() if isinstance(body, bytes) else str(body)
    return request.method == "POST" and "Action=Publish" in text


def _header(request: AWSPreparedRequest, name: str) -> str:
    value = request.headers.get(name, "")
    return value.decode() if isinstance(value, bytes) else value


def json_error(code: str) -> str:
    """The body of an error from a service with a JSON protocol."""
    return f'{{"__type": "{code}", "message": "injected"}}'


def xml_error(code: str) -> str:
    """The body of an error from S3."""
    return f"<Error><Code>{code}</Code><Message>injected</Message></Error>"


def query_error(code: str) -> str:
    """The body of an error from SNS."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>injected</Message></Error>"
    return f"<ErrorResponse>{error}<RequestId>fault</RequestId></ErrorResponse>"
