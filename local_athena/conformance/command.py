"""Implements `local-athena conformance`, which runs all statements with known answers on an endpoint."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local_athena.conformance.cases import Case, measured, recorded
from local_athena.conformance.comparing import Endpoint, Outcome, Verdict


def main(arguments: list[str]) -> int:
    """Compare an endpoint with the known answers and print the counts.

    Args:
        arguments: the arguments after `local-athena conformance`.

    Returns:
        The exit code: 0 if no answer differs, 1 if one differs or the endpoint cannot be reached. Invalid usage exits
        with 2.
    """
    options = _parser().parse_args(arguments)
    cases: list[Case] = list(measured())
    if options.against == "all":
        cases += recorded()
    client: Any = boto3.client("athena", endpoint_url=options.endpoint, region_name=options.region)
    endpoint = Endpoint(client, options.output, options.database, options.work_group)
    try:
        verdicts = list(endpoint.compare(cases))
    except (BotoCoreError, ClientError) as error:
        print(f"local-athena: {options.endpoint or 'AWS'} does not answer: {error}", file=sys.stderr)
        return 1
    print("\n".join(summary(verdicts)))
    if options.differences is not None:
        write_differences(options.differences, verdicts)
    return int(any(verdict.outcome is Outcome.DIFFERENT for verdict in verdicts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-athena conformance",
        description="Run statements on any endpoint with Athena's API, and compare its answers with the known answers "
        "of Athena and Trino.",
    )
    parser.add_argument("--endpoint", metavar="URL", help="the endpoint's address (default: AWS)")
    parser.add_argument(
        "--output",
        default="",
        metavar="S3",
        help="the folder for results, as s3://bucket/folder/; not needed if the workgroup has one",
    )
    parser.add_argument("--database", default="default", help="a database that exists (default: %(default)s)")
    parser.add_argument(
        "--work-group", default="primary", help="the workgroup of the statements (default: %(default)s)"
    )
    parser.add_argument("--region", default="us-east-1", help="the endpoint's region (default: %(default)s)")
    parser.add_argument(
        "--against",
        choices=("all", "measured"),
        default="all",
        help="compare with all known answers (default), or only with those measured on Athena",
    )
    parser.add_argument(
        "--differences",
        type=Path,
        metavar="FILE",
        help="write one line of JSON for each statement whose answer is not equal",
    )
    return parser


def summary(verdicts: Iterable[Verdict]) -> list[str]:
    """The lines of a table that counts the outcomes by oracle and topic."""
    counts: dict[tuple[str, str], Counter[Outcome]] = {}
    for verdict in verdicts:
        counts.setdefault((verdict.case.oracle, verdict.case.topic), Counter())[verdict.outcome] += 1
    heading = ["oracle", "topic", *(outcome.value for outcome in Outcome)]
    rows = [
        heading,
        *(
            [oracle, topic, *(str(found[each]) for each in Outcome)]
            for (oracle, topic), found in counts.items()
        ),
    ]
    widths = [max(len(row[index]) for row in rows) for index in range(len(heading))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def write_differences(path: Path, verdicts: Iterable[Verdict]) -> None:
    """Write one line of JSON for each statement whose answer is not equal.

    Args:
        path: the file to write.
        verdicts: the verdicts of all statements. Those that are equal or fail with the same code are skipped.
    """
    with path.open("w", encoding="utf-8") as file:
        for verdict in verdicts:
            if verdict.outcome in (Outcome.EQUAL, Outcome.SAME_FAILURE):
                continue
            case = verdict.case
            known = case.error or case.refused or [list(case.types), [list(row) for row in case.rows]]
            line = {"oracle": case.oracle, "topic": case.topic, "outcome": verdict.outcome.value, "sql": case.sql,
                    "known": known, "got": verdict.got}  # fmt: skip
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
