"""What a statement costs on local Athena: time from StartQueryExecution to its end, over small tables.

    python benchmarks/local_athena.py [--runs 20] [--json]

Statements run one after another over moto's S3 and Glue in the same process, polled every millisecond. The
bars: the median of a query is at most 100 ms, and the time and bytes of a MERGE that names one partition are
the same over a table of 5 partitions and of 90.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from local_athena.server import LocalAthena

# moto's server logs every request.
logging.getLogger("werkzeug").setLevel(logging.WARNING)
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


class Client:
    """Runs statements and times them."""

    def __init__(self, url: str) -> None:
        self._athena: Any = boto3.client("athena", endpoint_url=url, **_CREDENTIALS)

    def run(self, sql: str) -> tuple[float, int]:
        """Milliseconds and bytes scanned of one statement."""
        started = time.perf_counter()
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
            time.sleep(0.001)
        if state != "SUCCEEDED":
            raise RuntimeError(f"{execution['Status']}: {sql}")
        return 1000 * (time.perf_counter() - started), execution["Statistics"]["DataScannedInBytes"]


def prepare(client: Client, s3: Any) -> None:
    """The tables that the statements need."""
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
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    url = f"http://{host}:{port}"
    s3: Any = boto3.client("s3", endpoint_url=url, **_CREDENTIALS)
    s3.create_bucket(Bucket=BUCKET)
    boto3.client("glue", endpoint_url=url, **_CREDENTIALS).create_database(DatabaseInput={"Name": DATABASE})
    statements: dict[str, list[str]] = {name: [sql] * runs for name, sql in QUERIES.items()}
    for table, size in (("few", 5), ("many", 90)):
        statements[f"MERGE into 1 of {size} partitions"] = [
            MERGE.format(table=table, number=n) for n in range(max(3, runs // 4))
        ]
    try:
        with LocalAthena(url) as athena:
            client = Client(athena.url)
            prepare(client, s3)
            found = {}
            for name, texts in statements.items():
                client.run(texts[0])
                times, sizes = zip(*(client.run(sql) for sql in texts), strict=True)
                found[name] = {
                    "median_ms": statistics.median(times),
                    "max_ms": max(times),
                    "bytes": max(sizes),
                }
            return found
    finally:
        moto.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.runs)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{'statement':32} {'median ms':>10} {'max ms':>8} {'bytes':>8}")
    for name, row in found.items():
        print(f"{name:32} {row['median_ms']:10.0f} {row['max_ms']:8.0f} {row['bytes']:8.0f}")


if __name__ == "__main__":
    main()
