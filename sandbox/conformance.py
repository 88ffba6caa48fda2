"""Runs the whole dbt project on Trino, then on DuckDB. Every table must be equal row for row.

Each engine gets its own lake with the same files: generated records, and the lines of the reject cases.
dbt builds and tests it, the files change, dbt builds again, and docs and exports are made. Then one file is
created, changed and deleted, and each run after such a change reads only this file. `run_ts` is left out of
the comparison. `make conformance` calls this.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import urllib3

from local_athena.server import EngineName
from local_athena.trino.install import TrinoUnavailableError
from runner import rules
from runner.aws.queries import executions_of
from runner.lake import parse_date, prefix, registry
from runner.settings import PROJECT_DIR
from runner.tables import stage_tables
from sandbox.local import BUCKET, Sandbox, exit_on_signals
from sandbox.statements import StatementFailed, run_statement

_CASES = PROJECT_DIR / "tests" / "cases"
_LINES, _RESENT, _DELETED, _ADDED = "2025-08-09", "2025-08-10", "2025-08-11", "2025-08-12"
#: The compared relations: every table, the view, and the raw lines.
_RELATIONS = (stage_tables.SOURCE, "stg_facilities", *stage_tables.TABLES)

Rows = list[tuple[str | None, ...]]


class ConformanceError(Exception):
    """The engines differ, or a step failed on one of them. The message names the engine."""


class EngineRun:
    """One engine's lake and its results."""

    def __init__(self, sandbox: Sandbox, engine: EngineName) -> None:
        self._sandbox = sandbox
        self._engine = engine
        self._s3 = sandbox.client("s3")
        self._athena = sandbox.client("athena")
        self._folders = {_RESENT, _DELETED, _ADDED, _LINES}

    def results(self) -> dict[str, Rows]:
        """Build twice over changing files, and return the sorted rows of every relation after each build."""
        self._medlaunch("init")
        self._put_cases()
        self._generate(_RESENT, 200, 40)
        self._generate(_DELETED, 100, 20)
        self._dbt("build", *self._dates())
        tables = self._tables("first build")
        self._change()
        self._dbt("build", *self._dates())
        self._dbt("docs", "generate")
        self._medlaunch("transform", "--all", "--force", "--allow-empty")
        tables.update(self._tables("second build"))
        for event in self._events():
            self._medlaunch("transform", "--snapshot-date", _RESENT)
            tables.update(self._tables(event))
        tables["exports"] = self._exports()
        return tables

    def verdict_differences(self) -> tuple[int, list[str]]:
        """The number of lines that the view judges, and the lines on which SQL and Python differ.

        Lines are compared by their bytes, so that lines that are not UTF-8 are compared too.
        """
        codes = [rule["code"] for rule in registry()["reject_rules"] if rule["code"] != rules.DUPLICATE]
        bad_dates = "coalesce(cardinality(filter(accreditations, a -> a.valid_until is null)), 0)"
        where = self._only_our_folders("stg_facilities")
        rows = self._query(
            f"select snapshot_folder, to_hex(to_utf8(line)), {bad_dates}, {', '.join(codes)} "
            f"from stg_facilities{where}"
        )
        differences = []
        for folder, line, bad_accreditations, *flags in rows:
            day, raw = parse_date(folder or ""), bytes.fromhex(line or "")
            assert day is not None
            failed = {code for code, flag in zip(codes, flags, strict=True) if flag == "true"}
            for stage in (1, 2, 3):
                by_sql = _stage_codes(stage, failed, int(bad_accreditations or 0))
                if by_sql != rules.reject_codes(raw, stage, day):
                    differences.append(f"stage {stage}: {raw[:200]!r}")
        return len(rows), differences

    def statements(self) -> tuple[int, list[str]]:
        """The number of statements that have run, and the reason of each failure."""
        pages = self._athena.get_paginator("list_query_executions").paginate()
        ids = [query for page in pages for query in page["QueryExecutionIds"]]
        ended: list[Any] = [execution.get("Status") for execution in executions_of(self._athena, ids)]
        return len(ended), [status["StateChangeReason"] for status in ended if status["State"] == "FAILED"]

    # files

    def _dates(self) -> list[str]:
        """The run's dates as literals. Without them Trino lists every folder that the projection allows."""
        return ["--vars", json.dumps({"snapshot_dates": sorted(self._folders)})]

    def _only_our_folders(self, relation: str) -> str:
        column = {"facility_lines": "snapshot_date", "stg_facilities": "snapshot_folder"}.get(relation)
        listed = ", ".join(f"'{folder}'" for folder in sorted(self._folders))
        return f" where {column} in ({listed})" if column else ""

    def _put_cases(self) -> None:
        """Put one file per date with the lines of the cases.

        The first line is empty, so that a BOM stays text.
        """
        files: dict[str, bytes] = {}
        for text in (_CASES / "reject_cases.jsonl").read_text("utf-8").split("\n"):
            if text:
                case = json.loads(text)
                raw = (
                    base64.b64decode(case["line_base64"]) if "line_base64" in case else case["line"].encode()
                )
                files[case["snapshot_date"]] = files.get(case["snapshot_date"], b"\n") + raw + b"\n"
        self._folders |= set(files)
        for folder, body in files.items():
            self._put(folder, "cases.jsonl", body)
        for index, text in enumerate((_CASES / "line_cases.jsonl").read_text("utf-8").split("\n")):
            if text:
                case = json.loads(text)
                encoded = case.get("content_base64")
                body = base64.b64decode(encoded) if encoded is not None else case["content"].encode()
                self._put(_LINES, f"lines-{index:03}.jsonl", body)

    def _put(self, folder: str, name: str, body: bytes) -> None:
        self._s3.put_object(Bucket=BUCKET, Key=f"{prefix('bronze')}/{folder}/{name}", Body=body)

    def _keys(self, folder: str) -> list[str]:
        listed = self._s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix('bronze')}/{folder}/")
        return [entry["Key"] for entry in listed.get("Contents", [])]

    def _generate(self, folder: str, good: int, bad: int) -> None:
        size = ["--n", str(good), "--bad", str(bad)]
        self._medlaunch("generate", "--snapshot", folder, *size, "--out", f"s3://{BUCKET}")

    def _change(self) -> None:
        """Replace a date by fewer lines, delete the files of a date, and add a new date."""
        for key in self._keys(_RESENT)[1:] + self._keys(_DELETED):
            self._s3.delete_object(Bucket=BUCKET, Key=key)
        self._put(_DELETED, "empty.jsonl", b"{}\n")
        self._generate(_ADDED, 50, 10)

    def _events(self) -> Iterator[str]:
        """Changes of one file.

        The run after each change reads only this file. Other files gain and lose duplicates.
        """
        first = self._keys(_RESENT)[0]
        lines = self._s3.get_object(Bucket=BUCKET, Key=first)["Body"].read().splitlines(keepends=True)
        self._put(_RESENT, "zz-again.jsonl", b"".join(lines[:30]))
        yield "new file"
        self._put(_RESENT, "zz-again.jsonl", b"".join(lines[20:40]))
        yield "changed file"
        self._s3.delete_object(Bucket=BUCKET, Key=f"{prefix('bronze')}/{_RESENT}/zz-again.jsonl")
        yield "deleted file"

    # commands and queries

    def _medlaunch(self, *arguments: str) -> None:
        self._run([sys.executable, "-m", "cli", *arguments])

    def _dbt(self, *arguments: str) -> None:
        self._run(["dbt", "--quiet", *arguments])

    def _run(self, command: list[str]) -> None:
        started = time.monotonic()
        code = self._sandbox.run(command)
        shown = " ".join(command[-4:])
        print(f"{self._engine}: {shown}: {time.monotonic() - started:.1f} s", flush=True)
        if code:
            raise ConformanceError(f"on {self._engine}, `{' '.join(command)}` ended with {code}")

    def _tables(self, when: str) -> dict[str, Rows]:
        tables = {}
        for relation in _RELATIONS:
            where = self._only_our_folders(relation)
            names = [name for name in self._columns(relation, where) if name != '"run_ts"']
            rows = self._query(f"select {', '.join(names)} from {relation}{where}")
            tables[f"{relation} after the {when}"] = sorted(rows, key=repr)
        return tables

    def _columns(self, relation: str, where: str) -> list[str]:
        result = self._execute(f"select * from {relation}{where} limit 0")
        metadata = self._athena.get_query_results(QueryExecutionId=result)["ResultSet"]["ResultSetMetadata"]
        return [f'"{column["Name"]}"' for column in metadata["ColumnInfo"]]

    def _query(self, sql: str) -> Rows:
        query = self._execute(sql)
        pages = self._athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
        rows = [
            tuple(value.get("VarCharValue") for value in row["Data"])
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        return rows[1:]

    def _execute(self, sql: str) -> str:
        try:
            return run_statement(self._athena, sql)
        except StatementFailed as error:
            raise ConformanceError(f"on {self._engine}, {error}") from error

    def _exports(self) -> Rows:
        """The lines of every export, without the column run_ts."""
        lines: list[tuple[str | None, ...]] = []
        for name in ("stage3_processed_exports", "stage3_rejects_exports"):
            listed = self._s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix(name))
            for entry in listed.get("Contents", []):
                body = self._s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read().decode()
                lines += [(name, line.rsplit(",", 1)[0]) for line in body.split("\n") if line]
        return sorted(lines, key=repr)


def _stage_codes(stage: int, failed: set[str], bad_accreditations: int) -> list[str]:
    """The codes of a line at a stage in the form of `rules.reject_codes`, from the view's columns."""
    codes = [code for code in rules.codes(stage) if code in failed]
    if stage != 2:
        return codes
    return [code for code in codes if code != "bad_valid_until"] or ["bad_valid_until"] * bad_accreditations


def compare(left: dict[str, Rows], right: dict[str, Rows]) -> list[str]:
    """The differences between the engines' results, one line per relation."""
    differences = []
    for name in left:
        if left[name] == right[name]:
            print(f"equal: {name} ({len(left[name])} rows)")
            continue
        missing = [row for row in left[name] if row not in right[name]]
        extra = [row for row in right[name] if row not in left[name]]
        differences.append(f"{name}: only on Trino {missing[:3]}; only on DuckDB {extra[:3]}")
    return differences


def results_on(engine: EngineName) -> dict[str, Rows]:
    """The rows of every relation after each build, on one engine, in its own lake.

    Raises:
        ConformanceError: a step or a statement failed, or a verdict of SQL differs from Python's.
        TrinoUnavailableError: Java or Trino is missing and cannot be installed.
    """
    with Sandbox(engine=engine) as sandbox:
        run = EngineRun(sandbox, engine)
        results = run.results()
        judged, differing = run.verdict_differences()
        if differing:
            raise ConformanceError(f"verdicts of SQL on {engine} and of Python differ: {differing[:5]}")
        print(f"equal: verdicts of SQL on {engine} and of Python ({judged} lines, three stages)")
        count, failures = run.statements()
        if failures:
            raise ConformanceError(f"statements that failed on {engine}: {failures[:5]}")
        print(f"{engine}: {count} statements, none failed", flush=True)
        # moto keeps its state for the whole process, and both lakes must have the same names.
        urllib3.request("POST", f"{sandbox.environment['AWS_ENDPOINT_URL']}/moto-api/reset")
        return results


def main() -> int:
    """Run the project on both engines. The exit code is 0 if nothing differs."""
    exit_on_signals()
    try:
        differences = compare(results_on("trino"), results_on("duckdb"))
    except (TrinoUnavailableError, ConformanceError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 1
    for difference in differences:
        print(f"DIFFERENT: {difference}", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
