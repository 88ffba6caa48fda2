"""Releases a new version of the functions, and rolls it back if alarms ring.

All callers use a function's alias `live`. A deployment publishes a new version, and CodeDeploy moves the
alias to it. Most calls move first, and all calls move when no alarm has rung for some minutes. If an alarm
rings, CodeDeploy moves the alias back, and CloudFormation rolls back the whole deployment:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
"""

# jsii renames the parameters of its interfaces, so constructs do not match their own protocols.
# pyright: reportArgumentType=false
from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

#: The alias that callers use instead of a version:
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
ALIAS = "live"
#: The usual share is a tenth. That is too small here: the state machine repeats failed calls, the old version
#: would answer the repeated calls, and nobody would see that the new version fails.
FIRST_PERCENT = 90


def move_slowly(
    stack: Stack,
    aliases: Mapping[str, lambda_.Alias],
    alarms: Sequence[cloudwatch.IAlarm],
    minutes: int,
) -> None:
    """Let CodeDeploy move aliases to new versions.

    Args:
        stack: the stack of the functions.
        aliases: the aliases by the name of the function.
        alarms: the alarms. If one rings, all aliases move back.
        minutes: how long the alarms are watched before the last calls go to the new version.
    """
    role = _role(stack, list(aliases.values()))
    application = codedeploy.LambdaApplication(stack, "Releases")
    config = codedeploy.LambdaDeploymentConfig(
        stack,
        "MostFirst",
        traffic_routing=codedeploy.TimeBasedCanaryTrafficRouting(
            interval=Duration.minutes(minutes), percentage=FIRST_PERCENT
        ),
    )
    for name, alias in aliases.items():
        group = codedeploy.LambdaDeploymentGroup(
            stack,
            f"{name}Release",
            application=application,
            alias=alias,
            alarms=alarms,
            deployment_config=config,
            # The role has only its own policy, because the managed policy covers every function of the
            # account.
            role=role.without_policy_updates(),
        )
        group.node.add_dependency(role)


def _role(stack: Stack, aliases: Sequence[lambda_.Alias]) -> iam.Role:
    """The role with which CodeDeploy moves the aliases.

    It has the part of AWS's managed policy that these functions need:

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html
    """
    role = iam.Role(
        stack,
        "ReleasesRole",
        description="CodeDeploy: moves the aliases of the functions",
        assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
    )
    functions = [alias.lambda_.function_arn for alias in aliases]
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
            resources=[*functions, *(f"{arn}:{ALIAS}" for arn in functions)],
        )
    )
    role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]))
    return role
