"""Evaluates partition projection: which values of a partition key a table's properties allow."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.catalog import Table


def projection(table: Table, key: str) -> Callable[[str], bool]:
    """A function that tells whether projection allows a value (as text) of a partition key.

    Raises:
        QueryFailed: the key has no projection type, or an unknown one.
        Refused: local Athena does not support the format or range of a date projection.
    """
    settings = table.parameters
    kind = settings.get(f"projection.{key}.type", "").lower()
    value_range = settings.get(f"projection.{key}.range", "")
    if kind == "enum":
        values = {value.strip() for value in settings.get(f"projection.{key}.values", "").split(",")}
        return values.__contains__
    if kind == "integer":
        low, high = (int(end) for end in value_range.split(","))
        digits = int(settings.get(f"projection.{key}.digits", "0"))
        step = int(settings.get(f"projection.{key}.interval", "1"))
        return lambda text: _is_projected_integer(text, low, high, step, digits)
    if kind == "date":
        return _projected_dates(settings, key, value_range)
    if is_injected(table, key):
        # The query gives the values itself.
        return lambda text: True  # noqa: ARG005
    raise QueryFailed(
        "INVALID_TABLE_PROPERTY",
        f"Table {table.database}.{table.name} is configured for partition projection, but local Athena knows "
        f"no projection type {kind or '(none)'!r} for the column {key}",
    )


def is_injected(table: Table, key: str) -> bool:
    """Whether a key has the projection type injected: each query gives the key's values."""
    return table.parameters.get(f"projection.{key}.type", "").lower() == "injected"


def _is_projected_integer(text: str, low: int, high: int, step: int, digits: int) -> bool:
    if not re.fullmatch(r"-?\d+", text) or text != str(int(text)).zfill(digits):
        return False
    return low <= int(text) <= high and (int(text) - low) % step == 0


def _projected_dates(settings: Mapping[str, str], key: str, value_range: str) -> Callable[[str], bool]:
    form = settings.get(f"projection.{key}.format", "")
    unit = settings.get(f"projection.{key}.interval.unit", "DAYS").upper()
    step = int(settings.get(f"projection.{key}.interval", "1"))
    if form not in ("yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd") or unit != "DAYS":
        raise Refused(f"date projection with the format {form!r} in {unit} of the column {key}")
    pattern = form.replace("yyyy", "%Y").replace("MM", "%m").replace("dd", "%d")
    ends = [end.strip() for end in value_range.split(",")]
    if any(end.upper().startswith("NOW") and end.upper() != "NOW" for end in ends):
        raise Refused(f"date projection with the range {value_range!r} of the column {key}")

    def moment(end: str) -> dt.date:
        if end.upper() == "NOW":
            return dt.datetime.now(dt.UTC).date()
        return dt.datetime.strptime(end, pattern).date()

    def is_projected(text: str) -> bool:
        try:
            value = dt.datetime.strptime(text, pattern).date()
        except ValueError:
            return False
        low, high = map(moment, ends)
        return value.strftime(pattern) == text and low <= value <= high and (value - low).days % step == 0

    return is_projected
