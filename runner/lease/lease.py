"""One writer at a time: a lease on the lake's tables, held as one S3 object.

A run that writes tables holds the lease from before it reads bronze until its exports are written. Every
write of the object has a condition (If-None-Match, If-Match). Of two writers, one gets 412 Precondition
Failed. Only S3's clock counts. A lease has expired when S3's clock is past the object's LastModified plus its
seconds to live. The clocks of the machines do not matter.

The MERGEs of a run read the object through an external table (`lease_is_held` in macros/), so that a MERGE
fails if its run has lost the lease, no matter how late it starts. For this reason the object has its own
folder, and its length never changes. A query that listed the object before a renewal therefore reads the
renewed object completely.

A holder may still have queries running in Athena if it stopped renewing, or if it could not make sure that
all its queries had ended. Its id stays in the object's `unfenced` list until another run has ended them: see
`runner.lease.fence`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from runner.aws.clock import answered_at
from runner.aws.errors import get_or_none, is_conflict
from runner.errors import MedLaunchError, Retry
from runner.lake import prefix
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_POLL_SECONDS = 0.5
#: The object's length in bytes is this or a multiple of this.
_LENGTH = 4096
#: Athena ends a query some time after it reports the end. A stopped query may still commit within this time.
LATE_COMMIT_SECONDS = 900.0
#: Seconds. An object with a larger value was not written by this project.
_LONGEST_LIFE = 3600.0


class LeaseHeld(MedLaunchError):
    """Another run holds the lease, or has taken over the lease of this run. Try again later."""

    retry = Retry.WHEN_FREE


@dataclass(frozen=True, slots=True)
class Holder:
    """A run that holds or held the lease: its id, its purpose, and its start time (ISO 8601, UTC)."""

    id: str
    purpose: str
    since: str

    @property
    def acquired_at(self) -> datetime:
        return datetime.fromisoformat(self.since)


@dataclass(frozen=True, slots=True)
class _State:
    """The lease object's content."""

    holder: Holder | None
    seconds_to_live: float
    unfenced: tuple[Holder, ...] = ()
    #: Counts writes, so that two writes never have the same ETag (an MD5 of the content).
    serial: int = 0
    #: When a run's queries were last stopped, in seconds since 1970 by S3's clock.
    stopped_at: float = 0.0

    def dump(self) -> bytes:
        body = json.dumps(asdict(self)).encode()
        return body.ljust(-(-len(body) // _LENGTH) * _LENGTH - 1) + b"\n"

    @classmethod
    def load(cls, body: bytes) -> _State:
        """The content of the object.

        Raises:
            ValueError, TypeError, KeyError: the content is not a lease.
        """
        fields: dict[str, Any] = json.loads(body)
        state = cls(
            holder=Holder(**fields["holder"]) if fields["holder"] else None,
            seconds_to_live=float(fields["seconds_to_live"]),
            unfenced=tuple(Holder(**holder) for holder in fields["unfenced"]),
            serial=int(fields["serial"]),
            stopped_at=float(fields.get("stopped_at", 0.0)),
        )
        for holder in (*([state.holder] if state.holder else []), *state.unfenced):
            datetime.fromisoformat(holder.since)
        if not 0 < state.seconds_to_live <= _LONGEST_LIFE:
            raise ValueError(f"seconds_to_live of {state.seconds_to_live}")
        return state


#: The holder that is assumed for a broken lease object. Its queries cannot be found.
_UNKNOWN = Holder("unknown", "a lease object that cannot be read", "1970-01-01T00:00:00+00:00")


class Lease:
    """The lease on the lake's tables, as seen by one run. A context manager: enter acquires, exit releases.

    Args:
        s3: a client that no `Invocation` guards or counts.
        bucket: the lake's bucket.
        holder: this run.
        fence: ends the queries of a run, and returns whether it stopped one. It is called with every earlier
            holder that may still have queries running, before `acquire` returns. It is called with this run
            when this run fails.
        wait: seconds to wait for another holder before `LeaseHeld`.
        seconds_to_live: how long the lease lives without a renewal, which is the wait after a crash. Four
            renewals fit into this time.
    """

    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        holder: Holder,
        fence: Callable[[Holder], bool],
        *,
        wait: float,
        seconds_to_live: float,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = _key()
        self._fence = fence
        self._wait = wait
        self._state = _State(holder, seconds_to_live)
        self._etag = ""
        self._renewed_at = _Clock()
        #: S3's time at the last read or write of the object, and a clock that was started then.
        self._read_at, self._read_clock = 0.0, _Clock()
        self._taken_by = ""
        self._writing = threading.Lock()
        self._done = threading.Event()
        self._renewal = threading.Thread(target=self._renew_until_done, name="lease renewal", daemon=True)

    @property
    def holder(self) -> Holder:
        """This run."""
        assert self._state.holder is not None
        return self._state.holder

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release(clean=error is None)

    def acquire(self) -> None:
        """Take the lease, then end the queries that earlier holders left running.

        Raises:
            LeaseHeld: another run held it for longer than `wait` seconds.
        """
        give_up = time.monotonic() + self._wait
        while not self._try_to_acquire():
            if time.monotonic() >= give_up:
                raise LeaseHeld(f"{self._describe_holder()}: try again when it has ended")
            self._done.wait(_POLL_SECONDS)
        self._renewal.start()
        try:
            for earlier in self._state.unfenced:
                logger.warning("ending what run %s (%s) may have left running", earlier.id, earlier.purpose)
                self._fence(earlier)
            if self._state.unfenced:
                self._write(replace(self._state, unfenced=(), stopped_at=self._s3_seconds()))
        except BaseException:
            self.release(clean=False)
            raise

    def late_commits_are_possible(self) -> bool:
        """Whether queries were stopped so recently that Athena may still commit one of them."""
        stopped_at = self._state.stopped_at
        # The clock that has counted less is used, because the other one may have been set.
        now = self._read_at + self._read_clock.least_age()
        return stopped_at > 0 and now - stopped_at < LATE_COMMIT_SECONDS

    def verify(self) -> None:
        """Make sure that this run still holds the lease. The check is cheap while renewals succeed.

        Raises:
            LeaseHeld: another run has taken it over, or S3 refuses its renewal.
        """
        if not self._taken_by and self._renewed_at.age() > self._state.seconds_to_live / 2:
            self._renew()
        if self._taken_by:
            raise LeaseHeld(
                f"the lease was taken over by run {self._taken_by}: this run must not write any more"
            )
        if self._renewed_at.age() > self._state.seconds_to_live:
            raise LeaseHeld(f"the lease s3://{self._bucket}/{self._key} could not be renewed in time")

    def release(self, *, clean: bool) -> None:
        """Release the lease.

        Args:
            clean: whether no query of this run can still be running. Otherwise this run ends its own queries
                first. If that fails, the next holder ends them.
        """
        self._done.set()
        if self._renewal.is_alive():
            self._renewal.join()
        if self._taken_by:
            return
        given_up = replace(self._state, holder=None)
        if not clean:
            try:
                if self._fence(self.holder):
                    given_up = replace(given_up, stopped_at=self._s3_seconds())
            except (BotoCoreError, ClientError, MedLaunchError) as error:
                logger.error("the queries of run %s may still be running: %s", self.holder.id, error)
                given_up = replace(given_up, unfenced=(*given_up.unfenced, self.holder))
        try:
            self._write(given_up)
        except (BotoCoreError, ClientError, LeaseHeld) as error:
            logger.error("the lease was not released and will run out by itself: %s", error)

    def _try_to_acquire(self) -> bool:
        current, self._etag, age = self._read()
        mine = replace(self._state, unfenced=())
        if current is not None:
            mine = replace(mine, serial=current.serial + 1, stopped_at=current.stopped_at)
            if current.holder == mine.holder:
                self._state = current
                return True
            left = current.holder
            if left is not None and age <= current.seconds_to_live:
                return False
            dead = [left] if left is not None and left != _UNKNOWN else []
            mine = replace(mine, unfenced=(*current.unfenced, *dead))
        try:
            self._put(mine)
        except ClientError as error:
            if is_conflict(error):
                return False
            raise
        return True

    def _write(self, state: _State) -> None:
        """Replace this run's object. A write that S3 has done counts, even if its answer was lost."""
        with self._writing:
            if self._taken_by:
                raise LeaseHeld(f"the lease was taken over by run {self._taken_by}")
            state = replace(state, serial=self._state.serial + 1)
            try:
                self._put(state)
            except ClientError as error:
                if not is_conflict(error):
                    raise
                current, etag, _ = self._read()
                owner = current.holder if current else None
                if owner != self._state.holder and current != state:
                    # The ETag of another run's lease is not kept, because a later write with it would take
                    # that lease.
                    self._taken_by = f"{owner.id} ({owner.purpose})" if owner else "unknown"
                    raise LeaseHeld(f"the lease was taken over by run {self._taken_by}") from error
                self._etag = etag
                if current == state:
                    # The object was written, and only the answer was lost.
                    self._state = state
                elif current:
                    self._put(replace(state, serial=current.serial + 1))

    def _put(self, state: _State) -> None:
        sent_at = _Clock()
        condition: Any = {"IfMatch": self._etag} if self._etag else {"IfNoneMatch": "*"}
        response = self._s3.put_object(
            Bucket=self._bucket, Key=self._key, Body=state.dump(), ContentType="application/json", **condition
        )
        self._etag, self._state, self._renewed_at = response["ETag"], state, sent_at
        self._read_at, self._read_clock = answered_at(response).timestamp(), _Clock()

    def _read(self) -> tuple[_State | None, str, float]:
        """The object's content, its ETag, and its age in seconds by S3's clock."""
        state, etag, age, now = _read(self._s3, self._bucket, self._state.seconds_to_live)
        if now:
            self._read_at, self._read_clock = now, _Clock()
        return state, etag, age

    def _s3_seconds(self) -> float:
        """The time by S3's clock at the last answer, or somewhat later; seconds since 1970."""
        return self._read_at + self._read_clock.age()

    def _renew_until_done(self) -> None:
        while not self._done.wait(self._state.seconds_to_live / 4) and not self._taken_by:
            self._renew()

    def _renew(self) -> None:
        try:
            self._write(self._state)
        except (BotoCoreError, ClientError, LeaseHeld) as error:
            logger.warning("the lease was not renewed: %s", error)

    def _describe_holder(self) -> str:
        current, _, _ = self._read()
        holder = current.holder if current else None
        if holder is None:
            return f"the lease s3://{self._bucket}/{self._key} is contended"
        return f"run {holder.id} ({holder.purpose}) holds the lake's lease since {holder.since}"


@dataclass(frozen=True, slots=True)
class SeenLease:
    """The lease as seen by a process that does not hold it.

    Attributes:
        holder: the run that holds it; None when it is free.
        expired: whether the holder has not renewed it in time, so that the next writer takes it over.
        unfenced: earlier runs that may still have queries running.
    """

    holder: Holder | None
    expired: bool
    unfenced: tuple[Holder, ...]


def read_lease(s3: S3Client, bucket: str) -> SeenLease:
    """The lease on the lake's tables as it is now."""
    state, _, age, _ = _read(s3, bucket, _LONGEST_LIFE)
    if state is None:
        return SeenLease(None, False, ())
    return SeenLease(state.holder, state.holder is not None and age > state.seconds_to_live, state.unfenced)


def _key() -> str:
    return f"{prefix('pipeline_state')}/lease/lease.json"


def _read(s3: S3Client, bucket: str, seconds_to_live: float) -> tuple[_State | None, str, float, float]:
    """The lease object's content, its ETag, its age in seconds and the time, both by S3's clock.

    An object whose content is not a lease counts as held for this many seconds.
    """
    response = get_or_none(lambda: s3.get_object(Bucket=bucket, Key=_key()))
    if response is None:
        return None, "", 0.0, 0.0
    now = answered_at(response)
    age = (now - response["LastModified"]).total_seconds()
    try:
        state = _State.load(response["Body"].read())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # Another run may still hold the lease, so the broken object lives as long as any lease.
        logger.warning("s3://%s/%s is not a lease (%s): it runs out by itself", bucket, _key(), error)
        state = _State(_UNKNOWN, seconds_to_live)
    return state, response["ETag"], age, now.timestamp()


class _Clock:
    """Measures time. The wall clock may be set, and the monotonic clock may stop while the machine sleeps."""

    def __init__(self) -> None:
        self._monotonic = time.monotonic()
        self._wall = time.time()

    def age(self) -> float:
        """The most seconds that may have passed."""
        return max(time.monotonic() - self._monotonic, time.time() - self._wall)

    def least_age(self) -> float:
        """The fewest seconds that may have passed."""
        return min(time.monotonic() - self._monotonic, time.time() - self._wall)


def now() -> str:
    """The time for a new `Holder`: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
