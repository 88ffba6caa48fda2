"""The Lambda handlers: each turns an event into the arguments of a function, and the result into JSON.

Every handler takes `(event, context)`. Errors go through, so that the state machine sees their class names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from runner.aws import clients
from runner.aws.errors import translated_errors
from runner.errors import MedLaunchError, UsageError
from runner.lake import parse_date, prefix
from runner.lambdas import dispatching, freshness, payload
from runner.lambdas.events import bronze_changes
from runner.lambdas.turns import Turn
from runner.lease.lease import LeaseHeld
from runner.report import publish as report_publication
from runner.settings import Settings
from runner.stage2 import expiring as runner_expiring
from runner.tables import initialise as runner_initialise
from runner.tables import maintain as runner_maintain
from runner.tables import transform as runner_transform
from runner.tables.publication import publish_announced
from runner.tables.result import TransformResult, make_run_ts
from runner.tables.superseded import remove_superseded_rejects
from runner.telemetry import logger, metrics

#: Seconds of a Lambda's time that are reserved for stopping queries, releasing the lease and answering.
RESERVE_SECONDS = 30.0
#: The run that holds the lease takes minutes. The state machine waits for it, because its waiting is free.
WAIT_SECONDS = 5.0
#: The most seconds that creating all tables takes. The function may wait for the lease in the rest of its
#: time.
INITIALISE_SECONDS = 300.0


@logger.inject_lambda_context
def transform(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """RunStage3. The event is the state machine's input or a bare EventBridge event, plus its `execution`.

    Returns:
        `TransformResult.to_dict()`, cut to what an execution can carry (see `payload.bounded`); only
        `{"snapshot_dates": [], "changed": false}` if nothing of the event is about a record file.
    """
    settings = Settings.from_environment()
    dates = sorted({change.snapshot_date for change in bronze_changes(event, settings.data_bucket)})
    if not dates:
        return {"snapshot_dates": [], "changed": False}
    run_ts = _run_ts(event.get("execution"))
    try:
        result = _transform_in_turn(settings, dates, run_ts, _seconds_left(context))
    except MedLaunchError as error:
        logger.error("%s", error)
        # The state machine can put only the message into its alert.
        error.args = (payload.short(f"{error} (run_ts={run_ts})"),)
        raise
    _emit_metrics(result)
    return payload.bounded(
        result.to_dict(), lambda whole: _store_result(settings.data_bucket, result.run_ts, whole)
    )


def _transform_in_turn(
    settings: Settings, dates: list[date], run_ts: str, seconds_left: float
) -> TransformResult:
    turn = Turn(clients.s3_client(), settings.data_bucket, dates)
    turn.check()
    try:
        result = runner_transform.transform(
            settings,
            dates,
            run_ts=run_ts,
            # The event may be about the deletion of the last file.
            allow_empty=True,
            wait=WAIT_SECONDS,
            seconds_left=seconds_left,
        )
    except LeaseHeld:
        turn.wait()
        raise
    except MedLaunchError:
        turn.done()
        raise
    turn.done()
    return result


def _store_result(bucket: str, name: str, whole: bytes) -> str:
    """Store a whole result in the bucket and return its location."""
    key = f"{prefix('pipeline_state')}/results/{name}.json"
    clients.s3_client().put_object(Bucket=bucket, Key=key, Body=whole)
    return f"s3://{bucket}/{key}"


@logger.inject_lambda_context
def publish(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """PublishCurrent. It makes `prod/` show everything that runs have announced.

    Returns:
        `published`: the names of those runs. The run of this execution is among them unless another execution
        published it. Cut to what an execution can carry (see `payload.bounded`).
    """
    settings = Settings.from_environment()
    with translated_errors():
        published = publish_announced(clients.s3_client(), settings.data_bucket)
        return payload.bounded(
            {"published": published},
            lambda whole: _store_result(
                settings.data_bucket, f"published-{hashlib.sha256(whole).hexdigest()[:16]}", whole
            ),
        )


@logger.inject_lambda_context
def publish_report(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """PublishReport, the state machine's last step. It publishes the report of the lake as it is now.

    Returns:
        `report`: its key.
    """
    settings = Settings.from_environment()
    with translated_errors():
        return {"report": report_publication.publish(clients.s3_client(), settings.data_bucket)}


@logger.inject_lambda_context
def dispatch(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Start executions for one batch of SQS messages, see `runner.lambdas.dispatching`.

    Returns:
        `batchItemFailures`: the messages that SQS is to deliver again. A date may be started twice: the
        second execution changes nothing.
    """
    failed = dispatching.dispatch(Settings.from_environment(), event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


@logger.inject_lambda_context
def expiring(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Stage 2 for the day of a scheduled event, so that retries of the event write the same CSV.

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
    """Maintain the tables, remove superseded exports, and emit the ages of the newest results as metrics.

    `{"recent_days": 2}` asks only for OPTIMIZE of the last dates.

    Returns:
        `tables`: the tables that were maintained. The list is empty if another run held the lease during an
        hourly OPTIMIZE.
    """
    recent_days = event.get("recent_days")
    if not isinstance(recent_days, int | None):
        raise UsageError(f"the event's recent_days is {recent_days!r}: it takes a whole number of days")
    settings, seconds_left = Settings.from_environment(), _seconds_left(context)
    freshness.emit_ages(settings)
    try:
        done = runner_maintain.maintain(
            settings, recent_days=recent_days, wait=seconds_left / 2, seconds_left=seconds_left
        )
    except LeaseHeld as error:
        if recent_days is None:
            raise
        logger.info("files are not joined this hour: %s", error)
        return {"tables": []}
    if recent_days is None:
        remove_superseded_rejects(clients.s3_client(), settings.data_bucket)
    return {"tables": done}


@logger.inject_lambda_context
def initialise(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Create the missing ones of source table, seeds, view and tables. Runs at every deployment."""
    seconds_left = _seconds_left(context)
    made = runner_initialise.initialise(
        Settings.from_environment(),
        wait=max(0.0, seconds_left - INITIALISE_SECONDS),
        seconds_left=seconds_left,
    )
    return {"made": made}


def _emit_metrics(result: TransformResult) -> None:
    """Print the EMF metrics that alarms and dashboard read, if anything was built."""
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
    # A warning does not stop the run, so only a metric can report it.
    metrics.add_metric(name="DataTestWarnings", unit=MetricUnit.Count, value=len(result.tests["warned"]))
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
