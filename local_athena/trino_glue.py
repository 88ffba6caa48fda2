"""A pass-through before a Glue endpoint that answers column statistics, which Glue emulators lack.

Trino writes statistics with every Hive table. They steer its optimizer only, so none are kept.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import urllib3

_ANSWERS = {
    f"AWSGlue.{verb}ColumnStatisticsFor{owner}": answer
    for owner in ("Table", "Partition")
    for verb, answer in {
        "Get": {"ColumnStatisticsList": [], "Errors": []},
        "Update": {"Errors": []},
        "Delete": {},
    }.items()
}
_JSON = {"Content-Type": "application/x-amz-json-1.1"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: ClassVar[str]
    pool: ClassVar[urllib3.PoolManager]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = _ANSWERS.get(self.headers.get("X-Amz-Target", ""))
        if answer is not None:
            self._send(200, _JSON, json.dumps(answer).encode())
            return
        response = self.pool.request(
            "POST", self.endpoint, body=body, headers=dict(self.headers.items()), retries=False
        )
        kept = {
            name: value
            for name, value in response.headers.items()
            if name.lower().startswith(("content-type", "x-amz"))
        }
        self._send(response.status, kept, response.data)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the base class's name
        """Say nothing: the endpoint behind has its own log."""


class GlueProxy:
    """Serves on a free port of 127.0.0.1; `.url` is for Trino's `hive.metastore.glue.endpoint-url`."""

    def __init__(self, glue_endpoint_url: str) -> None:
        handler = type(
            "Handler", (_Handler,), {"endpoint": glue_endpoint_url, "pool": urllib3.PoolManager(maxsize=8)}
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        Thread(target=self._server.serve_forever, name="glue-proxy", daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
