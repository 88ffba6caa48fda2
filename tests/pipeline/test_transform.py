"""Tests runs of `transform` over local Athena with real dbt: what they build, skip, refuse and export."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient

from runner.aws.errors import AthenaQueryFailed
from runner.dbt.dbt_run import DataTestsFailed, parse_project
from runner.dbt.project import project_version
from runner.errors import DeadlineReached
from runner.lake import bronze_folder, prefix
from runner.lambdas import handlers
from runner.tables.initialise import initialise
from runner.tables.maintain import maintain
from runner.tables.publication import publish_announced
from runner.tables.result import TransformResult, make_run_ts
from runner.tables.stage_tables import STAGE1, STAGE3, TablesMissing
from runner.tables.transform import LinesNotSeen, NoFiles, transform
from sandbox.local import Sandbox
from tests.pipeline.facts import export, facility, initialised_lake, tables, temporary_tables

if TYPE_CHECKING:
    from tests.conftest import Lake

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("transform")]

#: What Lambda passes to a function beside the event.
CONTEXT = SimpleNamespace(
    function_name="transform",
    memory_limit_in_mb=2048,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:transform",
    aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    get_remaining_time_in_millis=lambda: 600_000,
)


@pytest.fixture(scope="module")
def ready(sandbox: Sandbox) -> Iterator[Lake]:
    """A lake after `medlaunch init`. Each test uses its own date."""
    with pytest.MonkeyPatch.context() as patch:
        yield initialised_lake(sandbox, patch, "transform-tests")


_days = itertools.count()


@pytest.fixture
def day(ready: Lake) -> date:
    """A date that no other test uses, in a lake for which no stopped query may still commit."""
    ready.forget_stopped_queries()
    return date(2025, 8, 10) + timedelta(days=next(_days))


def run_dates(lake: Lake, *dates: date, **options: Any) -> TransformResult:
    return transform(lake.settings, dates, **options)


def land(lake: Lake, day: date, name: str, content: bytes | list[str]) -> str:
    return lake.put_bronze(day.isoformat(), name, content)


def publish(lake: Lake) -> None:
    """Run Stage 4."""
    publish_announced(lake.s3, lake.settings.data_bucket)


def test_a_lake_without_tables_asks_for_init(lake: Lake) -> None:
    with pytest.raises(TablesMissing, match="medlaunch init"):
        transform(lake.settings, [date(2025, 8, 10)], allow_empty=True)


def test_a_run_builds_tests_and_exports_its_date_only(ready: Lake, day: date, sandbox: Any) -> None:
    bad_state = facility(3, location={"state": "Oregon"})
    land(ready, day, "a.jsonl", [facility(1), facility(2), bad_state, "not json"])
    hidden = land(ready, day, "_late.jsonl", [facility(9)])
    land(ready, day - timedelta(days=100), "a.jsonl", [facility(9)])
    started = datetime.now(UTC)
    result = run_dates(ready, day)

    assert result.snapshot_dates == result.built == [day.isoformat()]
    assert result.hidden == [hidden]
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
            "snapshot_date": day.isoformat(),
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
    days = ready.query(f"select distinct snapshot_date from {STAGE1} where snapshot_date <= date '{day}'")
    assert [str(row["snapshot_date"]) for row in days] == [day.isoformat()]
    assert temporary_tables(ready) == []

    own = [one for one in executions(sandbox) if one["Status"]["SubmissionDateTime"] >= started]
    sent_by_this_test = 1
    assert result.queries == len(own) - sent_by_this_test
    assert result.bytes_scanned > 0


def test_the_same_folder_again_costs_no_query(ready: Lake, day: date) -> None:
    land(ready, day, "a.jsonl", [facility(1)])
    first = run_dates(ready, day)
    again = run_dates(ready, day)
    assert (again.built, again.queries, again.run_ts) == ([], 0, first.run_ts)
    # The first run's exports are not published yet, so they still have to be.
    assert again.changed
    assert again.exports == first.exports
    publish(ready)
    published = run_dates(ready, day)
    assert (published.changed, published.exports, published.queries) == (False, {}, 0)
    assert run_dates(ready, day, force=True).built == [day.isoformat()]


def test_a_changed_folder_is_rebuilt_until_it_is_empty(ready: Lake, day: date) -> None:
    first = land(ready, day, "a.jsonl", [facility(1), facility(2), "bad"])
    run_dates(ready, day)
    land(ready, day, "a.jsonl", [facility(2)])
    assert run_dates(ready, day).counts["stage1"] == {"curated": 1, "rejected": 0}
    ready.delete(first)
    with pytest.raises(NoFiles, match="--allow-empty"):
        run_dates(ready, day)
    emptied = run_dates(ready, day, allow_empty=True)
    assert set(map(len, tables(ready, day).values())) == {0}
    for name, header in (("processed", b'"snapshot_date","state"'), ("rejects", b'"snapshot_date"')):
        body = ready.read(emptied.exports[name]["key"])
        assert body.startswith(header)
        assert body.count(b"\n") == 1


def test_what_lies_in_the_pipelines_state_is_data_and_never_code(
    ready: Lake, day: date, monkeypatch: pytest.MonkeyPatch, sandbox: Any
) -> None:
    """Somebody who can write to the state folder can only cause a date to be built again."""
    land(ready, day, "a.jsonl", [facility(1)])
    run_dates(ready, day)
    state, s3 = prefix("pipeline_state"), ready.s3
    manifest = parse_project(ready.settings)
    for macro in manifest.macros.values():
        macro.macro_sql = (
            "{% macro poison() %}{{ run_query('select poison') }}{{ env_var('HOME') }}{% endmacro %}"
        )
    code = manifest.to_msgpack()
    named = [
        f"{state}/manifests/{project_version()}.msgpack.z",
        f"{state}/manifest.bin",
        f"{state}/manifest.msgpack",
    ]
    for key in named:
        s3.put_object(Bucket=ready.settings.data_bucket, Key=key, Body=zlib.compress(code))
    fingerprint = f"{state}/fingerprints/{day}.json"
    told = json.loads(ready.read(fingerprint))
    told["files"] = {
        "x') or (select poison) = ('": "etag",
        f"{bronze_folder(day)}a.jsonl": "'; select poison",
    }
    s3.put_object(Bucket=ready.settings.data_bucket, Key=fingerprint, Body=json.dumps(told).encode())
    read: list[str] = []
    make_api_call = BaseClient._make_api_call

    def remember(client: Any, operation: str, arguments: Any) -> Any:
        if operation == "GetObject":
            read.append(arguments["Key"])
        return make_api_call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", remember)
    started = datetime.now(UTC)
    assert run_dates(ready, day).built == [day.isoformat()]
    assert fingerprint in read
    assert not set(named) & set(read)
    queries = [one["Query"] for one in executions(sandbox) if one["Status"]["SubmissionDateTime"] >= started]
    assert queries
    assert not [query for query in queries if re.search("select poison", query.replace("''", ""))]


def test_a_run_that_waited_while_a_later_one_built_publishes_behind_it(ready: Lake, day: date) -> None:
    """Readers of prod/ take the greatest run_ts as the newest."""
    land(ready, day, "a.jsonl", [facility(1)])
    later = transform(ready.settings, [day], run_ts="20250810T120500Z-0000000a")
    land(ready, day, "b.jsonl", [facility(2)])
    waited = transform(ready.settings, [day], run_ts="20250810T120000Z-0000000b")
    assert later.run_ts == "20250810T120500Z-0000000a"
    assert waited.run_ts == "20250810T120501Z-0000000b"
    assert waited.counts["stage1"]["curated"] == 2


def test_a_retry_does_not_publish_what_an_attempt_exported_from_other_files(ready: Lake, day: date) -> None:
    run_ts = "20250810T120000Z-0000000a"
    land(ready, day, "a.jsonl", ["bad"])
    first = transform(ready.settings, [day], run_ts=run_ts)
    # A run that dies after its exports leaves this state: the exports exist, but its success is not recorded.
    ready.delete(f"{prefix('pipeline_state')}/fingerprints/{day.isoformat()}.json")
    land(ready, day, "a.jsonl", ["bad", "worse"])
    retried = transform(ready.settings, [day], run_ts=run_ts)
    # The first attempt may be suspended while it exports, so the second one uses other names.
    assert retried.run_ts > first.run_ts
    assert ready.read(retried.exports["rejects"]["key"]).count(b"malformed_json") == 2


def test_lines_that_sql_does_not_see_fail_the_run_before_it_writes(ready: Lake) -> None:
    beyond_the_projection = date(2199, 1, 1)
    land(ready, beyond_the_projection, "a.jsonl", [facility(1)])
    with pytest.raises(LinesNotSeen, match=r"2199-01-01/a\.jsonl has lines"):
        run_dates(ready, beyond_the_projection)


def test_a_folder_of_blank_files_is_built_as_empty(ready: Lake, day: date) -> None:
    land(ready, day, "blank.jsonl", b"\n \r\n\t\n")
    land(ready, day, "mark.jsonl", b"\xef\xbb\xbf")
    land(ready, day, "blank.jsonl.gz", gzip.compress(b"\n"))
    assert run_dates(ready, day).counts["stage1"] == {"curated": 0, "rejected": 0}


def test_a_failed_data_test_stops_the_exports_and_is_named(
    ready: Lake, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(ready, day, "a.jsonl", [facility(1)])
    exported = ready.keys(prefix("stage3_query_results"))
    with monkeypatch.context() as patch:
        # The tables then lack rows that the folder holds, as after a bug in a model.
        replace_sql(
            patch, f'merge into "awsdatacatalog"."{ready.settings.glue_database}"."{STAGE1}"', "select 1"
        )
        with pytest.raises(DataTestsFailed, match="stage1_accounts_for_every_line"):
            run_dates(ready, day)
    assert ready.keys(prefix("stage3_query_results")) == exported
    assert run_dates(ready, day).changed


def test_a_failed_query_is_named_with_its_file(ready: Lake, day: date) -> None:
    land(ready, day, "broken.jsonl.gz", gzip.compress(facility(1).encode() * 50)[:-20])
    with pytest.raises(AthenaQueryFailed, match=r"Athena query [0-9a-f-]{36}.*FAILED.*broken\.jsonl\.gz"):
        run_dates(ready, day)


def test_a_failed_query_of_a_node_is_named_with_the_node(
    ready: Lake, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(ready, day, "a.jsonl", [facility(1)])
    replace_sql(monkeypatch, "merge into", "select no_such_column from facility_lines")
    with pytest.raises(
        AthenaQueryFailed, match=r"query [0-9a-f-]{36} of model\.medlaunch_elt\.\w+ FAILED: .*no_such_column"
    ):
        run_dates(ready, day)
    assert temporary_tables(ready) == []


def test_a_hanging_query_is_stopped_at_the_deadline(
    ready: Lake, day: date, monkeypatch: pytest.MonkeyPatch, sandbox: Any
) -> None:
    land(ready, day, "a.jsonl", [facility(1)])
    # The query counts 10^16 rows, which no engine can do in time.
    numbers = " cross join ".join(f"unnest(sequence(1, 10000)) as t{n} (n{n})" for n in range(1, 5))
    with monkeypatch.context() as patch:
        replace_sql(patch, "merge into", f"select count(*) from {numbers} where n1 * n2 < n3 + n4")
        with pytest.raises(DeadlineReached, match="retry it"):
            run_dates(ready, day, seconds_left=8)
    states = [one["Status"]["State"] for one in executions(sandbox)]
    assert "RUNNING" not in states
    assert "CANCELLED" in states
    assert run_dates(ready, day).counts["stage1"]["curated"] == 1


def test_init_and_maintenance_change_no_row(ready: Lake, day: date) -> None:
    for number in (1, 2):
        land(ready, day, f"{number}.jsonl", [facility(number), "bad"])
        run_dates(ready, day)
    before = tables(ready)
    assert initialise(ready.settings) == []
    maintain(ready.settings, recent_days=40_000)
    assert tables(ready) == before
    maintain(ready.settings)
    assert tables(ready) == before
    assert run_dates(ready, day).built == []


def test_the_transform_handler_takes_the_state_machines_input(ready: Lake, day: date) -> None:
    land(ready, day, "a.jsonl", [facility(1)])
    event = {
        "snapshot_date": day.isoformat(),
        "bucket": ready.settings.data_bucket,
        "execution": {
            "id": "arn:aws:states:us-east-1:123456789012:execution:medlaunch:run-1",
            "name": "run-1",
            "start_time": "2025-08-10T12:30:00.123Z",
        },
    }
    answer = handlers.transform(event, CONTEXT)
    assert json.loads(json.dumps(answer)) == answer
    run_ts = make_run_ts(datetime(2025, 8, 10, 12, 30, tzinfo=UTC), "run-1")
    assert answer["run_ts"] == run_ts
    assert run_ts.startswith("20250810T123000Z-")
    rows = ready.query(f"select run_ts from {STAGE3} where snapshot_date = date '{day}'")
    assert rows == [{"run_ts": run_ts}]
    # Lambda's answer was lost, and Step Functions calls again: the exports are the same, and nothing is built.
    again = handlers.transform(event, CONTEXT)
    assert (again["exports"], again["built"]) == (answer["exports"], [])


def test_the_transform_handler_ignores_what_is_not_bronze(ready: Lake) -> None:
    elsewhere = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": ready.settings.data_bucket}, "object": {"key": "elsewhere/a.jsonl"}},
    }
    assert handlers.transform(elsewhere, CONTEXT) == {"snapshot_dates": [], "changed": False}


def executions(sandbox: Sandbox) -> list[dict[str, Any]]:
    """All queries that local Athena has run."""
    athena = sandbox.client("athena")
    found: list[dict[str, Any]] = []
    for page in athena.get_paginator("list_query_executions").paginate(WorkGroup="primary"):
        if ids := page["QueryExecutionIds"]:
            found += athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    return found


def replace_sql(patch: pytest.MonkeyPatch, beginning: str, sql: str) -> None:
    """Send another statement instead of each statement that starts with a text."""
    from runner.aws.invocation import Invocation

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
