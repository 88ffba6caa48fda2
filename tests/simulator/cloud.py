"""Receives all requests of a simulation: reads, delays, possibly spoils each, and lets a service in memory answer it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from urllib3.exceptions import ProtocolError

from tests.simulator.scheduler import Killed, Process

if TYPE_CHECKING:
    from tests.simulator.world import World

#: The faults of a request.
#: crash_before, crash_after: the process dies before the request is sent, or after it was served.
#: crash_late: the process dies, and its request, which is already under way, is served half a minute later.
#: freeze_before, freeze_after: the process is stopped for minutes before the request is sent, or before the answer is
#: read.
#: lost: the request is served, but the answer never arrives.
#: refused: access denied.
#: throttled: the request is rejected once.
#: outage: requests are rejected for a minute, longer than any client retries.
#: broken_body: the answer ends half-way.
#: slow: the answer takes longer than a lease lives.
#: clock_ahead, clock_back: the machine's clock is moved by an hour.
Kind = Literal[
    "crash_before",
    "crash_after",
    "crash_late",
    "freeze_before",
    "freeze_after",
    "lost",
    "refused",
    "throttled",
    "outage",
    "broken_body",
    "slow",
    "clock_ahead",
    "clock_back",
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]

_LATE_SECONDS = 30.0
_OUTAGE_SECONDS = 120.0
_SLOW_SECONDS = 75.0
_CLOCK_JUMPS = {"clock_ahead": 3600.0, "clock_back": -3600.0}
#: Each request, and each answer, takes one of these times to arrive.
_LATENCIES = (0.004, 0.01, 0.02, 0.05, 0.2)

_TARGETS = {"AWSGlue": "glue", "AmazonAthena": "athena", "AWSStepFunctions": "stepfunctions"}


@lru_cache(10_000)
def http_date(seconds: int) -> str:
    """A time in the format of HTTP headers, from seconds since 1970."""
    return formatdate(seconds, usegmt=True)


class ServiceError(Exception):
    """An error answer of a service."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a service sees it.

    Attributes:
        service: `s3`, `glue`, `athena` or `stepfunctions`.
        operation: the name of the operation; for S3, the HTTP method.
        input: the operation's JSON input; for S3, the query.
        bucket, key, headers, body: only for S3; header names are in lower case.
        by: the name of the process that sent the request.
    """

    service: str
    operation: str
    input: dict[str, Any]
    by: str
    bucket: str = ""
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    def __str__(self) -> str:
        sql = str(self.input.get("QueryString", ""))
        statement = [line for line in sql.splitlines() if line and not line.lstrip().startswith("--")]
        about = statement[0].strip()[:60] if statement else self.key
        return f"{self.service}.{self.operation} {about}".rstrip()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a service."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Service(Protocol):
    """A service in memory."""

    def handle(self, call: Call) -> Answer:
        """Serve one request.

        Raises:
            ServiceError: the service answers with an error.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """The fault of one request of a process. Requests are numbered from 0."""

    call: int
    kind: Kind


class Network:
    """The connection of one process to the cloud: the requests that it has sent, and their faults."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self.calls: list[str] = []
        self.faults = {fault.call: fault.kind for fault in faults}
        self.down_until = 0.0
        #: What happens when a request with a given text is sent for the first time.
        self.when: dict[str, Callable[[], None]] = {}
        #: The faults that have occurred.
        self.hit: list[str] = []


class Cloud:
    """Answers all requests of all processes of a simulation."""

    def __init__(self, world: World, services: dict[str, Service]) -> None:
        self._world = world
        self._services = services
        self.networks: dict[Process, Network] = {}

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request; replaces `botocore.httpsession`."""
        scheduler = self._world.scheduler
        process = scheduler.current.process
        if process is None:
            return _response(request, self._serve(_call(request, "player")))
        if process.killed:
            raise Killed
        network = self.networks[process]
        call = _call(request, process.name)
        kind = network.faults.get(len(network.calls))
        network.calls.append(str(call))
        if kind is not None:
            network.hit.append(f"{kind} {call}")
        scheduler.sleep(self._latency())
        for text in [text for text in network.when if text in str(call)]:
            network.when.pop(text)()
        if kind is not None:
            self._before(kind, call, process, network)
        answer = self._turned_away(kind, call, network) or self._serve(call)
        scheduler.sleep(_SLOW_SECONDS if kind == "slow" else self._latency())
        if kind is not None:
            self._after(kind, process, request)
        return _response(request, answer, broken=kind == "broken_body")

    def _before(self, kind: Kind, call: Call, process: Process, network: Network) -> None:
        scheduler = self._world.scheduler
        if kind == "crash_before":
            scheduler.kill(process)
        elif kind == "crash_late":
            scheduler.at(scheduler.now + _LATE_SECONDS, lambda: _serve_quietly(self, call))
            scheduler.kill(process)
        elif kind == "freeze_before":
            # As on some machines, this clock stops while the machine sleeps.
            process.slept += self._world.freeze_seconds
            process.frozen_until = scheduler.now + self._world.freeze_seconds
            scheduler.sleep(0)
        elif kind == "outage":
            network.down_until = scheduler.now + _OUTAGE_SECONDS
        elif kind in _CLOCK_JUMPS:
            process.clock_error += _CLOCK_JUMPS[kind]

    def _after(self, kind: Kind, process: Process, request: AWSPreparedRequest) -> None:
        scheduler = self._world.scheduler
        if kind == "crash_after":
            scheduler.kill(process)
        elif kind == "freeze_after":
            process.frozen_until = scheduler.now + self._world.freeze_seconds
            scheduler.sleep(0)
        elif kind == "lost" or (kind == "broken_body" and not request.stream_output):
            raise ConnectionClosedError(endpoint_url=request.url)

    def _turned_away(self, kind: Kind | None, call: Call, network: Network) -> Answer | None:
        if kind == "refused":
            code = "AccessDenied" if call.service == "s3" else "AccessDeniedException"
            return _error(call, ServiceError(code, "injected", 403 if call.service == "s3" else 400))
        if kind == "throttled" or self._world.scheduler.now < network.down_until:
            if call.service == "s3":
                return _error(call, ServiceError("SlowDown", "injected", 503))
            return _error(call, ServiceError("ThrottlingException", "injected", 400))
        return None

    def _serve(self, call: Call) -> Answer:
        try:
            answer = self._services[call.service].handle(call)
        except ServiceError as error:
            answer = _error(call, error)
        date = http_date(int(self._world.scheduler.now))
        return Answer(answer.body, answer.status, {"date": date, **answer.headers})

    def _latency(self) -> float:
        return self._world.random.choice(_LATENCIES)


def _serve_quietly(cloud: Cloud, call: Call) -> None:
    cloud._serve(call)


def _call(request: AWSPreparedRequest, by: str) -> Call:
    # The names are in lower case: see `shortcuts.Headers`.
    headers = {name: _text(value) for name, value in request.headers.items()}
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    content = body.encode() if isinstance(body, str) else bytes(body)
    if target := headers.get("x-amz-target"):
        head, _, operation = target.partition(".")
        return Call(_TARGETS[head.split("_")[0]], operation, json.loads(content or b"{}"), by)
    url = urlsplit(request.url)
    bucket, _, key = url.path.lstrip("/").partition("/")
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    return Call("s3", request.method, query, by, bucket, unquote(key), headers, content)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _error(call: Call, error: ServiceError) -> Answer:
    if call.service != "s3":
        body = json.dumps({"__type": error.code, "message": error.message, "Message": error.message})
        return Answer(body.encode(), error.status, {"x-amzn-errortype": error.code})
    if call.operation == "HEAD":
        return Answer(b"", error.status)
    xml = f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
    return Answer(xml.encode(), error.status)


class _Body(io.BytesIO):
    """A response body with urllib3's interface; a broken one raises an error half-way."""

    def __init__(self, content: bytes, *, broken: bool) -> None:
        super().__init__(content[: len(content) // 2] if broken else content)
        self._broken = broken

    def read(self, size: int | None = -1, /, **_: Any) -> bytes:
        piece = super().read(-1 if size is None else size)
        if self._broken and not piece:
            raise ProtocolError("the connection broke")
        return piece

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def _response(request: AWSPreparedRequest, answer: Answer, *, broken: bool = False) -> AWSResponse:
    headers = {"content-length": str(len(answer.body)), **answer.headers}
    return AWSResponse(request.url, answer.status, headers, _Body(answer.body, broken=broken))
