"""What CloudFormation calls at every deployment: `medlaunch init` as a custom resource.

CloudFormation invokes the function without waiting for what it returns: the answer goes by HTTP PUT to the
URL in the event, and without one the deployment hangs until its time-out.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html

A backfill may hold the lease for hours. Then the deployment goes on: what stands serves the new version, or
its runs fail until the rest is made. The invocation itself fails too. Lambda repeats it twice, as it does
with every asynchronous one, and then tells the topic:
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

#: The stack's deletion leaves the tables as they are: whether they go is the lake's removal policy.
_PHYSICAL_ID = "medlaunch-lake"
#: An answer has at most 4096 bytes; the log has the rest.
_REASON_BYTES = 2000
_ANSWER_SECONDS = 30
_LAKE_FORMATION = (
    "Lake Formation guards the catalog of this account: grant the functions' roles what docs/operations.md "
    "lists under Lake Formation, then deploy again"
)


def at_deployment(event: Mapping[str, Any], context: Any) -> None:
    """Make what is missing of database, source table, seeds, view and tables, and tell CloudFormation.

    Args:
        event: a custom resource request; `Delete` changes nothing.
        context: Lambda's.
    """
    reason = ""
    try:
        if event["RequestType"] != "Delete":
            handlers.initialise(event, context)
    except LeaseHeld:
        _answer(event, "")
        raise
    except Exception as error:  # the deployment must be told of every error
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
        # CloudFormation's URL is signed for an empty content type.
        headers={"Content-Type": ""},
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS):  # noqa: S310
        pass


def _within(text: str, size: int) -> str:
    """The beginning of a text that JSON writes in so many bytes at most."""
    while len(json.dumps(text)) > size:
        text = text[: len(text) * 9 // 10]
    return text
