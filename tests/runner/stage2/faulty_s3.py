"""An S3 endpoint with injected faults. Requests without a fault are passed to a real server."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import unquote, urlsplit


@dataclass
class Fault:
    """A fault of the next `times` requests with this method and a path with this end."""

    method: str
    path_end: str
    times: int = 1
    #: Called first, for example to delete the object.
    before: Callable[[], object] | None = None
    #: The status and code to answer with instead.
    status: int = 0
    code: str = ""
    #: Break the connection after this many bytes of the answer's body.
    cut_after: int = -1


class FaultyS3:
    """A proxy on a free port. `requests` has the method, path and Range header of each request."""

    def __init__(self, upstream: str) -> None:
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str, str]] = []
        handler = type("Handler", (_Handler,), {"proxy": self, "upstream": urlsplit(upstream).netloc})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def ranges_of(self, path_end: str) -> list[str]:
        return [
            wanted for method, path, wanted in self.requests if method == "GET" and path.endswith(path_end)
        ]

    def next_fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.method == method and path.endswith(fault.path_end):
                fault.times -= 1
                return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: FaultyS3
    upstream: str

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(urlsplit(self.path).path)
        self.proxy.requests.append((self.command, path, self.headers.get("Range", "")))
        fault = self.proxy.next_fault(self.command, path)
        if fault and fault.before:
            fault.before()
        if fault and fault.status:
            self._answer(fault.status, {}, f"<Error><Code>{fault.code}</Code></Error>".encode())
            return
        connection = http.client.HTTPConnection(self.upstream)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_HEADERS}
        self._answer(answer.status, headers, content, fault.cut_after if fault else -1)
        connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815

    def _answer(self, status: int, headers: dict[str, str], content: bytes, cut_after: int = -1) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.command == "HEAD" or "content-length" not in {name.lower() for name in headers}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if cut_after < 0 else content[:cut_after])
        self.close_connection = self.close_connection or cut_after >= 0

    def log_message(self, *_: object) -> None:
        """Log nothing; the tests look at `requests` instead."""


_HOP_HEADERS = {"connection", "transfer-encoding", "date", "server"}
