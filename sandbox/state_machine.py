"""Runs the deployed state machine in this process: infra's definition, moto, the real handlers."""

from __future__ import annotations

import json
import logging
import os
import time
import traceback
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from unittest import mock
from urllib.parse import urlsplit

import boto3
from botocore.handlers import handle_copy_source_param
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for

from infra.state_machine import definition
from runner.lambdas import handlers

TRANSFORM = "medlaunch-transform"
PUBLISH = "medlaunch-publish"
REPORT = "medlaunch-report"
#: Lambda's own longest time-out.
LAMBDA_SECONDS = 900.0
_POLL_SECONDS = 0.1

# moto logs an error for every path that is missing in a Choice and for every failed state.
logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)

Handler = Callable[[Mapping[str, Any], Any], Any]


@dataclass(frozen=True, slots=True)
class Execution:
    """The outcome of an execution.

    Attributes:
        arn: its ARN.
        status: SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        error: the failure's name, empty unless it failed.
        cause: the failure's description, empty unless it failed.
        states: the states that it entered, in order.
        task_errors: the names of its tasks' errors, including errors after which a retry succeeded.
        output: its last state's output, empty unless it succeeded.
    """

    arn: str
    status: str
    error: str
    cause: str
    states: list[str]
    task_errors: list[str]
    output: dict[str, Any]


@dataclass
class LambdaContext:
    """The part of Lambda's context that the handlers use."""

    function_name: str
    seconds: float
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    memory_limit_in_mb: int = 2048
    _started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        return _function_arn(os.environ["AWS_REGION"], self.function_name)

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (self.seconds - (time.monotonic() - self._started)))


class StateMachine:
    """A context manager: within it, executions run in this process on one lake of a sandbox.

    The handlers read their settings from this process's environment, so it is changed within the block.

    Args:
        environment: a lake of a `Sandbox` in this process.

    Attributes:
        lambda_seconds: the time-out that the functions see in their context.
        invocations: the number of invocations of functions so far.
        arn: the state machine.
        topic_arn: the topic of failure alerts.
        environment: the lake's environment, with `STATE_MACHINE_ARN` for dispatch.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._handlers: dict[str, Handler] = {
            TRANSFORM: handlers.transform,
            PUBLISH: handlers.publish,
            REPORT: handlers.publish_report,
        }
        self._stack = ExitStack()
        self.lambda_seconds = LAMBDA_SECONDS
        self.invocations = 0
        self.arn = ""
        self.topic_arn = ""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            url = self.environment["AWS_ENDPOINT_URL"]
            # Step Functions in moto calls other services at this port of the same host.
            moto_port = str(urlsplit(url).port)
            stack.enter_context(mock.patch.dict(os.environ, {**self.environment, "MOTO_PORT": moto_port}))
            _configure(url, execute=True)
            # All servers of a process share moto's configuration, so it is restored.
            stack.callback(_configure, url, execute=False)
            stack.enter_context(mock.patch.object(LambdaSimpleBackend, "invoke", self._invoke))
            stack.enter_context(mock.patch.object(state_task_service_aws_sdk, "boto_client_for", _client))
            stack.enter_context(_named_executions())
            self._create()
            os.environ["STATE_MACHINE_ARN"] = self.environment["STATE_MACHINE_ARN"] = self.arn
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(self, event: Mapping[str, Any], *, seconds: float = 300) -> Execution:
        """Start an execution and wait for its end.

        Args:
            event: dispatch's request, or a bare EventBridge event.
            seconds: how long to wait.

        Raises:
            TimeoutError: the execution has not ended in time.
        """
        client = boto3.client("stepfunctions")
        arn = client.start_execution(stateMachineArn=self.arn, input=json.dumps(event))["executionArn"]
        give_up = time.monotonic() + seconds
        while (told := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            if time.monotonic() > give_up:
                raise TimeoutError(f"execution {arn} has not ended after {seconds:.0f} s")
            time.sleep(_POLL_SECONDS)
        events = client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        return Execution(
            arn=arn,
            status=told["status"],
            error=told.get("error", ""),
            cause=told.get("cause", ""),
            states=[
                event["stateEnteredEventDetails"]["name"]
                for event in events
                if "stateEnteredEventDetails" in event
            ],
            task_errors=[
                event["taskFailedEventDetails"].get("error", "")
                for event in events
                if "taskFailedEventDetails" in event
            ],
            output=json.loads(told.get("output") or "{}"),
        )

    def _create(self) -> None:
        region = self.environment["AWS_REGION"]
        name = f"medlaunch-{uuid.uuid4().hex[:8]}"
        role = boto3.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        self.topic_arn = boto3.client("sns").create_topic(Name=name)["TopicArn"]
        functions = boto3.client("lambda")
        existing = {function.get("FunctionName") for function in functions.list_functions()["Functions"]}
        for function_name, handler in self._handlers.items():
            if function_name not in existing:
                functions.create_function(
                    FunctionName=function_name,
                    Role=role,
                    Runtime="python3.12",
                    Handler=f"{handler.__module__}.{handler.__name__}",
                    Code={"ZipFile": b"the handler runs in this process"},
                )
        self.arn = boto3.client("stepfunctions").create_state_machine(
            name=name,
            roleArn=role,
            definition=definition(
                transform_arn=_function_arn(region, TRANSFORM),
                publish_arn=_function_arn(region, PUBLISH),
                report_arn=_function_arn(region, REPORT),
                topic_arn=self.topic_arn,
                bucket=self.environment["DATA_BUCKET"],
                region=region,
            ),
        )["stateMachineArn"]

    def _invoke(
        self,
        function_name: str,
        _qualifier: str | None,
        body: Any,
        _headers: Any,
        response_headers: Any,
    ) -> bytes:
        """Answer an Invoke as Lambda does: the result, or the error's name, message and trace."""
        self.invocations += 1
        name = function_name.rpartition(":")[2]
        try:
            result = self._handlers[name](json.loads(body), LambdaContext(name, self.lambda_seconds))
        except Exception as error:  # Lambda reports every error of a handler
            response_headers["x-amz-function-error"] = "Unhandled"
            result = {
                "errorMessage": str(error),
                "errorType": type(error).__name__,
                "stackTrace": traceback.format_tb(error.__traceback__),
            }
        return json.dumps(result).encode()


def _configure(url: str, *, execute: bool) -> None:
    """Make moto run state machines or only record them, without Docker."""
    request = urllib.request.Request(  # noqa: S310 - the sandbox's own endpoint
        f"{url}/moto-api/config",
        data=json.dumps(
            {"stepfunctions": {"execute_state_machine": execute}, "lambda": {"use_docker": False}}
        ).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request):  # noqa: S310
        pass


def _named_executions() -> AbstractContextManager[Any]:
    """Give a name to every execution that is started without one. AWS does this, but moto does not."""
    # The import makes a boto3 session, which fails where the shell names an unknown profile.
    from moto.stepfunctions.parser.models import StepFunctionsParserBackend as Backend

    start = Backend.start_execution

    def start_named(
        backend: Any, state_machine_arn: str, name: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        return start(backend, state_machine_arn, name or str(uuid.uuid4()), *args, **kwargs)

    return mock.patch.object(Backend, "start_execution", start_named)


def _client(*args: Any, **kwargs: Any) -> Any:
    """A client that sends CopySource unchanged, like Step Functions. boto3 would encode it again."""
    client = boto_client_for(*args, **kwargs)
    client.meta.events.unregister("before-parameter-build.s3.CopyObject", handle_copy_source_param)
    # moto keeps the spelling of this API's parameters in the definition: StateMachineArn, not
    # stateMachineArn.
    client.meta.events.register("provide-client-params.stepfunctions.StartExecution", _in_lower_camel_case)
    return client


def _in_lower_camel_case(params: dict[str, Any], **_: Any) -> None:
    for name in list(params):
        params[name[0].lower() + name[1:]] = params.pop(name)


def _function_arn(region: str, name: str) -> str:
    return f"arn:aws:lambda:{region}:{DEFAULT_ACCOUNT_ID}:function:{name}"
