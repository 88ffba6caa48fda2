"""Compares the verdicts of Python and of SQL on raw lines.

    python -m tests.cases.parity [--lines N] [--seed S] [--engine duckdb|trino]

judges odd lines in a separate lake, some thousands at a time, and prints those for which Python, Stage 2's quick way
and SQL differ. `make parity` runs it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from runner.lake import bronze_folder, registry
from runner.rules import DUPLICATE, reject_codes
from runner.stage2.judge import Judge, Window
from runner.stage2.lines import Lines, LongLine
from tests.cases.odd_lines import odd_lines

STAGES = (1, 2, 3)
_AT_A_TIME = 10_000


def sql_codes(query: Callable[[str], Any], date: str) -> dict[bytes, dict[int, list[str]]]:
    """The failing codes of each line of a date, by stage, from stg_facilities."""
    rules = [rule for rule in registry()["reject_rules"] if rule["code"] != DUPLICATE]
    rows = query(
        "select to_hex(to_utf8(line)) as line, "
        "coalesce(cardinality(filter(accreditations, a -> a.valid_until is null)), 0) as bad_dates, "
        f"{', '.join(rule['code'] for rule in rules)} "
        f"from stg_facilities where snapshot_folder = '{date}'"
    )
    return {
        bytes.fromhex(row["line"]): {stage: _codes(rules, row, stage) for stage in STAGES} for row in rows
    }


def _codes(rules: list[dict[str, Any]], row: dict[str, Any], stage: int) -> list[str]:
    codes = [rule["code"] for rule in rules if stage in rule["stages"] and row[rule["code"]]]
    if stage != 2:
        return codes
    of_the_line = [code for code in codes if code != "bad_valid_until"]
    return of_the_line or ["bad_valid_until"] * row["bad_dates"]


def python_codes(line: bytes, date: dt.date) -> dict[int, list[str]]:
    """The failing codes of a line, by stage, from the rules in Python."""
    return {stage: reject_codes(line, stage, date) for stage in STAGES}


def quick_codes(line: bytes, date: dt.date) -> Iterator[list[str]]:
    """The failing codes of a line in Stage 2, from each of its quick ways."""
    window = Window(date, 180)
    for block in (Lines(1, [line]), LongLine(1, bytearray(line))):
        verdicts = Judge(window, date).judge(block)
        yield [code for verdict in verdicts for reject in verdict.rejects for code in reject.codes]


def compare(count: int, seed: int, engine: str) -> int:
    """Print the lines with different verdicts, and return their number."""
    import pyathena
    from pyathena.cursor import DictCursor

    from runner.aws.invocation import Invocation
    from runner.dbt.dbt_run import run_dbt
    from runner.settings import Settings
    from sandbox.local import Sandbox

    date = dt.date(2025, 8, 10)
    differing = 0
    with Sandbox(engine=engine) as sandbox:
        environment = sandbox.create_lake("parity", "parity")
        os.environ |= environment
        settings = Settings.from_environment(environment)
        invocation = Invocation(settings, "parity")
        for command in (
            ["run-operation", "create_source_tables"],
            ["seed"],
            ["run", "--select", "stg_facilities"],
        ):
            run_dbt(settings, command, invocation, {})
        connection = pyathena.connect(
            s3_staging_dir="s3://parity/results/", schema_name="parity", work_group=settings.athena_workgroup
        )
        for part in range(-(-count // _AT_A_TIME)):
            lines = odd_lines(min(_AT_A_TIME, count - part * _AT_A_TIME), seed + part)
            sandbox.client("s3").put_object(
                Bucket="parity", Key=f"{bronze_folder(date)}lines.jsonl", Body=b"\n".join(lines)
            )
            found = sql_codes(
                lambda sql: connection.cursor(DictCursor).execute(sql).fetchall(), date.isoformat()
            )
            for line in lines:
                expected = python_codes(line, date)
                quick = [*quick_codes(line, date)]
                if found.get(line) != expected or quick != [expected[2]] * len(quick):
                    differing += 1
                    print(f"{line!r}\n  SQL {found.get(line)}\n  Python {expected}\n  quick {quick}")
            print(f"{part * _AT_A_TIME + len(lines)} lines, {differing} differ", file=sys.stderr)
    return differing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=["duckdb", "trino"], default="duckdb")
    arguments = parser.parse_args()
    sys.exit(1 if compare(arguments.lines, arguments.seed, arguments.engine) else 0)


if __name__ == "__main__":
    main()
