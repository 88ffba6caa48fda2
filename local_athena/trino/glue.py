"""Runs a proxy between Trino and a Glue endpoint. It hides four differences between Trino, Athena and Glue emulators.

- Trino writes column statistics with every Hive table, but Glue emulators do not have these calls. The proxy answers
  them and keeps no statistics, because only Trino's optimizer uses them.
- Trino recognizes a view by the comment `Presto View`, but dbt-athena puts the model's description there. The proxy
  adds the comment to every view that Trino reads.
- Glue rejects an update that is based on an outdated version of the table, and Trino's commits to Iceberg tables rely
  on that. Emulators accept such updates, so one of two commits would be lost. The proxy rejects them.
- Trino stores a view with one dummy column. Athena stores the view's own columns, which `dbt docs` shows. The proxy
  writes the view's columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, ClassVar

import urllib3

from local_athena.errors import QueryFailed
from local_athena.tables import views
from local_athena.values.hive_types import to_hive
from local_athena.values.trino_types import from_trino

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
_CONFLICT = {
    "__type": "ConcurrentModificationException",
    "Message": "Update table failed due to concurrent modifications.",
}


def _with_view_columns(body: bytes) -> bytes:
    """A request to store a table. If the table is a view, its own columns replace the dummy column."""
    if views.MARK.encode() not in body:
        return body
    request = json.loads(body)
    table = request["TableInput"]
    view = views.read_view(table["ViewOriginalText"])
    table["StorageDescriptor"]["Columns"] = [
        {"Name": column["name"], "Type": _hive_type(column["type"])} for column in view["columns"]
    ]
    return json.dumps(request).encode()


def _hive_type(text: str) -> str:
    """The Glue type of a view's column; string if Hive has no such type."""
    try:
        return to_hive(from_trino(text))
    except QueryFailed:
        return "string"


def _as_trino_views(body: bytes) -> bytes:
    """An answer of Glue in which every view has the marks of a Trino view."""
    if views.MARK.encode() not in body:
        return body
    answer = json.loads(body)
    for table in _tables(answer):
        if views.is_view_text(table.get("ViewOriginalText") or ""):
            table.setdefault("Parameters", {}).update(presto_view="true", comment=views.COMMENT)
            table.pop("Description", None)
    return json.dumps(answer).encode()


def _tables(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from answer.get("TableList", [])
    if "Table" in answer:
        yield answer["Table"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: ClassVar[str]
    pool: ClassVar[urllib3.PoolManager]
    updates: ClassVar[Lock]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = _ANSWERS.get(self.headers.get("X-Amz-Target", ""))
        if answer is not None:
            self._send(200, _JSON, json.dumps(answer).encode())
            return
        target = self.headers.get("X-Amz-Target", "")
        if target in ("AWSGlue.CreateTable", "AWSGlue.UpdateTable"):
            body = _with_view_columns(body)
        if target == "AWSGlue.UpdateTable":
            with self.updates:
                if self._is_outdated(json.loads(body)):
                    self._send(400, _JSON, json.dumps(_CONFLICT).encode())
                else:
                    self._pass_on(target, body)
        else:
            self._pass_on(target, body)

    def _is_outdated(self, request: dict[str, Any]) -> bool:
        """Whether an update is based on another version than the table's newest."""
        if "VersionId" not in request:
            return False
        wanted = {"DatabaseName": request["DatabaseName"], "Name": request["TableInput"]["Name"]}
        answer = json.loads(self._ask("AWSGlue.GetTable", json.dumps(wanted).encode()).data)
        return "Table" in answer and answer["Table"].get("VersionId") != request["VersionId"]

    def _ask(self, target: str, body: bytes) -> urllib3.BaseHTTPResponse:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
        headers["X-Amz-Target"] = target
        return self.pool.request("POST", self.endpoint, body=body, headers=headers, retries=False)

    def _pass_on(self, target: str, body: bytes) -> None:
        response = self._ask(target, body)
        kept = {
            name: value
            for name, value in response.headers.items()
            if name.lower().startswith(("content-type", "x-amz"))
        }
        self._send(response.status, kept, _as_trino_views(response.data))

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the base class's name
        """Log nothing, because the endpoint has its own log."""


class GlueProxy:
    """A proxy server on a free port of 127.0.0.1.

    Args:
        glue_endpoint_url: the Glue endpoint that receives the requests.

    Attributes:
        url: the proxy's address, for Trino's setting `hive.metastore.glue.endpoint-url`.
    """

    def __init__(self, glue_endpoint_url: str) -> None:
        handler = type(
            "Handler",
            (_Handler,),
            {"endpoint": glue_endpoint_url, "pool": urllib3.PoolManager(maxsize=8), "updates": Lock()},
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="glue-proxy", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving. The proxy need not have been started."""
        # Without a running server, `shutdown` would wait for ever.
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
