"""Tests that the state machine retries a failed task as the error's class defines."""

from __future__ import annotations

import importlib
import json
import pkgutil
from typing import Any

import pytest

import runner
from infra.state_machine import DEFINITION
from runner.errors import MedLaunchError, Retry

RETRIERS: list[dict[str, Any]] = json.loads(DEFINITION.read_text("utf-8"))["States"]["RunStage3"]["Retry"]
#: The kinds of retries, in the order of the retriers.
KINDS = [Retry.NEVER, Retry.WHEN_FREE, Retry.SOON, Retry.LATER]
#: What Step Functions and Lambda report, rather than a class of ours, has a dot or stands for any failure.
ANY_FAILURE = "States.TaskFailed"


def all_errors() -> list[type[MedLaunchError]]:
    """All error classes of the runner."""
    for module in pkgutil.walk_packages(runner.__path__, "runner."):
        importlib.import_module(module.name)
    classes, waiting = set[type[MedLaunchError]](), [MedLaunchError]
    while waiting:
        error = waiting.pop()
        classes.add(error)
        waiting += [each for each in error.__subclasses__() if each.__module__.startswith("runner.")]
    return sorted(classes, key=lambda error: error.__name__)


def retrier_of(name: str) -> int:
    """The index of the first retrier that matches an error. Lambda reports the name of the concrete class."""
    return next(
        index
        for index, retrier in enumerate(RETRIERS)
        if name in retrier["ErrorEquals"] or ANY_FAILURE in retrier["ErrorEquals"]
    )


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__name__)
def test_an_error_is_retried_as_its_class_says(error: type[MedLaunchError]) -> None:
    assert KINDS[retrier_of(error.__name__)] is error.retry


def test_the_retriers_name_only_classes_that_exist() -> None:
    names = {name for retrier in RETRIERS for name in retrier["ErrorEquals"] if "." not in name}
    assert names <= {error.__name__ for error in all_errors()}


def test_no_two_errors_have_one_name() -> None:
    names = [error.__name__ for error in all_errors()]
    assert len(set(names)) == len(names)


def test_what_never_succeeds_is_tried_once() -> None:
    assert [retrier["MaxAttempts"] == 0 for retrier in RETRIERS] == [True, False, False, False]


@pytest.mark.parametrize("lost", ["States.Timeout", "Sandbox.Timedout", "Lambda.Unknown"])
def test_a_call_without_an_answer_is_tried_again(lost: str) -> None:
    # States.TaskFailed "Matches any error name except States.Timeout":
    # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    (retrier,) = [
        one
        for one in RETRIERS
        if lost in one["ErrorEquals"] or (lost != "States.Timeout" and ANY_FAILURE in one["ErrorEquals"])
    ]

    assert retrier["MaxAttempts"] > 0


def test_every_task_tries_again_what_timed_out() -> None:
    states: dict[str, Any] = json.loads(DEFINITION.read_text("utf-8"))["States"]
    states |= states["StartParts"]["ItemProcessor"]["States"]
    tasks = {name: state for name, state in states.items() if state["Type"] == "Task"}

    assert len(tasks) == 7
    for name, task in tasks.items():
        assert any("States.Timeout" in one["ErrorEquals"] for one in task["Retry"]), name
