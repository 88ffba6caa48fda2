"""Finds problems of an account before a deployment: `python -m infra.preflight`.

It takes the same `-c name=value` as a deployment and changes nothing. An error ends with exit code 1. A note
is only information.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.config import Config, ConfigError, default_context

#: The concurrency that Lambda keeps unreserved in every account:
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED_EXECUTIONS = 100
_MACHINES = {"aarch64": "arm64", "arm64": "arm64", "amd64": "x86_64", "x86_64": "x86_64"}
_EMULATORS = {"arm64": "qemu-aarch64", "x86_64": "qemu-x86_64"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about an account.

    Attributes:
        stops: whether the deployment would fail.
        text: the finding, and what to do.
    """

    stops: bool
    text: str


def account_findings(config: Config) -> list[Finding]:
    """Findings about the account of the environment's credentials.

    Raises:
        BotoCoreError, ClientError: the account cannot be read.
    """
    identity = boto3.client("sts").get_caller_identity()
    region = boto3.session.Session().region_name
    bucket = config.bucket_name or (
        f"{config.stack_prefix.lower()}-elt-datalake-{identity['Account']}-{region}"
    )
    findings = [*_concurrency(config), *_lake_formation(config)]
    namesakes = list(_namesakes(config))
    if namesakes:
        return findings + namesakes
    if not _stack_exists(f"{config.stack_prefix}Lake"):
        findings += [*_left_bucket(bucket, config), *_left_database(config), *_left_workgroup(config)]
    return findings


def machine_findings(config: Config, machine: str, emulators: Path) -> list[Finding]:
    """Findings about this machine: it lacks something for building the image.

    Args:
        config: the deployment.
        machine: this machine's processor, from `platform.machine`.
        emulators: the folder in which Linux lists the processors that it can emulate.
    """
    findings: list[Finding] = []
    if not any(map(shutil.which, ("docker", "podman", "finch"))):
        findings.append(
            Finding(True, "docker is not on PATH (nor podman or finch): the image cannot be built")
        )
    native = _MACHINES.get(machine.lower(), machine)
    emulator = emulators / _EMULATORS[config.architecture]
    # Docker Desktop on macOS and Windows includes the emulation.
    if native != config.architecture and platform.system() == "Linux" and not emulator.exists():
        findings.append(
            Finding(
                True,
                f"this machine is {native} and the image is for {config.architecture}: install QEMU's "
                f"emulation (package qemu-user-static), or deploy with -c architecture={native}",
            )
        )
    return findings


def _concurrency(config: Config) -> Iterator[Finding]:
    limit = boto3.client("lambda").get_account_settings().get("AccountLimit", {})
    free = limit.get("UnreservedConcurrentExecutions", 0) - UNRESERVED_EXECUTIONS
    if config.transform_concurrency > max(free, 0):
        yield Finding(
            True,
            f"transform_concurrency is {config.transform_concurrency}, but Lambda lets this account reserve "
            f"{max(free, 0)}: leave it at 0, or ask for a higher quota in Service Quotas",
        )


def _left_bucket(bucket: str, config: Config) -> Iterator[Finding]:
    s3 = boto3.client("s3")
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status != 404:
            yield Finding(True, f"bucket {bucket} belongs to somebody else: deploy with -c bucket_name=…")
        return
    if not config.lake_key_arn:
        yield Finding(True, f"bucket {bucket} is left of an earlier deployment: {_adoption(s3, bucket)}")


def _adoption(s3: Any, bucket: str) -> str:
    """How to take over an earlier deployment's bucket. Its objects need the key that encrypts them."""
    try:
        told = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        key = told[0]["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID", "")
    except ClientError:
        key = ""
    return (
        f"deploy with ADOPT=1 CONTEXT='-c lake_key_arn={key or '<ARN of its key>'}' to take it over, "
        "or delete it"
    )


def _left_database(config: Config) -> Iterator[Finding]:
    glue = boto3.client("glue")
    try:
        glue.get_database(Name=config.glue_database)
    except glue.exceptions.EntityNotFoundException:
        return
    if not config.lake_key_arn:
        yield Finding(
            True,
            f"Glue database {config.glue_database} exists already: deploy with ADOPT=1 to take it over, or "
            "with -c glue_database=… or -c stack_prefix=…",
        )


def _left_workgroup(config: Config) -> Iterator[Finding]:
    groups = boto3.client("athena").list_work_groups().get("WorkGroups", [])
    if config.athena_workgroup in {one.get("Name") for one in groups}:
        yield Finding(
            True,
            f"Athena workgroup {config.athena_workgroup} exists already: deploy with -c athena_workgroup=…, "
            "or delete it (aws athena delete-work-group --recursive-delete-option --work-group "
            f"{config.athena_workgroup})",
        )


def _lake_formation(config: Config) -> Iterator[Finding]:
    """Whether only IAM guards new databases and tables, which the roles require.

    https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
    """
    settings = boto3.client("lakeformation").get_data_lake_settings().get("DataLakeSettings", {})
    defaults = [
        *settings.get("CreateDatabaseDefaultPermissions", []),
        *settings.get("CreateTableDefaultPermissions", []),
    ]
    by_iam = [
        one
        for one in defaults
        if one.get("Principal", {}).get("DataLakePrincipalIdentifier") == "IAM_ALLOWED_PRINCIPALS"
    ]
    if len(by_iam) < 2:
        yield Finding(
            False,
            f"Lake Formation guards new databases and tables of this account: grant the functions' roles on "
            f"{config.glue_database} what docs/operations.md lists under Lake Formation",
        )


def _namesakes(config: Config) -> Iterator[Finding]:
    """Deployments whose prefix differs only in case. Stack names are case-sensitive, bucket names are not."""
    own = f"{config.stack_prefix}Lake"
    for page in boto3.client("cloudformation").get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            name = stack["StackName"]
            if name.lower() == own.lower() and name != own:
                yield Finding(
                    True,
                    f"stack {name} exists, and stack_prefix {config.stack_prefix!r} would give its bucket, "
                    "database and workgroup: choose a prefix that differs in more than case",
                )


def _stack_exists(name: str) -> bool:
    try:
        boto3.client("cloudformation").describe_stacks(StackName=name)
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    return True


def _config(given: list[str]) -> Config:
    context: Mapping[str, Any] = dict(one.split("=", 1) for one in given if "=" in one)
    return Config.from_context({**default_context(), **context})


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-c", "--context", action="append", default=[], metavar="name=value")
    try:
        config = _config(parser.parse_args(arguments).context)
        findings = [
            *machine_findings(config, platform.machine(), Path("/proc/sys/fs/binfmt_misc")),
            *account_findings(config),
        ]
    except (ConfigError, BotoCoreError, ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for one in findings:
        print(f"{'error' if one.stops else 'note'}: {one.text}", file=sys.stderr)
    return int(any(one.stops for one in findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
