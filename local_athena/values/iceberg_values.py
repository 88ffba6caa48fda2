"""Values as Iceberg's metadata holds them: the bounds of columns and the values of partitions."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal
from typing import Any

from pyiceberg import types as ice

from local_athena.values.numbers import java_double, shortest_real

_EPOCH = dt.datetime(1970, 1, 1)


def python_value(raw: Any, kind: ice.IcebergType) -> Any:
    """A value of Iceberg's (dates are days, times and timestamps microseconds) as Python has it."""
    if raw is None:
        return None
    if isinstance(kind, ice.DateType) and isinstance(raw, int):
        return (_EPOCH + dt.timedelta(days=raw)).date()
    if isinstance(kind, ice.TimeType) and isinstance(raw, int):
        return (_EPOCH + dt.timedelta(microseconds=raw)).time()
    if isinstance(kind, (ice.TimestampType, ice.TimestamptzType)) and isinstance(raw, int):
        moment = _EPOCH + dt.timedelta(microseconds=raw)
        return moment.replace(tzinfo=dt.UTC) if isinstance(kind, ice.TimestamptzType) else moment
    return raw


def shown(value: Any, kind: ice.IcebergType) -> str | None:
    """A Python value as `"t$files"` shows it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return java_double(shortest_real(value) if isinstance(kind, ice.FloatType) else value)
    if isinstance(value, dt.datetime):
        text = value.replace(tzinfo=None).isoformat()
        text = text.rstrip("0") if "." in text else text
        return text + ("+00:00" if value.tzinfo else "")
    if isinstance(value, dt.time):
        text = value.isoformat()
        return text.rstrip("0") if "." in text else text
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, dt.date) else str(value)
