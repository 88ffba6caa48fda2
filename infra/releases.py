"""How a new version of the functions takes over, and goes again if alarms ring.

Everybody calls a function's alias `live`. A deployment publishes a new version, and CodeDeploy moves the
alias to it: most calls first, all of them once no alarm has rung for some minutes. If one rings, CodeDeploy
moves the alias back, and CloudFormation takes the whole deployment back with it:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
"""

# jsii renames the parameters of its interfaces, so that no construct fits its own protocol.
# pyright: reportArgumentType=false
from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

#: What callers name instead of a version:
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
ALIAS = "live"
#: Not the usual tenth: the state machine repeats what fails, and the old version would answer the repeated
#: calls and so hide that the new one fails.
FIRST_PERCENT = 90


def move_slowly(
    stack: Stack,
    aliases: Mapping[str, lambda_.Alias],
    alarms: Sequence[cloudwatch.IAlarm],
    minutes: int,
) -> None:
    """Let CodeDeploy move aliases to new versions.

    Args:
        stack: where they are.
        aliases: by the name of the function.
        alarms: each one, when it rings, moves all aliases back.
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
            # With its own policy alone: the managed one covers every function of the account.
            role=role.without_policy_updates(),
        )
        group.node.add_dependency(role)


def _role(stack: Stack, aliases: Sequence[lambda_.Alias]) -> iam.Role:
    """What CodeDeploy moves the aliases with: of AWS's own policy for it what concerns these functions.

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
