"""dbt in a simulation: the statements of the dbt project, in its order, without dbt.

A statement says in a comment what it does to which table, for which dates and files; the simulated Athena
works out the rows. `test_dbt_stand_in.py` holds the tables, their order and the kinds of statements to what
real dbt sends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from runner.aws.invocation import Invocation
from runner.aws.queries import execution_of, raise_if_failed
from runner.dbt.data_tests import Tests
from runner.lake import prefix, registry
from runner.settings import Settings
from tests.simulator import lake_model
from tests.simulator.virtual import world

#: The tables in the order in which dbt builds them.
MODELS = (
    lake_model.STAGED,
    lake_model.STAGE1,
    lake_model.STAGE1_REJECTS,
    lake_model.STAGE3,
    lake_model.STAGE3_REJECTS,
)
SOURCES = ("facility_lines", "lease_object")


def run_dbt(
    settings: Settings,
    arguments: Sequence[str],
    invocation: Invocation,
    variables: dict[str, Any] | None = None,
) -> Tests:
    """What `runner.dbt.dbt_run.run_dbt` does, as far as AWS can see it."""
    given = {"snapshot_dates": [], "changed_files": None, "lease_holder": "", **(variables or {})}
    command = arguments[0]
    if command == "run" and "--empty" in arguments:
        for model in MODELS:
            if not _exists(invocation, model):
                told = {"kind": "create", "table": model, "dates": given["snapshot_dates"]}
                _run(invocation, told, f"create table {model}")
    elif command == "run-operation":
        for source in SOURCES:
            if not _exists(invocation, source):
                invocation.glue.create_table(
                    DatabaseName=settings.glue_database, TableInput={"Name": source, **described(source)}
                )
    return Tests()


def described(source: str) -> dict[str, Any]:
    """Glue's description of a source table, as far as the runner looks at it."""
    if source == "lease_object":
        return {
            "Parameters": {},
            "StorageDescriptor": {"Location": f"s3://lake/{prefix('pipeline_state')}/lease/"},
        }
    return {
        "Parameters": {
            "projection.enabled": "true",
            "projection.snapshot_date.range": ",".join(registry()["bronze_dates"]),
            "storage.location.template": f"s3://lake/{prefix('bronze')}/${{snapshot_date}}/",
        },
        "StorageDescriptor": {"Location": f"s3://lake/{prefix('bronze')}/"},
    }


def run_data_tests(
    settings: Settings,
    tables: Sequence[str],
    invocation: Invocation,
    variables: dict[str, Any],
) -> Tests:
    """What `runner.dbt.dbt_run.run_data_tests` does: one query, which tells nothing here."""
    invocation.rows("-- simulated: " + json.dumps({"kind": "rows", "columns": ["test"], "rows": []}))
    return Tests(passed=["all"])


def build_tables(
    settings: Settings,
    tables: Sequence[str],
    invocation: Invocation,
    variables: dict[str, Any],
    *,
    full_refresh: bool = False,
) -> None:
    """What `runner.dbt.dbt_run.build_tables` does, as far as AWS can see it."""
    given = {"snapshot_dates": [], "changed_files": None, "lease_holder": "", **variables}
    for model in MODELS:
        exists = _exists(invocation, model)
        if exists and full_refresh:
            invocation.glue.delete_table(DatabaseName=settings.glue_database, Name=model)
        if full_refresh or not exists:
            told = {"kind": "create", "table": model, "dates": given["snapshot_dates"]}
            _run(invocation, told, f"create table {model}")
            continue
        told = {
            "kind": "merge",
            "table": model,
            "dates": given["snapshot_dates"],
            "changed_files": given["changed_files"],
            "lease_holder": given["lease_holder"],
        }
        _run(invocation, told, f"merge into {model} as target")


def _exists(invocation: Invocation, table: str) -> bool:
    glue = invocation.glue
    try:
        glue.get_table(DatabaseName=invocation.settings.glue_database, Name=table)
    except glue.exceptions.EntityNotFoundException:
        return False
    return True


def _run(invocation: Invocation, told: dict[str, Any], sql: str) -> None:
    """Start a statement and wait for its end, as dbt-athena does."""
    node = f"model.medlaunch_elt.{told['table']}"
    invocation.node_of_thread = lambda: node
    query_id = invocation.athena.start_query_execution(
        QueryString=f"-- simulated: {json.dumps(told)}\n{sql}", WorkGroup="primary"
    )["QueryExecutionId"]
    while True:
        execution = execution_of(invocation.athena, query_id)
        if execution.get("Status", {}).get("State") not in ("QUEUED", "RUNNING"):
            break
        world().scheduler.sleep(0.5)
    invocation.node_of_thread = lambda: ""
    if invocation.ended_by is not None:
        raise invocation.ended_by
    raise_if_failed(execution, node)
