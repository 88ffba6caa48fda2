"""Courses of events that once left a lake wrong, each with the guard that now prevents it taken away.

A story is told twice: with the code as it is, which must end well, and without its guard, which must not;
so no story can pass for want of the fault that it is about.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import date
from typing import Any
from unittest import mock

import pytest

from runner.dbt.data_tests import Tests
from runner.lake import bronze_folder
from runner.lease.lease import Lease
from runner.settings import Settings
from runner.tables import publication, transform
from runner.tables.bronze_folders import Folder
from runner.tables.state import DateState
from runner.tables.table_watch import TableWatch
from tests.simulator import check, virtual
from tests.simulator.athena import Athena
from tests.simulator.deployment import Deployment, Luck
from tests.simulator.healing import heal, notification
from tests.simulator.histories import LINES, RUN_DATE, initialised
from tests.simulator.scheduler import Process

DAY = date(2025, 8, 10)
A, B = (f"{bronze_folder(DAY)}{name}.jsonl" for name in "ab")


class Story:
    """A lake whose one date is built and published, and the programs of a story about it."""

    def __init__(self, luck: dict[str, Luck] | None = None, files: Iterable[str] = (A,)) -> None:
        self.world = initialised(7)
        self.deployment = Deployment(self.world, lambda name: (luck or {}).get(name, Luck()))
        with virtual.entered(self.world):
            for key in files:
                self.put(key, 0, 3)
            if files:
                self.event()

    def put(self, key: str, first: int, last: int) -> None:
        """Write a file of some of the lines."""
        self.world.s3.put(key, b"\n".join(LINES[first:last]))

    def event(self) -> None:
        """Deliver an event of the date, and let everything end."""
        self.deployment.deliver(f"event at {self.world.scheduler.now}", [notification(A)])
        self.world.scheduler.wait_for_all()

    def run(self, name: str, when: dict[str, Callable[[], None]] | None = None, **options: Any) -> Any:
        """Transform the date by hand; `when` a request of such a text is on its way, something happens."""
        process, outcome, _ = self.deployment.start(
            name,
            lambda: transform.transform(
                Settings.from_environment(), [DAY], allow_empty=True, wait=300, **options
            ),
        )
        self.world.cloud.networks[process].when.update(when or {})
        return process, outcome

    def kill(self, name: str) -> None:
        """Kill a program."""
        for process in self.world.cloud.networks:
            if process.name == f"{name}#0":
                self.world.scheduler.kill(process)

    def end(self) -> list[str]:
        """Let all programs end and the lake heal; what is wrong then, or was in between."""
        self.world.scheduler.wait_for_all()
        wrong = heal(self.world, self.deployment, [DAY], RUN_DATE)
        return [*wrong, *self.world.invariants.violations]


def a_file_goes_after_its_run_died_between_two_tables() -> list[str]:
    story = Story()
    with virtual.entered(story.world):
        story.put(B, 3, 6)
        story.run("dies", {"merge into accredited_facilities_per_state as": lambda: story.kill("dies")})
        story.world.scheduler.wait_for_all()
        story.world.s3.delete(B)
        return story.end()


def a_file_goes_after_its_run_gave_up() -> list[str]:
    story = Story()
    with virtual.entered(story.world):
        story.put(B, 3, 6)

        def break_down() -> None:
            for network in story.world.cloud.networks.values():
                network.down_until = story.world.scheduler.now + 600

        story.run("gives up", {"merge into stage1_facility_metrics_rejects": break_down})
        story.world.scheduler.wait_for_all()
        story.world.s3.delete(B)
        return story.end()


def a_file_is_withdrawn_while_the_tables_are_tested() -> list[str]:
    story = Story()
    with virtual.entered(story.world):
        story.put(B, 3, 6)
        story.run("tests", {"select data tests": lambda: story.world.s3.delete(B)})
        return story.end()


def a_file_changes_and_changes_back_while_it_is_read() -> list[str]:
    story = Story()
    with virtual.entered(story.world):
        story.put(A, 2, 5)
        story.world.scheduler.sleep(5)
        story.run(
            "reads",
            {
                "merge into int_judged_lines": lambda: story.put(A, 4, 8),
                "merge into stage1_facility_metrics as": lambda: story.put(A, 2, 5),
            },
        )
        return story.end()


def a_file_comes_and_goes_while_the_whole_folder_is_read() -> list[str]:
    story = Story()
    with virtual.entered(story.world):
        story.world.scheduler.sleep(5)
        story.run(
            "reads",
            {
                "merge into int_judged_lines": lambda: story.put(B, 3, 6),
                "merge into stage1_facility_metrics as": lambda: story.world.s3.delete(B),
            },
            force=True,
        )
        return story.end()


def a_date_is_emptied() -> list[str]:
    story = Story()
    with virtual.entered(story.world):
        story.world.s3.delete(A)
        return story.end()


def a_run_that_slept_sends_its_merge_late() -> list[str]:
    story = Story()
    with virtual.entered(story.world):
        story.put(A, 2, 5)
        sleeper, _ = story.run("sleeps", {"merge into int_judged_lines": lambda: freeze(story, sleeper)})
        story.world.scheduler.sleep(60)
        story.run("takes over")
        story.world.scheduler.sleep(100)
        story.put(A, 4, 8)
        return story.end()


def freeze(story: Story, process: Process) -> None:
    """Stop a process for longer than another needs to take over and end."""
    process.frozen_until = story.world.scheduler.now + 300
    story.world.scheduler.sleep(0)


def a_stopped_merge_commits_all_the_same() -> list[str]:
    """On an engine that detects no conflict."""
    story = Story({"dies#0": Luck(query_fates=("", "survives_stop"))})
    athena = story.world.athena
    athena.detects_conflicts = False
    with virtual.entered(story.world):
        story.put(A, 2, 5)
        story.run("dies")
        story.world.scheduler.sleep(30)
        story.kill("dies")
        story.put(A, 4, 8)
        story.world.scheduler.sleep(50)

        def commit_late() -> None:
            for query in athena.queries.values():
                if query.fate == "survives_stop" and query.commit:
                    query.commit()
                    query.commit = None

        story.run("takes over", {"merge into accredited_facilities_per_state as": commit_late})
        return story.end()


def a_stopped_merge_commits_when_the_next_run_has_ended() -> list[str]:
    """The next run has nothing to write, so that Iceberg sees no conflict."""
    story = Story({"dies#0": Luck(query_fates=("", "", "", "survives_stop"))}, files=())
    with virtual.entered(story.world):
        story.put(A, 4, 5)
        story.run("dies")
        story.world.scheduler.sleep(30)
        story.kill("dies")
        story.put(A, 0, 0)
        story.world.scheduler.sleep(50)
        story.run("takes over")
        return story.end()


def a_command_leaves_its_exports_unpublished() -> list[str]:
    story = Story(files=())
    with virtual.entered(story.world):
        story.put(A, 0, 3)
        story.run("command")
        story.world.scheduler.wait_for_all()
        other = f"{bronze_folder(date(2025, 8, 11))}a.jsonl"
        story.put(other, 0, 2)
        story.deployment.deliver("another date", [notification(other)])
        story.world.scheduler.wait_for_all()
        return check.publications(story.world, [DAY])


@dataclasses.dataclass(frozen=True)
class Guard:
    """What a story needs: the attribute of a class or module that is replaced to take the guard away."""

    owner: object
    name: str
    replacement: Callable[..., Any]


def _keeps_its_result(state: DateState, changed: object, attempt: str, run_ts: str) -> DateState:
    return dataclasses.replace(state, attempt=attempt, run_ts=run_ts)


STATE = Guard(DateState, "begun", _keeps_its_result)
SECOND_LISTING = Guard(Folder, "differences", lambda *_: set())
show = publication._show
MANIFESTS = Guard(
    publication,
    "_show",
    lambda s3, bucket, manifest: show(s3, bucket, manifest) if manifest["facilities"] else None,
)
ANNOUNCEMENTS = Guard(transform, "announce", lambda *_: None)
LEASE_IN_MERGE = Guard(Athena, "may_write", lambda *_: True)
DATA_TESTS = Guard(transform, "run_data_tests", lambda *_: Tests())
OWN_COMMITS = Guard(TableWatch, "require_own_commits", lambda self: self.look())
LATE_COMMITS = Guard(Lease, "late_commits_are_possible", lambda *_: False)
UNLISTED = Guard(transform, "_unlisted_files", lambda *_: {})

STORIES: list[tuple[Callable[[], list[str]], list[Guard]]] = [
    (a_file_goes_after_its_run_died_between_two_tables, [STATE, LATE_COMMITS]),
    (a_file_goes_after_its_run_gave_up, [STATE, LATE_COMMITS]),
    (a_file_is_withdrawn_while_the_tables_are_tested, [STATE, SECOND_LISTING]),
    (a_file_changes_and_changes_back_while_it_is_read, [SECOND_LISTING]),
    (a_file_comes_and_goes_while_the_whole_folder_is_read, [UNLISTED]),
    (a_date_is_emptied, [MANIFESTS]),
    (a_run_that_slept_sends_its_merge_late, [LEASE_IN_MERGE, LATE_COMMITS]),
    (a_stopped_merge_commits_all_the_same, [OWN_COMMITS, DATA_TESTS, LATE_COMMITS]),
    (a_stopped_merge_commits_when_the_next_run_has_ended, [LATE_COMMITS]),
    (a_command_leaves_its_exports_unpublished, [ANNOUNCEMENTS]),
]


@pytest.mark.parametrize(("story", "guards"), STORIES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_story_ends_well_thanks_to_its_guard(story: Callable[[], list[str]], guards: list[Guard]) -> None:
    assert story() == []
    with ExitStack() as without:
        for guard in guards:
            without.enter_context(mock.patch.object(guard.owner, guard.name, guard.replacement))
        assert story()
