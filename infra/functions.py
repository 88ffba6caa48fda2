"""The Lambda functions. They share one image. Each has its own entry point, role, log group and alias."""

# jsii renames the parameters of its interfaces, so constructs do not match their own protocols.
# pyright: reportArgumentType=false
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from infra import access
from infra.config import Config
from infra.lake_stack import LakeStack
from infra.monitoring import SERVICE
from infra.releases import ALIAS

PROJECT_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Function:
    """One function, the alias that callers use, and its role.

    Attributes:
        function: the function, whose metrics count all its versions.
        alias: the version that callers get; None if CloudFormation alone calls the function.
        role: the role with its rights.
        seconds: its time-out.
    """

    function: lambda_.DockerImageFunction
    alias: lambda_.Alias | None
    role: iam.Role
    seconds: int

    @property
    def live(self) -> lambda_.Alias:
        """The alias, for a function that has one."""
        assert self.alias is not None
        return self.alias

    @property
    def live_arn(self) -> str:
        """The alias's ARN, built from its name.

        A reference to the alias would be circular, because the alias waits for the alarm that watches it.
        """
        return f"{self.function.function_arn}:{ALIAS}"


class Functions:
    """Makes the functions of a stack.

    Args:
        stack: where they are made.
        config: the deployment.
        data: the lake that they use.
        key: encrypts their logs.
    """

    def __init__(self, stack: Stack, config: Config, data: LakeStack, key: kms.Key) -> None:
        self._stack, self._config, self._data, self._key = stack, config, data, key

    def log_group(self, name: str, **options: Any) -> logs.LogGroup:
        """An encrypted log group with the configured retention."""
        group = logs.LogGroup(
            self._stack, name, removal_policy=RemovalPolicy.DESTROY, encryption_key=self._key, **options
        )
        resource = group.node.default_child
        assert isinstance(resource, logs.CfnLogGroup)
        resource.retention_in_days = self._config.log_retention_days
        return group

    def make(
        self,
        name: str,
        *,
        memory: int,
        timeout: Duration,
        handler: str = "",
        environment: dict[str, str] | None = None,
        on_failure: lambda_.IDestination | None = None,
        aliased: bool = True,
        **options: Any,
    ) -> Function:
        """One function from the common image.

        Args:
            name: the construct's, and by default the handler's.
            memory: in MiB.
            timeout: of one call.
            handler: module and function.
            environment: variables beside those of the lake.
            on_failure: the destination of an asynchronous call that failed after its retries.
            aliased: whether callers call an alias.
            options: of the construct.
        """
        handler = handler or f"runner.lambdas.handlers.{name.lower()}"
        log_group = self.log_group(f"{name}Logs")
        role = iam.Role(self._stack, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        role.add_to_policy(access.logs(log_group.log_group_arn))
        arm = self._config.architecture == "arm64"
        function = lambda_.DockerImageFunction(
            self._stack,
            name,
            description=f"MedLaunch ELT: {handler}",
            code=self._image(handler),
            architecture=lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64,
            memory_size=memory,
            timeout=timeout,
            role=role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            # Old versions are kept, so that a person can point the alias at an earlier version.
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
            # Calls of an alias use the alias's destination, not the function's.
            on_failure=None if aliased else on_failure,
            environment=self._variables(environment or {}),
            **options,
        )
        alias = self._alias(name, function, on_failure) if aliased else None
        return Function(function, alias, role, int(timeout.to_seconds()))

    def _image(self, handler: str) -> lambda_.DockerImageCode:
        arm = self._config.architecture == "arm64"
        return lambda_.DockerImageCode.from_image_asset(
            str(PROJECT_DIR),
            cmd=[handler],
            build_args={
                "BASE_IMAGE": self._config.base_image,
                "REVISION": self._config.revision or "unknown",
            },
            platform=ecr_assets.Platform.LINUX_ARM64 if arm else ecr_assets.Platform.LINUX_AMD64,
        )

    def _variables(self, own: dict[str, str]) -> dict[str, str]:
        service = self._config.service
        return {
            "DATA_BUCKET": self._data.bucket_name,
            "GLUE_DATABASE": self._data.database_name,
            "ATHENA_WORKGROUP": self._data.workgroup_name,
            "DBT_TARGET": "prod",
            # This variable of Powertools separates the metrics and logs of two deployments.
            **({} if service == SERVICE else {"POWERTOOLS_SERVICE_NAME": service}),
            **own,
        }

    def _alias(
        self, name: str, function: lambda_.DockerImageFunction, on_failure: lambda_.IDestination | None
    ) -> lambda_.Alias:
        return lambda_.Alias(
            self._stack,
            f"{name}Live",
            alias_name=ALIAS,
            version=function.current_version,
            on_failure=on_failure,
        )
