"""The only parser of events. It turns every event about a created or deleted file into a snapshot date.

Shapes (documented by AWS; samples in tests/runner/lambdas/events/):

* S3 event notification: `{"Records": [{"eventName": "ObjectCreated:Put", "s3": …}]}`; keys are URL-encoded.
* EventBridge `Object Created` and `Object Deleted` of source `aws.s3`; keys are not encoded.
* Either of them as the body of an SQS message.
* The state machine's own input: `{"snapshot_date": "YYYY-MM-DD", "bucket": …, "keys": […]}`, or with
  `"snapshot_dates": […]` for a group of dates.

Only the date in the key matters, because a run reads the date's whole folder. Events that are not about a
record file of the bronze prefix are ignored, and a log line says why. An invalid request in the state
machine's own form is an error, because its sender expects a run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import unquote_plus

from runner.errors import MedLaunchError, Retry
from runner.lake import RECORD_SUFFIXES, parse_bronze_key, parse_date
from runner.telemetry import logger

#: The most dates of one execution. Athena writes at most 100 partitions of an Iceberg table per statement.
MAX_DATES = 90
#: The number of characters of a foreign text that an error or a log line quotes.
_QUOTED = 200
_CHANGES = ("ObjectCreated:", "ObjectRemoved:", "LifecycleExpiration:")
_DETAIL_TYPES = ("Object Created", "Object Deleted")


class InvalidEvent(MedLaunchError):
    """A request for the state machine has an invalid date, another bucket, or values that are not keys."""

    retry = Retry.NEVER


@dataclass(frozen=True, slots=True)
class BronzeChange:
    """One created or deleted file, or one date that the state machine was asked to build.

    Attributes:
        snapshot_date: the date of the folder.
        key: the object's key, decoded; None where the event names only the date.
    """

    snapshot_date: date
    key: str | None


class _Ignored(Exception):
    """Why a part of an event is ignored."""


def bronze_changes(event: Mapping[str, Any], bucket: str) -> list[BronzeChange]:
    """The changes of record files that an event reports, in its order.

    Args:
        event: any of the shapes in this module's docstring except SQS (see `sqs_changes`).
        bucket: the lake's bucket; events of other buckets are ignored.

    Raises:
        InvalidEvent: a state machine input is invalid; the message says what is accepted.
    """
    if "snapshot_date" in event or "snapshot_dates" in event:
        return _from_input(event, bucket)
    records = event.get("Records")
    is_s3 = isinstance(records, list)
    parse, parts = (_from_s3, cast("list[object]", records)) if is_s3 else (_from_eventbridge, [event])
    if not parts:
        logger.info("event ignored: it has no record")
    changes: list[BronzeChange] = []
    for part in parts:
        try:
            changes.append(parse(_mapping(part), bucket))
        except _Ignored as reason:
            logger.info("event ignored: %s", reason)
    return changes


def sqs_changes(body: str, bucket: str) -> list[BronzeChange]:
    """The changes that the body of one SQS message reports; none if the body is not an event of the lake.

    Raises:
        InvalidEvent: see `bronze_changes`.
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):  # thousands of nested brackets raise RecursionError
        logger.warning("event ignored: the message's body is not JSON: %.200r", body)
        return []
    if not isinstance(event, dict):
        logger.warning("event ignored: the message's body is not a JSON object: %.200r", body)
        return []
    return bronze_changes(cast("dict[str, Any]", event), bucket)


def _from_input(event: Mapping[str, Any], bucket: str) -> list[BronzeChange]:
    named = event.get("bucket", bucket)
    if named != bucket:
        raise InvalidEvent(f"the input's bucket is {_quote(named)}, but this lake's is {bucket!r}")
    if "snapshot_dates" in event:
        return [BronzeChange(one, None) for one in _dates(event["snapshot_dates"])]
    snapshot_date = _date(event["snapshot_date"], "snapshot_date")
    keys = event.get("keys") or [None]
    if not isinstance(keys, list):
        raise InvalidEvent(f"the input's keys are {_quote(keys)}: they take a list of texts")
    return [BronzeChange(snapshot_date, _key(one)) for one in cast("list[object]", keys)]


def _dates(value: object) -> list[date]:
    values = cast("list[object]", value) if isinstance(value, list) else []
    if not values:
        quoted = _quote(cast("object", value))
        raise InvalidEvent(f"the input's snapshot_dates are {quoted}: they take a list of dates")
    dates = {_date(one, "snapshot_dates") for one in values}
    if len(dates) > MAX_DATES:
        raise InvalidEvent(
            f"the input has {len(dates)} snapshot dates: it takes {MAX_DATES} at most; "
            "`medlaunch transform --from … --to …` builds more"
        )
    return sorted(dates)


def _date(value: object, field: str) -> date:
    snapshot_date = parse_date(value) if isinstance(value, str) else None
    if snapshot_date is None:
        raise InvalidEvent(f"the input's {field} is {_quote(value)}: it takes a real date written YYYY-MM-DD")
    return snapshot_date


def _key(value: object) -> str | None:
    if value is not None and (not isinstance(value, str) or not _is_text(value)):
        raise InvalidEvent(f"a key of the input is {_quote(value)}: it takes a text in UTF-8")
    return value


def _is_text(text: str) -> bool:
    """Whether UTF-8 can encode it, as S3 requires of a key. JSON can also hold half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _quote(value: object) -> str:
    try:
        text = repr(value)
    except RecursionError:
        return "nested too deeply"
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}..."


def _from_eventbridge(event: Mapping[str, Any], bucket: str) -> BronzeChange:
    if event.get("source") != "aws.s3" or event.get("detail-type") not in _DETAIL_TYPES:
        name = f"{_quote(event.get('source'))} {_quote(event.get('detail-type'))}"
        raise _Ignored(f"it is neither Object Created nor Object Deleted of S3 but {name}")
    detail = _mapping(event.get("detail"))
    return _change(_name(detail, "bucket", "name"), _name(detail, "object", "key"), bucket)


def _from_s3(record: Mapping[str, Any], bucket: str) -> BronzeChange:
    name = record.get("eventName")
    if not isinstance(name, str) or not name.startswith(_CHANGES):
        raise _Ignored(f"its eventName is {_quote(name)}, neither a creation nor a removal of an object")
    s3 = _mapping(record.get("s3"))
    return _change(_name(s3, "bucket", "name"), unquote_plus(_name(s3, "object", "key")), bucket)


def _change(event_bucket: str, key: str, bucket: str) -> BronzeChange:
    if event_bucket != bucket:
        raise _Ignored(f"bucket {_quote(event_bucket)} is not this lake's ({bucket!r})")
    parsed = parse_bronze_key(key) if _is_text(key) else None
    if parsed is None:
        raise _Ignored(f"key {key!r} is not a file in a date's bronze folder")
    if parsed.hidden:
        raise _Ignored(f"key {key!r} is hidden from Athena: its name starts with an underscore or a dot")
    if not parsed.holds_records:
        raise _Ignored(f"key {key!r} does not end in {' or '.join(RECORD_SUFFIXES)}")
    return BronzeChange(parsed.snapshot_date, key)


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _name(record: Mapping[str, Any], part: str, field: str) -> str:
    value = _mapping(record.get(part)).get(field)
    if not isinstance(value, str) or not value:
        raise _Ignored(f"it names no {part} {field}")
    return value
