"""Compiles conversions between timestamps with a time zone and local times.

DuckDB stores a timestamp with time zone as a moment. Its time zone is part of the compiled type (`Type.zone`), so the
compiler knows it unless it differs between values.
"""

from __future__ import annotations

import datetime as dt

from local_athena.compiler import proven
from local_athena.compiler.proven import Note
from local_athena.compiler.scopes import Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.values import zones
from local_athena.values.types import UTC, Type

ZONED = "timestamp with time zone"


def local(value: Typed, note: Note) -> str:
    """The SQL of the local time of a timestamp, with or without time zone.

    Args:
        value: the timestamp, or a date.
        note: called with the signature of reading the time zone.

    Raises:
        Refused: the time zone differs between the values.
    """
    if value.type.base != ZONED:
        return value.sql
    note(proven.local_time(value.type))
    zone = value.type.zone or UTC
    minutes = zones.offset_minutes(zone)
    if minutes is None:
        return f"t_local(epoch_us({value.sql}), '{zone}')"
    in_utc = f"({value.sql} AT TIME ZONE 'UTC')"
    return f"({in_utc} + INTERVAL ({minutes}) MINUTE)" if minutes else in_utc


def moment(local_time: str, zone: str) -> str:
    """The SQL of the moment at a local time. `local_time` is the SQL of a timestamp without time zone.

    A local time that the zone's clock skips or shows twice is refused when the statement runs.
    """
    minutes = zones.offset_minutes(zone)
    if minutes is None:
        return f"t_moment(epoch_us({local_time}), '{zone}')"
    in_utc = f"(({local_time}) - INTERVAL ({minutes}) MINUTE)" if minutes else f"({local_time})"
    return f"({in_utc} AT TIME ZONE 'UTC')"


def moment_near(local_time: str, original: Typed) -> str:
    """The SQL of the moment at a local time that was computed from the local time of another moment.

    The other moment's offset is kept if it holds at the new moment as well.

    Args:
        local_time: the SQL of a timestamp without time zone.
        original: the other moment, whose local time was read with `local`.
    """
    zone = original.type.zone or UTC
    if zones.offset_minutes(zone) is None:
        return f"t_moment_near(epoch_us({local_time}), epoch_us({original.sql}), '{zone}')"
    return moment(local_time, zone)


def at_zone(value: Typed, zone: str) -> Typed:
    """A timestamp at another time zone. One without time zone is in UTC, the time zone of the session."""
    moment_sql = value.sql if value.type.base == ZONED else moment(value.sql, UTC)
    return Typed(moment_sql, Type(ZONED, value.type.params, zone=zone))


def constant(moment_in_utc: dt.datetime, precision: int, zone: str) -> Typed:
    """A moment as a timestamp with time zone. `moment_in_utc` has no tzinfo."""
    return Typed(f"TIMESTAMPTZ '{moment_in_utc.isoformat(sep=' ')}+00'", Type(ZONED, (precision,), zone=zone))


def named(text: str) -> str:
    """The time zone that an argument names.

    Raises:
        QueryFailed: Trino has no such time zone.
        Refused: it is not certain how Trino reads the name.
    """
    try:
        return zones.named(text)
    except zones.UnknownZone:
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"'{text}' is not a valid time zone") from None
    except zones.UnsupportedZone:
        raise Refused(f"the time zone {text!r}") from None
