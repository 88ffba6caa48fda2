"""Measures local Athena: a statement over small tables, a large result, its pages, the start, the memory.

    python benchmarks/local_athena.py [--runs 20] [--queries 1000] [--json]

Statements run one after another. Their times are TotalExecutionTimeInMillis of the API. Therefore no frequent
polls are needed, which would cost as much as the work. As in the sandbox, local Athena and moto's S3 and Glue
share a process, and the client has another process. The bars: the median of a statement is at most 100 ms,
and the time and bytes of a MERGE that names one partition are the same over tables of 5 partitions and of 90;
a SELECT of 100,000 rows takes at most 1.5 s, a page of 1,000 rows at most 15 ms, the start of the command
(with and without moto) at most 2 s; the server's memory is the same after 1,000 queries as after the
first 100. Memory is looked at in a process without moto, which keeps every result that it receives.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import urllib3

ROOT = Path(__file__).resolve().parent.parent
#: Serves until its input ends. Prints the addresses of S3 and Glue, and of Athena.
SERVERS = """
import logging, sys
from moto.server import ThreadedMotoServer
from local_athena.server import LocalAthena
logging.getLogger("werkzeug").setLevel(logging.WARNING)
moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
moto.start()
url = "http://{}:{}".format(*moto.get_host_and_port())
with LocalAthena(url) as athena:
    print(url, athena.url, flush=True)
    sys.stdin.read()
moto.stop()
"""
#: The same with moto in a process of its own.
SERVERS_APART = """
import sys
from local_athena.kit import LocalAws
with LocalAws() as aws:
    print(aws.aws_url, aws.athena.url, flush=True)
    sys.stdin.read()
"""
POLL_SECONDS = 0.03
BUCKET, DATABASE = "bench", "bench"
_CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
QUERIES = {
    "constant": "select 1",
    "text table": "select count(*) from lines where day = '2025-01-01'",
    "JSON of 200 lines": """
        select sum(cast(json_extract_scalar(json_parse(line), '$.n') as bigint)) from lines
        where day = '2025-01-01'
    """,
    "view over it": """
        select n, count(*) from parsed where d = '2025-01-01' group by n order by n limit 5
    """,
    "Iceberg, one partition": "select count(*), max(n) from few where day = date '2025-01-02'",
    "join of two partitions": """
        select f.n from few f join many m on f.id = m.id
        where f.day = date '2025-01-03' and m.day = date '2025-01-03'
    """,
}
MERGE = """
    merge into {table} as t
    using (select date '2025-01-03' as day, id, id as n from unnest(sequence(1, 20)) as i (id)) as s
    on t.day = s.day and t.id = s.id and t.day = date '2025-01-03'
    when matched then update set n = s.n + {number}
    when not matched then insert (day, id, n) values (s.day, s.id, s.n)
"""

#: A result of 100,000 rows: numbers, texts, dates.
LARGE = """
    select n, n * 2 as m, cast(n as varchar) as s, date '2025-01-01' as d, n * 0.5 as f
    from unnest(sequence(1, 10000)) as t (n) cross join unnest(sequence(1, 10)) as u (k)
"""
#: S3 and Glue that are not asked while the command starts.
_ELSEWHERE = ("--aws-endpoint-url", "http://127.0.0.1:1")
#: The number of queries after which the server has allocated its permanent memory.
_WARM = 100


class Client:
    """Runs statements and times them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager()
        self._athena: Any = boto3.client("athena", endpoint_url=url, **_CREDENTIALS)

    def run(self, sql: str) -> tuple[int, int]:
        """Milliseconds and bytes scanned of one statement."""
        cost = self.execution(sql)["Statistics"]
        return cost["TotalExecutionTimeInMillis"], cost["DataScannedInBytes"]

    def pages(self, query_id: str, *, parsed: bool) -> list[float]:
        """Milliseconds of each page of 1,000 rows, until the server has answered or boto3 has parsed it."""
        times, request = [], {"QueryExecutionId": query_id, "MaxResults": 1000}
        while True:
            started = time.perf_counter()
            page = self._athena.get_query_results(**request) if parsed else self._answer(request)
            times.append((time.perf_counter() - started) * 1000)
            token = page.get("NextToken") if parsed else json.loads(page).get("NextToken")
            if token is None:
                return times
            request["NextToken"] = token

    def _answer(self, request: dict[str, Any]) -> bytes:
        headers = {
            "X-Amz-Target": "AmazonAthena.GetQueryResults",
            "Content-Type": "application/x-amz-json-1.1",
        }
        return self._http.request("POST", self._url, body=json.dumps(request), headers=headers).data

    def execution(self, sql: str) -> dict[str, Any]:
        """Run one statement and return its execution."""
        query_id = self._athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": DATABASE},
            ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
        )["QueryExecutionId"]
        while True:
            execution = self._athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            state = execution["Status"]["State"]
            if state not in ("QUEUED", "RUNNING"):
                break
            time.sleep(POLL_SECONDS)
        if state != "SUCCEEDED":
            raise RuntimeError(f"{execution['Status']}: {sql}")
        return execution


def prepare(client: Client, s3: Any) -> None:
    """Create the tables that the statements need."""
    location = f"s3://{BUCKET}/lines/"
    client.run(
        "create external table lines (line string) partitioned by (day string) row format delimited "
        f"fields terminated by '\\n' location '{location}' tblproperties ('projection.enabled' = 'true', "
        "'projection.day.type' = 'date', 'projection.day.format' = 'yyyy-MM-dd', "
        "'projection.day.range' = '2020-01-01,2030-01-01', "
        f"'storage.location.template' = '{location}${{day}}')"
    )
    body = "".join(f'{{"id": "FAC{n:05d}", "n": {n % 7}, "list": [{n}, {n + 1}]}}\n' for n in range(200))
    for day in range(1, 4):
        s3.put_object(Bucket=BUCKET, Key=f"lines/2025-01-{day:02d}/a.jsonl", Body=body.encode())
    client.run(
        "create view parsed as "
        "select json_extract_scalar(try(json_parse(line)), '$.n') as n, day as d from lines"
    )
    for name, days in (("few", 5), ("many", 90)):
        client.run(
            f"create table {name} with (table_type = 'iceberg', is_external = false, "
            f"partitioning = array['day'], location = 's3://{BUCKET}/{name}') as "
            "select date_add('day', d, date '2024-12-31') as day, id, id * d as n "
            f"from unnest(sequence(1, {days})) as d (d) cross join unnest(sequence(1, 20)) as i (id)"
        )


def measure(runs: int) -> dict[str, dict[str, float]]:
    """Median and slowest of each statement in ms, and its bytes."""
    statements: dict[str, list[str]] = {name: [sql] * runs for name, sql in QUERIES.items()}
    for table, size in (("few", 5), ("many", 90)):
        statements[f"MERGE into 1 of {size} partitions"] = [
            MERGE.format(table=table, number=n) for n in range(max(3, runs // 4))
        ]
    with servers() as (aws_url, athena_url, _):
        s3: Any = boto3.client("s3", endpoint_url=aws_url, **_CREDENTIALS)
        s3.create_bucket(Bucket=BUCKET)
        glue = boto3.client("glue", endpoint_url=aws_url, **_CREDENTIALS)
        glue.create_database(DatabaseInput={"Name": DATABASE})
        client = Client(athena_url)
        prepare(client, s3)
        times_by_statement = {}
        for name, texts in statements.items():
            client.run(texts[0])
            times, sizes = zip(*(client.run(sql) for sql in texts), strict=True)
            times_by_statement[name] = {
                "median_ms": statistics.median(times),
                "max_ms": max(times),
                "bytes": max(sizes),
            }
        return times_by_statement


def measure_results(queries: int) -> dict[str, float]:
    """Measure a large result and its pages, the start of the command, and memory over many queries."""
    with servers(SERVERS_APART) as (aws_url, athena_url, pid):
        s3: Any = boto3.client("s3", endpoint_url=aws_url, **_CREDENTIALS)
        s3.create_bucket(Bucket=BUCKET)
        glue = boto3.client("glue", endpoint_url=aws_url, **_CREDENTIALS)
        glue.create_database(DatabaseInput={"Name": DATABASE})
        client = Client(athena_url)
        large = [client.execution(LARGE) for _ in range(3)]
        last = large[-1]["QueryExecutionId"]
        pages, parsed = client.pages(last, parsed=False), client.pages(last, parsed=True)
        client.run(
            "create table t as select n, cast(n as varchar) as s from unnest(sequence(1, 5000)) as t (n)"
        )
        warm = 0.0
        for number in range(queries):
            if number == _WARM:
                warm = _megabytes(pid)
            client.run(f"select n, s from t where n > {number}")
        return {
            "100,000 rows, ms": min(one["Statistics"]["TotalExecutionTimeInMillis"] for one in large),
            "page of 1,000 rows, median ms": statistics.median(pages),
            "the same, parsed by boto3, median ms": statistics.median(parsed),
            "start of the command, s": min(_start_seconds(*_ELSEWHERE) for _ in range(3)),
            "start of the command with --moto, s": min(_start_seconds("--moto") for _ in range(3)),
            f"memory after {_WARM} queries, MB": warm,
            f"memory after {queries} queries, MB": _megabytes(pid),
        }


def _megabytes(pid: int) -> float:
    """A process's resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _start_seconds(*arguments: str) -> float:
    """The seconds from the start of the command to the line that says where it listens."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "local_athena", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - started
        process.terminate()
    return seconds


@contextmanager
def servers(script: str = SERVERS) -> Iterator[tuple[str, str, int]]:
    """The address of S3 and Glue, the address of Athena, and the servers' process."""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        aws_url, athena_url = process.stdout.readline().split()
        try:
            yield aws_url, athena_url, process.pid
        finally:
            process.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--queries", type=int, default=1000, help="over which memory is looked at")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    by_statement, results = measure(options.runs), measure_results(options.queries)
    if options.json:
        print(json.dumps({**by_statement, **results}, indent=2))
        return
    print(f"{'statement':32} {'median ms':>10} {'max ms':>8} {'bytes':>8}")
    for name, row in by_statement.items():
        print(f"{name:32} {row['median_ms']:10.0f} {row['max_ms']:8.0f} {row['bytes']:8.0f}")
    print(*(f"{name:42} {value:10.1f}" for name, value in results.items()), sep="\n")


if __name__ == "__main__":
    main()
