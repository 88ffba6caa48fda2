"""Whose turn it is when many runs wait for the lease: that of the newest date, so that old ones delay none.

A run that finds the lease held leaves a marker in the bucket, and the state machine tries it again within a
minute. Until then less urgent runs leave the lease to it. A marker that nobody renews runs out, so a run that
was stopped holds nobody up. A marker without content has had its turn; all markers expire by a rule of the
bucket's lifecycle.

The markers are advice. Whether a run may write is decided by the lease alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.lake import prefix
from runner.lease.lease import LeaseHeld
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: A waiting run renews its marker at each attempt; the state machine waits a minute at most between two.
RUNS_OUT_AFTER = timedelta(seconds=90)
#: Files of a day may land where that day has begun already.
_TIME_ZONES = timedelta(days=1)
_LAST_DAY = date.max.toordinal()


def most_urgent_first(dates: Iterable[date], today: date) -> list[date]:
    """Dates in the order of their runs: from today back, then those in the future, the nearest first."""
    latest = today + _TIME_ZONES
    return sorted(set(dates), key=lambda one: (one > latest, one.toordinal() * (1 if one > latest else -1)))


def waiting_folder() -> str:
    """The prefix of the markers, with a slash at its end."""
    return f"{prefix('pipeline_state')}/waiting/"


class Turn:
    """One run's place among those that wait.

    Args:
        s3: an S3 client.
        bucket: the lake's bucket.
        dates: what the run is to build.
        now: the time, for what is in the future and which markers have run out.
    """

    def __init__(self, s3: S3Client, bucket: str, dates: Sequence[date], now: datetime | None = None) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._now = now or datetime.now(UTC)
        self._date = most_urgent_first(dates, self._now.date())[0]
        self._key = waiting_folder() + self._rank(self._date)
        self._waits = False

    def check(self) -> None:
        """Leave the lease to a more urgent run that waits for it.

        Raises:
            LeaseHeld: one does; this run waits behind it.
        """
        for marker in self._markers():
            if marker["Key"] == self._key:
                self._waits = self._is_fresh(marker)
                break
            if marker["Key"] > self._key:
                break
            if self._is_fresh(marker):
                self.wait()
                first = marker["Key"].rpartition("-from-")[2]
                raise LeaseHeld(f"the run for {self._date} waits until the run for {first} has had its turn")

    def wait(self) -> None:
        """Say that this run waits."""
        self._waits = True
        self._put(b"waits")

    def done(self) -> None:
        """Say that this run waits no longer, if it ever did."""
        if self._waits:
            self._put(b"")

    def _rank(self, snapshot_date: date) -> str:
        """A name that sorts by urgency and ends with the date."""
        ordinal = snapshot_date.toordinal()
        future = snapshot_date > self._now.date() + _TIME_ZONES
        return f"{int(future)}-{ordinal if future else _LAST_DAY - ordinal:07}-from-{snapshot_date}"

    def _is_fresh(self, marker: Any) -> bool:
        return marker["Size"] > 0 and self._now - marker["LastModified"] < RUNS_OUT_AFTER

    def _markers(self) -> list[Any]:
        """The most urgent markers, up to a thousand; none if S3 does not say, for they are advice."""
        try:
            return self._s3.list_objects_v2(Bucket=self._bucket, Prefix=waiting_folder()).get("Contents", [])
        except (BotoCoreError, ClientError) as error:
            logger.warning("which runs wait is not known: %s", error)
            return []

    def _put(self, body: bytes) -> None:
        try:
            self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=body)
        except (BotoCoreError, ClientError) as error:
            logger.warning("that the run for %s waits could not be written: %s", self._date, error)
