"""Runs the runner's own code in virtual time. The only other replacement is botocore's last step to the network.

The runner's modules use a few names of the standard library that depend on the outside world: `time`, `threading`,
`uuid`, `random`, `datetime` and thread pools. Within `installed()` these names refer to the current simulation's
versions.
botocore stays unchanged down to the HTTP request, including its retries and its parsing. The request itself goes to the
simulation's cloud.
"""

from __future__ import annotations

import copy
import datetime as real_datetime
import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3.session
import botocore.endpoint
import botocore.httpsession
import botocore.retries.quota
import botocore.retries.standard
import botocore.signers

from tests.simulator import scheduler as virtual
from tests.simulator import shortcuts

if TYPE_CHECKING:
    from tests.simulator.world import World

#: The environment that the settings and botocore read. A numeric address makes S3's requests path-style.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "simulated",
    "AWS_SECRET_ACCESS_KEY": "simulated",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    # Checksums would wrap bodies in chunks.
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
    "DATA_BUCKET": "lake",
    "GLUE_DATABASE": "medlaunch_db",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:medlaunch",
    "POWERTOOLS_METRICS_DISABLED": "true",
}

_worlds: list[World] = []


def world() -> World:
    """The current simulation."""
    return _worlds[-1]


@contextmanager
def entered(one: World) -> Iterator[None]:
    """Make a simulation the current one."""
    _worlds.append(one)
    try:
        yield
    finally:
        _worlds.pop()


class _Datetime(real_datetime.datetime):
    @classmethod
    def now(cls, tz: real_datetime.tzinfo | None = None) -> real_datetime.datetime:
        return real_datetime.datetime.fromtimestamp(world().wall_clock(), tz)


class _Pool:
    """A thread pool that runs each task at once: the order in which threads of one run end does not matter."""

    def __init__(self, max_workers: int | None = None, **_: Any) -> None:
        pass

    def submit(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:  # As in a real pool, the error is raised when the result is asked for.
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        pass


_time = SimpleNamespace(
    time=lambda: world().wall_clock(),
    monotonic=lambda: world().monotonic(),
    perf_counter=lambda: world().monotonic(),
    sleep=lambda seconds: world().scheduler.sleep(seconds),
)
_threading = SimpleNamespace(
    Lock=lambda: virtual.Lock(world().scheduler),
    Event=lambda: virtual.Event(world().scheduler),
    Thread=lambda target, **_: virtual.Thread(world().scheduler, target),
    Timer=lambda interval, function: virtual.Timer(world().scheduler, interval, function),
    local=threading.local,
    current_thread=threading.current_thread,
)
_uuid = SimpleNamespace(uuid4=lambda: uuid.UUID(int=world().random.getrandbits(128), version=4))
_random = SimpleNamespace(uniform=lambda low, high: world().random.uniform(low, high))

_NAMESAKES: list[tuple[object, object]] = [
    (time, _time),
    (threading, _threading),
    (uuid, _uuid),
    (random, _random),
    (real_datetime.datetime, _Datetime),
    (ThreadPoolExecutor, _Pool),
]


@contextmanager
def installed() -> Iterator[None]:
    """Replace the names of the outside world in the runner's modules that are imported by now."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, ENVIRONMENT))
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] == "runner":
                for attribute, value in list(vars(module).items()):
                    for real, simulated in _NAMESAKES:
                        if value is real:
                            stack.enter_context(mock.patch.object(module, attribute, simulated))
        for owner, attribute, value in (
            (botocore.httpsession.URLLib3Session, "send", lambda _, request: world().cloud.send(request)),
            (botocore.endpoint, "time", _time),
            (botocore.retries.quota.RetryQuota, "acquire", lambda *_: True),
            (botocore.retries.standard.ExponentialBackoff, "delay_amount", _backoff),
            (boto3.session.Session, "client", _client),
        ):
            stack.enter_context(mock.patch.object(owner, attribute, value, create=True))
        stack.enter_context(shortcuts.taken())
        yield


def _backoff(_: object, context: Any) -> float:
    return world().random.random() * min(2.0 ** (context.attempt_number - 1), 20.0)


real_client = boto3.session.Session.client
real_sign = botocore.signers.RequestSigner.sign
_made: dict[tuple[str, str], Any] = {}


def _client(session: boto3.session.Session, service: str, *_: Any, config: Any = None, **__: Any) -> Any:
    """A client with its own event handlers, copied from an existing client: ten times faster than creating one."""
    key = service, repr(getattr(config, "retries", None))
    if key not in _made:
        _made[key] = real_client(session, service, config=config)
    made = _made[key]
    # copy.copy would ask the client for attributes before it has any.
    client = object.__new__(type(made))
    vars(client).update(vars(made))
    client.meta = copy.copy(made.meta)
    client.meta.events = shortcuts.Events(made.meta.events)
    client._endpoint = copy.copy(made._endpoint)
    client._endpoint._event_emitter = client.meta.events
    return client
