"""Converts values from Iceberg's metadata (column bounds, partition values) to Python and to text."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pyiceberg import types as ice
from pyiceberg.utils.datetime import days_to_date, micros_to_time, micros_to_timestamp, micros_to_timestamptz

from local_athena.values.numbers import java_double, shortest_real

_FROM_NUMBER: dict[type[ice.IcebergType], Callable[[int], Any]] = {
    ice.DateType: days_to_date,
    ice.TimeType: micros_to_time,
    ice.TimestampType: micros_to_timestamp,
    ice.TimestamptzType: micros_to_timestamptz,
}


def python_value(raw: Any, kind: ice.IcebergType) -> Any:
    """The Python value for a value from Iceberg's metadata.

    Iceberg stores dates as days, and times and timestamps as microseconds.
    """
    convert = _FROM_NUMBER.get(type(kind))
    return convert(raw) if convert is not None and isinstance(raw, int) else raw


def shown(value: Any, kind: ice.IcebergType) -> str | None:
    """The text that `"t$files"` shows for a Python value; None for null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return java_double(shortest_real(value) if isinstance(kind, ice.FloatType) else value)
    if isinstance(value, dt.datetime):
        return _without_last_zeros(value.replace(tzinfo=None)) + ("+00:00" if value.tzinfo else "")
    if isinstance(value, dt.time):
        return _without_last_zeros(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _without_last_zeros(value: dt.datetime | dt.time) -> str:
    """The value in ISO 8601, without trailing zeros in the fraction of a second."""
    text = value.isoformat()
    return text.rstrip("0") if "." in text else text
