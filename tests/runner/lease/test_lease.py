"""Tests runner.lease.lease with a real S3 API: only one run holds it, and a dead run's lease is taken over."""

from __future__ import annotations

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from runner.lease.lease import Holder, Lease, LeaseHeld, now

KEY = "pipeline-state/lease/lease.json"
#: A lease lives longer than a test runs, and no run waits for it.
LIVES: dict[str, Any] = {"seconds_to_live": 60, "wait": 0}


class Contender:
    """A run with its lease. `fenced` has the ids of the runs whose queries it stopped."""

    def __init__(self, s3: Any, bucket: str, name: str, **options: Any) -> None:
        self.fenced: list[str] = []
        self.lease = Lease(s3, bucket, Holder(name, f"test {name}", now()), self.fence, **LIVES | options)

    def fence(self, holder: Holder) -> bool:
        self.fenced.append(holder.id)
        return False


def stop_renewing(run: Contender) -> None:
    """Stop a run's renewals, as when its process is killed or suspended."""
    run.lease._done.set()
    run.lease._renewal.join()


def wait_until(condition: Any, seconds: float = 10) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "the condition did not hold in time"
        threading.Event().wait(0.05)


def test_the_second_run_is_told_who_holds_it(s3: Any, bucket: str) -> None:
    first, second = Contender(s3, bucket, "first"), Contender(s3, bucket, "second")
    with (
        first.lease,
        pytest.raises(LeaseHeld, match=r"run first \(test first\) holds the lake's"),
    ):
        second.lease.acquire()


def test_a_released_lease_is_taken_at_once_and_nobody_is_fenced(s3: Any, bucket: str) -> None:
    first, second = Contender(s3, bucket, "first"), Contender(s3, bucket, "second")
    with first.lease:
        first.lease.verify()
    with second.lease:
        second.lease.verify()
    assert first.fenced == second.fenced == []


def test_a_waiting_run_gets_it_when_the_other_ends(s3: Any, bucket: str) -> None:
    first, second = Contender(s3, bucket, "first"), Contender(s3, bucket, "second", wait=20)
    first.lease.acquire()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.lease.acquire)
        first.lease.release(clean=True)
        waiting.result(20)
    second.lease.verify()
    second.lease.release(clean=True)


@pytest.mark.slow
def test_renewals_keep_it_longer_than_it_lives(s3: Any, bucket: str) -> None:
    first, second = Contender(s3, bucket, "first", seconds_to_live=1), Contender(s3, bucket, "second", wait=3)
    with first.lease:
        with pytest.raises(LeaseHeld):
            second.lease.acquire()
        first.lease.verify()


def test_a_dead_runs_lease_is_taken_over_and_its_queries_are_ended(s3: Any, bucket: str) -> None:
    dead, next_one = Contender(s3, bucket, "dead", seconds_to_live=1), Contender(s3, bucket, "next", wait=20)
    dead.lease.acquire()
    stop_renewing(dead)
    with next_one.lease:
        assert next_one.fenced == ["dead"]
        # The second attempt fails too: the run cannot use what it learnt in the first one to take the lease back.
        for _ in range(2):
            with pytest.raises(LeaseHeld, match="taken over by run next"):
                dead.lease._write(dead.lease._state)
        with pytest.raises(LeaseHeld, match="taken over by run next"):
            dead.lease.verify()
        dead.lease.release(clean=True)
        next_one.lease._write(next_one.lease._state)
        next_one.lease.verify()


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b"null", b'{"holder": 1}', b'{"serial": "x"}', b"[" * 100_000]
)
def test_whatever_else_stands_there_runs_out_and_is_replaced(
    s3: Any, bucket: str, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody may still hold the lease, so it counts as held until it is as old as a lease may be."""
    s3.put_object(Bucket=bucket, Key=KEY, Body=content)
    with caplog.at_level(logging.WARNING, logger="medlaunch-elt"):
        with pytest.raises(LeaseHeld), Contender(s3, bucket, "early").lease:
            pass
        with Contender(s3, bucket, "patient", seconds_to_live=1, wait=30).lease:
            assert (
                json.loads(s3.get_object(Bucket=bucket, Key=KEY)["Body"].read())["holder"]["id"] == "patient"
            )
    assert "is not a lease" in caplog.text


def test_a_sleeper_that_nobody_replaced_goes_on(s3: Any, bucket: str) -> None:
    run = Contender(s3, bucket, "sleeper", seconds_to_live=1)
    run.lease.acquire()
    stop_renewing(run)
    wait_until(lambda: run.lease._renewed_at.age() > 2)
    run.lease.verify()
    run.lease.release(clean=True)


def test_a_failed_run_ends_its_own_queries_before_it_lets_go(s3: Any, bucket: str) -> None:
    failed, next_one = Contender(s3, bucket, "failed"), Contender(s3, bucket, "next")
    with pytest.raises(ValueError, match="boom"), failed.lease:
        raise ValueError("boom")
    assert failed.fenced == ["failed"]
    with next_one.lease:
        assert next_one.fenced == []


def test_queries_that_could_not_be_ended_are_left_to_the_next_run(s3: Any, bucket: str) -> None:
    def no_network(_: Holder) -> None:
        raise ConnectionClosedError(endpoint_url="http://127.0.0.1")

    failed = Contender(s3, bucket, "failed")
    failed.lease._fence = no_network
    failed.lease.acquire()
    failed.lease.release(clean=False)

    also_failing = Contender(s3, bucket, "also failing")
    also_failing.lease._fence = no_network
    with pytest.raises(ConnectionClosedError):
        also_failing.lease.acquire()

    last = Contender(s3, bucket, "last")
    with last.lease:
        assert last.fenced == ["failed", "also failing"]


def test_of_many_runs_that_start_together_one_gets_it(s3: Any, bucket: str) -> None:
    runs = [Contender(s3, bucket, f"run-{number}") for number in range(8)]

    def try_to_acquire(run: Contender) -> bool:
        try:
            run.lease.acquire()
        except LeaseHeld:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(try_to_acquire, runs))
    assert outcomes.count(True) == 1
    runs[outcomes.index(True)].lease.release(clean=True)


@pytest.mark.slow
def test_of_many_runs_that_find_a_dead_one_one_takes_over(s3: Any, bucket: str) -> None:
    dead = Contender(s3, bucket, "dead", seconds_to_live=1)
    dead.lease.acquire()
    stop_renewing(dead)
    runs = [Contender(s3, bucket, f"run-{number}", wait=6) for number in range(6)]
    holding: list[str] = []

    def hold_for_a_moment(run: Contender) -> None:
        with run.lease:
            holding.append(run.lease.holder.id)
            assert len(holding) == 1
            run.lease.verify()
            holding.clear()

    with ThreadPoolExecutor(6) as pool:
        for outcome in [pool.submit(hold_for_a_moment, run) for run in runs]:
            outcome.result(30)
    assert sum(run.fenced == ["dead"] for run in runs) == 1


@pytest.mark.parametrize("lost", ["acquire", "renew"])
def test_a_write_whose_answer_was_lost_counts(s3: Any, bucket: str, lost: str) -> None:
    run = Contender(s3, bucket, "unlucky", wait=5)
    losses = iter([True] if lost == "acquire" else [False, True])

    def lose_the_answer(**_: Any) -> None:
        if next(losses, False):
            # S3 has done the write, and a retry of it fails because of its own ETag.
            raise ClientError({"Error": {"Code": "PreconditionFailed", "Message": "retried"}}, "PutObject")

    s3.meta.events.register("after-call.s3.PutObject", lose_the_answer)
    with run.lease:
        run.lease._renew()
        run.lease.verify()
    s3.meta.events.unregister("after-call.s3.PutObject", lose_the_answer)
    following = Contender(s3, bucket, "following")
    with following.lease:
        assert following.fenced == []


def test_a_run_writes_again_over_a_write_of_its_own_that_it_does_not_know_of(s3: Any, bucket: str) -> None:
    run = Contender(s3, bucket, "unlucky")
    losses = iter([True])

    def lose_the_answer(**_: Any) -> None:
        if next(losses, False):
            raise ConnectionClosedError(endpoint_url="s3")

    def stored() -> dict[str, Any]:
        return json.loads(s3.get_object(Bucket=bucket, Key=KEY)["Body"].read())

    run.lease.acquire()
    s3.meta.events.register("after-call.s3.PutObject", lose_the_answer)
    run.lease._renew()
    s3.meta.events.unregister("after-call.s3.PutObject", lose_the_answer)
    renewed = stored()
    run.lease.release(clean=True)

    assert renewed["holder"]["id"] == "unlucky"
    assert stored()["holder"] is None
    assert stored()["serial"] == renewed["serial"] + 1
    following = Contender(s3, bucket, "following")
    with following.lease:
        assert following.fenced == []


def test_a_run_whose_lease_was_deleted_has_lost_it(s3: Any, bucket: str) -> None:
    run = Contender(s3, bucket, "robbed")
    run.lease.acquire()
    s3.delete_object(Bucket=bucket, Key=KEY)
    run.lease._renew()

    with pytest.raises(LeaseHeld, match="the lease was taken over by run unknown: this run must not write"):
        run.lease.verify()
    run.lease.release(clean=True)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix=KEY)


def test_a_lease_that_is_deleted_while_a_run_takes_it_is_made_anew(s3: Any, bucket: str) -> None:
    with Contender(s3, bucket, "first").lease:
        pass
    deletions = iter([True])

    def delete_it(**_: Any) -> None:
        if next(deletions, False):
            s3.delete_object(Bucket=bucket, Key=KEY)

    s3.meta.events.register("before-call.s3.PutObject", delete_it)
    second = Contender(s3, bucket, "second", wait=5)
    with second.lease:
        s3.meta.events.unregister("before-call.s3.PutObject", delete_it)
        second.lease.verify()
        assert json.loads(s3.get_object(Bucket=bucket, Key=KEY)["Body"].read())["holder"]["id"] == "second"
