"""Serves Athena's JSON protocol over HTTP."""

from __future__ import annotations

import json
import logging
import socket
import threading
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_athena.api.actions import Api
from local_athena.api.local_only import refusal
from local_athena.errors import ApiError

_log = logging.getLogger(__name__)


class HttpServer(ThreadingHTTPServer):
    """Serves the API at one address. Each connection has its own thread."""

    # server_close waits for every handler, so that no handler uses a closed engine.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], api: Api) -> None:
        super().__init__(address, _Handler)
        self.api = api
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's signature
        # do_POST answers all other errors, so only a connection that the client closed ends here.
        _log.debug("connection from %s ended", client_address, exc_info=True)

    def close_connections(self) -> None:
        """Close all open connections. Clients whose requests still run receive no answer."""
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HttpServer  # type: ignore[assignment]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        refused = refusal(self.headers.get("Host"), self.headers.get("Origin"))
        if refused:
            self._send_error(403, "AccessDeniedException", refused, {})
            return
        action = (self.headers.get("X-Amz-Target") or "").removeprefix("AmazonAthena.")
        try:
            self._send(200, self.server.api.answer(action, body))
        except ApiError as error:
            self._send_error(400, error.kind, str(error), error.details)
        except Exception as error:
            _log.exception("%s failed inside of local Athena", action)
            self._send_error(500, "InternalServerException", f"{type(error).__name__}: {error}", {})

    def _send_error(self, status: int, kind: str, message: str, details: dict[str, Any]) -> None:
        self._send(status, {"__type": kind, **details, **({"Message": message} if message else {})})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        _log.debug(format, *args)
