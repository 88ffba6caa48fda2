"""Caches results that botocore computes for every request although they are always the same.

Everything that a fault or a test can affect remains botocore's: retries, parsing, errors and parameters. A history
sends about 500 requests, and the cached parts took half of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from unittest import mock

import botocore.awsrequest
import botocore.endpoint
import botocore.regions
import botocore.signers
import botocore.useragent
import botocore.utils


class Headers(dict[str, Any]):
    """HTTP headers with lower-case names, each name once."""

    def __init__(self, headers: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        items = headers.items() if isinstance(headers, Mapping) else headers
        super().__init__({name.lower(): value for name, value in items})

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name.lower(), value)

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name.lower())

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def replace_header(self, name: str, value: Any) -> None:
        self[name] = value


class Events:
    """A client's own event handlers. They run after those of the client that it was copied from.

    Args:
        events: the emitter of that client, to which no more handlers are added.
    """

    def __init__(self, events: Any) -> None:
        # This skips the layer that translates old names of services.
        self._handlers = events._emitter._handlers
        self._own: list[tuple[str, Callable[..., Any]]] = []
        self._found: dict[str, list[Callable[..., Any]]] = {}

    def register(self, event: str, handler: Callable[..., Any], *_: Any, **__: Any) -> None:
        self._own.append((event, handler))
        self._found.clear()

    def emit(self, event: str, **arguments: Any) -> list[tuple[Any, Any]]:
        return [(handler, handler(event_name=event, **arguments)) for handler in self._handlers_of(event)]

    def emit_until_response(self, event: str, **arguments: Any) -> tuple[Any, Any]:
        for handler in self._handlers_of(event):
            answer = handler(event_name=event, **arguments)
            if answer is not None:
                return handler, answer
        return None, None

    def _handlers_of(self, event: str) -> list[Callable[..., Any]]:
        found = self._found.get(event)
        if found is None:
            own = [handler for name, handler in self._own if event == name or event.startswith(f"{name}.")]
            found = self._found[event] = [*self._handlers.prefix_search(event), *own]
        return found


_resolve = botocore.regions.EndpointRulesetResolver.construct_endpoint


def _construct_endpoint(resolver: Any, operation_model: Any, call_args: Any, request_context: Any) -> Any:
    """All requests use one endpoint, so the result depends only on the operation and the bucket."""
    known = vars(resolver).setdefault("_known", {})
    key = operation_model.name, (call_args or {}).get("Bucket")
    if key not in known:
        known[key] = _resolve(resolver, operation_model, call_args, request_context)
    found = known[key]
    return found._replace(properties=dict(found.properties), headers=dict(found.headers))


@contextmanager
def taken() -> Iterator[None]:
    """Apply the shortcuts."""
    with ExitStack() as stack:
        for owner, attribute, value in (
            # The simulation does not check signatures.
            (botocore.signers.RequestSigner, "sign", lambda *_, **__: None),
            (botocore.useragent.UserAgentString, "to_string", lambda _: "simulated"),
            (botocore.endpoint, "uuid", SimpleNamespace(uuid4=lambda: "simulated")),
            # Many answers contain the same times and the same few names.
            (
                botocore.utils,
                "_parse_timestamp_with_tzinfo",
                lru_cache(100_000)(botocore.utils._parse_timestamp_with_tzinfo),
            ),
            (botocore.awsrequest, "HeadersDict", Headers),
            (botocore.awsrequest, "HTTPHeaders", Headers),
            (botocore.regions.EndpointRulesetResolver, "construct_endpoint", _construct_endpoint),
        ):
            stack.enter_context(mock.patch.object(owner, attribute, value))
        yield
