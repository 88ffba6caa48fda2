"""The synthesised policies on every AWS call of real runs: nothing is refused, and nothing is allowed in vain."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from runner.aws import clients
from runner.lambdas import handlers
from runner.settings import Settings
from runner.stage2.expiring import expiring
from runner.tables.initialise import initialise
from runner.tables.maintain import maintain
from runner.tables.superseded import remove_superseded_rejects
from runner.tables.transform import transform
from sandbox.local import Sandbox
from tests.conftest import Lake
from tests.infra.iam import Call, allows
from tests.infra.recording import recorded
from tests.infra.template import Template
from tests.pipeline.facts import facility

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("synth")]

DAY = date(2025, 8, 10)
#: Rights that no run in the sandbox shows to be needed, and why a role has them all the same.
UNSEEN = {
    "athena:GetQueryResults": "Maintain's statements have no rows; the rights of a query are one list for all.",
    "glue:GetDatabase": "As above: Athena looks at the database of a statement.",
    "athena:BatchGetQueryExecution": "The fence asks so for the queries of a holder that ended without a word.",
    "athena:GetWorkGroup": "dbt-athena asks it of a workgroup before it chooses where results go.",
    "athena:ListQueryExecutions": "The fence: see BatchGetQueryExecution.",
    "athena:StopQueryExecution": "The deadline and the fence stop queries.",
    "glue:BatchGetPartition": "Athena reads the partitions of a Hive table so; local Athena projects them.",
    "glue:DeleteTableVersion": "dbt-athena clears the versions of a table that it makes anew.",
    "glue:GetDatabases": "Athena lists databases for information_schema.",
    "glue:GetPartition": "See BatchGetPartition.",
    "glue:GetPartitions": "See BatchGetPartition.",
    "glue:GetTableVersions": "See DeleteTableVersion.",
    "glue:DeleteTable": "A full refresh drops a table, and the fence a temporary one.",
    "glue:GetTables": "Athena and dbt list the tables of a database.",
    "kms:Decrypt": "S3 asks it for each object of the lake that is read; the sandbox encrypts nothing.",
    "kms:GenerateDataKey": "S3 asks it for each object that is written.",
    "s3:AbortMultipartUpload": "Of an upload that fails half-way.",
    "s3:GetBucketLocation": "Athena asks it of the bucket of its results: "
    "https://docs.aws.amazon.com/athena/latest/ug/troubleshooting-athena.html",
    "s3:ListBucketMultipartUploads": "Athena lists the uploads of a result bucket.",
    "s3:ListMultipartUploadParts": "Of an upload of more than one part.",
    "logs:CreateLogStream": "Lambda writes the function's log.",
    "logs:PutLogEvents": "Lambda writes the function's log.",
    "sns:Publish": "The destination of failures.",
    "kms:GenerateDataKey*": "The destination of failures: its topic is encrypted.",
    "s3:DeleteObject": "Iceberg and dbt-athena remove files of tables; quarantine that is out of date goes.",
    "glue:UpdateTable": "An Iceberg commit, which moves the table's pointer.",
    "glue:CreateTable": "Tables that are made anew.",
}


@pytest.fixture(scope="module")
def runs(sandbox: Sandbox) -> dict[str, list[Call]]:
    """The calls of one run of each kind, by the role that it has on AWS."""
    environment = sandbox.create_lake("rights", "rights_db")
    lake = Lake(sandbox, environment)
    calls: dict[str, list[Call]] = {}
    with pytest.MonkeyPatch.context() as patch:
        lake.use(patch)
        for name, value in environment.items():
            patch.setenv(name, value)
        clients.s3_client.cache_clear()
        settings = Settings.from_environment(environment)
        lake.put_bronze(DAY.isoformat(), "a.jsonl", [facility(1), facility(2), "not json"])
        # As in a new account, where init makes it.
        lake.glue.delete_database(Name=settings.glue_database)
        with recorded() as calls["InitialiseRole"]:
            initialise(settings)
        with recorded() as calls["TransformRole"]:
            transform(settings, [DAY])
        with recorded() as calls["PublishCurrentRole"]:
            handlers.publish_announced(clients.s3_client(), settings.data_bucket)
        with recorded() as calls["ExpiringRole"]:
            expiring(settings, DAY)
        with recorded() as calls["MaintainRole"]:
            maintain(settings)
            remove_superseded_rejects(
                clients.s3_client(), settings.data_bucket, datetime.now(UTC) + timedelta(days=2)
            )
    clients.s3_client.cache_clear()
    return {role: [_deployed(one, settings) for one in made] for role, made in calls.items()}


def _deployed(call: Call, settings: Settings) -> Call:
    """A call of the sandbox with the names of the deployment."""
    resource = call.resource.replace(settings.glue_database, "medlaunch_db")
    resource = resource.replace(f"workgroup/{settings.athena_workgroup}", "workgroup/medlaunch-elt")
    return Call(call.action, resource, call.context)


ROLES = ["InitialiseRole", "TransformRole", "PublishCurrentRole", "ExpiringRole", "MaintainRole"]


def identity(pipeline: Template, role: str) -> list[dict[str, Any]]:
    return [{"Effect": "Allow", **one} for one in pipeline.statements(role)]


@pytest.mark.parametrize("role", ROLES)
def test_no_call_of_a_run_is_refused(pipeline: Template, runs: dict[str, list[Call]], role: str) -> None:
    statements = identity(pipeline, role)

    assert runs[role]
    refused = {(one.action, one.resource) for one in runs[role] if not allows(statements, [], one)}
    assert refused == set()


@pytest.mark.parametrize("role", ROLES)
def test_each_right_is_needed_by_a_run_or_has_a_reason(
    pipeline: Template, runs: dict[str, list[Call]], role: str
) -> None:
    statements = identity(pipeline, role)
    held = {action for one in statements for action in one["Action"]}
    in_vain: set[str] = set()
    for action in held:
        without = [
            {**one, "Action": [name for name in one["Action"] if name != action]} for one in statements
        ]
        if all(allows(without, [], one) for one in runs[role]):
            in_vain.add(action)

    assert in_vain <= set(UNSEEN)


def test_rights_that_nothing_needs_are_gone(pipeline: Template) -> None:
    for role in ROLES:
        held = {action for one in pipeline.statements(role) for action in one["Action"]}
        assert "glue:BatchDeleteTableVersion" not in held
    deleted = {
        resource
        for role in ("TransformRole", "MaintainRole", "InitialiseRole")
        for one in pipeline.statements(role)
        if "s3:DeleteObject" in one["Action"]
        for resource in one["Resource"]
    }
    assert not [resource for resource in deleted if "pipeline-state" in resource]
