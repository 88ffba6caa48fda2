"""Tests whose turn it is, with the deployed state machine's retries in virtual time and markers in a simulated S3.

The simulated policy is that of `LeaseHeld` in infra/state_machine.asl.json, so a change of it is tested here.
"""

from __future__ import annotations

import heapq
import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.state_machine import DEFINITION
from runner.lambdas.dispatching import _groups
from runner.lambdas.turns import RUNS_OUT_AFTER, Turn, most_urgent_first, waiting_folder
from runner.lease.lease import LeaseHeld

DOCUMENT: dict[str, Any] = json.loads(DEFINITION.read_text("utf-8"))
(POLICY,) = (one for one in DOCUMENT["States"]["RunStage3"]["Retry"] if "LeaseHeld" in one["ErrorEquals"])
NOON = datetime(2025, 8, 10, 12, tzinfo=UTC)


class Markers:
    """The two S3 calls that a turn makes, with their own clock."""

    def __init__(self) -> None:
        self.now = NOON
        self.objects: dict[str, tuple[int, datetime]] = {}
        self._sorted: list[str] = []

    def put_object(self, **given: Any) -> None:
        self.objects[given["Key"]] = (len(given["Body"]), self.now)

    def list_objects_v2(self, **_: Any) -> dict[str, Any]:
        if len(self._sorted) < len(self.objects):
            self._sorted = sorted(self.objects)
        return {"Contents": map(self._told, self._sorted[:1000])}

    def _told(self, key: str) -> dict[str, Any]:
        size, modified = self.objects[key]
        return {"Key": key, "Size": size, "LastModified": modified}


@dataclass(order=True)
class Waiting:
    """One execution: the time of its next attempt, what it builds, and how often it has tried."""

    at: float
    dates: list[date] = field(compare=False)
    started: float = field(compare=False)
    attempts: int = field(default=0, compare=False)


def delay(attempts: int, chance: random.Random) -> float:
    """Step Functions' delay before a retry with full jitter: any time up to the back-off.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    back_off = POLICY["IntervalSeconds"] * POLICY["BackoffRate"] ** min(attempts, 30)
    return chance.uniform(0, min(back_off, POLICY["MaxDelaySeconds"]))


def play(arrivals: list[tuple[float, list[date]]], seed: int = 1) -> dict[date, float]:
    """Play executions that arrive at given seconds and all need the lease. Returns when each date was built.

    A run takes a minute, and two more seconds for each further date. A check of the lease takes five seconds.
    """
    chance, markers = random.Random(seed), Markers()
    queue = [Waiting(at, dates, at) for at, dates in arrivals]
    heapq.heapify(queue)
    lease_free_at, built = 0.0, dict[date, float]()
    while queue:
        one = heapq.heappop(queue)
        markers.now = NOON + timedelta(seconds=one.at)
        turn = Turn(markers, "lake", one.dates, markers.now)  # pyright: ignore[reportArgumentType]
        try:
            turn.check()
            if one.at < lease_free_at:
                turn.wait()
                raise LeaseHeld("held")
        except LeaseHeld:
            one.attempts += 1
            assert one.attempts <= POLICY["MaxAttempts"], f"{one.dates[0]} starved"
            one.at += 5 + delay(one.attempts - 1, chance)
            heapq.heappush(queue, one)
            continue
        lease_free_at = one.at + 60 + 2 * (len(one.dates) - 1)
        assert lease_free_at - one.started < DOCUMENT["TimeoutSeconds"], f"{one.dates[0]} timed out"
        markers.now = NOON + timedelta(seconds=lease_free_at)
        turn.done()
        built |= dict.fromkeys(one.dates, lease_free_at)
    return built


def flood(days: int, *, batch: int = 1000) -> list[tuple[float, list[date]]]:
    """Dates back from yesterday, in batches of the queue a minute apart, grouped as dispatch does."""
    yesterday = NOON.date() - timedelta(days=1)
    dates = [yesterday - timedelta(days=n) for n in range(days)]
    return [
        (60.0 * number, list(group))
        for number, start in enumerate(range(0, days, batch))
        for group in _groups(dates[start : start + batch])
    ]


def test_hundreds_of_dates_at_once_are_all_built_even_one_by_one() -> None:
    yesterday = NOON.date() - timedelta(days=1)
    dates = [yesterday - timedelta(days=n) for n in range(300)]

    built = play([(0.0, [one]) for one in dates])

    assert set(built) == set(dates)
    # The lease is idle for less than half of the time.
    assert max(built.values()) < 2 * 60 * len(dates)


def test_fifteen_years_of_dates_are_built_within_a_day() -> None:
    built = play(flood(5_479))

    assert len(built) == 5_479
    assert max(built.values()) < 24 * 3600


@pytest.mark.parametrize("seed", range(3))
def test_a_real_date_passes_a_flood_of_old_ones(seed: int) -> None:
    today = NOON.date()

    built = play([*flood(1_500), (1_800.0, [today])], seed)

    # The date waits for the run that holds the lease (a group takes four minutes), and for its own next attempt.
    assert built[today] - 1_800 < 240 + 2 * POLICY["MaxDelaySeconds"] + 60


def test_a_run_that_was_stopped_holds_nobody_up_for_long() -> None:
    markers = Markers()
    Turn(markers, "lake", [date(2025, 8, 10)], NOON).wait()  # pyright: ignore[reportArgumentType]
    old = [date(2020, 1, 1)]

    with pytest.raises(LeaseHeld, match="2025-08-10"):
        Turn(markers, "lake", old, NOON).check()  # pyright: ignore[reportArgumentType]
    Turn(markers, "lake", old, NOON + timedelta(seconds=91)).check()  # pyright: ignore[reportArgumentType]


def test_a_waiting_run_keeps_its_place_between_two_attempts() -> None:
    # A check of the lease and a cold start are added to the longest delay.
    assert timedelta(seconds=POLICY["MaxDelaySeconds"] + 15) <= RUNS_OUT_AFTER


@given(st.lists(st.dates()), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_markers_sort_as_dates_do(dates: list[date], today: date) -> None:
    markers = Markers()
    now = datetime.combine(today, NOON.time(), UTC)
    for one in dates:
        Turn(markers, "lake", [one], now).wait()  # pyright: ignore[reportArgumentType]
    ends = [key.rpartition("-from-")[2] for key in sorted(markers.objects)]

    assert ends == [one.isoformat() for one in most_urgent_first(dates, today)]


@pytest.fixture
def bucket(s3_endpoint: str) -> tuple[Any, str]:
    s3 = boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    name = f"turns-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return s3, name


def test_the_markers_work_on_a_real_s3_api(bucket: tuple[Any, str]) -> None:
    s3, name = bucket
    newer, older = (Turn(s3, name, [date(2025, 8, day)]) for day in (10, 9))
    newer.wait()

    with pytest.raises(LeaseHeld, match="2025-08-09 waits until the run for 2025-08-10"):
        older.check()
    newer.check()
    newer.done()
    older.check()

    listed = s3.list_objects_v2(Bucket=name, Prefix=waiting_folder())["Contents"]
    assert [one["Size"] > 0 for one in listed] == [False, True]


def test_a_bucket_that_does_not_answer_stops_nobody(bucket: tuple[Any, str]) -> None:
    s3, _ = bucket
    turn = Turn(s3, "there-is-no-such-bucket", [date(2025, 8, 10)])

    turn.check()
    turn.wait()
    turn.done()
