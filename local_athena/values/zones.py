"""Reads the names of time zones as Trino does, and converts between moments and local times."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from functools import lru_cache

from local_athena.errors import Refused
from local_athena.values.types import UTC

_UTC_NAMES = frozenset({
    "Z", "UTC", "UT", "GMT", "GMT0", "UCT", "Zulu", "Universal", "Greenwich", "Etc/UTC", "Etc/UCT", "Etc/Universal",
    "Etc/GMT", "Etc/GMT0", "Etc/GMT+0", "Etc/GMT-0",
})  # fmt: skip
#: Regions whose rules since 1970 differ between the time zone databases of Java 25, Python and DuckDB.
_UNSURE = frozenset({
    "Africa/Casablanca", "Africa/El_Aaiun", "America/Bogota", "America/Coyhaique", "America/Edmonton",
    "America/Ensenada", "America/Inuvik", "America/Rainy_River", "America/Santa_Isabel", "America/Tijuana",
    "America/Vancouver", "America/Winnipeg", "America/Yellowknife", "Asia/Tehran", "Canada/Central", "Canada/Mountain",
    "Canada/Pacific", "Europe/Chisinau", "Europe/Tiraspol", "Mexico/BajaNorte",
})  # fmt: skip
#: The forms of an offset that Java reads: +h, +hh, +hhmm, +hh:mm, +hhmmss and +hh:mm:ss.
_OFFSET = re.compile(r"([+-])(?:(\d)|(\d\d)(?:(\d\d)(\d\d)?|:(\d\d)(?::(\d\d))?)?)", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1)
#: The databases agree on the regions' rules from the first of these moments to before the last.
_FIRST, _LAST = _EPOCH, dt.datetime(2100, 1, 1)


class UnknownZone(ValueError):
    """Java knows no time zone with this name."""


class UnsupportedZone(ValueError):
    """Java knows the time zone, but Trino does not: an offset of over 14 hours or with seconds."""


@lru_cache(maxsize=1024)
def named(text: str) -> str:
    """Trino's name of a time zone: `UTC`, an offset such as `+02:00`, or a region such as `America/New_York`.

    Raises:
        UnknownZone: no time zone has this name.
        UnsupportedZone: Trino does not support the offset.
        Refused: it is not certain how Trino reads the name, or which rules it has for the region.
    """
    if text in _UTC_NAMES:
        return UTC
    fixed = re.fullmatch(r"Etc/GMT([+-])(\d\d?)", text, re.ASCII)
    if fixed:
        # The signs of these names are reversed: Etc/GMT-5 is five hours ahead of UTC.
        hours = int(fixed[2])
        if fixed[2] != str(hours) or hours > (12 if fixed[1] == "+" else 14):
            raise UnknownZone(text)
        return _offset_name(hours * 60 * (-1 if fixed[1] == "+" else 1))
    prefix = re.match(r"(?:UTC|GMT|UT)?(?=[+-])", text)
    if prefix:
        return _offset(text[prefix.end() :])
    return _region(text)


def _offset(text: str) -> str:
    parts = _OFFSET.fullmatch(text)
    if not parts:
        raise UnknownZone(text)
    hours, minutes, seconds = (
        int(next(filter(None, each), 0)) for each in (parts.group(2, 3), parts.group(4, 6), parts.group(5, 7))
    )
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds > 18 * 3600:
        raise UnknownZone(text)
    if seconds or hours * 60 + minutes > 14 * 60:
        raise UnsupportedZone(text)
    return _offset_name((hours * 60 + minutes) * (-1 if parts[1] == "-" else 1))


def _offset_name(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}" if minutes else UTC


def _region(text: str) -> str:
    if not re.match("[A-Z]", text):
        # The names of all of Java's regions begin with a capital letter.
        raise UnknownZone(text)
    if text not in _regions() or "/" not in text or text.startswith("Etc/") or text in _UNSURE:
        # This machine's database may lack a region that Java has.
        raise Refused(f"the time zone {text!r}")
    return text


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def offset_minutes(zone: str) -> int | None:
    """The minutes by which local time is ahead of UTC; None for a region."""
    if zone == UTC:
        return 0
    if zone[0] not in "+-":
        return None
    return (int(zone[1:3]) * 60 + int(zone[4:6])) * (-1 if zone[0] == "-" else 1)


def local(moment: dt.datetime, zone: str) -> dt.datetime:
    """The local time at a moment. Both have no tzinfo; the moment is in UTC.

    Raises:
        Refused: the moment is before 1970 or after 2099, where the rules of regions are not certain.
    """
    return moment + _ahead(moment, zone)


def moment(local_time: dt.datetime, zone: str) -> dt.datetime:
    """The moment in UTC at a local time. Both have no tzinfo.

    As in Java, a time that a clock skips is moved ahead, and of a time that it shows twice the first is taken.

    Raises:
        Refused: the moment is before 1970 or after 2099, where the rules of regions are not certain.
    """
    minutes = offset_minutes(zone)
    if minutes is not None:
        return local_time - dt.timedelta(minutes=minutes)
    offset = local_time.replace(tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset()
    assert offset is not None
    found = local_time - offset
    _ahead(found, zone)
    return found


def moment_near(local_time: dt.datetime, original: dt.datetime, zone: str) -> dt.datetime:
    """The moment at a local time that was computed from the local time of another moment.

    The offset of that moment is kept if it holds at the new moment as well. All have no tzinfo.

    Raises:
        Refused: the clock skips the local time or shows it twice, or a moment is before 1970 or after 2099.
    """
    ahead = _ahead(original, zone)
    kept = local_time - ahead
    return kept if _ahead(kept, zone) == ahead else only_moment(local_time, zone)


def only_moment(local_time: dt.datetime, zone: str) -> dt.datetime:
    """The moment in UTC at a local time, if there is exactly one. Both have no tzinfo.

    Raises:
        Refused: the clock skips the local time or shows it twice, or the moment is before 1970 or after 2099.
    """
    found = moment(local_time, zone)
    if offset_minutes(zone) is None:
        later = local_time.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=1).utcoffset()
        if local_time - found != later:
            raise Refused(f"the local time {local_time} in {zone}, which is skipped or comes twice")
    return found


def _ahead(moment: dt.datetime, zone: str) -> dt.timedelta:
    minutes = offset_minutes(zone)
    if minutes is not None:
        return dt.timedelta(minutes=minutes)
    if not _FIRST <= moment < _LAST:
        raise Refused(f"the moment {moment} in the time zone {zone}: only 1970 to 2099 are certain")
    offset = moment.replace(tzinfo=dt.UTC).astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset
