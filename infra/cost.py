"""What a deployment costs per month: `python -m infra.cost` prints the table in docs/cost.md.

Prices are list prices of us-east-1 (AWS's price pages), without free tiers. Queries, bytes and calls of a
run are those that benchmarks/event_cost.py measured, billed by Athena's and S3's rules. Times on AWS are
assumed: no run has been measured there.
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
    "SQS, per million requests": 0.40,
    "KMS key, per month": 1.00,
    "KMS, per ten thousand requests": 0.03,
    "CloudWatch alarm, per month": 0.10,
    "CloudWatch dashboard, per month": 3.00,
    "CloudWatch custom metric, per month": 0.30,
    "CloudWatch Logs, per GB ingested": 0.50,
    "ECR storage, per GB and month": 0.10,
}

#: Athena bills each query that scans anything for this much at least.
ATHENA_LEAST_BYTES = 10 * MB

#: Measured: a file of 1,000 records.
FILE_BYTES = 536_247
#: Measured with `python benchmarks/scanned_bytes.py --files 20,60`: the bytes that each query of a run scans
#: for each byte of the date's raw files, and for each byte of the new ones.
SCANNED = (
    # The MERGEs: judged lines, Stage 1, Stage 3, Stage 1's rejects, Stage 3's rejects; the data tests.
    *((0.0, 1.012), (0.0675, 0.131), (0.0150, 0.004), (0.0154, 0.472), (0.0158, 0.472), (0.0930, 0.714)),
    # In which files the rejects change (twice), the counts, their export, the export of the rejects.
    *((0.0160, 0.0), (0.0165, 0.0), (0.0, 0.005), (0.0, 0.003), (0.0033, 0.007)),
)
#: Measured there: the bytes of an export of rejects for each byte of the date's raw files.
REJECTS_EXPORT = 0.0208
#: Days that a run's three copies of it stay: Athena's result file (`query_results_days`), and the export and
#: the published one, until the second night; each a day longer as a noncurrent version.
REJECTS_DAYS = (7 + 1) + 2 * (1.5 + 1)
#: Measured: AWS calls of a run in a new process.
CALLS_PER_RUN = 196
#: States that an execution enters.
TRANSITIONS_PER_RUN = 8

#: Assumed. Most of it is Athena's queue, for which the function waits.
SECONDS_PER_RUN = 60.0
STAGE2_SECONDS_PER_GB = 30.0
LOG_BYTES_PER_RUN = 40_000
#: Assumed. Hourly OPTIMIZE leaves some 30 small files a table on average; a query reads a few parts of each.
GETS_PER_RUN = 11 * 30 * 4

#: As deployed.
TRANSFORM_GB, STAGE2_GB = 2.0, 1.73
ALARMS, CUSTOM_METRICS, KEYS, IMAGE_GB = 8, 12, 2, 0.7


@dataclass(frozen=True, slots=True)
class Month:
    """A month's bill in US dollars.

    Attributes:
        files_a_day: files that land, evenly over the day, all in that day's folder.
        batch_window_seconds: how long events are gathered.
        runs_a_day: dbt runs that they cause: one each, but at most one per batch window and per run's time.
        athena, functions, storage, fixed, other: dollars.
    """

    files_a_day: int
    batch_window_seconds: int
    runs_a_day: float
    athena: float
    functions: float
    storage: float
    fixed: float
    other: float

    @property
    def total(self) -> float:
        return self.athena + self.functions + self.storage + self.fixed + self.other


def month(files_a_day: int, batch_window_seconds: int = 60) -> Month:
    """The bill of the first month at so many files a day."""
    runs = min(files_a_day, 86_400 / max(batch_window_seconds, SECONDS_PER_RUN))
    folder_bytes = files_a_day * FILE_BYTES / 2  # on average over the day
    new_bytes = files_a_day * FILE_BYTES / runs
    by_query = [of_date * folder_bytes + of_new * new_bytes for of_date, of_new in SCANNED]
    rejects_gb = runs * REJECTS_DAYS * REJECTS_EXPORT * folder_bytes / GB
    scanned = sum(max(ATHENA_LEAST_BYTES, bytes_read) for bytes_read in by_query)
    lake_gb = files_a_day * FILE_BYTES * DAYS / GB
    monthly_runs = runs * DAYS
    return Month(
        files_a_day=files_a_day,
        batch_window_seconds=batch_window_seconds,
        runs_a_day=runs,
        athena=monthly_runs * scanned / TB * PRICES["Athena, per TB scanned"],
        functions=_functions(monthly_runs, lake_gb),
        # Raw files, tables of about the same size, and versions that have not expired yet.
        storage=(3 * lake_gb / 2 + rejects_gb) * PRICES["S3 storage, per GB and month"],
        fixed=_fixed(),
        other=_other(files_a_day * DAYS, monthly_runs),
    )


def _functions(runs: float, lake_gb: float) -> float:
    gb_second = PRICES["Lambda on arm64, per GB-second"]
    transform = runs * SECONDS_PER_RUN * TRANSFORM_GB * gb_second
    # Stage 2 reads all snapshots every day; the lake grows from nothing to a month's files.
    stage2 = DAYS * lake_gb / 2 * STAGE2_SECONDS_PER_GB * STAGE2_GB * gb_second
    transitions = (
        runs * TRANSITIONS_PER_RUN / 1e6 * PRICES["Step Functions Standard, per million transitions"]
    )
    return transform + stage2 + transitions + 3 * runs / 1e6 * PRICES["Lambda, per million requests"]


def _fixed() -> float:
    return (
        KEYS * PRICES["KMS key, per month"]
        + ALARMS * PRICES["CloudWatch alarm, per month"]
        + PRICES["CloudWatch dashboard, per month"]
        + CUSTOM_METRICS * PRICES["CloudWatch custom metric, per month"]
        + IMAGE_GB * PRICES["ECR storage, per GB and month"]
    )


def _other(files: float, runs: float) -> float:
    # As if every call of a run were one of the most expensive S3 calls.
    calls = files + runs * CALLS_PER_RUN
    return (
        calls / 1000 * PRICES["S3 PUT, COPY, LIST, per thousand"]
        + runs * GETS_PER_RUN / 1000 * PRICES["S3 GET, per thousand"]
        + 4 * files / 1e6 * PRICES["SQS, per million requests"]
        # With bucket keys only about one in a hundred objects causes a request.
        + calls / 100 / 1e4 * PRICES["KMS, per ten thousand requests"]
        + runs * LOG_BYTES_PER_RUN / GB * PRICES["CloudWatch Logs, per GB ingested"]
    )


def table() -> str:
    """The bills as Markdown."""
    lines = [
        "| files a day | batch window | runs a day | Athena | functions | storage | fixed | other | total |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for files, window in ((1, 60), (100, 60), (10_000, 60), (10_000, 300)):
        bill = month(files, window)
        parts = (bill.athena, bill.functions, bill.storage, bill.fixed, bill.other, bill.total)
        cells = " | ".join(f"${part:,.2f}" for part in parts)
        lines.append(f"| {files:,} | {window} s | {bill.runs_a_day:,.0f} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
