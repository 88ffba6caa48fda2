"""Reads an execution of the state machine: its dates, and why it failed."""

from __future__ import annotations

import json
from typing import Any


def dates_of(execution_input: str) -> list[str]:
    """The snapshot dates that an execution was started for, each written YYYY-MM-DD."""
    request: dict[str, Any] = json.loads(execution_input)
    dates = request.get("snapshot_dates") or [request.get("snapshot_date")]
    return [day for day in dates if isinstance(day, str)]


def message_of(cause: str) -> str:
    """The error message in a function's cause. A cause of another form is returned unchanged."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause
