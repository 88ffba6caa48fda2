"""Runs EXPLAIN: it checks the statement without reading tables, and shows which tables and columns it would read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

from local_athena.compiler.plans import ScanPlan
from local_athena.duckdb_engine.context import StatementContext
from local_athena.errors import Refused
from local_athena.sql.explain import Explain, plan_outcome, valid_outcome
from local_athena.sql.kinds import kind_of
from local_athena.sql.statements import Outcome
from local_athena.tables.iceberg import Scan
from local_athena.values.columns import Column

_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE_TABLE_AS_SELECT")
_WAY_OUT = "only Trino has such a plan; the engine `trino` shows it"


class _PlannedError(Exception):
    """Ends a checked statement at the point where it would read its tables.

    Attributes:
        scans: the tables that it would read.
    """

    def __init__(self, scans: Sequence[ScanPlan]) -> None:
        super().__init__()
        self.scans = scans


class _PlanningContext(StatementContext):
    """Ends a statement at the point where it would read its tables. No statement writes before that point."""

    def load(self, scans: Sequence[ScanPlan]) -> dict[ScanPlan, Scan]:
        raise _PlannedError(scans)


def explain(
    tree: Explain,
    context: StatementContext,
    runners: Mapping[str, Callable[[Any, StatementContext], Outcome]],
) -> Outcome:
    """Run an EXPLAIN.

    Args:
        tree: the EXPLAIN.
        context: its context.
        runners: the function that runs each kind of statement.

    Raises:
        QueryFailed: the explained statement is wrong.
        Refused: local Athena cannot explain this kind of statement, or not in this format.
    """
    kind = kind_of(tree.args["sql"]).name
    if kind not in _EXPLAINED:
        raise Refused(f"EXPLAIN of {kind.replace('_', ' ')}")
    if tree.args["type"] == "IO":
        raise Refused(f"EXPLAIN (TYPE IO): {_WAY_OUT}")
    if tree.args["format"] != "TEXT":
        raise Refused(f"EXPLAIN (FORMAT {tree.args['format']}): {_WAY_OUT}")
    if any(node.args.get("no") for node in tree.this.find_all(exp.WithDataProperty)):
        raise Refused("EXPLAIN of CREATE TABLE AS ... WITH NO DATA")
    if tree.args["analyze"]:
        return _analyze(tree, kind, context)
    columns = context.compile(tree.this).columns if kind == "SELECT" else ()
    planning = _PlanningContext(
        context.statement, context.session, context.control, context.catalog, context.store, context.hive,
        context.iceberg,
    )  # fmt: skip
    scans: Sequence[ScanPlan] = ()
    try:
        runners[kind](tree.this, planning)
    except _PlannedError as planned:
        scans = planned.scans
    if tree.args["type"] == "VALIDATE":
        return valid_outcome()
    return plan_outcome(_text(kind, columns, scans, []))


def _analyze(tree: Explain, kind: str, context: StatementContext) -> Outcome:
    """Run an EXPLAIN ANALYZE: run the query, count its rows, and discard them."""
    if kind != "SELECT":
        raise Refused(f"EXPLAIN ANALYZE of {kind.replace('_', ' ')}")
    compiled = context.compile(tree.this)
    rows = context.rows(compiled)
    counts = [f"    Output: {rows.num_rows} rows", f"    Input: {context.scanned_bytes} bytes"]
    plan = _text(kind, compiled.columns, compiled.scans, counts)
    return plan_outcome(plan, scanned_bytes=context.scanned_bytes)


def _text(kind: str, columns: Sequence[Column], scans: Sequence[ScanPlan], counts: list[str]) -> str:
    """The text of the plan. Like Trino's plans, it ends with an empty line."""
    shown = ", ".join(f"{column.name}:{column.type}" for column in columns)
    head = kind.replace("_", " ") + (f"[{shown}]" if columns else "")
    lines = ["Plan of local Athena: Athena's own plan differs", head, *counts]
    for scan in scans:
        lines += _scan_lines(scan)
    return "\n".join(lines) + "\n\n"


def _scan_lines(scan: ScanPlan) -> Iterator[str]:
    assert scan.source is not None
    yield f"    TableScan[table = awsdatacatalog.{scan.source.database}.{scan.source.name}]"
    named = [name for name in {**scan.used, **scan.kept} if not name.startswith("$")]
    yield f"        columns: {', '.join(named) or 'none'}"
    for reading in scan.readings:
        for column in reading.where:
            yield f"        limited by: {column}"
