"""What one new file costs: Athena queries, bytes scanned, AWS calls, time and memory of an event run.

    python benchmarks/event_cost.py [--snapshots 1,30,365] [--records 200] [--files 200] [--engine trino]
                                    [--json]

The cost of a change is measured on a date with one file and on a date with many files. The changes are a new
file, one changed line, a repeated run without a change, and a deleted file. The figures are the queries, the
bytes of raw files read compared with the size of the changed file, and the rows written by table. Bars: at
most 12 queries, 1.1 times the file, 3 rows for a changed line, none for a repeat, no raw byte for a deleted
file.

Then a lake gets many snapshots. One more file lands on a new date and its event is run twice: in a new
process (cold) and again, over a changed file, in the same process (warm). For comparison, a plain `dbt build`
of the same nodes runs for the same date in a new process without a target folder, as in a new Lambda.

Overhead is the wall time without the time in which at least one query was queued or running in Athena. All
numbers are measured on one machine at the same time. The bars are ratios: bytes and queries 1.00 ± 0.05 after
365 snapshots, overhead at most half of plain dbt's; and at most 512 MB resident (VmHWM, for getrusage's peak
of a child starts with its parent's). CPU seconds are the steadier measure on a machine that does other work.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.s3_reads import watch_gets
from local_athena.tables.hive import HiveTables
from runner.lake import bronze_folder, prefix
from runner.settings import PROJECT_DIR, Settings
from runner.tables import stage_tables
from runner.tables.initialise import initialise
from runner.tables.transform import transform
from sandbox.generate import Spec, generate
from sandbox.local import Sandbox, command_environment

FIRST_DATE = date(2025, 1, 1)
#: The prefixes of the tables' files.
_TABLES = ("dbt", "stage1_tables", "stage3_tables")

#: Runs one event cold, changes the file, and runs it warm. Prints one JSON object.
CHILD = """
import json, sys, time
import botocore.client
calls = []
make_api_call = botocore.client.BaseClient._make_api_call
def count(self, operation, arguments):
    calls.append(operation)
    return make_api_call(self, operation, arguments)
botocore.client.BaseClient._make_api_call = count
from datetime import date
from runner.settings import Settings
from runner.tables.transform import transform
settings, day = Settings.from_environment(), date.fromisoformat(sys.argv[1])
cold = transform(settings, [day])
cold_calls, cold_cpu = len(calls), time.process_time()
import boto3
s3 = boto3.client("s3")
body = s3.get_object(Bucket=settings.data_bucket, Key=sys.argv[2])["Body"].read()
s3.put_object(Bucket=settings.data_bucket, Key=sys.argv[2], Body=body + body.splitlines(True)[-1])
calls.clear()
started, cpu_before_warm = time.time(), time.process_time()
warm = transform(settings, [day])
print(json.dumps({
    "cold": cold.to_dict(), "cold_calls": cold_calls,
    "warm": warm.to_dict(), "warm_calls": len(calls), "warm_started": started, "warm_ended": time.time(),
    "peak_rss_mb": int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024,
    "cold_cpu": cold_cpu, "warm_cpu": time.process_time() - cpu_before_warm,
}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--snapshots", default="1,30,365", help="sizes of the history, comma-separated")
    parser.add_argument("--records", type=int, default=200, help="records of one snapshot")
    parser.add_argument("--files", type=int, default=200, help="files of the date of many files")
    parser.add_argument("--engine", default="duckdb", choices=("duckdb", "trino"), help="of local Athena")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    sizes = [int(size) for size in options.snapshots.split(",")]
    # This process imports dbt first, to fill the history. The event runs then find its compiled files, as in
    # the image.
    sys.dont_write_bytecode = False
    with Sandbox(engine=options.engine) as sandbox:
        changes = {files: measure_changes(sandbox, files, options.records) for files in (1, options.files)}
        events = {size: measure(sandbox, size, options.records) for size in sizes}
    figures = {**summarise_changes(changes), **summarise(events, sizes[0], sizes[-1])}
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        show(figures)


class RawReads:
    """Counts the bytes of raw files that the engine reads. For Trino it counts GETs, for DuckDB scans.

    Attributes:
        gets: Trino's GETs of the tables' files, data and metadata.
    """

    def __init__(self, engine: str) -> None:
        self.bytes = 0
        self.gets = 0
        if engine == "trino":
            watch_gets(self._count_get)
        else:
            self._count_scans()

    def _count_scans(self) -> None:
        scan = HiveTables.scan

        def counting(tables: Any, table: Any, *arguments: Any) -> Any:
            rows, size = scan(tables, table, *arguments)
            if table.name == stage_tables.SOURCE:
                self.bytes += size
            return rows, size

        HiveTables.scan = counting

    def _count_get(self, key: str, size: int) -> None:
        if key.startswith(prefix("bronze")):
            self.bytes += size
        self.gets += key.startswith(tuple(prefix(name) for name in _TABLES))


_raw_reads: RawReads | None = None


def measure_changes(sandbox: Sandbox, files: int, records: int) -> dict[str, Any]:
    """The cost of each kind of change on a date with the given number of files."""
    global _raw_reads
    _raw_reads = _raw_reads or RawReads(sandbox.engine)
    environment = sandbox.create_lake(f"changes-{files}", f"changes_{files}")
    s3, athena = sandbox.client("s3"), sandbox.client("athena")
    with environment_of(environment):
        settings = Settings.from_environment()
        initialise(settings)
        folder = bronze_folder(FIRST_DATE)
        bad = records // 50
        spec = Spec(FIRST_DATE, n=(files + 1) * records, bad=(files + 1) * bad)
        generate(f"s3://{settings.data_bucket}", spec, chunk=records + bad, gzip=False)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=settings.data_bucket, Prefix=folder)
        *_, new = listed = [item["Key"] for page in pages for item in page["Contents"]]
        assert len(listed) == files + 1, listed
        body = s3.get_object(Bucket=settings.data_bucket, Key=new)["Body"].read()
        s3.delete_object(Bucket=settings.data_bucket, Key=new)
        transform(settings, [FIRST_DATE])

        def put(content: bytes) -> None:
            s3.put_object(Bucket=settings.data_bucket, Key=new, Body=content)

        changed = body.replace(b'"employee_count":', b'"employee_count":1', 1)
        steps: dict[str, tuple[Callable[[], object], dict[str, Any]]] = {
            "new_file": (lambda: put(body), {}),
            "one_changed_line": (lambda: put(changed), {}),
            "repeat": (lambda: None, {"force": True}),
            "deleted_file": (
                lambda: s3.delete_object(Bucket=settings.data_bucket, Key=new),
                {"allow_empty": True},
            ),
        }
        figures: dict[str, Any] = {}
        for name, (change, options) in steps.items():
            change()
            before, gets_before = _raw_reads.bytes, _raw_reads.gets
            started = datetime.now(UTC)
            result = transform(settings, [FIRST_DATE], **options)
            figures[name] = {
                "queries": result.queries,
                "bytes_scanned": result.bytes_scanned,
                "raw_bytes": _raw_reads.bytes - before,
                "raw_reads": (_raw_reads.bytes - before) / len(body),
                "gets_of_tables": _raw_reads.gets - gets_before,
                "rows_written": rows_written(athena, started),
            }
    return figures


def rows_written(athena: Any, since: datetime) -> dict[str, int]:
    """The rows that MERGEs have written since a time, by table."""
    written: Counter[str] = Counter()
    for page in athena.get_paginator("list_query_executions").paginate():
        for query in page["QueryExecutionIds"]:
            execution = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["SubmissionDateTime"] < since:
                return dict(written)
            if match := re.search(r'^merge into \S+"(\w+)" as target', execution["Query"], re.MULTILINE):
                answer = athena.get_query_results(QueryExecutionId=query)
                written[match[1]] += answer.get("UpdateCount", 0)
    return dict(written)


def summarise_changes(changes: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """The figures that have bars, for a date of one file and of many, as `queries_per_event_of_200_files`."""
    return {
        f"{name}{'' if files == 1 else f'_of_{files}_files'}": value
        for files, figures in changes.items()
        for name, value in {
            "queries_per_event": figures["new_file"]["queries"],
            "raw_reads_of_new_file": figures["new_file"]["raw_reads"],
            "raw_reads_of_changed_file": figures["one_changed_line"]["raw_reads"],
            "raw_bytes_of_deleted_file": figures["deleted_file"]["raw_bytes"],
            "rows_written_one_changed_line": sum(figures["one_changed_line"]["rows_written"].values()),
            "rows_written_repeat": sum(figures["repeat"]["rows_written"].values()),
        }.items()
    } | {"by_files": changes}


def measure(sandbox: Sandbox, snapshots: int, records: int) -> dict[str, Any]:
    """Measure one lake with that many snapshots: one event run cold and warm, and one plain dbt build."""
    environment = sandbox.create_lake(f"cost-{snapshots}", f"cost_{snapshots}")
    athena = sandbox.client("athena")
    with environment_of(environment):
        settings = Settings.from_environment()
        initialise(settings)
        dates = [FIRST_DATE + timedelta(days=day) for day in range(snapshots)]
        for one in dates:
            land(settings, one, records)
        transform(settings, dates)
        new_date = dates[-1] + timedelta(days=1)
        land(settings, new_date, records)
        event = run_event(athena, environment, new_date, sandbox.client("s3"))
        plain = run_plain_dbt(athena, environment, new_date)
    return {"event": event, "plain": plain}


def land(settings: Settings, snapshot_date: date, records: int) -> None:
    spec = Spec(snapshot_date, n=records, bad=records // 50, start_index=1, seed=snapshot_date.toordinal())
    generate(f"s3://{settings.data_bucket}", spec, chunk=records * 2, gzip=False)


def run_event(athena: Any, environment: dict[str, str], new_date: date, s3: Any) -> dict[str, Any]:
    folder = bronze_folder(new_date)
    key = s3.list_objects_v2(Bucket=environment["DATA_BUCKET"], Prefix=folder)["Contents"][0]["Key"]
    started = time.time()
    with tempfile.TemporaryDirectory() as temporary:
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, new_date.isoformat(), key],
            env=command_environment(os.environ, environment) | {"TMPDIR": temporary},
            cwd=PROJECT_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        output, _ = process.communicate()
    if process.returncode:
        raise SystemExit("the event run failed")
    child = json.loads(output)
    cold_wall = child["warm_started"] - started
    cold_engine = busy_seconds(athena, started, child["warm_started"])
    warm_wall = child["warm_ended"] - child["warm_started"]
    warm_engine = busy_seconds(athena, child["warm_started"], child["warm_ended"])
    return {
        "queries": child["cold"]["queries"],
        "bytes_scanned": child["cold"]["bytes_scanned"],
        "aws_calls_cold": child["cold_calls"],
        "aws_calls_warm": child["warm_calls"],
        "cold_seconds": cold_wall,
        "cold_engine_seconds": cold_engine,
        "cold_overhead_seconds": cold_wall - cold_engine,
        "warm_seconds": warm_wall,
        "warm_engine_seconds": warm_engine,
        "warm_overhead_seconds": warm_wall - warm_engine,
        "cold_cpu_seconds": child["cold_cpu"],
        "warm_cpu_seconds": child["warm_cpu"],
        "peak_rss_mb": child["peak_rss_mb"],
    }


def run_plain_dbt(athena: Any, environment: dict[str, str], new_date: date) -> dict[str, Any]:
    """Run `dbt build` of the nodes of an event run, as a user without the runner would call it."""
    variables = json.dumps({"snapshot_dates": [new_date.isoformat()]})
    with tempfile.TemporaryDirectory() as target:
        command = ["dbt", "build", "--select", *stage_tables.TABLES, "--exclude-resource-type", "unit_test"]
        command += ["--vars", variables, "--target-path", target, "--log-path", target, "--quiet"]
        cpu = children_cpu()
        started = time.time()
        subprocess.run(command, env=command_environment(os.environ, environment), cwd=PROJECT_DIR, check=True)
        ended = time.time()
    engine = busy_seconds(athena, started, ended)
    return {
        "seconds": ended - started,
        "engine_seconds": engine,
        "overhead_seconds": ended - started - engine,
        "cpu_seconds": children_cpu() - cpu,
    }


def busy_seconds(athena: Any, started: float, ended: float) -> float:
    """Seconds between two times in which at least one query was queued or running."""
    spans = sorted(_spans(athena, started, ended))
    busy, until = 0.0, started
    for begin, end in spans:
        busy += max(0.0, end - max(begin, until))
        until = max(until, end)
    return busy


def _spans(athena: Any, started: float, ended: float) -> Iterator[tuple[float, float]]:
    for page in athena.get_paginator("list_query_executions").paginate():
        if not page["QueryExecutionIds"]:
            return
        batch = athena.batch_get_query_execution(QueryExecutionIds=page["QueryExecutionIds"])
        for execution in batch["QueryExecutions"]:
            status = execution["Status"]
            begin: datetime = status["SubmissionDateTime"]
            end: datetime = status.get("CompletionDateTime") or begin
            if started <= begin.timestamp() <= ended:
                yield begin.timestamp(), end.timestamp()


def summarise(events: dict[int, dict[str, Any]], first: int, last: int) -> dict[str, Any]:
    low, high = events[first]["event"], events[last]["event"]
    return {
        f"bytes_ratio_{last}_to_{first}": high["bytes_scanned"] / low["bytes_scanned"],
        f"queries_ratio_{last}_to_{first}": high["queries"] / low["queries"],
        "overhead_ratio_cold": high["cold_overhead_seconds"] / events[last]["plain"]["overhead_seconds"],
        "overhead_ratio_warm": high["warm_overhead_seconds"] / events[last]["plain"]["overhead_seconds"],
        "cpu_ratio_cold": high["cold_cpu_seconds"] / events[last]["plain"]["cpu_seconds"],
        "peak_rss_mb": max(one["event"]["peak_rss_mb"] for one in events.values()),
        "by_snapshots": events,
    }


def show(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        if name not in ("by_snapshots", "by_files"):
            print(f"{name:28} {value:10.3f}")
    for files, steps in figures["by_files"].items():
        print(f"\na date of {files} files")
        for step, values in steps.items():
            print(f"  {step:18} {json.dumps(values)}")
    for size, parts in figures["by_snapshots"].items():
        print(f"\nafter {size} snapshots")
        for part, values in parts.items():
            for name, value in values.items():
                print(f"  {part:6} {name:24} {value:12.3f}")


@contextmanager
def environment_of(environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(before | environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
