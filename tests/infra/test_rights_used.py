"""Tests the synthesised policies with every AWS call of real runs: no call is refused, and no permission is unneeded."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from infra import cost
from runner.aws import clients
from runner.aws.queries import output_location
from runner.lambdas import freshness, handlers
from runner.lease.fence import fence
from runner.lease.lease import Holder, now
from runner.settings import Settings
from runner.stage2.expiring import expiring
from runner.tables.initialise import initialise
from runner.tables.maintain import maintain
from runner.tables.stage_tables import STAGE1
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
_LOGS_AND_TRACES = {
    "logs:CreateLogStream": "Lambda writes the function's log.",
    "logs:PutLogEvents": "Lambda writes the function's log.",
    "xray:PutTelemetryRecords": "Lambda traces the function.",
    "xray:PutTraceSegments": "Lambda traces the function.",
}
_OBJECTS = {
    "kms:Decrypt": "S3 needs it for each object that is read; the sandbox does not encrypt.",
    "kms:GenerateDataKey": "S3 needs it for each object that is written.",
    "s3:AbortMultipartUpload": "An upload that fails half-way needs it.",
    "s3:ListMultipartUploadParts": "An upload of more than one part needs it.",
}
_QUERIES = {
    "glue:BatchGetPartition": "Athena reads the partitions of a Hive table with it; local Athena projects them.",
    "glue:GetPartition": "See BatchGetPartition.",
    "glue:GetPartitions": "See BatchGetPartition.",
    "s3:GetBucketLocation": "Athena calls it for the bucket of its results: "
    "https://docs.aws.amazon.com/athena/latest/ug/troubleshooting-athena.html",
    "s3:ListBucketMultipartUploads": "Athena lists the uploads of a result bucket: "
    "https://docs.aws.amazon.com/athena/latest/ug/example-policies-workgroup.html",
}
_TELLS = {
    "kms:GenerateDataKey*": "Lambda sends failures to a topic that is encrypted.",
    "sns:Publish": "Lambda sends failures to a topic.",
}
#: Athena's guide names these permissions for queries on tables; local Athena needs fewer of them:
#: https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
_AS_ATHENAS_GUIDE_SAYS = "Athena's guide lists it among the permissions of a query."
#: Permissions that no run in the sandbox needs, with the reason why a role has them.
UNSEEN = {
    "InitialiseRole": _LOGS_AND_TRACES | _OBJECTS | _QUERIES | _TELLS,
    "TransformRole": _LOGS_AND_TRACES
    | _OBJECTS
    | _QUERIES
    | {
        "glue:DeleteTable": "dbt drops a table that it creates again.",
        "s3:DeleteObject": "dbt also deletes the files of such a table.",
    },
    "PublishCurrentRole": _LOGS_AND_TRACES | _OBJECTS,
    "PublishReportRole": _LOGS_AND_TRACES | _OBJECTS,
    "ExpiringRole": _LOGS_AND_TRACES
    | _OBJECTS
    | _TELLS
    | {
        "athena:StopQueryExecution": "The deadline stops the query.",
        "glue:GetDatabase": _AS_ATHENAS_GUIDE_SAYS,
        **{name: _QUERIES[name] for name in ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads")},
    },
    "MaintainRole": _LOGS_AND_TRACES
    | _OBJECTS
    | _QUERIES
    | _TELLS
    | {
        "glue:UpdateTable": "An OPTIMIZE that finds files to merge commits with it.",
        "s3:DeleteObject": "VACUUM removes the files of old snapshots.",
        **dict.fromkeys(
            (
                "athena:GetQueryResults",
                "athena:GetWorkGroup",
                "glue:CreateTable",
                "glue:DeleteTable",
                "glue:GetDatabases",
                "glue:GetTables",
            ),
            _AS_ATHENAS_GUIDE_SAYS,
        ),
    },
    # These runs have no state machine. tests/cli/test_living_lake.py asks for the status of a lake with one.
    "Operator": _OBJECTS
    | _QUERIES
    | {
        "sqs:GetQueueAttributes": "`medlaunch status` counts the waiting events.",
        "states:DescribeExecution": "`medlaunch status` gives the reason of a failure.",
        "states:ListExecutions": "`medlaunch status` names the dates whose execution failed.",
        "states:StartExecution": "It is the command that `medlaunch status` prints for a failed date.",
    },
}

#: A query that takes minutes, for the fence to stop.
LONG_QUERY = """
select sum(a.x * b.x * c.x)
from unnest(sequence(1, 10000)) as a (x)
cross join unnest(sequence(1, 10000)) as b (x)
cross join unnest(sequence(1, 10000)) as c (x)
"""


@pytest.fixture(scope="module")
def runs(sandbox: Sandbox) -> dict[str, list[Call]]:
    """The calls of each kind of run, by the role that it has on AWS, and the calls for one event."""
    environment = sandbox.create_lake("rights", "rights_db")
    lake = Lake(sandbox, environment)
    calls: dict[str, list[Call]] = {}
    with pytest.MonkeyPatch.context() as patch:
        lake.use(patch)
        for name, value in environment.items():
            patch.setenv(name, value)
        clients.s3_client.cache_clear()
        settings = Settings.from_environment(environment)
        lake.put_bronze(DAY.isoformat(), "a.jsonl", [facility(1), facility(2)])
        bad = lake.put_bronze(DAY.isoformat(), "b.jsonl", [facility(3), "not json"])
        # In a new account, init creates the database.
        lake.glue.delete_database(Name=settings.glue_database)
        with recorded() as calls["InitialiseRole"]:
            initialise(settings)
        with recorded() as calls["TransformRole"]:
            transform(settings, [DAY])
        with recorded() as calls["PublishCurrentRole"]:
            handlers.publish_announced(clients.s3_client(), settings.data_bucket)
        with recorded() as calls["PublishReportRole"]:
            handlers.report_publication.publish(clients.s3_client(), settings.data_bucket)
        with recorded() as calls["ExpiringRole"]:
            expiring(settings, DAY)
            expiring(replace(settings, stage2_engine="athena"), DAY)
        # Stage 2 deletes the quarantine of a file that was deleted.
        lake.delete(bad)
        with recorded() as gone:
            expiring(settings, DAY)
        with recorded() as ages:
            freshness.emit_ages(settings)
        with recorded() as upkeep:
            maintain(settings)
        with recorded() as superseded:
            remove_superseded_rejects(
                clients.s3_client(), settings.data_bucket, datetime.now(UTC) + timedelta(days=2)
            )
        with recorded() as again:
            initialise(settings)
        lake.glue.delete_table(DatabaseName=settings.glue_database, Name=STAGE1)
        with recorded() as lost:
            transform(settings, [DAY])
        with recorded() as refreshed:
            transform(settings, [DAY], full_refresh=True)
        fenced = _fence(settings)
    clients.s3_client.cache_clear()
    # Any run that writes tables may find the lease of a run that died.
    calls["Operator"] = [*again, *calls["TransformRole"], *lost, *refreshed, *upkeep, *fenced]
    calls["event"] = [
        *calls["TransformRole"],
        *calls["PublishCurrentRole"],
        *calls["PublishReportRole"],
    ]
    calls["ExpiringRole"] += gone
    calls["MaintainRole"] = [*ages, *upkeep, *superseded, *fenced]
    calls["InitialiseRole"] += fenced
    calls["TransformRole"] += [*lost, *fenced]
    return {role: [_deployed(one, settings) for one in made] for role, made in calls.items()}


def _fence(settings: Settings) -> list[Call]:
    """The calls that stop a query which another run has left running."""
    athena = clients.make_client("athena")
    holder = Holder("0123456789abcdef", "a run that was killed", now())
    query = athena.start_query_execution(
        QueryString=LONG_QUERY,
        WorkGroup=settings.athena_workgroup,
        ResultConfiguration={"OutputLocation": output_location(settings, holder.id)},
    )["QueryExecutionId"]
    with recorded() as calls:
        fence(settings, holder)
    state = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]
    assert state == "CANCELLED"
    return calls


def _deployed(call: Call, settings: Settings) -> Call:
    """A call of the sandbox, with the names of the deployment."""
    resource = call.resource.replace(settings.glue_database, "medlaunch_db")
    resource = resource.replace(f"workgroup/{settings.athena_workgroup}", "workgroup/medlaunch-elt")
    return Call(call.action, resource, call.context)


ROLES = [
    "InitialiseRole",
    "TransformRole",
    "PublishCurrentRole",
    "PublishReportRole",
    "ExpiringRole",
    "MaintainRole",
    "Operator",
]


def identity(pipeline: Template, role: str) -> list[dict[str, Any]]:
    return [{"Effect": "Allow", **one} for one in pipeline.statements(role)]


@pytest.mark.parametrize("role", ROLES)
def test_no_call_of_a_run_is_refused(pipeline: Template, runs: dict[str, list[Call]], role: str) -> None:
    statements = identity(pipeline, role)

    assert runs[role]
    refused = {(one.action, one.resource) for one in runs[role] if not allows(statements, [], one)}
    assert refused == set()


def test_an_event_makes_the_requests_that_are_paid(runs: dict[str, list[Call]]) -> None:
    made = Counter(one.action for one in runs["event"])
    # The state machine copies two exports.
    puts = made["s3:PutObject"] + made["s3:ListBucket"] + 2

    # Each request to Glue needs permission on the catalog and on the objects in it.
    catalog = sum(one.resource.endswith(":catalog") for one in runs["event"])

    assert puts <= cost.PUTS_PER_RUN < 2 * puts
    assert made["s3:GetObject"] <= cost.GETS_PER_RUN < 2 * made["s3:GetObject"]
    assert catalog <= cost.CATALOG_REQUESTS_PER_RUN < 2 * catalog


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

    assert in_vain == set(UNSEEN[role])


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
