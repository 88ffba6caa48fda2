"""Records the AWS calls of this process as the requests that IAM decides on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from tests.infra.iam import Call

#: S3 operations whose permission has another name.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_S3_ACTIONS = {
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "UploadPart": "PutObject",
}
_CATALOG = "arn:aws:glue:<region>:<account>"
_WORKGROUP = "arn:aws:athena:<region>:<account>:workgroup"


@contextmanager
def recorded() -> Iterator[list[Call]]:
    """The calls of all threads within the block: those of the runner, of dbt and of local Athena.

    Athena acts with its caller's permissions, so the caller also needs those for local Athena's calls.
    """
    calls: list[Call] = []
    make = BaseClient._make_api_call

    def make_and_keep(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        calls.extend(requests(client.meta.service_model.service_name, operation, parameters))
        return make(client, operation, parameters)

    with mock.patch.object(BaseClient, "_make_api_call", make_and_keep):
        yield calls


def requests(service: str, operation: str, parameters: Mapping[str, Any]) -> list[Call]:
    """The IAM requests for a call."""
    match service:
        case "s3":
            return _s3(operation, parameters)
        case "glue":
            return [Call(f"glue:{operation}", one) for one in _glue(parameters)]
        case "athena":
            group = parameters.get("WorkGroup", "medlaunch-elt")
            return [Call(f"athena:{operation}", f"{_WORKGROUP}/{group}")]
        case "sts":
            # "No permissions are required to perform this operation":
            # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
            return []
        case _:
            return [Call(f"{service}:{operation}", "*")]


def _s3(operation: str, parameters: Mapping[str, Any]) -> list[Call]:
    action = f"s3:{_S3_ACTIONS.get(operation, operation)}"
    if operation == "CopyObject":
        source = parameters["CopySource"]
        key = source["Key"] if isinstance(source, Mapping) else source.lstrip("/").partition("/")[2]
        return [Call("s3:GetObject", f"<lake>/{key}"), Call("s3:PutObject", f"<lake>/{parameters['Key']}")]
    if operation == "DeleteObjects":
        return [Call("s3:DeleteObject", f"<lake>/{one['Key']}") for one in parameters["Delete"]["Objects"]]
    if "Key" in parameters:
        return [Call(action, f"<lake>/{parameters['Key']}")]
    context = {"s3:prefix": parameters.get("Prefix", "")} if action == "s3:ListBucket" else {}
    return [Call(action, "<lake>", context)]


def _glue(parameters: Mapping[str, Any]) -> list[str]:
    """The catalog, the database and the table, on each of which a call needs permission.

    https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
    """
    database = parameters.get("DatabaseName") or parameters.get("DatabaseInput", {}).get("Name", "")
    table = parameters.get("TableName") or parameters.get("TableInput", {}).get("Name", "")
    if "Name" in parameters:
        if database:
            table = parameters["Name"]
        else:
            database = parameters["Name"]
    found = [f"{_CATALOG}:catalog"]
    if database:
        found.append(f"{_CATALOG}:database/{database}")
    if table:
        found.append(f"{_CATALOG}:table/{database}/{table}")
    return found
