"""Runs `medlaunch init` as a custom resource, which CloudFormation calls at every deployment.

CloudFormation does not read the function's return value. The function sends its answer by HTTP PUT to the URL
in the event. Without an answer the deployment hangs until its time-out.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html

A backfill may hold the lease for hours. In that case the deployment continues. The existing tables serve the
new version. Runs that need a missing table fail until it is created. The invocation itself fails too. Lambda
repeats it twice, like every asynchronous invocation, and then notifies the topic:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from runner.lambdas import handlers
from runner.lease.lease import LeaseHeld
from runner.telemetry import logger

#: Deleting the stack does not change the tables here. The lake's removal policy decides whether they are
#: deleted.
_PHYSICAL_ID = "medlaunch-lake"
#: An answer has at most 4096 bytes. The log holds the full error.
_REASON_BYTES = 2000
_ANSWER_SECONDS = 30
_LAKE_FORMATION = (
    "Lake Formation guards the catalog of this account: grant the functions' roles what docs/operations.md "
    "lists under Lake Formation, then deploy again"
)


def at_deployment(event: Mapping[str, Any], context: Any) -> None:
    """Create the missing ones of database, source table, seeds, view and tables, and answer CloudFormation.

    Args:
        event: a custom resource request; `Delete` changes nothing.
        context: the Lambda context of the invocation.
    """
    reason = ""
    try:
        if event["RequestType"] != "Delete":
            handlers.initialise(event, context)
    except LeaseHeld:
        _answer(event, "")
        raise
    except Exception as error:  # CloudFormation must receive an answer after every error
        logger.exception("the lake could not be initialised")
        reason = f"{type(error).__name__}: {error}"
        if "lake formation" in reason.lower():
            reason = f"{_LAKE_FORMATION} ({reason})"
    _answer(event, reason)


def _answer(event: Mapping[str, Any], reason: str) -> None:
    body = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": _within(reason, _REASON_BYTES),
        "PhysicalResourceId": event.get("PhysicalResourceId", _PHYSICAL_ID),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310 - the URL is CloudFormation's own
        event["ResponseURL"],
        data=json.dumps(body).encode(),
        method="PUT",
        # The signature of CloudFormation's URL covers an empty content type.
        headers={"Content-Type": ""},
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS):  # noqa: S310
        pass


def _within(text: str, size: int) -> str:
    """The longest beginning of a text that takes at most this many bytes in JSON."""
    while len(json.dumps(text)) > size:
        text = text[: len(text) * 9 // 10]
    return text
