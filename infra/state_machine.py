"""Reads the state machine's definition and fills in its names.

AWS, the sandbox and the tests use the same file.
"""

from __future__ import annotations

from pathlib import Path

from runner import lake

DEFINITION = Path(__file__).with_name("state_machine.asl.json")


def substitutions(
    *, transform_arn: str, publish_arn: str, report_arn: str, topic_arn: str, bucket: str, region: str
) -> dict[str, str]:
    """The values of the names in `${...}`, for CloudFormation's DefinitionSubstitutions.

    The bronze prefix comes from dbt_project.yml, like the prefixes in the EventBridge rule.
    """
    bronze = lake.prefix("bronze")
    return {
        "TransformFunctionArn": transform_arn,
        "PublishFunctionArn": publish_arn,
        "ReportFunctionArn": report_arn,
        "AlertTopicArn": topic_arn,
        "DataBucket": bucket,
        "Region": region,
        "BronzePrefix": bronze,
        "BronzeDateIndex": str(len(bronze.split("/"))),
    }


def definition(**names: str) -> str:
    """The complete definition outside CloudFormation. The arguments are the same as for `substitutions`."""
    text = DEFINITION.read_text("utf-8")
    for name, value in substitutions(**names).items():
        text = text.replace(f"${{{name}}}", value)
    return text
