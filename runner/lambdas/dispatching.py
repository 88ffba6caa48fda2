"""Starts executions for a batch of SQS messages: one per snapshot date, or one per group of many dates.

If a date has its own execution, its failure affects no other date. Hundreds of dates can arrive at once, for
example when a history is copied in or folders are deleted. Hundreds of executions would then wait for the
lease. Therefore only the newest dates have their own executions, and the others share executions. If a group
fails, the state machine splits it until the date at fault is alone.
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

#: The number of dates of a batch that have their own execution. These are the newest.
DATES_ALONE = 10
#: Step Functions accepts 262,144 bytes of input and keeps it beside the result of every state.
#: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
#: An execution lists its date's folder itself. The keys only show a reader of the alert what happened.
_MAX_KEYS = 100
_MAX_KEY_BYTES = 16_384


@dataclass
class _Batch:
    """The content of a batch: the messages and keys by date, and the messages that cannot be read."""

    messages: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    keys: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    unreadable: set[str] = field(default_factory=set[str])


def dispatch(settings: Settings, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Start the executions of a batch, the newest dates first.

    Args:
        settings: which lake and state machine.
        records: SQS messages as Lambda receives them.

    Returns:
        The ids of the messages to deliver again: messages about dates whose execution could not be started,
        and messages that cannot be read. The queue moves a message that comes back too often to its dead
        letters, and an alarm reports it.
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
    """The groups of dates, one per execution. Each of the first dates is a group by itself."""
    rest = dates[DATES_ALONE:]
    return [
        *([one] for one in dates[:DATES_ALONE]),
        *(rest[start : start + MAX_DATES] for start in range(0, len(rest), MAX_DATES)),
    ]


def _request(bucket: str, dates: Sequence[date], keys: Mapping[date, set[str]]) -> dict[str, Any]:
    """The input of one execution, far below the size limit of Step Functions."""
    request: dict[str, Any] = {"snapshot_date": dates[0].isoformat(), "bucket": bucket}
    if len(dates) > 1:
        return request | {"snapshot_dates": [one.isoformat() for one in dates]}
    known = sorted(keys.get(dates[0], ()))
    samples = _samples(known)
    # The count is needed only where the list is incomplete.
    return request | {"keys": samples} | ({"key_count": len(known)} if len(samples) < len(known) else {})


def _samples(keys: Sequence[str]) -> list[str]:
    """The first keys, as many as fit into their part of an input."""
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
