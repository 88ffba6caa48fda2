"""From a batch of SQS messages to executions: one a snapshot date, the dates of a flood in groups.

A date that has its own execution fails alone. Hundreds of dates at once (a history copied in, folders
deleted) would wait for the lease in as many executions, so all but the newest share executions. The state
machine splits a group that fails until the date at fault stands alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.aws import clients
from runner.lambdas.events import MAX_DATES, sqs_changes
from runner.lambdas.turns import most_urgent_first
from runner.settings import Settings
from runner.telemetry import logger

#: So many dates of a batch, the newest, have an execution each.
DATES_ALONE = 10
#: Step Functions takes 262,144 bytes of input and keeps it beside the result of every state.
#: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
#: An execution lists its date's folder itself: its keys only tell a reader of the alert what happened.
_MAX_KEYS = 100
_MAX_KEY_BYTES = 16_384


@dataclass
class _Batch:
    """What a batch tells: by date the messages and the keys, and the messages that cannot be read."""

    messages: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    keys: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    unreadable: set[str] = field(default_factory=set[str])


def dispatch(settings: Settings, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Start the executions of a batch, those of the newest dates first.

    Args:
        settings: which lake and state machine.
        records: SQS messages as Lambda gets them.

    Returns:
        The ids of the messages to deliver again: those of dates whose execution could not be started, and
        those that cannot be read. The queue moves a message that comes back too often to its dead letters, of
        which an alarm tells.
    """
    batch = _read(records, settings.data_bucket)
    step_functions = clients.make_client("stepfunctions")
    failed = batch.unreadable
    for dates in _groups(most_urgent_first(batch.messages, datetime.now(UTC).date())):
        try:
            step_functions.start_execution(
                stateMachineArn=settings.state_machine_arn,
                input=json.dumps(_request(settings.data_bucket, dates, batch.keys), ensure_ascii=False),
            )
        except (BotoCoreError, ClientError) as error:
            logger.error("no execution was started for %s: %s", _names(dates), error)
            failed = failed.union(*(batch.messages[one] for one in dates))
    return sorted(failed)


def _read(records: Iterable[Mapping[str, Any]], bucket: str) -> _Batch:
    batch = _Batch()
    for record in records:
        try:
            changes = sqs_changes(record["body"], bucket)
        except Exception:  # one wrong message must not stop the others
            logger.exception("message %s cannot be read", record["messageId"])
            batch.unreadable.add(record["messageId"])
            continue
        for change in changes:
            batch.messages[change.snapshot_date].add(record["messageId"])
            if change.key:
                batch.keys[change.snapshot_date].add(change.key)
    return batch


def _groups(dates: Sequence[date]) -> list[Sequence[date]]:
    """The first dates alone, the others in groups that one execution builds."""
    rest = dates[DATES_ALONE:]
    return [
        *([one] for one in dates[:DATES_ALONE]),
        *(rest[start : start + MAX_DATES] for start in range(0, len(rest), MAX_DATES)),
    ]


def _request(bucket: str, dates: Sequence[date], keys: Mapping[date, set[str]]) -> dict[str, Any]:
    """The input of one execution, far below what Step Functions takes."""
    request: dict[str, Any] = {"snapshot_date": dates[0].isoformat(), "bucket": bucket}
    if len(dates) > 1:
        return request | {"snapshot_dates": [one.isoformat() for one in dates]}
    known = sorted(keys.get(dates[0], ()))
    samples = _samples(known)
    # The count only where the list is not the whole of it.
    return request | {"keys": samples} | ({"key_count": len(known)} if len(samples) < len(known) else {})


def _samples(keys: Sequence[str]) -> list[str]:
    """The first keys, as many as fit into a part of an input."""
    samples: list[str] = []
    left = _MAX_KEY_BYTES
    for key in keys[:_MAX_KEYS]:
        left -= len(json.dumps(key, ensure_ascii=False).encode())
        if left < 0:
            break
        samples.append(key)
    return samples


def _names(dates: Sequence[date]) -> str:
    return f"{dates[0]}" if len(dates) == 1 else f"{len(dates)} dates from {min(dates)} to {max(dates)}"
