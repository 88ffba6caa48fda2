"""Reads and records Trino's format of queries.

`sql/formatted.sql` holds queries, separated by blank lines. `sql/formatted.jsonl` holds what Trino's formatter makes of
each, in the same order. `python -m tests.local_athena.formatted_queries`, a part of `make expressions`, runs a Trino
server and records it again: Trino formats each statement that PREPARE names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import unquote_plus

import urllib3

from tests.local_athena.expression_table import trino_server

QUERIES = Path(__file__).parent / "sql" / "formatted.sql"
FORMATTED = QUERIES.with_suffix(".jsonl")


def read_queries() -> list[str]:
    """The queries, as they were written."""
    return [query.strip() for query in QUERIES.read_text("utf-8").split("\n\n")]


def read_formatted() -> list[tuple[str, str]]:
    """The recorded queries, each with Trino's format of it."""
    return [
        (line["sql"], line["formatted"])
        for line in map(json.loads, FORMATTED.read_text("utf-8").splitlines())
    ]


def record() -> None:
    """Get Trino's format of all queries from a Trino server, and write it to FORMATTED."""
    with trino_server() as server:
        lines = [{"sql": sql, "formatted": _prepared(server.url, sql)} for sql in read_queries()]
    FORMATTED.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), "utf-8")
    print(f"{len(lines)} formatted queries", file=sys.stderr)


def _prepared(url: str, sql: str) -> str:
    """A query in Trino's format, which the answer to PREPARE has in a header."""
    body = f"PREPARE query FROM {sql}".encode()
    response = urllib3.request("POST", f"{url}/v1/statement", body=body, headers={"X-Trino-User": "local"})
    while True:
        prepared = response.headers.get("X-Trino-Added-Prepare")
        if prepared is not None:
            return unquote_plus(prepared.partition("=")[2])
        page = response.json()
        if "nextUri" not in page:
            raise RuntimeError(f"Trino did not prepare {sql}: {page.get('error', {}).get('message')}")
        response = urllib3.request("GET", page["nextUri"])


if __name__ == "__main__":
    record()
