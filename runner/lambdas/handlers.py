"""The Lambda handlers: each turns an event into the arguments of a function, and the result into JSON.

Every handler takes `(event, context)`. Errors go through, so that the state machine sees their class names.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from runner.aws import clients
from runner.aws.errors import translated_errors
from runner.errors import MedLaunchError, UsageError
from runner.lake import parse_date
from runner.lambdas.events import bronze_changes, sqs_changes
from runner.settings import Settings
from runner.stage2 import expiring as runner_expiring
from runner.tables import initialise as runner_initialise
from runner.tables import maintain as runner_maintain
from runner.tables import transform as runner_transform
from runner.tables.publication import publish_announced
from runner.tables.result import TransformResult, make_run_ts
from runner.telemetry import logger, metrics

#: Seconds of a Lambda's time that are reserved for stopping queries, releasing the lease and answering.
RESERVE_SECONDS = 30.0
#: The other holder's run takes minutes. The state machine waits for it, because its waiting costs nothing.
WAIT_SECONDS = 5.0
#: The most keys in an execution's input, which may have 256 kB.
_MAX_KEYS = 100


@logger.inject_lambda_context
def transform(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """RunStage3: the state machine's input or a bare EventBridge event, and its `execution`.

    Returns:
        `TransformResult.to_dict()`; only `{"snapshot_dates": [], "changed": false}` if nothing of the event
        is about a record file.
    """
    settings = Settings.from_environment()
    dates = {change.snapshot_date for change in bronze_changes(event, settings.data_bucket)}
    if not dates:
        return {"snapshot_dates": [], "changed": False}
    run_ts = _run_ts(event.get("execution"))
    try:
        result = runner_transform.transform(
            settings,
            sorted(dates),
            run_ts=run_ts,
            # The event may be about the deletion of the last file.
            allow_empty=True,
            wait=WAIT_SECONDS,
            seconds_left=_seconds_left(context),
        )
    except MedLaunchError as error:
        # The message is all that the state machine can put into its alert.
        error.args = (f"{error} (run_ts={run_ts})",)
        raise
    _emit_metrics(result)
    return result.to_dict()


@logger.inject_lambda_context
def publish(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Publish, the state machine's last step: `prod/` shows everything that runs have announced.

    Returns:
        `published`: the names of those runs; that of this execution is among them unless another took it.
    """
    settings = Settings.from_environment()
    with translated_errors():
        return {"published": publish_announced(clients.s3_client(), settings.data_bucket)}


@logger.inject_lambda_context
def dispatch(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One batch of SQS messages to one execution per snapshot date.

    Returns:
        `batchItemFailures`: the messages of the dates whose execution could not be started. SQS delivers them
        again; a date that is started twice changes nothing the second time.
    """
    settings = Settings.from_environment()
    messages: dict[date, set[str]] = defaultdict(set)
    keys: dict[date, list[str]] = defaultdict(list)
    for record in event["Records"]:
        for change in sqs_changes(record["body"], settings.data_bucket):
            messages[change.snapshot_date].add(record["messageId"])
            if change.key:
                keys[change.snapshot_date].append(change.key)
    step_functions = clients.make_client("stepfunctions")
    failed: set[str] = set()
    for snapshot_date, message_ids in sorted(messages.items()):
        request = {
            "snapshot_date": snapshot_date.isoformat(),
            "bucket": settings.data_bucket,
            "keys": sorted(set(keys[snapshot_date]))[:_MAX_KEYS],
        }
        try:
            step_functions.start_execution(
                stateMachineArn=settings.state_machine_arn, input=json.dumps(request)
            )
        except (BotoCoreError, ClientError) as error:
            logger.error("no execution was started for %s: %s", snapshot_date, error)
            failed |= message_ids
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(failed)]}


@logger.inject_lambda_context
def expiring(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Stage 2 for a scheduled event's day, so that its retries write the same CSV.

    `{"run_date": "YYYY-MM-DD"}` asks for another day.

    Returns:
        `ExpiringResult.to_dict()`.
    """
    written = str(event.get("run_date") or event.get("time") or datetime.now(UTC).isoformat())
    run_date = parse_date(written[: len("YYYY-MM-DD")])
    if run_date is None:
        raise UsageError(f"the event's run date is {written!r}: it takes YYYY-MM-DD")
    result = runner_expiring.expiring(
        Settings.from_environment(), run_date, seconds_left=_seconds_left(context)
    )
    runner_expiring.emit_metrics(result)
    return result.to_dict()


@logger.inject_lambda_context
def maintain(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """OPTIMIZE and VACUUM; `{"recent_days": 2}` asks for OPTIMIZE of the last dates alone.

    Returns:
        `tables`: the tables' names.
    """
    recent_days = event.get("recent_days")
    if not isinstance(recent_days, int | None):
        raise UsageError(f"the event's recent_days is {recent_days!r}: it takes a whole number of days")
    seconds_left = _seconds_left(context)
    done = runner_maintain.maintain(
        Settings.from_environment(),
        recent_days=recent_days,
        wait=seconds_left / 2,
        seconds_left=seconds_left,
    )
    return {"tables": done}


@logger.inject_lambda_context
def initialise(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """At every deployment: create what is missing of source table, seeds, view and tables."""
    seconds_left = _seconds_left(context)
    made = runner_initialise.initialise(
        Settings.from_environment(), wait=seconds_left / 2, seconds_left=seconds_left
    )
    return {"made": made}


def _emit_metrics(result: TransformResult) -> None:
    """Print what alarms and dashboard read as EMF metrics, if anything was built."""
    if not result.built:
        return
    stage1, stage3 = result.counts["stage1"], result.counts["stage3"]
    ratios = [
        rejected / (used + rejected)
        for used, rejected in (
            (stage1["curated"], stage1["rejected"]),
            (stage3["processed"], stage3["rejected"]),
        )
        if used + rejected
    ]
    metrics.add_metric(name="RejectRatio", unit=MetricUnit.NoUnit, value=max(ratios, default=0.0))
    metrics.add_metric(name="Queries", unit=MetricUnit.Count, value=result.queries)
    metrics.add_metric(name="BytesScanned", unit=MetricUnit.Bytes, value=result.bytes_scanned)
    metrics.flush_metrics()


def _seconds_left(context: Any) -> float:
    return max(0.0, context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)


def _run_ts(execution: Mapping[str, str] | None) -> str:
    """The execution's run_ts, the same for each of its retries; "" outside a state machine."""
    if not execution:
        return ""
    started_at = datetime.fromisoformat(execution["start_time"])
    return make_run_ts(started_at, execution["name"])
