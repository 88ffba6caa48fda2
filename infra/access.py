"""The rights of each function: policy statements on exactly the prefixes that it reads and writes.

Athena uses the rights of its caller. The caller of a query therefore also needs the Glue, S3 and KMS actions
of that query (Athena user guide, "Fine-grained access to databases and tables").
"""

# jsii renames the parameters of its interfaces, so constructs do not match their own protocols.
# pyright: reportArgumentType=false
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam

from infra.lake_stack import LakeStack
from runner import lake

#: Iceberg tables and the seed: written, merged and vacuumed through Athena.
TABLES = ("stage1_tables", "stage3_tables", "dbt", "dbt_temporary")

_ATHENA = (
    "BatchGetQueryExecution",
    "GetQueryExecution",
    "GetQueryResults",
    "GetWorkGroup",
    # A run that takes over an expired lease finds the queries of its last holder and stops them.
    "ListQueryExecutions",
    "StartQueryExecution",
    "StopQueryExecution",
)
_GLUE = (
    "BatchGetPartition",
    "CreateTable",
    "DeleteTable",
    "DeleteTableVersion",
    "GetDatabase",
    "GetDatabases",
    "GetPartition",
    "GetPartitions",
    "GetTable",
    "GetTableVersions",
    "GetTables",
    "UpdateTable",
)


def logs(log_group_arn: str) -> iam.PolicyStatement:
    """Write to one log group. CloudFormation's ARN of a log group ends with `:*`."""
    return _allow("logs", ("CreateLogStream", "PutLogEvents"), [log_group_arn])


def key_use(key_arn: str) -> iam.PolicyStatement:
    """Read and write data that one KMS key encrypts."""
    return _allow("kms", ("Decrypt", "GenerateDataKey"), [key_arn])


def creates_database(stack: Stack, data: LakeStack) -> iam.PolicyStatement:
    """Create the database, which `medlaunch init` does if it is missing."""
    catalog = _catalog(stack)
    return _allow(
        "glue", ("CreateDatabase",), [f"{catalog}:catalog", f"{catalog}:database/{data.database_name}"]
    )


def queries(
    stack: Stack, data: LakeStack, athena: Sequence[str] = _ATHENA, glue: Sequence[str] = _GLUE
) -> list[iam.PolicyStatement]:
    """Run queries in the workgroup, on the tables of the database."""
    catalog = _catalog(stack)
    return [
        _allow(
            "athena",
            athena,
            [f"arn:{stack.partition}:athena:{stack.region}:{stack.account}:workgroup/{data.workgroup_name}"],
        ),
        _allow(
            "glue",
            glue,
            [
                f"{catalog}:catalog",
                f"{catalog}:database/{data.database_name}",
                f"{catalog}:table/{data.database_name}/*",
            ],
        ),
        # Athena reads the default database before it plans any statement on a table.
        _allow("glue", ("GetDatabase",), [f"{catalog}:database/default"]),
    ]


def selects(stack: Stack, data: LakeStack) -> list[iam.PolicyStatement]:
    """Run queries that change nothing, in the workgroup and on the tables of the database."""
    athena = ("BatchGetQueryExecution", "GetQueryExecution", "StartQueryExecution", "StopQueryExecution")
    return [*queries(stack, data, athena, ("GetDatabase", "GetTable")), bucket_location(data)]


def objects(
    data: LakeStack, *, read: Sequence[str] = (), write: Sequence[str] = (), delete: Sequence[str] = ()
) -> list[iam.PolicyStatement]:
    """Read, write and delete objects below prefixes named as in dbt_project.yml.

    A function that writes may also read, and may abort its uploads.
    """
    statements = [listing(data, [*read, *write])]
    statements.append(_allow("s3", ("GetObject",), _arns(data, [*read, *write])))
    if write:
        statements.append(
            _allow(
                "s3", ("AbortMultipartUpload", "ListMultipartUploadParts", "PutObject"), _arns(data, write)
            )
        )
    if delete:
        statements.append(_allow("s3", ("DeleteObject",), _arns(data, delete)))
    statements.append(key_use(data.key_arn))
    return statements


def copies(data: LakeStack, *, source: Sequence[str], target: Sequence[str]) -> list[iam.PolicyStatement]:
    """Copy objects from some prefixes to others."""
    return [
        # Without it a missing source is reported as access denied.
        _allow("s3", ("ListBucket",), [data.bucket_arn], _below(source)),
        _allow("s3", ("GetObject",), _arns(data, source)),
        _allow("s3", ("PutObject",), _arns(data, target)),
        key_use(data.key_arn),
    ]


def _catalog(stack: Stack) -> str:
    return f"arn:{stack.partition}:glue:{stack.region}:{stack.account}"


def listing(data: LakeStack, names: Iterable[str]) -> iam.PolicyStatement:
    """List the keys below prefixes named as in dbt_project.yml."""
    # GetBucketLocation has no prefix, so the condition would refuse it. bucket_location adds it where queries
    # run.
    return _allow("s3", ("ListBucket",), [data.bucket_arn], _below(names))


def bucket_location(data: LakeStack) -> iam.PolicyStatement:
    """Athena's requests to a bucket before it writes results there."""
    return _allow("s3", ("GetBucketLocation", "ListBucketMultipartUploads"), [data.bucket_arn])


def _below(names: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    prefixes = sorted({lake.prefix(name) for name in names})
    return {
        "StringLike": {"s3:prefix": [pattern for prefix in prefixes for pattern in (prefix, f"{prefix}/*")]}
    }


def _arns(data: LakeStack, names: Iterable[str]) -> list[str]:
    return [f"{data.bucket_arn}/{lake.prefix(name)}/*" for name in sorted(set(names))]


def _allow(
    service: str,
    actions: Sequence[str],
    resources: list[str],
    conditions: dict[str, dict[str, list[str]]] | None = None,
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=[f"{service}:{action}" for action in actions], resources=resources, conditions=conditions
    )


def acknowledge_wildcards(role: iam.Role, database: str, others: Mapping[str, str]) -> None:
    """Acknowledge the intended wildcards of a role for cdk-nag.

    Any other wildcard stays an error.

    Args:
        role: the role, with all its statements.
        database: the Glue database of all tables.
        others: intended wildcards beyond the objects below one prefix, the tables of one database and the
            executions of one state machine. They map cdk-nag's name of the finding, such as `Resource::*`, to
            the reason.
    """
    policy = role.node.find_child("DefaultPolicy")
    assert isinstance(policy, iam.Policy)
    document = Stack.of(role).resolve(policy.document)
    owned = (f":table/{database}/*", *(f"/{prefix}/*" for prefix in lake.registry()["prefixes"].values()))
    meant = {**others}
    for statement in document["Statement"]:
        resources = statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            name = _plain(resource)
            if name.endswith(owned):
                meant[f"Resource::{name}"] = "Objects below one prefix or tables of one database."
            elif ":execution:<" in name and name.endswith(".Name>:*"):
                meant[f"Resource::{name}"] = "Executions of one state machine."
    Validations.of(role).acknowledge(
        *(Acknowledgment(id=_finding(finding), reason=reason) for finding, reason in meant.items())
    )


def _finding(name: str) -> str:
    # The CDK compares the names of findings with their white space replaced.
    return f"AwsSolutions::AwsSolutions-IAM5[{'-'.join(name.split())}]"


def _plain(value: Any) -> str:
    """A resolved value in the form that cdk-nag uses in the names of its findings."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return name
        case {"Fn::Join": [separator, parts]}:
            return separator.join(map(_plain, parts))
        case _:
            raise TypeError(f"no plain form of {value!r} is known")
