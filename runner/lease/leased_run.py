"""Gives a run the right to write tables: it takes the lease, and its clients check lease and deadline."""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager

from runner.aws import clients
from runner.aws.errors import translated_errors
from runner.aws.invocation import Invocation
from runner.lease.fence import fence
from runner.lease.lease import Holder, Lease, now
from runner.settings import Settings


@contextmanager
def leased_run(
    settings: Settings, purpose: str, *, wait: float = 0.0, seconds_left: float | None = None
) -> Generator[Invocation]:
    """Hold the lake's lease for as long as the `with` block lasts.

    Args:
        settings: which lake.
        purpose: what the run does; another run that finds the lease held reports it.
        wait: seconds to wait for another run to end.
        seconds_left: the time that the run has; None for no limit.

    Raises:
        LeaseHeld: another run held the lease for longer than `wait`.
        DeadlineReached: the time ran out.
        AthenaThrottled, AwsCallFailed: an AWS call failed.
    """
    deadline = None if seconds_left is None else time.monotonic() + seconds_left
    invocation = Invocation(settings, uuid.uuid4().hex, deadline=deadline)
    lease = Lease(
        clients.make_client("s3"),
        settings.data_bucket,
        Holder(invocation.id, purpose, now()),
        lambda holder: fence(settings, holder),
        wait=wait,
        seconds_to_live=settings.lease_seconds,
    )
    with translated_errors(), lease:
        invocation.verify_lease = lease.verify
        invocation.late_commits_are_possible = lease.late_commits_are_possible
        invocation.start_alarm()
        try:
            yield invocation
        finally:
            invocation.cancel_alarm()
