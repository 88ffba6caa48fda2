"""Runs of `transform` over local Athena with real dbt: what they build, skip, refuse and export."""

from __future__ import annotations

import gzip
import json
import re
import time
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from runner import handlers
from runner.athena import AthenaQueryFailed
from runner.dbt_run import DataTestsFailed
from runner.errors import DeadlineReached
from runner.initialise import initialise
from runner.lake import prefix
from runner.maintain import maintain
from runner.tables import STAGE1, STAGE3, TablesMissing
from runner.transform import LinesNotSeen, NoFiles, TransformResult, make_run_ts, transform
from tests.pipeline.facts import export, facility, tables, temporary_tables

if TYPE_CHECKING:
    from tests.conftest import Lake

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("transform")]

DAY, NEXT_DAY = date(2025, 8, 10), date(2025, 8, 11)


@pytest.fixture
def ready(lake: Lake) -> Lake:
    """A lake after `medlaunch init`."""
    initialise(lake.settings)
    return lake


def run_dates(lake: Lake, *dates: date, **options: Any) -> TransformResult:
    return transform(lake.settings, dates, **options)


def test_init_makes_empty_tables_and_leaves_full_ones_alone(lake: Lake) -> None:
    with pytest.raises(TablesMissing, match="medlaunch init"):
        transform(lake.settings, [DAY], allow_empty=True)
    assert len(initialise(lake.settings)) == 4
    assert set(map(len, tables(lake).values())) == {0}
    lake.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    run_dates(lake, DAY)
    before = tables(lake)
    assert initialise(lake.settings) == []
    assert tables(lake) == before


def test_a_run_builds_tests_and_exports_its_dates_only(ready: Lake) -> None:
    bad_state = facility(3, location={"state": "Oregon"})
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1), facility(2), bad_state, "not json"])
    ready.put_bronze("2025-08-11", "a.jsonl", [facility(9)])
    result = run_dates(ready, DAY)

    assert result.snapshot_dates == result.built == ["2025-08-10"]
    assert result.counts == {
        "stage1": {"curated": 3, "rejected": 1},
        "stage3": {"processed": 2, "rejected": 2},
    }
    assert result.rejects_by_reason == {
        "stage1": {"malformed_json": 1},
        "stage3": {"bad_state": 1, "malformed_json": 1},
    }
    assert result.tests["failed"] == []
    assert "stage1_accounts_for_every_line" in result.tests["passed"]
    assert export(ready, result, "processed") == [
        {
            "snapshot_date": "2025-08-10",
            "state": "OR",
            "facility_count": "2",
            "accredited_facility_count": "2",
        }
    ]
    rejects = {row["raw_line"]: row["reject_reason"] for row in export(ready, result, "rejects")}
    assert rejects == {bad_state: "bad_state", "not json": "malformed_json"}
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", result.run_ts)
    assert result.exports["processed"]["key"] == (
        f"{prefix('stage3_processed_exports')}/run_ts={result.run_ts}/accredited_facilities_per_state.csv"
    )
    assert "Processed%20Results" in result.exports["processed"]["copy_source"]
    assert {str(row["snapshot_date"]) for row in ready.query(f"select snapshot_date from {STAGE1}")} == {
        "2025-08-10"
    }
    assert temporary_tables(ready) == []


def test_statistics_are_those_of_all_queries_of_the_run(ready: Lake, sandbox: Any) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    started = datetime.now(UTC)
    result = run_dates(ready, DAY)
    athena = sandbox.client("athena")
    ids = athena.list_query_executions(WorkGroup="primary")["QueryExecutionIds"]
    executions = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    own = [one for one in executions if one["Status"]["SubmissionDateTime"] >= started]
    # The one query more or less is none: statistics are taken when all queries have run.
    assert result.queries == len(own)
    assert result.bytes_scanned == sum(one["Statistics"]["DataScannedInBytes"] for one in own)


def test_the_same_folder_again_costs_no_query(ready: Lake) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    first = run_dates(ready, DAY)
    again = run_dates(ready, DAY)
    assert (again.built, again.queries, again.run_ts) == ([], 0, first.run_ts)
    # Nobody has published the first run's exports yet, so they are still to be published.
    assert again.changed
    assert again.exports == first.exports
    for name in ("processed", "rejects"):
        source = {"Bucket": ready.settings.data_bucket, "Key": first.exports[name]["key"]}
        ready.s3.copy_object(
            Bucket=ready.settings.data_bucket, Key=first.prod[f"{name}_key"], CopySource=source
        )
    published = run_dates(ready, DAY)
    assert (published.changed, published.exports, published.queries) == (False, {}, 0)
    assert run_dates(ready, DAY, force=True).built == ["2025-08-10"]


def test_a_changed_folder_is_rebuilt_until_it_is_empty(ready: Lake) -> None:
    first = ready.put_bronze("2025-08-10", "a.jsonl", [facility(1), facility(2), "bad"])
    second = ready.put_bronze("2025-08-10", "b.jsonl", [facility(3)])
    run_dates(ready, DAY)
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(2)])
    assert run_dates(ready, DAY).counts["stage1"] == {"curated": 2, "rejected": 0}
    ready.delete(first)
    assert run_dates(ready, DAY).counts["stage1"] == {"curated": 1, "rejected": 0}
    ready.delete(second)
    with pytest.raises(NoFiles, match="--allow-empty"):
        run_dates(ready, DAY)
    emptied = run_dates(ready, DAY, allow_empty=True)
    assert set(map(len, tables(ready).values())) == {0}
    for name, header in (("processed", b'"snapshot_date","state"'), ("rejects", b'"snapshot_date"')):
        body = ready.read(emptied.exports[name]["key"])
        assert body.startswith(header)
        assert body.count(b"\n") == 1


def test_two_runs_of_different_dates_in_one_process_do_not_mix(ready: Lake) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    ready.put_bronze("2025-08-11", "a.jsonl", [facility(1), facility(2)])
    assert run_dates(ready, DAY).counts["stage1"]["curated"] == 1
    assert run_dates(ready, NEXT_DAY).counts["stage1"]["curated"] == 2
    dates = ready.query(f"select snapshot_date, count(*) as n from {STAGE1} group by 1 order by 1")
    assert [row["n"] for row in dates] == [1, 2]


def test_hidden_files_are_reported_and_not_counted(ready: Lake) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    key = ready.put_bronze("2025-08-10", "_late.jsonl", [facility(2)])
    result = run_dates(ready, DAY)
    assert result.hidden == [key]
    assert result.counts["stage1"] == {"curated": 1, "rejected": 0}


def test_lines_that_sql_does_not_see_fail_the_run_before_it_writes(ready: Lake) -> None:
    beyond_the_projection = date(2199, 1, 1)
    ready.put_bronze("2199-01-01", "a.jsonl", [facility(1)])
    with pytest.raises(LinesNotSeen, match=r"2199-01-01/a\.jsonl has lines"):
        run_dates(ready, beyond_the_projection)


@pytest.mark.parametrize("content", [b"\n \r\n\t\n", b"\xef\xbb\xbf", gzip.compress(b"\n")])
def test_a_folder_of_blank_files_is_built_as_empty(ready: Lake, content: bytes) -> None:
    name = "a.jsonl.gz" if content.startswith(b"\x1f\x8b") else "a.jsonl"
    ready.put_bronze("2025-08-10", name, content)
    assert run_dates(ready, DAY).counts["stage1"] == {"curated": 0, "rejected": 0}


def test_a_failed_data_test_stops_the_exports_and_is_named(ready: Lake) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    run_dates(ready, DAY)
    exported = ready.keys(prefix("stage3_query_results"))
    # A second row of one key, as a bug or a hand could make it: no MERGE can heal that.
    ready.query(f"insert into {STAGE1} select * from {STAGE1}")
    with pytest.raises(DataTestsFailed, match=STAGE1) as failure:
        run_dates(ready, DAY, force=True)
    assert failure.value.names
    assert ready.keys(prefix("stage3_query_results")) == exported


def test_a_failed_query_is_named_with_its_file(ready: Lake) -> None:
    ready.put_bronze("2025-08-10", "broken.jsonl.gz", gzip.compress(facility(1).encode() * 50)[:-20])
    with pytest.raises(AthenaQueryFailed, match=r"Athena query [0-9a-f-]{36}.*FAILED.*broken\.jsonl\.gz"):
        run_dates(ready, DAY)


def test_a_failed_query_of_a_node_is_named_with_the_node(
    ready: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    replace_sql(monkeypatch, "create table", "select no_such_column from facility_lines")
    with pytest.raises(
        AthenaQueryFailed, match=r"query [0-9a-f-]{36} of model\.medlaunch_elt\.\w+ FAILED: .*no_such_column"
    ):
        run_dates(ready, DAY)
    assert temporary_tables(ready) == []


def test_a_hanging_query_is_stopped_at_the_deadline(
    ready: Lake, monkeypatch: pytest.MonkeyPatch, sandbox: Any
) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    run_dates(ready, DAY)
    # Ten billion rows to count: no engine is done with that in time.
    numbers = " cross join ".join(f"unnest(sequence(1, 10000)) as t{n} (n{n})" for n in range(1, 5))
    with monkeypatch.context() as patch:
        replace_sql(patch, "merge into", f"select count(*) from {numbers} where n1 * n2 < n3 + n4")
        started = time.monotonic()
        with pytest.raises(DeadlineReached, match="retry it"):
            run_dates(ready, DAY, force=True, seconds_left=8)
        assert time.monotonic() - started < 60
    athena = sandbox.client("athena")
    ids = athena.list_query_executions(WorkGroup="primary")["QueryExecutionIds"]
    executions = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    states = [one["Status"]["State"] for one in executions]
    assert "RUNNING" not in states
    assert "CANCELLED" in states
    assert run_dates(ready, DAY, force=True).counts["stage1"]["curated"] == 1


def test_maintenance_changes_no_row(ready: Lake) -> None:
    for day, number in (("2025-08-10", 1), ("2025-08-11", 2), ("2025-08-10", 3)):
        ready.put_bronze(day, f"{number}.jsonl", [facility(number), "bad"])
        run_dates(ready, date.fromisoformat(day))
    before = tables(ready)
    maintain(ready.settings)
    assert tables(ready) == before
    assert run_dates(ready, DAY).built == []


def test_the_transform_handler_takes_the_state_machines_input(ready: Lake) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    event = {
        "snapshot_date": "2025-08-10",
        "bucket": ready.settings.data_bucket,
        "execution": {
            "id": "arn:aws:states:us-east-1:123456789012:execution:medlaunch:run-1",
            "name": "run-1",
            "start_time": "2025-08-10T12:30:00.123Z",
        },
    }
    context = SimpleNamespace(
        function_name="transform",
        memory_limit_in_mb=2048,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:transform",
        aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        get_remaining_time_in_millis=lambda: 600_000,
    )
    answer = handlers.transform(event, context)
    assert json.loads(json.dumps(answer)) == answer
    run_ts = make_run_ts(datetime(2025, 8, 10, 12, 30, tzinfo=UTC), "run-1")
    assert answer["run_ts"] == run_ts
    assert run_ts.startswith("20250810T123000Z-")
    rows = ready.query(f"select run_ts from {STAGE3}")
    assert rows == [{"run_ts": run_ts}]
    # Lambda's answer was lost, and Step Functions calls again: the same exports, nothing built.
    assert handlers.transform(event, context)["exports"] == answer["exports"]
    elsewhere = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": ready.settings.data_bucket}, "object": {"key": "elsewhere/a.jsonl"}},
    }
    assert handlers.transform(elsewhere, context) == {"snapshot_dates": [], "changed": False}


def replace_sql(patch: pytest.MonkeyPatch, beginning: str, sql: str) -> None:
    """Send another statement instead of those that begin so."""
    from runner.athena import Invocation

    watch = Invocation.watch

    def watch_and_replace(invocation: Invocation, client: Any) -> None:
        def replace(params: dict[str, Any], **_: Any) -> None:
            words = "\n".join(
                line for line in params["QueryString"].splitlines() if not line.startswith("--")
            ).split()
            if " ".join(words).startswith(beginning):
                params["QueryString"] = sql

        watch(invocation, client)
        if client.meta.service_model.service_name == "athena":
            client.meta.events.register("before-parameter-build.athena.StartQueryExecution", replace)

    patch.setattr(Invocation, "watch", watch_and_replace)
