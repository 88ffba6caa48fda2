"""Simulates the deployment around the runner: the Lambda functions, the queue before dispatch, and the state machine.

The state machine follows the states of infra/state_machine.asl.json and uses the retries in that file.
`test_deployment.py` checks that the order of the states is the definition's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from runner.errors import MedLaunchError
from runner.lambdas import handlers
from runner.settings import PROJECT_DIR
from tests.simulator.cloud import Fault
from tests.simulator.scheduler import Process, Scheduler
from tests.simulator.world import World

Handler = Callable[[Mapping[str, Any], Any], Any]
LAMBDA_SECONDS = 900.0
#: The queue delivers a failed message again after this time, up to this many times; then it moves the message to the
#: dead-letter queue.
VISIBILITY_SECONDS = 300.0
MAX_RECEIVES = 5


@dataclass(frozen=True, slots=True)
class Luck:
    """The faults of a program, by attempt.

    Attributes:
        faults: the faults of its requests.
        query_fates: the faults of the statements that it starts.
        clock_error: seconds by which its clock is ahead.
    """

    faults: tuple[Fault, ...] = ()
    query_fates: tuple[str, ...] = ()
    clock_error: float = 0.0


@dataclass
class _Context:
    """The context of a Lambda invocation."""

    scheduler: Scheduler
    ends_at: float
    function_name: str = "function"
    aws_request_id: str = "request"
    memory_limit_in_mb: int = 2048
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:function"

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (self.ends_at - self.scheduler.now))


@dataclass
class Outcome:
    """The outcome of an invocation or a command: its result, or the name of its error."""

    result: Any = None
    error: str = ""
    message: str = ""


@cache
def retriers(state: str) -> list[dict[str, Any]]:
    """The retries of a state in the deployed definition."""
    text = (PROJECT_DIR / "infra" / "state_machine.asl.json").read_text("utf-8")
    return json.loads(text)["States"][state]["Retry"]


class Deployment:
    """The programs around a lake.

    Args:
        world: the simulation.
        luck: the faults of a program, by its name and the number of its start.
    """

    def __init__(self, world: World, luck: Callable[[str], Luck] = lambda _: Luck()) -> None:
        self.world = world
        self._luck = luck
        self._numbers: dict[str, int] = {}
        self._transforming = False
        self.failures: list[str] = []
        self.dead_letters: list[str] = []
        self.errors: list[tuple[str, str, str]] = []
        self.healing = False
        world.start_execution = self.start_execution

    def start(self, name: str, function: Callable[[], object]) -> tuple[Process, Outcome, Any]:
        """Start a program. Its outcome is filled in when it ends."""
        number = self._numbers[name] = self._numbers.get(name, -1) + 1
        luck = Luck() if self.healing else self._luck(f"{name}#{number}")
        outcome = Outcome(error="Killed")

        def run() -> None:
            try:
                outcome.result = function()
                outcome.error = ""
            except MedLaunchError as error:
                outcome.error, outcome.message = type(error).__name__, str(error)
                self.errors.append((name, outcome.error, outcome.message))

        process, task = self.world.start(
            f"{name}#{number}",
            run,
            faults=luck.faults,
            query_fates=luck.query_fates,
            clock_error=luck.clock_error,
        )
        return process, outcome, task

    def invoke(self, name: str, handler: Handler, event: Mapping[str, Any]) -> Outcome:
        """Invoke a Lambda function and wait for its end. It is killed at its time limit."""
        scheduler = self.world.scheduler
        context = _Context(scheduler, scheduler.now + LAMBDA_SECONDS)
        process, outcome, task = self.start(name, lambda: handler(json.loads(json.dumps(event)), context))
        if task.alive:
            scheduler.wait(task.waiters, LAMBDA_SECONDS)
        if task.alive:
            scheduler.kill(process)
            outcome.error = "Sandbox.Timedout"
        return outcome

    def deliver(self, name: str, bodies: list[str], receives: int = 1) -> None:
        """Deliver messages to dispatch, and deliver failed messages again."""
        records = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]

        def poll() -> None:
            outcome = self.invoke(f"{name}/dispatch", handlers.dispatch, {"Records": records})
            failed = {str(place) for place in range(len(bodies))}
            if not outcome.error:
                failed = {one["itemIdentifier"] for one in outcome.result["batchItemFailures"]}
            again = [bodies[int(place)] for place in sorted(failed)]
            if again and receives < MAX_RECEIVES:
                self.world.scheduler.sleep(VISIBILITY_SECONDS)
                self.deliver(name, again, receives + 1)
            else:
                self.dead_letters += again

        self.world.start(f"{name}/queue{receives}@{self.world.scheduler.now}", poll)

    def start_execution(self, request: dict[str, Any]) -> None:
        """Start an execution for dispatch's request."""
        number = self._numbers["execution"] = self._numbers.get("execution", -1) + 1
        name = f"execution-{request['snapshot_date']}-{number}"
        self.world.start(name, lambda: self._execute(name, request))

    def _execute(self, name: str, request: dict[str, Any]) -> None:
        started = handlers.datetime.fromtimestamp(self.world.scheduler.now, handlers.UTC)
        execution = {"id": name, "name": name, "start_time": started.isoformat()}
        event = {**request, "execution": execution}
        outcome = self._attempt("RunStage3", lambda: self._transform(f"{name}/transform", event))
        if outcome.error:
            self.failures.append(f"{name}: {outcome.error}: {outcome.message}")
            return
        result = outcome.result
        if "exports" in result and {"processed", "rejects"} <= set(result["exports"]):
            for export in ("processed", "rejects"):
                source = unquote(result["exports"][export]["copy_source"]).partition("/")[2]
                self.world.scheduler.sleep(0.2)
                stored = self.world.s3.objects.get(source)
                if stored is None:
                    self.failures.append(f"{name}: S3.NoSuchKey {source}")
                    return
                self.world.s3.put(result["prod"][f"{export}_key"], stored.body, stored.metadata)
        elif result["changed"]:
            self.failures.append(f"{name}: BadTransformResult")
            return
        outcome = self._attempt(
            "PublishCurrent", lambda: self.invoke(f"{name}/publish", handlers.publish, result)
        )
        if outcome.error:
            self.failures.append(f"{name}: {outcome.error}: {outcome.message}")

    def _attempt(self, state: str, invoke: Callable[[], Outcome]) -> Outcome:
        """Enter a state, and enter it again as its retries define."""
        attempts: dict[int, int] = {}
        while True:
            outcome = invoke()
            if not outcome.error:
                return outcome
            pause = self._pause(state, outcome.error, attempts)
            if pause is None:
                return outcome
            self.world.scheduler.sleep(pause)

    def _transform(self, name: str, event: dict[str, Any]) -> Outcome:
        """The function's reserved concurrency is 1."""
        if self._transforming:
            return Outcome(error="Lambda.TooManyRequestsException")
        self._transforming = True
        try:
            return self.invoke(name, handlers.transform, event)
        finally:
            self._transforming = False

    def _pause(self, state: str, error: str, attempts: dict[int, int]) -> float | None:
        """Seconds until the next attempt, or None if there is no further attempt."""
        names = {error, "States.TaskFailed"}
        for place, retrier in enumerate(retriers(state)):
            if names & set(retrier["ErrorEquals"]):
                attempt = attempts[place] = attempts.get(place, 0) + 1
                if attempt > retrier["MaxAttempts"]:
                    return None
                grown = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** (attempt - 1)
                return self.world.random.uniform(0, min(grown, retrier["MaxDelaySeconds"]))
        return None
