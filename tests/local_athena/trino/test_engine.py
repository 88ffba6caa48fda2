"""Tests the Trino engine with a running cluster, for which a server with Trino's client protocol stands in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from local_athena.errors import QueryFailed
from local_athena.sql.statements import Control, Statement
from local_athena.trino.engine import TrinoEngine


class _Cluster(BaseHTTPRequestHandler):
    received: list[tuple[str, str | None]]

    def do_POST(self) -> None:
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.received.append((sql, self.headers["X-Trino-Schema"]))
        answer: dict[str, Any] = {"stats": {"physicalInputBytes": 7}}
        if "missing" in sql:
            answer["error"] = {
                "errorName": "TABLE_NOT_FOUND",
                "errorType": "USER_ERROR",
                "message": "no such table",
            }
        else:
            answer |= {"columns": [{"name": "n", "type": "integer"}], "data": [[1], [None]]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the base class's name
        """Log nothing."""


@pytest.fixture
def cluster() -> Iterator[tuple[TrinoEngine, list[tuple[str, str | None]]]]:
    handler = type("Handler", (_Cluster,), {"received": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    engine = TrinoEngine(
        "http://127.0.0.1:1", region="us-east-1", url=f"http://127.0.0.1:{server.server_port}/"
    )
    yield engine, handler.received
    engine.close()
    server.shutdown()
    server.server_close()


def test_statements_go_to_the_cluster_and_its_rows_come_back(cluster: Any) -> None:
    engine, received = cluster

    outcome = engine.run(Statement("select ? as n", "d", ["it's"]), Control())

    assert received == [("execute immediate 'select ? as n' using 'it''s'", "d")]
    assert outcome.rows.to_pylist() == [{"n": 1}, {"n": None}]
    assert outcome.scanned_bytes == 7


def test_values_without_a_question_mark_are_ignored_and_expressions_stay(cluster: Any) -> None:
    engine, received = cluster

    engine.run(Statement("select '?' as n", "d", ["1"]), Control())
    engine.run(Statement("select ?, ? as n", "d", ["1 + 1", "'a'"]), Control())

    assert [sql for sql, _ in received] == [
        "select '?' as n",
        "execute immediate 'select ?, ? as n' using 1 + 1, 'a'",
    ]


def test_its_failures_are_athenas(cluster: Any) -> None:
    engine, _ = cluster

    with pytest.raises(QueryFailed) as caught:
        engine.run(Statement("select * from missing", "d"), Control())

    assert (caught.value.reason, caught.value.error_type) == ("TABLE_NOT_FOUND: no such table", 1301)
