"""Tests the lease in virtual time: which run may hold it when, and what its holders know."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import boto3
import pytest

from runner.aws.errors import translated_errors
from runner.errors import MedLaunchError
from runner.lake import prefix
from runner.lease.lease import LATE_COMMIT_SECONDS, Holder, Lease, LeaseHeld, now, read_lease
from tests.simulator import virtual
from tests.simulator.cloud import KINDS, Fault, Kind
from tests.simulator.scheduler import Process, Task
from tests.simulator.world import World

SECONDS = 60.0
KEY = f"{prefix('pipeline_state')}/lease/lease.json"


class Lake:
    """A lake on which programs hold the lease.

    Attributes:
        told: what the programs have reported, in order.
        fenced: the runs whose queries were to be stopped, and the run that stopped them.
        stops: whether a query was still running then.
    """

    def __init__(self) -> None:
        self.world = World(1)
        self.told: list[str] = []
        self.fenced: list[tuple[str, str]] = []
        self.stops = False

    def lease(self, name: str, *, wait: float = 0.0, seconds_to_live: float = SECONDS) -> Lease:
        """A lease as one run sees it."""
        return Lease(
            boto3.client("s3"),
            "lake",
            Holder(name, f"test of {name}", now()),
            lambda holder: self._fence(name, holder),
            wait=wait,
            seconds_to_live=seconds_to_live,
        )

    def _fence(self, name: str, holder: Holder) -> bool:
        self.fenced.append((name, holder.id))
        return self.stops

    def start(
        self, name: str, program: Callable[[], object], *, after: float = 0.0, faults: tuple[Fault, ...] = ()
    ) -> tuple[Process, Task]:
        """Start a program after some seconds, and report its error."""

        def run() -> None:
            self.world.scheduler.sleep(after)
            try:
                with translated_errors():
                    program()
            except MedLaunchError as error:
                self.told.append(f"{name}: {type(error).__name__}")

        return self.world.start(name, run, faults=faults)

    def hold(self, name: str, seconds: float, *, after: float = 0.0, faults: tuple[Fault, ...] = ()) -> None:
        """Hold the lease for some seconds, and check every second whether it is still held."""

        def program() -> None:
            with self.lease(name) as lease:
                self.told.append(f"{name} holds")
                for _ in range(int(seconds)):
                    self.world.scheduler.sleep(1)
                    lease.verify()

        self.start(name, program, after=after, faults=faults)

    def end(self) -> list[str]:
        """Wait until all programs have ended, and return their reports."""
        with virtual.entered(self.world):
            self.world.scheduler.wait_for_all()
        assert self.world.invariants.violations == []
        return self.told


@pytest.fixture
def lake() -> Lake:
    return Lake()


def test_a_holder_that_lives_keeps_it_however_long_it_works(lake: Lake) -> None:
    lake.hold("first", 500)
    for seconds in (1, 59, 61, 130, 490):
        lake.hold(f"other {seconds}", 1, after=seconds)

    assert lake.end() == ["first holds", *(f"other {one}: LeaseHeld" for one in (1, 59, 61, 130, 490))]
    assert lake.world.lease_holder() == ""
    assert lake.fenced == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", range(12))
def test_whatever_befalls_a_request_the_next_run_gets_it_and_knows_of_queries(
    lake: Lake, kind: Kind, call: int
) -> None:
    """Once, a lost answer to a renewal gave the next run the serial number of another run."""
    left: list[str] = []
    lake.hold("first", 100, faults=(Fault(call, kind),))
    lake.start("look", lambda: left.append(lake.world.lease_holder()), after=399)
    lake.hold("second", 1, after=400)

    assert "second holds" in lake.end()
    assert [run for name, run in lake.fenced if name == "second"] == [one for one in left if one]
    assert lake.world.lease_holder() == ""


@pytest.mark.parametrize("begins", [0.0, 0.3, 0.7, 0.999])
def test_it_passes_on_when_it_has_expired_by_true_time_and_soon_after(lake: Lake, begins: float) -> None:
    """S3 shows whole seconds: an age of 60 seconds may really be 59."""
    lake.start("first", lambda: lake.world.scheduler.kill(taken(lake)), after=begins)

    def wait_for_it() -> None:
        started = lake.world.scheduler.now
        with lake.lease("second", wait=90):
            lake.told.append("second holds")
            assert 58 <= lake.world.scheduler.now - started <= 64

    lake.start("second", wait_for_it, after=begins + 1)

    assert lake.end() == ["second holds"]
    assert lake.fenced == [("second", "first")]


def taken(lake: Lake) -> Any:
    """Take the lease, and return it with the program that holds it."""
    lake.lease("first").acquire()
    return lake.world.scheduler.current.process


def test_a_sleeper_whose_lease_was_taken_over_is_told_so(lake: Lake) -> None:
    lake.world.freeze_seconds = 100
    lake.hold("sleeper", 30, faults=(Fault(1, "freeze_after"),))
    lake.hold("second", 60, after=70)

    assert lake.end() == ["second holds", "sleeper holds", "sleeper: LeaseHeld"]
    assert lake.fenced == [("second", "sleeper")]
    assert lake.world.lease_holder() == ""


def test_a_holder_that_cannot_renew_knows_when_its_time_is_over(lake: Lake) -> None:
    ended: list[float] = []

    def program() -> None:
        with lake.lease("cut off") as lease:
            lake.world.cloud.networks[process].down_until = lake.world.scheduler.now + 300
            started = lake.world.scheduler.now
            try:
                while True:
                    lake.world.scheduler.sleep(0.5)
                    lease.verify()
            finally:
                ended.append(lake.world.scheduler.now - started)

    process, _ = lake.start("cut off", program)

    assert lake.end() == ["cut off: LeaseHeld"]
    assert SECONDS - 30 <= ended[0] <= SECONDS + 30


def test_no_thread_outlives_the_run_so_that_none_sleeps_between_two_invocations(lake: Lake) -> None:
    left: list[int] = []

    def program() -> None:
        scheduler = lake.world.scheduler
        for name in ("ends well", "fails"):
            with pytest.raises(MedLaunchError) if name == "fails" else nullcontext(), lake.lease(name):
                scheduler.sleep(20)
                left.append(len(scheduler.threads_of(scheduler.current.process)))
                if name == "fails":
                    raise MedLaunchError("its fault")
            left.append(len(scheduler.threads_of(scheduler.current.process)))

    lake.start("function", program)
    lake.end()

    assert left == [2, 1, 2, 1]


def test_what_is_no_lease_is_kept_for_as_long_as_one_may_live(lake: Lake) -> None:
    lake.world.s3.put(KEY, b"garbage")
    lake.hold("early", 1, after=55)
    lake.hold("late", 1, after=62)

    assert lake.end() == ["early: LeaseHeld", "late holds"]
    assert lake.fenced == []


def test_late_commits_are_possible_for_a_time_after_a_takeover_and_nobody_forgets_it(lake: Lake) -> None:
    seen: dict[str, bool] = {}

    def look(name: str) -> None:
        with lake.lease(name, wait=90) as lease:
            seen[name] = lease.late_commits_are_possible()

    lake.start("first", lambda: lake.world.scheduler.kill(taken(lake)))
    lake.start("takes over", lambda: look("takes over"), after=1)
    lake.start("soon", lambda: look("soon"), after=300)
    lake.start("just in time", lambda: look("just in time"), after=LATE_COMMIT_SECONDS + 50)
    lake.start("later", lambda: look("later"), after=LATE_COMMIT_SECONDS + 100)
    lake.end()

    assert seen == {"takes over": True, "soon": True, "just in time": True, "later": False}


@pytest.mark.parametrize("stops", [False, True])
@pytest.mark.parametrize("kind", [None, "clock_ahead", "clock_back"])
def test_a_run_that_fails_with_a_query_under_way_says_so_to_the_next_ones(
    lake: Lake, *, stops: bool, kind: Kind | None
) -> None:
    seen: dict[str, bool] = {}
    lake.stops = stops

    def fail() -> None:
        with lake.lease("fails"):
            # Just before the renewal, so that the time differs from that of the last answer.
            lake.world.scheduler.sleep(14)
            raise MedLaunchError("its fault")

    def look(name: str) -> None:
        with lake.lease(name) as lease:
            seen[name] = lease.late_commits_are_possible()

    lake.start("fails", fail)
    # Its third request is the renewal.
    lake.hold("works", 20, after=20, faults=(Fault(2, kind),) if kind else ())
    for name, seconds in (("next", 60), ("just in time", 910), ("later", 960)):
        lake.start(name, lambda name=name: look(name), after=seconds)

    assert LATE_COMMIT_SECONDS == 900
    assert lake.end() == ["fails: MedLaunchError", "works holds"]
    assert seen == {"next": stops, "just in time": stops, "later": False}


def test_a_clock_that_was_set_does_not_end_the_time_of_late_commits(lake: Lake) -> None:
    seen: list[bool] = []

    def look() -> None:
        with lake.lease("second", wait=90) as lease:
            process = lake.world.scheduler.current.process
            assert process is not None
            for error in (0.0, 3600.0, -3600.0):
                process.clock_error = error
                seen.append(lease.late_commits_are_possible())

    lake.start("first", lambda: lake.world.scheduler.kill(taken(lake)))
    lake.start("second", look, after=1)
    lake.end()

    assert seen == [True, True, True]


def test_who_must_wait_is_told_who_holds_it_and_since_when(lake: Lake) -> None:
    messages: list[str] = []

    def program() -> None:
        with pytest.raises(LeaseHeld) as held:
            lake.lease("second").acquire()
        messages.append(str(held.value))

    lake.hold("first", 10)
    lake.start("second", program, after=5)
    lake.end()

    assert messages == [
        "run first (test of first) holds the lake's lease since 2025-08-10T12:00:00+00:00: "
        "try again when it has ended"
    ]


@pytest.mark.parametrize("left", [b"", b"free"])
def test_who_must_wait_for_one_that_has_ended_by_now_is_told_so(lake: Lake, left: bytes) -> None:
    """The object is read again for the message. By then it may be deleted, or nobody may hold the lease."""
    messages: list[str] = []

    def program() -> None:
        with pytest.raises(LeaseHeld) as held:
            lake.lease("second").acquire()
        messages.append(str(held.value))

    def end_the_first() -> None:
        told = json.loads(lake.world.s3.objects[KEY].body)
        lake.world.s3.delete(KEY)
        if left:
            free = {**told, "holder": None, "serial": told["serial"] + 1}
            lake.world.s3.put(KEY, json.dumps(free).encode())

    lake.start("first", lambda: lake.world.scheduler.kill(taken(lake)))
    process, _ = lake.start("second", program, after=5)
    asked_twice = lake.world.cloud.networks[process].when
    asked_twice["s3.GET"] = lambda: asked_twice.update({"s3.GET": end_the_first})
    lake.end()

    assert messages == [f"the lease s3://lake/{KEY} is contended: try again when it has ended"]


def test_who_only_looks_sees_the_holder_and_whether_it_has_died(lake: Lake) -> None:
    seen: list[tuple[str, bool, int]] = []

    def look() -> None:
        lease = read_lease(boto3.client("s3"), "lake")
        holder = lease.holder.id if lease.holder else ""
        seen.append((holder, lease.expired, len(lease.unfenced)))

    lake.start("before", look)
    lake.start("first", lambda: lake.world.scheduler.kill(taken(lake)), after=1)
    for seconds in (30, 61, 64):
        lake.start(f"after {seconds}", look, after=seconds)
    lake.end()

    # After 61 seconds, its age is 60 seconds by S3's clock.
    assert seen == [("", False, 0), ("first", False, 0), ("first", False, 0), ("first", True, 0)]


def test_who_only_looks_takes_what_is_no_lease_for_held_as_long_as_any_may_be(lake: Lake) -> None:
    seen: list[tuple[str, bool]] = []

    def look() -> None:
        lease = read_lease(boto3.client("s3"), "lake")
        assert lease.holder is not None
        seen.append((lease.holder.id, lease.expired))

    lake.world.s3.put(KEY, b"garbage")
    for seconds in (61, 3590, 3610):
        lake.start(f"after {seconds}", look, after=seconds)
    lake.end()

    assert seen == [("unknown", False), ("unknown", False), ("unknown", True)]


def test_a_lease_that_says_nothing_of_stopped_queries_is_one_of_which_none_was_stopped(lake: Lake) -> None:
    """An older version of the runner, which did not know of late commits, did not write this field."""
    seen: list[bool] = []

    def look() -> None:
        with lake.lease("second") as lease:
            seen.append(lease.late_commits_are_possible())

    free = {"holder": None, "seconds_to_live": SECONDS, "unfenced": [], "serial": 7}
    lake.world.s3.put(KEY, json.dumps(free).encode())
    lake.start("second", look, after=5)
    lake.end()

    assert seen == [False]


@pytest.mark.parametrize("part", ["holder", "unfenced"])
def test_a_holder_without_a_time_is_none_of_ours(lake: Lake, part: str) -> None:
    """The queries of such a holder cannot be found, so the object counts as no lease and expires."""
    strange = {"id": "first", "purpose": "test", "since": "soon"}
    told = {"holder": None, "seconds_to_live": SECONDS, "unfenced": [], "serial": 1, "stopped_at": 0.0}
    told[part] = [strange] if part == "unfenced" else strange
    lake.world.s3.put(KEY, json.dumps(told).encode())
    lake.hold("early", 1, after=55)
    lake.hold("late", 1, after=62)
    # Without the invariants, which would take the object for a lease.
    with virtual.entered(lake.world):
        lake.world.scheduler.wait_for_all()

    assert lake.told == ["early: LeaseHeld", "late holds"]
    assert lake.fenced == []


def test_all_that_is_written_there_has_one_length_so_that_a_query_may_read_it_during_a_renewal(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query reads as many bytes as the listing showed it."""
    bodies: list[bytes] = []
    put = lake.world.s3.put

    def look(key: str, body: bytes, *more: Any) -> Any:
        bodies.append(body)
        return put(key, body, *more)

    monkeypatch.setattr(lake.world.s3, "put", look)
    lake.start("dies", lambda: lake.world.scheduler.kill(taken(lake)))
    lake.hold("a second one with a longer name", 40, after=70)
    lake.end()

    assert len(bodies) >= 5
    assert {len(body) for body in bodies} == {4096}
    # The line is one JSON record: it starts and ends with the object.
    assert all(body.startswith(b"{") and body.index(b"\n") == 4095 for body in bodies)


@pytest.mark.parametrize("seconds_to_live", [-1.0, 0.0, 3601.0, 1e9])
def test_a_lease_that_would_live_too_long_or_not_at_all_is_none_of_ours(
    lake: Lake, seconds_to_live: float
) -> None:
    """Otherwise one broken object could block all runs for years."""
    seen: list[tuple[str, bool]] = []

    def look() -> None:
        lease = read_lease(boto3.client("s3"), "lake")
        assert lease.holder is not None
        seen.append((lease.holder.id, lease.expired))

    stranger = {"id": "first", "purpose": "test", "since": "2025-08-10T12:00:00+00:00"}
    told = {"holder": stranger, "seconds_to_live": seconds_to_live, "unfenced": [], "serial": 1}
    lake.world.s3.put(KEY, json.dumps(told).encode())
    for seconds in (1, 3610):
        lake.start(f"after {seconds}", look, after=seconds)
    lake.end()

    assert seen == [("unknown", False), ("unknown", True)]


def test_a_lease_may_live_for_as_long_as_any(lake: Lake) -> None:
    stranger = {"id": "first", "purpose": "test", "since": "2025-08-10T12:00:00+00:00"}
    told = {"holder": stranger, "seconds_to_live": 3600.0, "unfenced": [], "serial": 1}
    lake.world.s3.put(KEY, json.dumps(told).encode())
    seen: list[str] = []

    def look() -> None:
        lease = read_lease(boto3.client("s3"), "lake")
        assert lease.holder is not None
        seen.append(lease.holder.id)

    lake.start("look", look, after=1)
    lake.end()

    assert seen == ["first"]
