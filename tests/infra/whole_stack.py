"""Runs both templates on ministack with local Athena beside it, as a deployment on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import boto3

from local_athena.server import LocalAthena
from runner.settings import PROJECT_DIR

REGION = "us-east-1"
#: Cold starts on two busy cores are slow. The tests check the order of events, not their speed.
PATIENCE_SECONDS = 240.0
POLL_SECONDS = 0.2
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "local"}
T = TypeVar("T")
_CONTEXT_OF_IMAGE = ("PackageType", "ImageConfig", "Architectures")


class WholeStack:
    """A context manager that runs ministack and local Athena, and deploys both stacks.

    Args:
        assembly: the folder with the synthesised templates.
        workdir: the folder for logs and the dbt profile.

    Attributes:
        bucket: the lake.
        state_machine_arn, topic_arn, queue_url: the deployed resources.
    """

    def __init__(self, assembly: Path, workdir: Path) -> None:
        self._assembly = assembly
        self._workdir = workdir
        self._cleanup = ExitStack()
        self._athena_url = ""
        self.url = ""
        self.bucket = self.state_machine_arn = self.topic_arn = self.queue_url = ""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.url = stack.enter_context(_Ministack(self._workdir)).url
            self._athena_url = stack.enter_context(LocalAthena(self.url, region=REGION)).url
            self._create_workgroup()
            profiles = self._workdir / "profiles"
            profiles.mkdir()
            shutil.copy(PROJECT_DIR / "profiles.example.yml", profiles / "profiles.yml")
            # `cdk bootstrap` creates this in an account.
            self.client("ssm").put_parameter(
                Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String"
            )
            lake = self._deploy("MedLaunchLake")
            pipeline = self._deploy("MedLaunchPipeline")
            self.bucket = lake["Lake"]
            self.state_machine_arn = pipeline["Publish"]
            self.topic_arn = pipeline["Alerts"]
            self.queue_url = pipeline["BronzeEvents"]
            self._cleanup = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    @property
    def environment(self) -> dict[str, str]:
        """The environment that points any AWS client at ministack."""
        return {**_CREDENTIALS, "AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": REGION}

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def _create_workgroup(self) -> None:
        """Create the workgroup in local Athena, which runs the queries. ministack's CloudFormation only records it."""
        template = json.loads((self._assembly / "MedLaunchLake.template.json").read_text("utf-8"))
        (name,) = (
            one["Properties"]["Name"]
            for one in template["Resources"].values()
            if one["Type"] == "AWS::Athena::WorkGroup"
        )
        boto3.client(
            "athena",
            endpoint_url=self._athena_url,
            region_name=REGION,
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        ).create_work_group(Name=name, Configuration={"EnforceWorkGroupConfiguration": False})

    def _deploy(self, stack: str) -> dict[str, str]:
        """Create a stack.

        Returns:
            The physical ids by logical id without its hash.
        """
        template = json.loads((self._assembly / f"{stack}.template.json").read_text("utf-8"))
        resources = template["Resources"]
        for name, resource in list(resources.items()):
            if resource["Type"] == "AWS::Lambda::Function":
                self._without_docker(resource["Properties"])
            # ministack has no CodeDeploy. A first deployment does not use it either, because it moves only existing
            # aliases.
            if resource["Type"].startswith("AWS::CodeDeploy::"):
                del resources[name]
            resource.pop("UpdatePolicy", None)
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName=stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
        )
        wait_for(lambda: self._is_created(stack), f"stack {stack}")
        made = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        return {one["LogicalResourceId"][:-8]: one["PhysicalResourceId"] for one in made}

    def _is_created(self, stack: str) -> bool:
        cloudformation = self.client("cloudformation")
        (told,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        if told["StackStatus"].endswith(("FAILED", "ROLLBACK_COMPLETE")):
            events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
            reasons = [one.get("ResourceStatusReason") for one in events if "FAILED" in one["ResourceStatus"]]
            raise AssertionError(f"stack {stack} is {told['StackStatus']}: {reasons}")
        return told["StackStatus"] == "CREATE_COMPLETE"

    def _without_docker(self, function: dict[str, Any]) -> None:
        """Rewrite an image function so that it imports the same handler from this checkout."""
        (command,) = function["ImageConfig"]["Command"]
        module, _, name = command.rpartition(".")
        for one in _CONTEXT_OF_IMAGE:
            del function[one]
        function |= {
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Code": {"ZipFile": f"from {module} import {name} as handler\n"},
        }
        function["Environment"]["Variables"] |= {
            **_CREDENTIALS,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_ATHENA": self._athena_url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "DBT_PROFILES_DIR": str(self._workdir / "profiles"),
        }


class _Ministack:
    """A ministack process on a free port of 127.0.0.1."""

    def __init__(self, workdir: Path) -> None:
        self._log = workdir / "ministack.log"
        self._cleanup = ExitStack()
        self.url = ""

    def __enter__(self) -> Self:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        # Without bytecode, each function would compile its libraries at every cold start.
        unwanted = ("AWS_", "PYTHONDONTWRITEBYTECODE")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
        environment = {
            **inherited,
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            # Waits of minutes between retries become seconds.
            "SFN_WAIT_SCALE": "0.02",
            "IOT_MTLS_ENABLED": "0",
            "PYTHONPATH": str(PROJECT_DIR),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", "")]),
        }
        log = self._cleanup.enter_context(self._log.open("w"))
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("ministack_server.py"))],
            env=environment,
            cwd=self._log.parent,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self._cleanup.callback(process.wait, timeout=30)
        self._cleanup.callback(process.terminate)
        wait_for(lambda: self._answers(process, port), "ministack")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def _answers(self, process: subprocess.Popen[bytes], port: int) -> bool:
        if process.poll() is not None:
            raise AssertionError(f"ministack ended: {self._log.read_text('utf-8')[-2000:]}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], T], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Poll until a condition holds.

    Raises:
        TimeoutError: the condition did not hold in time.
    """
    give_up = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{what} not there after {seconds:.0f} s")
        time.sleep(POLL_SECONDS)
    return value


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
