"""Decides which of many waiting runs gets the lease next.

Newer dates go first, so that old dates do not delay them. A run that finds the lease held writes a marker to
the bucket, and the state machine tries the run again within a minute. Until then less urgent runs do not take
the lease. A marker that is not renewed expires, so a stopped run does not block others. An empty marker has
had its turn. A lifecycle rule of the bucket removes all markers.

The markers are advice. Only the lease decides whether a run may write.
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

#: A waiting run renews its marker at each attempt. The state machine waits at most a minute between attempts.
RUNS_OUT_AFTER = timedelta(seconds=90)
#: In some time zones the next day has begun already, so files of that day may land.
_TIME_ZONES = timedelta(days=1)
_LAST_DAY = date.max.toordinal()


def most_urgent_first(dates: Iterable[date], today: date) -> list[date]:
    """Dates in the order of their runs: from today backwards, then future dates, the nearest first."""
    latest = today + _TIME_ZONES
    return sorted(set(dates), key=lambda one: (one > latest, one.toordinal() * (1 if one > latest else -1)))


def waiting_folder() -> str:
    """The prefix of the markers, with a slash at its end."""
    return f"{prefix('pipeline_state')}/waiting/"


class Turn:
    """One run's place among the waiting runs.

    Args:
        s3: an S3 client.
        bucket: the lake's bucket.
        dates: the dates that the run builds.
        now: the current time. It decides which dates are in the future and which markers have expired.
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
            LeaseHeld: a more urgent run waits; this run waits behind it.
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
        """Write the marker: this run waits."""
        self._waits = True
        self._put(b"waits")

    def done(self) -> None:
        """Empty the marker, if there is one: this run no longer waits."""
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
        """The most urgent markers, up to a thousand; none if S3 fails, because markers are advice."""
        try:
            return self._s3.list_objects_v2(Bucket=self._bucket, Prefix=waiting_folder()).get("Contents", [])
        except (BotoCoreError, ClientError) as error:
            logger.warning("the waiting runs could not be listed: %s", error)
            return []

    def _put(self, body: bytes) -> None:
        try:
            self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=body)
        except (BotoCoreError, ClientError) as error:
            logger.warning("the marker of the waiting run for %s could not be written: %s", self._date, error)
