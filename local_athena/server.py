"""Athena's JSON protocol over HTTP."""

from __future__ import annotations

import json
import logging
import socket
import threading
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from local_athena.api.protocol import Api
from local_athena.api.queries import Limits, Queries
from local_athena.duckdb_engine.runs import DuckDBEngine
from local_athena.errors import ApiError
from local_athena.sql.statements import Engine
from local_athena.tables import s3
from local_athena.tables.catalog import Catalog
from local_athena.tables.ddl import HiveDdl
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.s3 import ObjectStore
from local_athena.trino.engine import TrinoEngine

_log = logging.getLogger(__name__)

EngineName = Literal["duckdb", "trino"]


class LocalAthena:
    """Athena at a local address, over the S3 and Glue of one endpoint.

    Args:
        aws_endpoint_url: where S3 and Glue answer.
        host, port: where to listen; port 0 takes a free one.
        region: the region of the clients.
        engine: what runs the statements; trino starts a Trino server and stops it.

    Use it as a context manager, or call `start` and `stop`.
    """

    def __init__(
        self,
        aws_endpoint_url: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        region: str = "us-east-1",
        engine: EngineName = "duckdb",
    ) -> None:
        self._scratch = s3.scratch_folder()
        self._store = ObjectStore(s3.client("s3", aws_endpoint_url, region), Path(self._scratch.name))
        catalog = Catalog(s3.client("glue", aws_endpoint_url, region))
        tables = IcebergTables(catalog, self._store)
        self._engine: Engine = (
            TrinoEngine(aws_endpoint_url, region=region)
            if engine == "trino"
            else DuckDBEngine(catalog, self._store, tables)
        )
        self._queries = Queries(self._engine, HiveDdl(catalog, self._store, tables), self._store)
        self._server = _Server((host, port), Api(self._queries, catalog))
        self._thread = threading.Thread(target=self._server.serve_forever, name="local-athena", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def limits(self) -> Limits:
        """Queue limit and throttling, to be changed while it runs."""
        return self._queries.limits

    def set_limits(self, **values: Any) -> None:
        """Change limits; statements that wait look at them at once."""
        for name, value in values.items():
            if not hasattr(self._queries.limits, name):
                raise ValueError(f"there is no limit {name!r}")
            setattr(self._queries.limits, name, value)
        self._queries.release()

    def start(self) -> LocalAthena:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, stop every query, and remove the mirror."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.close_connections()
        self._server.server_close()
        self._queries.close()
        self._engine.close()
        self._store.close()
        self._scratch.cleanup()

    def __enter__(self) -> LocalAthena:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    # server_close waits for every handler, so that none holds an engine that is gone.
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
        # What reaches here is a client that hung up; do_POST answers everything else.
        _log.debug("connection from %s ended", client_address, exc_info=True)

    def close_connections(self) -> None:
        """End the connections that clients keep open; a request under way is answered into the void."""
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server  # type: ignore[assignment]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        action = (self.headers.get("X-Amz-Target") or "").rpartition(".")[2]
        try:
            request = json.loads(body or b"{}")
            self._send(200, self.server.api.answer(action, request))
        except ApiError as error:
            self._send_error(400, error.kind, str(error), error.details)
        except json.JSONDecodeError as error:
            self._send_error(400, "SerializationException", str(error), {})
        except Exception as error:
            _log.exception("%s failed inside of local Athena", action)
            self._send_error(500, "InternalServerException", f"{type(error).__name__}: {error}", {})

    def _send_error(self, status: int, kind: str, message: str, details: dict[str, Any]) -> None:
        self._send(status, {"__type": kind, "message": message, "Message": message, **details})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        if status != 200:
            self.send_header("x-amzn-ErrorType", answer["__type"])
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        _log.debug(format, *args)
