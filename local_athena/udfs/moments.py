"""Implements casts from text to dates, times and timestamps, and conversions between time zones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from local_athena.errors import Refused
from local_athena.udfs.registry import Failure, register
from local_athena.values import moments, zones
from local_athena.values.types import BIGINT, DATE, TIME_6, TIMESTAMP_6, TIMESTAMP_TZ_6, UTC, VARCHAR, Type

_EPOCH = dt.datetime(1970, 1, 1)
#: The SQL names of the functions that cast text, by the target type's name. TRY_CAST uses those with `t_try_`.
FROM_TEXT = {
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamp with time zone": "zoned",
}


def no_moment(text: str, kind: Type) -> str:
    """Trino's message for a text that it does not cast to a date, time or timestamp."""
    return f"Value cannot be cast to {kind.base.removesuffix(' with time zone')}: {text}"


def _in_utc(text: str, precision: int) -> dt.datetime:
    try:
        moment, zone = moments.zoned(text, precision)
    except zones.UnsupportedZone as error:
        raise Refused(f"the time zone {error}") from None
    if zone != UTC:
        raise Refused(
            f"the cast of {text!r} in a column to timestamp with time zone: only UTC is supported there"
        )
    return moment.replace(tzinfo=dt.UTC)


_READERS: dict[str, tuple[Callable[[str, int], Any], Type]] = {
    "date": (lambda text, _: moments.date(text), DATE),
    "time": (moments.time, TIME_6),
    "timestamp": (moments.timestamp, TIMESTAMP_6),
    "zoned": (_in_utc, TIMESTAMP_TZ_6),
}


def _reader(name: str, *, safe: bool) -> Callable[[str, int], Any]:
    read, kind = _READERS[name]

    def value(text: str, precision: int) -> Any:
        try:
            return read(text, precision)
        except moments.NoMoment:
            if safe:
                return None
            raise Failure("INVALID_CAST_ARGUMENT", no_moment(text, kind)) from None

    return value


def _iso_timestamp(text: str) -> dt.datetime:
    try:
        moment, zone = moments.iso_timestamp(text)
    except moments.NoMoment as error:
        raise Failure("INVALID_FUNCTION_ARGUMENT", str(error)) from None
    if zone != UTC:
        raise Refused(f"from_iso8601_timestamp of {text!r} in a column: only UTC is supported there")
    return moment.replace(tzinfo=dt.UTC)


def _at(microseconds: int) -> dt.datetime:
    try:
        return _EPOCH + dt.timedelta(microseconds=microseconds)
    except OverflowError:
        raise Refused("a moment outside of the years 1 to 9999") from None


def _local(microseconds: int, zone: str) -> dt.datetime:
    return zones.local(_at(microseconds), zone)


def _moment(microseconds: int, zone: str) -> dt.datetime:
    return zones.only_moment(_at(microseconds), zone).replace(tzinfo=dt.UTC)


def _moment_near(microseconds: int, original: int, zone: str) -> dt.datetime:
    return zones.moment_near(_at(microseconds), _at(original), zone).replace(tzinfo=dt.UTC)


for _name, (_, _returns) in _READERS.items():
    register(f"t_{_name}", _reader(_name, safe=False), (VARCHAR, BIGINT), _returns)
    register(f"t_try_{_name}", _reader(_name, safe=True), (VARCHAR, BIGINT), _returns)
register("t_iso_timestamp", _iso_timestamp, (VARCHAR,), TIMESTAMP_TZ_6)
register("t_local", _local, (BIGINT, VARCHAR), TIMESTAMP_6)
register("t_moment", _moment, (BIGINT, VARCHAR), TIMESTAMP_TZ_6)
register("t_moment_near", _moment_near, (BIGINT, BIGINT, VARCHAR), TIMESTAMP_TZ_6)
