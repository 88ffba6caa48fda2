"""Measures the bytes that the queries of one event read: `infra/cost.py` bills these figures.

    python benchmarks/scanned_bytes.py [--files 20,60] [--records 1000] [--commits 0] [--engine trino]

For each size of a date: so many files are built in one run, then one file a run for so many commits, each of
which leaves small files in every table, and one more, whose run is measured. Prints a line for each query:
the bytes it scanned on a date of each size and, fitted to these, the bytes that it scans for each byte of the
date's raw files and for each byte of the new file. A query whose bytes do not grow with the date has 0 in the
first figure. The output ends with the size of the export of rejects, and the GETs that the lake's S3 answered
for the run, by prefix; Trino's are nearest to Athena's.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.event_cost import FIRST_DATE, environment_of
from benchmarks.s3_reads import watch_gets
from runner.lake import bronze_folder
from runner.settings import Settings
from runner.tables.initialise import initialise
from runner.tables.transform import transform
from sandbox.generate import Spec, generate
from sandbox.local import Sandbox

#: Patterns that identify the queries of a run.
_NAMES = (
    (r'^merge into \S+"(\w+)" as target', "merge {}"),
    (r"^\s*differences as \($", "files of changed rejects"),
    (r"as failing_rows", "data tests"),
    (r"'curated' as part", "counts"),
    (r"^select snapshot_date, state,", "export of counts"),
    (r"^select snapshot_date, source_file, reject_reason,", "export of rejects"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", default="20,60", help="sizes of the date in files, comma-separated")
    parser.add_argument("--records", type=int, default=1000, help="records of a file")
    parser.add_argument("--commits", type=int, default=0, help="runs of one file before the measured one")
    parser.add_argument("--engine", default="duckdb", choices=("duckdb", "trino"), help="of local Athena")
    options = parser.parse_args()
    gets: list[str] = []
    watch_gets(lambda key, _: gets.append(key))
    sizes = [int(size) for size in options.files.split(",")]
    with Sandbox(engine=options.engine) as sandbox:
        small, large = (measure(sandbox, size, options, gets) for size in (sizes[0], sizes[-1]))
    print(f"{'query':50} {'small date':>12} {'large date':>12} {'per date byte':>14} {'per new byte':>13}")
    for name, bytes_of_small in small["scanned"].items():
        bytes_of_large = large["scanned"][name]
        growth = large["raw"] - small["raw"]
        of_date = (bytes_of_large - bytes_of_small) / growth if growth else 0.0
        of_new = (bytes_of_small - of_date * small["raw"]) / small["new"]
        print(f"{name:50} {bytes_of_small:12,} {bytes_of_large:12,} {of_date:14.4f} {of_new:13.4f}")
    for label, figures in (("small", small), ("large", large)):
        print(
            f"{label} date: {figures['raw']:,} raw bytes, new file {figures['new']:,}, "
            f"export of rejects {figures['rejects']:,}, GETs {figures['gets']}"
        )


def measure(sandbox: Sandbox, files: int, options: argparse.Namespace, gets: list[str]) -> dict[str, Any]:
    """Measure one date with so many files, and the event of one more file."""
    environment = sandbox.create_lake(f"scanned-{files}", f"scanned_{files}")
    s3, athena = sandbox.client("s3"), sandbox.client("athena")
    with environment_of(environment):
        settings = Settings.from_environment()
        initialise(settings)
        bad, count = options.records // 50, files + options.commits + 1
        spec = Spec(FIRST_DATE, n=count * options.records, bad=count * bad)
        generate(f"s3://{settings.data_bucket}", spec, chunk=options.records + bad, gzip=False)
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=settings.data_bucket, Prefix=bronze_folder(FIRST_DATE)
        )
        listed = [item for page in pages for item in page["Contents"]]
        late = {item["Key"]: _take(s3, settings.data_bucket, item["Key"]) for item in listed[files:]}
        transform(settings, [FIRST_DATE])
        for key, body in late.items():
            s3.put_object(Bucket=settings.data_bucket, Key=key, Body=body)
            started = datetime.now(UTC)
            gets.clear()
            result = transform(settings, [FIRST_DATE])
        rejects = s3.head_object(Bucket=settings.data_bucket, Key=result.exports["rejects"]["key"])
        return {
            "rejects": rejects["ContentLength"],
            "raw": sum(item["Size"] for item in listed),
            "new": listed[-1]["Size"],
            "gets": dict(Counter(key.partition("/")[0] for key in gets)),
            "scanned": scanned(athena, started),
        }


def _take(s3: Any, bucket: str, key: str) -> bytes:
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.delete_object(Bucket=bucket, Key=key)
    return body


def scanned(athena: Any, since: datetime) -> dict[str, int]:
    """The bytes that each query since a time has scanned, by the kind of query."""
    by_kind: dict[str, int] = {}
    for page in athena.get_paginator("list_query_executions").paginate():
        for query in page["QueryExecutionIds"]:
            execution = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["SubmissionDateTime"] < since:
                return dict(sorted(by_kind.items()))
            name = _name(execution["Query"])
            stage = re.search(r"stage\d", execution["Query"]) if name.startswith("files") else None
            name = f"{name}, {stage[0]}" if stage else name
            by_kind[name] = by_kind.get(name, 0) + execution["Statistics"].get("DataScannedInBytes", 0)
    return dict(sorted(by_kind.items()))


def _name(sql: str) -> str:
    for pattern, name in _NAMES:
        if match := re.search(pattern, sql, re.MULTILINE):
            return name.format(*match.groups())
    return " ".join(sql.split())[:45]


if __name__ == "__main__":
    main()
