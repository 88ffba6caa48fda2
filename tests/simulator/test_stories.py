"""Tests sequences of events that once left a lake wrong, with and without the guard that now prevents it.

Each story is played twice. With the code as it is, it must end well. Without its guard, it must end wrong. So no story
passes only because its fault no longer occurs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import date
from typing import Any
from unittest import mock

import pytest

from runner.aws import queries
from runner.aws.invocation import Invocation
from runner.dbt import data_tests
from runner.lake import bronze_folder, expiring_soon_key, prefix
from runner.lambdas import handlers
from runner.lease.lease import Lease
from runner.settings import Settings
from runner.stage2 import expiring as stage2
from runner.stage2.objects import ObjectWriter
from runner.tables import exports as exports_module
from runner.tables import publication, transform
from runner.tables.bronze_folders import Folder
from runner.tables.exports import Export, exports, metadata, write_exports
from runner.tables.state import DateState
from runner.tables.table_watch import TableWatch
from tests.simulator import check, dbt, virtual
from tests.simulator.athena import Athena
from tests.simulator.deployment import Deployment, Luck
from tests.simulator.healing import heal, notification
from tests.simulator.histories import LINES, RUN_DATE, initialised
from tests.simulator.lake_model import STAGE1, STAGE3, stage_rows
from tests.simulator.scheduler import Process

DAY = date(2025, 8, 10)
A, B = (f"{bronze_folder(DAY)}{name}.jsonl" for name in "ab")


class Story:
    """A lake with one date that is built and published, and the programs of a story about it."""

    def __init__(self, luck: dict[str, Luck] | None = None, files: Iterable[str] = (A,)) -> None:
        self.world = initialised(7)
        self.deployment = Deployment(self.world, lambda name: (luck or {}).get(name, Luck()))
        with virtual.entered(self.world):
            for key in files:
                self.put(key, 0, 3)
            if files:
                self.event()

    def put(self, key: str, first: int, last: int) -> None:
        """Write a file with some of the lines."""
        self.world.s3.put(key, b"\n".join(LINES[first:last]))

    def event(self) -> None:
        """Deliver an event for the date, and wait until everything has ended."""
        self.deployment.deliver(f"event at {self.world.scheduler.now}", [notification(A)])
        self.world.scheduler.wait_for_all()

    def run(self, name: str, when: dict[str, Callable[[], None]] | None = None, **options: Any) -> Any:
        """Transform the date by command. When a request with the text `when` is sent, something happens."""
        process, outcome, _ = self.deployment.start(
            name,
            lambda: transform.transform(
                Settings.from_environment(), [DAY], allow_empty=True, wait=300, **options
            ),
        )
        self.world.cloud.networks[process].when.update(when or {})
        return process, outcome

    def fail_during(self, statement: str) -> None:
        """Run over a changed file and let the run fail during a statement, which it stops; then change the file back."""
        self.put(A, 4, 5)

        def refuse_a_question_about_it() -> None:
            network = self.world.cloud.networks[process]
            network.faults[len(network.calls) + 4] = "refused"

        process, _ = self.run("fails", {statement: refuse_a_question_about_it})
        self.world.scheduler.sleep(30)
        assert self.world.lease_holder() == ""
        self.put(A, 0, 3)

    def kill(self, name: str) -> None:
        """Kill a program."""
        for process in self.world.cloud.networks:
            if process.name == f"{name}#0":
                self.world.scheduler.kill(process)

    def end(self) -> list[str]:
        """Wait until all programs have ended and the lake has healed. Returns what is or was wrong."""
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


def commit_late(story: Story) -> None:
    """Let a stopped MERGE commit nevertheless."""
    for query in story.world.athena.queries.values():
        if query.fate == "survives_stop" and query.commit:
            query.commit()
            query.commit = None


def a_stopped_merge_commits_all_the_same() -> list[str]:
    """This needs an engine that detects no conflict."""
    return commits_late_during("merge into accredited_facilities_per_state as")


def a_stopped_merge_commits_between_the_merges_and_the_tests() -> list[str]:
    """The data tests fail for a reason that a retry fixes, so nobody is alerted."""
    return commits_late_during("select data tests")


def commits_late_during(request: str) -> list[str]:
    """Let a run die, and let its MERGE commit while the next run sends a request."""
    story = Story({"dies#0": Luck(query_fates=("", "survives_stop"))})
    story.world.athena.detects_conflicts = False
    with virtual.entered(story.world):
        story.put(A, 2, 5)
        story.run("dies")
        story.world.scheduler.sleep(30)
        story.kill("dies")
        story.put(A, 4, 8)
        story.world.scheduler.sleep(50)
        _, outcome = story.run("takes over", {request: lambda: commit_late(story)})
        wrong = story.end()
        return wrong if outcome.error == "TablesChanged" else [*wrong, outcome.error]


def a_stopped_merge_commits_when_the_next_run_has_ended() -> list[str]:
    """The next run has nothing to write, so Iceberg sees no conflict."""
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


def a_failed_run_stops_its_merge_which_commits_when_the_next_run_has_ended() -> list[str]:
    """The run ends by itself and releases the lease, so no other run takes it over."""
    merge = "merge into accredited_facilities_per_state as"
    story = Story({"fails#0": Luck(query_fates=("", "", "", "survives_stop"))})
    with virtual.entered(story.world):
        story.fail_during(merge)
        story.run("next")
        return story.end()


def a_stopped_merge_is_the_only_commit_of_a_table_during_the_next_run() -> list[str]:
    """The next run's own MERGE has nothing to write. The data tests fail, and nobody is alerted."""
    story = Story({"fails#0": Luck(query_fates=("", "survives_stop"))})
    with virtual.entered(story.world):
        story.fail_during("merge into stage1_facility_metrics as")
        late = {"merge into accredited_facilities_per_state as": lambda: commit_late(story)}
        _, outcome = story.run("next", late)
        wrong = story.end()
        return wrong if outcome.error == "TablesChanged" else [*wrong, outcome.error]


def a_run_stops_its_merge_at_its_deadline_and_the_merge_commits_later() -> list[str]:
    """When the run releases the lease, none of its queries is running any more."""
    story = Story({"slow#0": Luck(query_fates=("", "", "", "survives_stop"))})
    with virtual.entered(story.world):
        story.put(A, 4, 5)
        _, outcome = story.run("slow", seconds_left=30)
        story.world.scheduler.sleep(60)
        assert outcome.error == "DeadlineReached"
        story.put(A, 0, 3)
        story.run("next")
        return story.end()


def a_stopped_merge_commits_during_a_run_that_takes_longer_than_such_commits_may_come() -> list[str]:
    """The run's own MERGE has nothing to write, so the table sees one commit, and the other tables follow from it."""
    story = Story({"fails#0": Luck(query_fates=("survives_stop",))})
    with virtual.entered(story.world):
        story.fail_during("merge into int_judged_lines")
        story.run(
            "next", {"merge into stage1_facility_metrics as": lambda: story.world.scheduler.sleep(1000)}
        )
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


def an_attempt_exports_and_dies_and_its_retry_reads_other_files() -> list[str]:
    """A retry by the state machine has the same name as the attempt before it."""
    story, run_ts = Story(), "20250810T120000Z-aaaaaaaa"
    with virtual.entered(story.world):
        story.put(A, 2, 5)
        rejects = f"{prefix('stage3_rejects_exports')}/run_ts="
        story.run("dies", {f"s3.PUT {rejects}": lambda: story.kill("dies")}, run_ts=run_ts)
        story.world.scheduler.wait_for_all()
        story.world.scheduler.sleep(100)
        story.put(A, 4, 8)
        story.run("retries", run_ts=run_ts)
        story.world.scheduler.wait_for_all()
        story.deployment.invoke("publishes", handlers.publish, {})
        return check.publications(story.world, [DAY])


def a_file_lands_between_the_merges_and_the_tests() -> list[str]:
    story = Story()
    with virtual.entered(story.world):
        story.put(B, 3, 6)
        _, outcome = story.run("tests", {"select data tests": lambda: story.put(A, 6, 9)})
        story.world.scheduler.wait_for_all()
        return [*([outcome.error] if outcome.error else []), *story.end()]


def a_full_refresh_dies_while_it_writes_a_table() -> list[str]:
    """Athena does not delete the files of a CREATE TABLE that failed."""
    story = Story({"fails#0": Luck(query_fates=("", "", "fails"))})
    with virtual.entered(story.world):
        story.world.scheduler.sleep(5)
        story.run("fails", full_refresh=True)
        return story.end()


def iceberg_refuses_a_commit() -> list[str]:
    """`ICEBERG_COMMIT_ERROR` fails the query, and the state machine enters the state again."""
    story = Story({"execution-2025-08-10-1/transform#0": Luck(query_fates=("", "conflicts"))})
    with virtual.entered(story.world):
        story.put(A, 2, 5)
        story.event()
        assert any("ICEBERG_COMMIT_ERROR" in message for _, _, message in story.deployment.errors)
        tables, shown = check.tables(story.world, [DAY]), check.publications(story.world, [DAY])
        return [*story.deployment.failures, *tables, *shown]


def stage_2_reads_slowly_while_another_run_of_it_overtakes() -> list[str]:
    story = Story(files=())
    settings = Settings.from_environment()
    with virtual.entered(story.world):
        story.put(A, 0, 3)

        def overtake() -> None:
            story.put(A, 4, 5)
            story.deployment.start("quick", lambda: stage2.expiring(settings, RUN_DATE))
            story.world.scheduler.sleep(60)

        slow, _, _ = story.deployment.start("slow", lambda: stage2.expiring(settings, RUN_DATE))
        story.world.cloud.networks[slow].when[f"s3.PUT {expiring_soon_key(RUN_DATE)}"] = overtake
        story.world.scheduler.wait_for_all()
        return check.stage2(story.world, RUN_DATE)


def a_backfill_has_a_date_outside_of_the_projection() -> list[str]:
    """The run names the failing date, and builds and publishes the others."""
    story, outside = Story(files=()), date(2199, 1, 1)
    with virtual.entered(story.world):
        story.put(A, 0, 3)
        story.put(f"{bronze_folder(outside)}a.jsonl", 0, 2)
        _, outcome, _ = story.deployment.start(
            "backfill", lambda: transform.transform(Settings.from_environment(), [DAY, outside], wait=90)
        )
        story.world.scheduler.wait_for_all()
        story.deployment.invoke("publishes", handlers.publish, {})
        named = outcome.error == "LinesNotSeen" and str(outside) in outcome.message
        return [
            *([] if named and str(DAY) not in outcome.message else [f"{outcome.error}: {outcome.message}"]),
            *check.tables(story.world, [DAY]),
            *check.publications(story.world, [DAY]),
        ]


@dataclasses.dataclass(frozen=True)
class Guard:
    """What a story depends on: the attribute of a class or module that is replaced to remove the guard."""

    owner: object
    name: str
    replacement: Any


def _keeps_its_result(state: DateState, changed: object, attempt: str, run_ts: str) -> DateState:
    return dataclasses.replace(state, attempt=attempt, run_ts=run_ts)


def _write_missing_exports(invocation: Invocation, run_ts: str, dates: list[date]) -> list[Export]:
    """Keep an export that exists, whichever attempt wrote it."""
    for export in exports(run_ts, dates):
        if metadata(invocation.s3, "lake", export.key) is None:
            with mock.patch.object(exports_module, "exports", lambda *_, one=export: [one]):
                write_exports(invocation, run_ts, dates)
    return exports(run_ts, dates)


def _failing_by_the_folder(athena: Athena, dates: list[str]) -> list[str]:
    """Check the tables against what is in bronze now."""
    days = [date.fromisoformat(one) for one in dates]
    return [
        table
        for table in (STAGE1, STAGE3)
        for day in days
        if athena.table(table).get(day, {}) != stage_rows(table, day, athena._world.bronze(day))
    ]


def _unconditional(*arguments: Any, **options: Any) -> ObjectWriter:
    return ObjectWriter(*arguments, **{**options, "replaces": None})


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
DATA_TESTS = Guard(transform, "run_data_tests", lambda *_: data_tests.Tests())
OWN_COMMITS = Guard(TableWatch, "require_own_commits", lambda self: setattr(self, "_seen", self._snapshots()))
UNCHANGED_TABLES = Guard(TableWatch, "require_unchanged", lambda _: None)
LATE_COMMITS = Guard(Lease, "late_commits_are_possible", lambda *_: False)
LATER_NAMES = Guard(transform, "later_than", lambda _, run_ts: run_ts)
EXPORTS_ANEW = Guard(transform, "write_exports", _write_missing_exports)
TESTS_OF_WHAT_WAS_READ = Guard(Athena, "_failing", _failing_by_the_folder)
PLACES = Guard(dbt, "new_location", lambda table: f"s3://lake/tables/{table}/same")
CSV_CONDITION = Guard(stage2, "ObjectWriter", _unconditional)
STOPPED_QUERIES = Guard(queries, "STOPPED", "")
RETRIES = Guard(Deployment, "_pause", lambda *_: None)
PROJECTION = Guard(transform, "_unseen", lambda *_: {})
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
    (a_stopped_merge_commits_between_the_merges_and_the_tests, [UNCHANGED_TABLES, LATE_COMMITS]),
    (a_stopped_merge_commits_when_the_next_run_has_ended, [LATE_COMMITS]),
    (a_failed_run_stops_its_merge_which_commits_when_the_next_run_has_ended, [LATE_COMMITS]),
    (a_stopped_merge_is_the_only_commit_of_a_table_during_the_next_run, [LATE_COMMITS]),
    (a_run_stops_its_merge_at_its_deadline_and_the_merge_commits_later, [STOPPED_QUERIES]),
    (a_stopped_merge_commits_during_a_run_that_takes_longer_than_such_commits_may_come, [LATE_COMMITS]),
    (a_command_leaves_its_exports_unpublished, [ANNOUNCEMENTS]),
    (an_attempt_exports_and_dies_and_its_retry_reads_other_files, [LATER_NAMES, EXPORTS_ANEW]),
    (a_file_lands_between_the_merges_and_the_tests, [TESTS_OF_WHAT_WAS_READ]),
    (a_full_refresh_dies_while_it_writes_a_table, [PLACES]),
    (iceberg_refuses_a_commit, [RETRIES]),
    (stage_2_reads_slowly_while_another_run_of_it_overtakes, [CSV_CONDITION]),
    (a_backfill_has_a_date_outside_of_the_projection, [PROJECTION]),
]


@pytest.mark.parametrize(("story", "guards"), STORIES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_story_ends_well_thanks_to_its_guard(story: Callable[[], list[str]], guards: list[Guard]) -> None:
    assert story() == []
    with ExitStack() as without:
        for guard in guards:
            without.enter_context(mock.patch.object(guard.owner, guard.name, guard.replacement))
        assert story()
