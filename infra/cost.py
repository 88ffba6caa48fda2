"""Computes the monthly cost of a deployment. `python -m infra.cost` prints the table in docs/cost.md.

Prices are list prices of us-east-1 (AWS's price pages), without free tiers. benchmarks/event_cost.py measured
the queries and bytes of a run, and Athena's rules give their price. tests/infra/test_cost.py compares the
values marked "as deployed" with the synthesised templates. tests/infra/test_rights_used.py compares the
requests with the requests of real runs. Times on AWS are assumed, because no run has been measured there.
"""

from __future__ import annotations

from dataclasses import dataclass

DAYS = 30.4
MB, GB, TB = 10**6, 10**9, 10**12

#: US dollars.
PRICES = {
    "Athena, per TB scanned": 5.00,
    "Lambda on arm64, per GB-second": 0.0000133334,
    "Lambda, per million requests": 0.20,
    "Step Functions Standard, per million transitions": 25.00,
    "S3 storage, per GB and month": 0.023,
    "S3 PUT, COPY, LIST, per thousand": 0.005,
    "S3 GET, per thousand": 0.0004,
    "Glue Data Catalog, per million requests": 1.00,
    "SQS, per million requests": 0.40,
    "KMS key, per month": 1.00,
    "KMS, per ten thousand requests": 0.03,
    "CloudWatch alarm, per metric and month": 0.10,
    "CloudWatch dashboard, per month": 3.00,
    "CloudWatch custom metric, per month": 0.30,
    "CloudWatch Logs, per GB ingested": 0.50,
    "CloudWatch Logs, per GB and month": 0.03,
    # EventBridge charges for S3's events.
    "EventBridge, per million events of S3": 1.00,
    "X-Ray, per million traces": 5.00,
    "ECR storage, per GB and month": 0.10,
}

#: The least that Athena bills for a query that scans any data.
ATHENA_LEAST_BYTES = 10 * MB

#: Measured: a file of 1,000 records.
FILE_BYTES = 536_247
#: Measured with `python benchmarks/scanned_bytes.py --files 20,60`: the bytes that each query of a run scans
#: per byte of the date's raw files, and per byte of the new files.
SCANNED = (
    # The MERGEs: judged lines, Stage 1, Stage 3, Stage 1's rejects, Stage 3's rejects; the data tests.
    *((0.0, 1.012), (0.0675, 0.130), (0.0150, 0.004), (0.0150, 0.485), (0.0155, 0.483), (0.0587, 0.269)),
    # In which files the rejects change (twice), the counts, their export, the export of the rejects.
    *((0.0160, 0.0), (0.0165, 0.0), (0.0, 0.005), (0.0, 0.003), (0.0032, 0.007)),
)
#: Measured with the same benchmark: the bytes of an export of rejects per byte of the date's raw files.
REJECTS_EXPORT = 0.0208
#: As deployed: the days that Athena's result files stay, and that a replaced or deleted object stays as a
#: noncurrent version.
QUERY_RESULTS_DAYS, NONCURRENT_DAYS = 7, 1
#: The days that a run's three copies of this export are kept: Athena's result file, and the export and its
#: published copy, which stay until the second night.
REJECTS_DAYS = (QUERY_RESULTS_DAYS + NONCURRENT_DAYS) + 2 * (1.5 + NONCURRENT_DAYS)
#: The requests of a run to S3, including its queries' requests, and to the Glue catalog. They were measured
#: in the sandbox on small tables (60, 90 to 114, 77; more if a run waits) and rounded up. The first number is
#: billed as PUT (also COPY and LIST), the second as GET (also HEAD). Deletions are free.
PUTS_PER_RUN, GETS_PER_RUN, CATALOG_REQUESTS_PER_RUN = 80, 150, 100
#: Assumed. Hourly OPTIMIZE leaves some 30 small files a table on average; a query reads a few parts of each.
#: Measured on Trino (`benchmarks/event_cost.py --engine trino`): 14 to 26 a run over tables of few files.
GETS_OF_QUERIES = 11 * 30 * 4
#: The number of states that an execution enters.
TRANSITIONS_PER_RUN = 10
#: The traces of transform, publish, report, dispatch, and the execution itself.
TRACES_PER_RUN = 5

#: Assumed. Most of this time the function waits for Athena's queue.
SECONDS_PER_RUN = 60.0
STAGE2_SECONDS_PER_GB = 30.0
PUBLISH_SECONDS, REPORT_SECONDS, DISPATCH_SECONDS, MAINTAIN_SECONDS = 3.0, 3.0, 1.0, 120.0
#: Assumed: the log lines of the functions and of the state machine, which repeats the execution's data at
#: each state.
LOG_BYTES_PER_RUN = 20_000 + TRANSITIONS_PER_RUN * 2 * 2_000
#: Assumed: an access log has one line per request.
ACCESS_LOG_BYTES = 600
#: With bucket keys S3 asks KMS for about one request in a hundred.
REQUESTS_PER_KMS_CALL = 100

#: As deployed.
TRANSFORM_GB, STAGE2_GB, MAINTAIN_GB, SMALL_GB = 2.0, 3.455, 2.0, 0.5
ALARM_METRICS, CUSTOM_METRICS, KEYS = 31, 20, 2
MAINTENANCE_A_DAY, MAINTAINED_TABLES = 25, 5
#: Assumed: each version that is kept also keeps the image of its deployment.
IMAGE_GB, IMAGES = 0.7, 5
#: Lambda polls an SQS queue with five pollers, each for up to 20 seconds, even if the queue is empty:
#: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
SQS_POLLS_A_DAY = 5 * 86_400 / 20


@dataclass(frozen=True, slots=True)
class Month:
    """A month's bill in US dollars.

    Attributes:
        files_a_day: files that land per day, evenly over the day, all in that day's folder.
        batch_window_seconds: how long events are gathered.
        runs_a_day: the dbt runs for these files: one per file, but at most one per batch window and run
            duration.
        athena: the scans of the runs' queries.
        functions: Lambda and the state machine.
        upkeep: maintenance of the tables by Athena and Lambda.
        storage: the lake and its access logs.
        requests: S3, KMS and the Glue catalog.
        messages: events, queue, logs and traces.
        fixed: costs without any file: keys, alarms, dashboard, metrics, images, the idle queue.
    """

    files_a_day: int
    batch_window_seconds: int
    runs_a_day: float
    athena: float
    functions: float
    storage: float
    upkeep: float
    requests: float
    messages: float
    fixed: float

    @property
    def total(self) -> float:
        parts = (self.athena, self.functions, self.storage, self.upkeep, self.requests, self.messages)
        return sum(parts) + self.fixed


def month(files_a_day: int, batch_window_seconds: int = 60) -> Month:
    """The bill of the first month with this many files a day."""
    runs = min(files_a_day, 86_400 / max(batch_window_seconds, SECONDS_PER_RUN))
    folder_bytes = files_a_day * FILE_BYTES / 2  # on average over the day
    new_bytes = files_a_day * FILE_BYTES / runs
    by_query = [of_date * folder_bytes + of_new * new_bytes for of_date, of_new in SCANNED]
    rejects_gb = runs * REJECTS_DAYS * REJECTS_EXPORT * folder_bytes / GB
    scanned = sum(max(ATHENA_LEAST_BYTES, bytes_read) for bytes_read in by_query)
    lake_gb = files_a_day * FILE_BYTES * DAYS / GB
    monthly_runs, monthly_files = runs * DAYS, files_a_day * DAYS
    puts, gets = _requests(monthly_files, monthly_runs)
    catalog = monthly_runs * CATALOG_REQUESTS_PER_RUN
    return Month(
        files_a_day=files_a_day,
        batch_window_seconds=batch_window_seconds,
        runs_a_day=runs,
        athena=monthly_runs * scanned / TB * PRICES["Athena, per TB scanned"],
        functions=_functions(monthly_runs, lake_gb),
        storage=_storage(lake_gb, rejects_gb, puts + gets),
        upkeep=_upkeep(folder_bytes),
        requests=(
            puts / 1000 * PRICES["S3 PUT, COPY, LIST, per thousand"]
            + gets / 1000 * PRICES["S3 GET, per thousand"]
            + (puts + gets) / REQUESTS_PER_KMS_CALL / 1e4 * PRICES["KMS, per ten thousand requests"]
            + catalog / 1e6 * PRICES["Glue Data Catalog, per million requests"]
        ),
        messages=_messages(monthly_files, monthly_runs, puts),
        fixed=_fixed(),
    )


def _requests(files: float, runs: float) -> tuple[float, float]:
    """The PUTs and GETs of a month: files that land, runs, their queries, and Stage 2."""
    puts = files + runs * PUTS_PER_RUN
    # Stage 2 reads all snapshots every day, and the lake grows from nothing to a month's files.
    gets = runs * (GETS_PER_RUN + GETS_OF_QUERIES) + DAYS * files / 2
    return puts, gets


def _storage(lake_gb: float, rejects_gb: float, requests: float) -> float:
    # The lake has the raw files, tables of about the same size, and versions that have not expired yet. The
    # average over the month is half of the size at its end. The same is true for the access logs.
    stored_gb = (3 * lake_gb + requests * ACCESS_LOG_BYTES / GB) / 2 + rejects_gb
    return stored_gb * PRICES["S3 storage, per GB and month"]


def _upkeep(folder_bytes: float) -> float:
    """OPTIMIZE and VACUUM. Assumed: together they read as much of a date's tables as the queries of a run."""
    scanned = max(MAINTAINED_TABLES * ATHENA_LEAST_BYTES, sum(share for share, _ in SCANNED) * folder_bytes)
    once = (
        scanned / TB * PRICES["Athena, per TB scanned"]
        + MAINTAIN_SECONDS * MAINTAIN_GB * PRICES["Lambda on arm64, per GB-second"]
    )
    return DAYS * MAINTENANCE_A_DAY * once


def _functions(runs: float, lake_gb: float) -> float:
    gb_seconds = (
        runs * SECONDS_PER_RUN * TRANSFORM_GB
        + runs * (PUBLISH_SECONDS + REPORT_SECONDS + DISPATCH_SECONDS) * SMALL_GB
        + DAYS * lake_gb / 2 * STAGE2_SECONDS_PER_GB * STAGE2_GB
    )
    transitions = runs * TRANSITIONS_PER_RUN
    return (
        gb_seconds * PRICES["Lambda on arm64, per GB-second"]
        + (4 * runs + DAYS * (MAINTENANCE_A_DAY + 1)) / 1e6 * PRICES["Lambda, per million requests"]
        + transitions / 1e6 * PRICES["Step Functions Standard, per million transitions"]
    )


def _messages(files: float, runs: float, puts: float) -> float:
    logs = runs * LOG_BYTES_PER_RUN / GB
    return (
        # S3 sends an event for each object of the bucket, even if the rule does not select it.
        puts / 1e6 * PRICES["EventBridge, per million events of S3"]
        # Each message is sent, received and deleted, in requests of at most 64 kB.
        + 3 * files / 1e6 * PRICES["SQS, per million requests"]
        + logs * (PRICES["CloudWatch Logs, per GB ingested"] + PRICES["CloudWatch Logs, per GB and month"])
        + runs * TRACES_PER_RUN / 1e6 * PRICES["X-Ray, per million traces"]
    )


def _fixed() -> float:
    return (
        KEYS * PRICES["KMS key, per month"]
        + ALARM_METRICS * PRICES["CloudWatch alarm, per metric and month"]
        + PRICES["CloudWatch dashboard, per month"]
        + CUSTOM_METRICS * PRICES["CloudWatch custom metric, per month"]
        + IMAGE_GB * IMAGES * PRICES["ECR storage, per GB and month"]
        + SQS_POLLS_A_DAY * DAYS / 1e6 * PRICES["SQS, per million requests"]
    )


def table() -> str:
    """The bills as Markdown."""
    names = ("Athena", "functions", "storage", "upkeep", "requests", "messages", "fixed", "total")
    lines = [
        f"| files a day | batch window | runs a day | {' | '.join(names)} |",
        "| ---: " * (3 + len(names)) + "|",
    ]
    for files, window in ((1, 60), (100, 60), (10_000, 60), (10_000, 300)):
        bill = month(files, window)
        cells = " | ".join(f"${getattr(bill, name.lower()):,.2f}" for name in names)
        lines.append(f"| {files:,} | {window} s | {bill.runs_a_day:,.0f} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
