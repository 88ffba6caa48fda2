"""The event path of a sandbox. A file that lands in bronze reaches `prod/` in the same way as on AWS.

S3 (moto) sends an event for each object to EventBridge (moto). The deployed rule's pattern selects the record
files, and their events go to an SQS queue (moto). A thread replaces Lambda's event source mapping: it gathers
a batch and calls the real `dispatch` handler, which starts executions of the deployed state machine.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from unittest import mock

from infra.bronze_rule import DISPATCH_ATTEMPTS, event_pattern
from runner.aws.executions import message_of
from runner.lambdas import handlers
from sandbox.local import Sandbox
from sandbox.state_machine import LambdaContext, StateMachine

DISPATCH = "medlaunch-dispatch"
#: Seconds for which a batch is gathered. The deployed queue waits longer, because a run there costs money.
BATCH_SECONDS = 1.0
#: The most messages of one batch.
BATCH_SIZE = 1000
_RECEIVED_AT_ONCE = 10
_POLL_SECONDS = 0.25
#: States that only prepare the next one. They are not reported.
_SILENT = frozenset(
    {"ReadRequest", "ReadS3Event", "DescribeFailure", "ReadCause", "QuoteCause", "ReportResult"}
)
_RUNNING = "RUNNING"


@dataclass(slots=True)
class _Followed:
    """An execution, and the number of events of its history that have been reported."""

    snapshot_date: str
    told: int = 0


class EventPath:
    """A context manager: within it, files that land in the sandbox's lake are built and published.

    Args:
        sandbox: a running sandbox.
        environment: an initialised lake of it.
        tell: called with one line per message batch and per state that an execution enters.

    Attributes:
        environment: the lake's environment, with `STATE_MACHINE_ARN`, `BRONZE_QUEUE_URL` and
            `DEAD_LETTER_QUEUE_URL`.
    """

    def __init__(self, sandbox: Sandbox, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._sandbox = sandbox
        self._bucket = environment["DATA_BUCKET"]
        self._tell = tell
        self._state_machine = StateMachine(environment)
        self._sqs: Any = sandbox.client("sqs")
        self._step_functions: Any = sandbox.client("stepfunctions")
        self._queue_url = self._dead_letters_url = ""
        self._followed: dict[str, _Followed] = {}
        self._known: set[str] = set()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._until_stopped, args=(step,), name=f"event path: {name}", daemon=True
            )
            for name, step in (("dispatch", self._dispatch_batch), ("executions", self._follow_executions))
        ]
        self._stack = ExitStack()
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            # On AWS the metrics go to CloudWatch through standard output. Here people read standard output.
            stack.enter_context(mock.patch.dict(os.environ, {"POWERTOOLS_METRICS_DISABLED": "true"}))
            stack.enter_context(self._state_machine)
            self._connect()
            self.environment = {
                **self._state_machine.environment,
                "BRONZE_QUEUE_URL": self._queue_url,
                "DEAD_LETTER_QUEUE_URL": self._dead_letters_url,
            }
            self._stack = stack.pop_all()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._stack.close()

    def drain(self, seconds: float) -> None:
        """Wait until every file that has landed is published or has failed, or until the time is over."""
        give_up = time.monotonic() + seconds
        while self._busy() and time.monotonic() < give_up:
            self._stopped.wait(_POLL_SECONDS)

    def _busy(self) -> bool:
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        told = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=list(counts))
        if any(int(told["Attributes"][count]) for count in counts):
            return True
        running = self._step_functions.list_executions(
            stateMachineArn=self._state_machine.arn, statusFilter=_RUNNING
        )
        return bool(running["executions"])

    def _connect(self) -> None:
        """Create queues and rule, and let the bucket notify EventBridge of its objects."""
        rule = f"bronze-{self._bucket}"
        self._dead_letters_url = self._sqs.create_queue(QueueName=f"{rule}-dead-letters")["QueueUrl"]
        redrive = {
            "deadLetterTargetArn": self._queue_arn(self._dead_letters_url),
            "maxReceiveCount": DISPATCH_ATTEMPTS,
        }
        self._queue_url = self._sqs.create_queue(
            QueueName=rule, Attributes={"RedrivePolicy": json.dumps(redrive)}
        )["QueueUrl"]
        events = self._sandbox.client("events")
        events.put_rule(Name=rule, EventPattern=json.dumps(event_pattern(self._bucket)))
        target = {"Id": "queue", "Arn": self._queue_arn(self._queue_url)}
        events.put_targets(Rule=rule, Targets=[target])
        self._sandbox.client("s3").put_bucket_notification_configuration(
            Bucket=self._bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )

    def _queue_arn(self, queue_url: str) -> str:
        told = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        return told["Attributes"]["QueueArn"]

    def _until_stopped(self, step: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                step()
            except Exception as error:  # a failed batch must not end the lake; its messages come again
                self._tell(f"event path: {type(error).__name__}: {error}")
                self._stopped.wait(BATCH_SECONDS)

    def _dispatch_batch(self) -> None:
        messages = self._gather()
        if not messages:
            return
        records = [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]
        answer = handlers.dispatch({"Records": records}, LambdaContext(DISPATCH, BATCH_SECONDS + 60))
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        for message in messages:
            if message["MessageId"] not in failed:
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        self._tell(
            f"{len(messages)} event{'s' * (len(messages) != 1)} dispatched"
            + (f", {len(failed)} will be tried again" * bool(failed))
        )

    def _gather(self) -> list[dict[str, Any]]:
        """The messages of one batch: the first one, and all that arrive within the window after it."""
        messages: list[dict[str, Any]] = []
        closes_at = float("inf")
        while len(messages) < BATCH_SIZE and time.monotonic() < closes_at and not self._stopped.is_set():
            received = self._sqs.receive_message(
                QueueUrl=self._queue_url, MaxNumberOfMessages=_RECEIVED_AT_ONCE, WaitTimeSeconds=0
            ).get("Messages", [])
            if received and not messages:
                closes_at = time.monotonic() + BATCH_SECONDS
            messages += received
            if len(received) < _RECEIVED_AT_ONCE:
                self._stopped.wait(_POLL_SECONDS)
        return messages

    def _follow_executions(self) -> None:
        """Report every state that an execution has entered since the last call."""
        listed = self._step_functions.list_executions(stateMachineArn=self._state_machine.arn)["executions"]
        for execution in reversed(listed):
            arn = execution["executionArn"]
            if arn not in self._known:
                self._known.add(arn)
                self._followed[arn] = _Followed(self._snapshot_date(arn))
        status = {each["executionArn"]: each["status"] for each in listed}
        for arn, followed in list(self._followed.items()):
            self._tell_states(arn, followed)
            if status.get(arn) != _RUNNING:
                del self._followed[arn]
        self._stopped.wait(_POLL_SECONDS)

    def _snapshot_date(self, arn: str) -> str:
        request = json.loads(self._step_functions.describe_execution(executionArn=arn)["input"])
        return str(request.get("snapshot_date", "an event"))

    def _tell_states(self, arn: str, followed: _Followed) -> None:
        history = self._step_functions.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        for event in history[followed.told :]:
            entered = event.get("stateEnteredEventDetails", {}).get("name")
            if entered and entered not in _SILENT:
                self._tell(f"{_clock(event['timestamp'])} {followed.snapshot_date} {entered}")
            failed = event.get("taskFailedEventDetails")
            if failed:
                cause = message_of(failed.get("cause", ""))
                self._tell(
                    f"{_clock(event['timestamp'])} {followed.snapshot_date} {failed.get('error')}: {cause}"
                )
        followed.told = len(history)


def _clock(timestamp: datetime) -> str:
    return timestamp.astimezone().strftime("%H:%M:%S")
