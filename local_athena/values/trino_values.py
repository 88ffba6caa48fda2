"""Reads values as Trino's client protocol writes them in JSON."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal
from typing import Any

from local_athena.errors import Refused
from local_athena.values import raw_text
from local_athena.values.types import Type


def from_json(value: Any, kind: Type) -> Any:
    """The Python value for a value in Trino's JSON; texts become stored strings of `raw_text`.

    Raises:
        Refused: a date or timestamp is outside the years 1 to 9999, a time zone is not UTC, or a timestamp has more
            than 6 digits of a second.
    """
    if value is None:
        return None
    if kind.base == "array":
        return [from_json(item, kind.items[0]) for item in value]
    if kind.base == "map":
        key, item = kind.items
        return [(_key(k, key), from_json(v, item)) for k, v in value.items()]
    if kind.base == "row":
        fields = zip(kind.field_names, value, kind.items, strict=True)
        return {name: from_json(item, item_kind) for name, item, item_kind in fields}
    if kind.base in ("varchar", "json"):
        return raw_text.from_text(value)
    if kind.base == "decimal":
        return Decimal(value)
    if kind.base in ("double", "real"):
        return float(value)
    if kind.base == "varbinary":
        return base64.b64decode(value)
    if kind.base == "date":
        return _date(value)
    if kind.base == "time":
        return dt.time.fromisoformat(value)
    if kind.base.startswith("timestamp"):
        return _timestamp(value, kind)
    return value


def _key(text: str, kind: Type) -> Any:
    """The Python value for a map's key, which is always a string in JSON."""
    if kind.is_integer:
        return int(text)
    if kind.base == "boolean":
        return text == "true"
    return from_json(text, kind)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Refused(f"the date {text} in a result: only the years 1 to 9999 can be shown") from None


def _timestamp(text: str, kind: Type) -> dt.datetime:
    moment, _, zone = text.partition(" UTC") if kind.base.endswith("zone") else (text, "", "")
    if zone or (kind.base.endswith("zone") and not text.endswith(" UTC")):
        raise Refused(f"the time zone of {text} in a result: only UTC can be shown")
    if kind.params and kind.params[0] > 6:
        raise Refused(f"the type {kind} in a result")
    try:
        parsed = dt.datetime.fromisoformat(moment)
    except ValueError:
        raise Refused(f"the timestamp {text} in a result: only the years 1 to 9999 can be shown") from None
    return parsed.replace(tzinfo=dt.UTC) if kind.base.endswith("zone") else parsed
