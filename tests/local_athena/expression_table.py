"""Reads and records the table of expressions: statements, and Trino's answer to each.

`expressions/<topic>.sql` holds one expression per line. The topics in QUERIES hold whole queries, separated by blank
lines: `statements.sql` tests clauses, `grammar.sql` statements of Trino and of other dialects, and `types.sql` the
operators, casts and aggregates of each type over columns. The topic `records` parses the JSON of every line in the
reject cases.
`expressions/answers/<topic>.jsonl` holds Trino's answer to each entry, in the same order: its type and value (columns
and rows for a query), or the name and message of its error. `make expressions` runs a Trino server and records all
answers again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_athena.conformance.cases import QUERY_TOPICS

if TYPE_CHECKING:
    from local_athena.trino.server import TrinoServer

FOLDER = Path(__file__).parent / "expressions"
ANSWERS = FOLDER / "answers"
CASES = Path(__file__).parents[1] / "cases" / "reject_cases.jsonl"
#: The topics whose entries are queries instead of expressions.
QUERIES = QUERY_TOPICS
_RECORD_QUERY = """\
select
    json_format(try(json_parse(l))),
    json_extract_scalar(l, '$.facility_id'),
    json_extract_scalar(try(json_parse(l)), '$.facility_name'),
    json_format(json_extract(l, '$.employee_count')),
    transform(
        try_cast(json_extract(try(json_parse(l)), '$.accreditations') as array(json)),
        a -> json_extract_scalar(a, '$.valid_until')
    )
from (values '{}') as t (l)"""


def topics() -> list[str]:
    """The topics, sorted by name."""
    return sorted({path.stem for path in FOLDER.glob("*.sql")} | {"records"})


def read_expressions(topic: str) -> list[str]:
    """The entries of a topic: expressions, or queries if the topic is in QUERIES."""
    if topic == "records":
        return _records()
    text = (FOLDER / f"{topic}.sql").read_text("utf-8")
    entries = text.split("\n\n") if topic in QUERIES else text.split("\n")
    return [entry.strip() for entry in entries if entry.strip()]


def _records() -> list[str]:
    cases = (json.loads(line) for line in CASES.read_text("utf-8").split("\n") if line)
    lines = dict.fromkeys(case["line"].replace("'", "''") for case in cases if "line" in case)
    return [_RECORD_QUERY.format(line) for line in lines]


def read_answers(topic: str) -> Iterator[dict[str, Any]]:
    """The recorded answers of a topic. Each contains its `sql`."""
    for line in (ANSWERS / f"{topic}.jsonl").read_text("utf-8").split("\n")[:-1]:
        yield json.loads(line)


def query_of(topic: str, sql: str) -> str:
    """The query that evaluates an entry of a topic."""
    return sql if topic in QUERIES else f"select {sql}"


@contextmanager
def trino_server() -> Iterator[TrinoServer]:
    """A Trino server over an empty lake."""
    from moto.server import ThreadedMotoServer

    from local_athena.trino.server import TrinoServer
    from sandbox.local import exit_on_signals

    exit_on_signals()
    lake = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    lake.start()
    host, port = lake.get_host_and_port()
    try:
        with TrinoServer(f"http://{host}:{port}") as server:
            yield server
    finally:
        lake.stop()


def record() -> None:
    """Get the answers to all entries from a Trino server, and write them to ANSWERS."""
    ANSWERS.mkdir(exist_ok=True)
    with trino_server() as server, ThreadPoolExecutor(4) as pool:
        for topic in topics():
            expressions = read_expressions(topic)
            answers = pool.map(lambda sql, topic=topic: _ask(server.client, topic, sql), expressions)
            lines = [json.dumps(answer, ensure_ascii=False) for answer in answers]
            (ANSWERS / f"{topic}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
            print(f"{topic}: {len(lines)} answers", file=sys.stderr)


def _ask(client: Any, topic: str, sql: str) -> dict[str, Any]:
    from local_athena.trino.client import TrinoError

    try:
        result = client.execute(query_of(topic, sql))
    except TrinoError as error:
        return {"sql": sql, "error": error.name, "message": str(error)}
    if topic in QUERIES:
        return {"sql": sql, "columns": result.columns, "rows": result.rows}
    return {"sql": sql, "type": result.columns[0][1], "value": result.rows[0][0]}


if __name__ == "__main__":
    record()
