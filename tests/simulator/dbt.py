"""Replaces dbt in a simulation: sends the statements of the dbt project in its order, without running dbt.

A statement states in a comment what it does to which table, for which dates and files. The simulated Athena computes
the rows. `test_dbt_stand_in.py` checks that the tables, their order and the kinds of statements are those of real dbt.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from runner.aws.invocation import Invocation
from runner.aws.queries import execution_of, raise_if_failed
from runner.dbt.data_tests import Tests
from runner.dbt.dbt_run import DataTestsFailed
from runner.lake import prefix, registry
from runner.settings import Settings
from runner.tables.stage_tables import LEASE_OBJECT, SOURCE
from tests.simulator import lake_model, virtual

#: The tables in the order in which dbt builds them.
MODELS = (
    lake_model.STAGED,
    lake_model.STAGE1,
    lake_model.STAGE1_REJECTS,
    lake_model.STAGE3,
    lake_model.STAGE3_REJECTS,
)


def new_location(table: str) -> str:
    """A separate location for a table that is created (`s3_data_naming='table_unique'`)."""
    return f"s3://lake/tables/{table}/{virtual.world().random.getrandbits(64):016x}"


def sources(bucket: str) -> dict[str, dict[str, Any]]:
    """The external tables, by name, as `create_source_tables` describes them in Glue."""
    first, last = registry()["bronze_dates"]
    bronze = f"s3://{bucket}/{prefix('bronze')}/"
    return {
        SOURCE: {
            "StorageDescriptor": {"Location": bronze},
            "Parameters": {
                "projection.enabled": "true",
                "projection.snapshot_date.range": f"{first},{last}",
                "storage.location.template": bronze + "${snapshot_date}/",
            },
        },
        LEASE_OBJECT: {
            "StorageDescriptor": {"Location": f"s3://{bucket}/{prefix('pipeline_state')}/lease/"},
            "Parameters": {},
        },
    }


def run_dbt(
    settings: Settings,
    arguments: Sequence[str],
    invocation: Invocation,
    variables: dict[str, Any] | None = None,
) -> Tests:
    """Stands in for `runner.dbt.dbt_run.run_dbt` with the commands of `medlaunch init`; AWS sees the same requests."""
    if arguments[0] == "run-operation":
        for name, described in sources(settings.data_bucket).items():
            if not _exists(invocation, name):
                invocation.glue.create_table(
                    DatabaseName=settings.glue_database, TableInput={"Name": name, **described}
                )
    elif "--empty" in arguments:
        for model in MODELS:
            if model in arguments and not _exists(invocation, model):
                told = {"kind": "create", "table": model, "dates": [], "location": new_location(model)}
                _run(invocation, told, f"create table {model}")
    return Tests()


def build_tables(
    settings: Settings,
    tables: Sequence[str],
    invocation: Invocation,
    variables: dict[str, Any],
    *,
    full_refresh: bool = False,
) -> None:
    """Stands in for `runner.dbt.dbt_run.build_tables`; AWS sees the same requests."""
    glue, database = invocation.glue, settings.glue_database
    given = {name: variables[name] for name in ("changed_files", "lease_holder")}
    for model in MODELS:
        assert model in tables
        told = {"table": model, "dates": variables["snapshot_dates"], **given}
        exists = _exists(invocation, model)
        if exists and full_refresh:
            glue.delete_table(DatabaseName=database, Name=model)
        if full_refresh or not exists:
            located = {**told, "location": new_location(model)}
            _run(invocation, {"kind": "create", **located}, f"create table {model}")
        else:
            _run(invocation, {"kind": "merge", **told}, f"merge into {model} as target")


def run_data_tests(
    settings: Settings, tables: Sequence[str], invocation: Invocation, variables: dict[str, Any]
) -> Tests:
    """Stands in for `runner.dbt.dbt_run.run_data_tests`: one query on the dates that the run has read.

    Raises:
        DataTestsFailed: the tables do not follow from the judged lines.
    """
    told = {"kind": "tests", "table": "tests", "dates": variables["snapshot_dates"]}
    rows = invocation.rows(f"-- simulated: {json.dumps(told)}\nselect data tests")
    failed = [row[0] or "" for row in rows]
    tests = Tests(passed=["the_others"], failed=failed, details=dict.fromkeys(failed, "differs"))
    if failed:
        raise DataTestsFailed(tests)
    return tests


def _exists(invocation: Invocation, table: str) -> bool:
    glue = invocation.glue
    try:
        glue.get_table(DatabaseName=invocation.settings.glue_database, Name=table)
    except glue.exceptions.EntityNotFoundException:
        return False
    return True


def _run(invocation: Invocation, told: dict[str, Any], sql: str) -> None:
    """Start a statement and wait until it ends, as dbt-athena does."""
    node = f"model.medlaunch_elt.{told['table']}"
    invocation.node_of_thread = lambda: node
    query_id = invocation.athena.start_query_execution(
        QueryString=f"-- simulated: {json.dumps(told)}\n{sql}", WorkGroup="primary"
    )["QueryExecutionId"]
    pause = 0.05
    while True:
        execution = execution_of(invocation.athena, query_id)
        if execution.get("Status", {}).get("State") not in ("QUEUED", "RUNNING"):
            break
        virtual.world().scheduler.sleep(pause)
        pause = min(pause * 2, 5.0)
    invocation.node_of_thread = lambda: ""
    if invocation.ended_by is not None:
        raise invocation.ended_by
    raise_if_failed(execution, node)
