"""Simulates Athena and its Iceberg tables in memory: statements take time, read when they start and commit when they
end.

A statement of the dbt stand-in states in a comment (`simulated`) what it does. The runner's own statements are
recognised by their text.
A commit works as in Iceberg: the new metadata is written beside the old, and Glue's entry is switched if it is still
the one that the statement read. If other dates have changed meanwhile, the change is added to them. If the same dates
have changed, the commit fails.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.simulator import lake_model
from tests.simulator.cloud import Answer, Call, ServiceError
from tests.simulator.lake_model import STAGE1, STAGE1_REJECTS, STAGE3, STAGE3_REJECTS, STAGED, Rows

if TYPE_CHECKING:
    from tests.simulator.world import World

#: The comment in which a statement of the dbt stand-in states what it does.
_SIMULATED = re.compile(r"^-- simulated: (\{.*\})$", re.MULTILINE)
_DATES = re.compile(r"'(\d{4}-\d{2}-\d{2})'")
#: The faults of a statement: it fails; it fails although it has committed; it takes minutes; it commits
#: although it was stopped; Iceberg refuses its commit. A CREATE TABLE that fails leaves files behind.
QUERY_KINDS = ("fails", "commits_unknown", "takes_minutes", "survives_stop", "conflicts")
_SECONDS = (0.0, 0.0, 0.0, 0.2, 1.5)
_MINUTES = 150.0

Table = dict[date, Rows]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table's content: rows by date. For the staged table, the lines of each file by key."""

    rows: Table
    parent: str
    changed: frozenset[date]


@dataclass
class Query:
    """A query execution."""

    id: str
    sql: str
    output: str
    submitted: float
    fate: str = ""
    state: str = "QUEUED"
    reason: str = ""
    completed: float | None = None
    columns: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    scanned: int = 0
    commit: Callable[[], None] | None = None

    @property
    def ended(self) -> bool:
        return self.state in ("SUCCEEDED", "FAILED", "CANCELLED")


class QueryFails(Exception):
    """The reason for which a query fails."""


class Athena:
    """The queries of one workgroup, and the contents of the tables."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = itertools.count(1)
        self.queries: dict[str, Query] = {}
        self.snapshots: dict[str, Snapshot] = {}
        #: If this is false, a commit is added to whatever was committed meanwhile, as faulty engines do.
        self.detects_conflicts = True
        #: The fault of the next statement that a process starts.
        self.fates: dict[str, list[str]] = {}

    def handle(self, call: Call) -> Answer:
        serve = getattr(self, f"_{call.operation.lower()}", None)
        if serve is None:
            raise NotImplementedError(f"Athena {call.operation}")
        return Answer(json.dumps(serve(call)).encode())

    def table(self, name: str) -> Table:
        """The current rows of a table, by date."""
        found = self._world.glue.tables.get(name)
        return self.snapshots[found["Parameters"]["metadata_location"]].rows if found else {}

    def create(self, name: str, rows: Table, location: str) -> None:
        """A new table, whose files have been written.

        Args:
            name: the table.
            rows: what it holds.
            location: its folder, without a slash at its end.
        """
        if name in self._world.glue.tables:
            raise QueryFails(f"Table {name} already exists")
        self.snapshots[f"{location}/metadata/0.json"] = Snapshot(rows, "", frozenset(rows))
        self._world.glue.put(
            name,
            {
                "StorageDescriptor": {"Location": location},
                "Parameters": {"table_type": "ICEBERG", "metadata_location": f"{location}/metadata/0.json"},
            },
        )

    def _startqueryexecution(self, call: Call) -> Any:
        given, number = call.input, next(self._numbers)
        output = given.get("ResultConfiguration", {}).get("OutputLocation", "s3://lake/results/")
        query = Query(f"q-{number}", given["QueryString"], output, self._world.scheduler.now)
        waiting = self.fates.get(call.by, [])
        query.fate = waiting.pop(0) if waiting else ""
        self.queries[query.id] = query
        scheduler, choice = self._world.scheduler, self._world.random.choice
        starts = scheduler.now + choice((0.0, 0.0, 0.0, 1.0))
        takes = _MINUTES if query.fate in ("takes_minutes", "survives_stop") else choice(_SECONDS)
        if starts > scheduler.now:
            scheduler.at(starts, lambda: self._start(query, takes))
        else:
            self._start(query, takes)
        return {"QueryExecutionId": query.id}

    def _getqueryexecution(self, call: Call) -> Any:
        return {"QueryExecution": self._described(self._found(call.input["QueryExecutionId"]))}

    def _batchgetqueryexecution(self, call: Call) -> Any:
        return {
            "QueryExecutions": [self._described(self._found(one)) for one in call.input["QueryExecutionIds"]]
        }

    def _getqueryresults(self, call: Call) -> Any:
        query = self._found(call.input["QueryExecutionId"])
        if query.state != "SUCCEEDED":
            raise ServiceError("InvalidRequestException", f"query is {query.state}")
        rows = [query.columns, *query.rows] if query.columns else []
        data = [{"Data": [{"VarCharValue": value} for value in row]} for row in rows]
        return {"ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": []}}}

    def _listqueryexecutions(self, call: Call) -> Any:
        return {"QueryExecutionIds": list(self.queries)[:-51:-1]}

    def _stopqueryexecution(self, call: Call) -> Any:
        query = self._found(call.input["QueryExecutionId"])
        if query.ended:
            return {}
        query.state, query.completed = "CANCELLED", self._world.scheduler.now
        if query.fate != "survives_stop":
            query.commit = None
        return {}

    def _found(self, query_id: str) -> Query:
        if query_id not in self.queries:
            raise ServiceError("InvalidRequestException", f"no query {query_id}")
        return self.queries[query_id]

    def _described(self, query: Query) -> dict[str, Any]:
        status: dict[str, Any] = {"State": query.state, "SubmissionDateTime": query.submitted}
        if query.reason:
            status["StateChangeReason"] = query.reason
        if query.state == "FAILED" and query.fate in ("fails", "commits_unknown"):
            status["AthenaError"] = {"ErrorCategory": 1, "ErrorType": 233, "Retryable": True}
        output = query.output if query.output.endswith(".csv") else f"{query.output}{query.id}.csv"
        return {
            "QueryExecutionId": query.id,
            "Query": query.sql,
            "ResultConfiguration": {"OutputLocation": output},
            "Status": status,
            "Statistics": {"DataScannedInBytes": query.scanned, "TotalExecutionTimeInMillis": 1},
        }

    def _start(self, query: Query, takes: float) -> None:
        if query.ended:
            return
        query.state = "RUNNING"
        try:
            self._run(query)
        except QueryFails as failure:
            query.state, query.reason = "FAILED", str(failure)
            query.completed = self._world.scheduler.now
            return
        if takes or query.fate:
            self._world.scheduler.at(self._world.scheduler.now + takes, lambda: self._end(query))
        else:
            self._end(query)

    def _end(self, query: Query) -> None:
        stopped = query.ended
        try:
            if query.fate == "fails":
                raise QueryFails("GENERIC_INTERNAL_ERROR: injected")
            if query.fate == "conflicts" and query.commit:
                raise QueryFails("ICEBERG_COMMIT_ERROR: injected")
            if query.commit:
                query.commit()
            if query.fate == "commits_unknown":
                raise QueryFails("GENERIC_INTERNAL_ERROR: injected after the commit")
        except QueryFails as failure:
            if not stopped:
                query.state, query.reason = "FAILED", str(failure)
        else:
            if not stopped:
                query.state = "SUCCEEDED"
                self._write_result(query)
        query.completed = self._world.scheduler.now

    def _write_result(self, query: Query) -> None:
        if query.columns:
            bucket_key = f"{query.output.removeprefix('s3://')}{query.id}.csv"
            body = "".join(
                ",".join('"' + value.replace('"', '""') + '"' for value in row) + "\n"
                for row in [query.columns, *query.rows]
            )
            self._world.s3.put(bucket_key.partition("/")[2], body.encode())

    def _run(self, query: Query) -> None:
        if told := _SIMULATED.search(query.sql):
            self._run_told(query, json.loads(told[1]))
        else:
            self._world.statements.run(query)

    def _run_told(self, query: Query, told: dict[str, Any]) -> None:
        """Run a statement of the dbt stand-in."""
        kind, table = told["kind"], told.get("table", "")
        if kind == "tests":
            query.columns = ("test",)
            query.rows = [(name,) for name in self._failing(told["dates"])]
        elif kind == "create":
            days = [date.fromisoformat(one) for one in told["dates"]]
            rows = {day: self._derived(table, day, told.get("changed_files")) for day in days}
            self._write_files(told["location"])
            query.commit = lambda: self.create(
                table, {day: of for day, of in rows.items() if of}, told["location"]
            )
        elif kind == "merge":
            self._merge(query, told)

    def _write_files(self, location: str) -> None:
        """Write the files of a CREATE TABLE AS, before the table exists; Athena refuses a folder that has files."""
        head = location.removeprefix("s3://").partition("/")[2]
        if self._world.s3.keys(f"{head}/"):
            raise QueryFails(f"HIVE_PATH_ALREADY_EXISTS: {location}")
        self._world.s3.put(f"{head}/part", b"rows")

    def _merge(self, query: Query, told: dict[str, Any]) -> None:
        name = told["table"]
        glue_entry = self._world.glue.tables.get(name)
        if glue_entry is None:
            raise QueryFails(f"TABLE_NOT_FOUND: {name}")
        base = glue_entry["Parameters"]["metadata_location"]
        before = self.snapshots[base].rows
        if not self.may_write(told["lease_holder"]):
            raise QueryFails("DIVISION_BY_ZERO: another run holds the lease")
        changes: dict[date, Rows] = {}
        for text in told["dates"]:
            day = date.fromisoformat(text)
            self._world.require_projected(day)
            old = before.get(day, {})
            confined = told["changed_files"] if name == STAGED else None
            new = self._derived(name, day, confined)
            keys = {*new, *(key for key in old if confined is None or key[0] in confined)}
            changed = {key: new.get(key) for key in keys if new.get(key) != old.get(key)}
            if changed:
                changes[day] = changed  # type: ignore[assignment]
        if changes:
            query.commit = lambda: self._commit(name, base, changes)

    def may_write(self, lease_holder: str) -> bool:
        """Whether the lease check in a MERGE (`lease_is_held`) passes."""
        return not lease_holder or self._world.lease_holder() == lease_holder

    def _failing(self, dates: list[str]) -> list[str]:
        """The tables whose rows for some dates do not follow from the judged lines."""
        days = [date.fromisoformat(one) for one in dates]
        return [
            table
            for table in (STAGE1, STAGE1_REJECTS, STAGE3, STAGE3_REJECTS)
            if any(self.table(table).get(day, {}) != self._derived(table, day, None) for day in days)
        ]

    def _derived(self, table: str, day: date, confined: Iterable[str] | None) -> Rows:
        """The rows that a date of a table should have, given what the model reads."""
        if table == STAGED:
            files = self._world.bronze(day)
            return {
                (path,): (lines,) for path, lines in files.items() if confined is None or path in confined
            }
        staged = {key[0]: row[0] for key, row in self.table(STAGED).get(day, {}).items()}
        return lake_model.stage_rows(table, day, staged)

    def _commit(self, name: str, base: str, changes: dict[date, Rows]) -> None:
        entry = self._world.glue.tables.get(name)
        if entry is None:
            raise QueryFails(f"TABLE_NOT_FOUND: {name}")
        current = entry["Parameters"]["metadata_location"]
        since = current
        while since != base and self.detects_conflicts:
            snapshot = self.snapshots[since]
            if not snapshot.parent or snapshot.changed & set(changes):
                raise QueryFails("ICEBERG_COMMIT_ERROR: the table has changed since it was read")
            since = snapshot.parent
        rows = dict(self.snapshots[current].rows)
        for day, changed in changes.items():
            merged = {**rows.get(day, {}), **changed}
            rows[day] = {key: row for key, row in merged.items() if row is not None}
            if not rows[day]:
                del rows[day]
        location = f"{entry['StorageDescriptor']['Location']}/metadata/{next(self._numbers)}.json"
        self.snapshots[location] = Snapshot(rows, current, frozenset(changes))
        parameters = {
            **entry["Parameters"],
            "metadata_location": location,
            "previous_metadata_location": current,
        }
        self._world.glue.put(name, {**entry, "Parameters": parameters})
        self._world.invariants.committed()


def dates_in(sql: str) -> list[date]:
    """The dates in a statement's literals."""
    return sorted({date.fromisoformat(one) for one in _DATES.findall(sql)})
