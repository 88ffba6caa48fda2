"""Reads dates, times and timestamps from text by Trino's rules."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from local_athena.errors import Refused
from local_athena.values import white_space, zones
from local_athena.values.types import UTC

#: White space and line ends as Java's regular expressions define them.
_SPACE, _NO_LINE_END = r"[ \t\n\x0b\f\r]", r"[^\n\r\x85\u2028\u2029]"
_TIME = r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?"
_TIMESTAMP = re.compile(
    rf"([-+]?\d{{4,}})-(\d{{1,2}})-(\d{{1,2}})(?: (?:{_TIME})?{_SPACE}*({_NO_LINE_END}+)?)?", re.ASCII
)
_TIME_ALONE = re.compile(rf"{_TIME}{_SPACE}*", re.ASCII)
_DATE = re.compile(r"([-+]?)(\d{1,9})-(\d{1,2})-(\d{1,2})", re.ASCII)
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
#: Trino fails on a fraction with more digits, in different ways.
_MOST_DIGITS = 12


class NoMoment(ValueError):
    """The text is not a date, time or timestamp."""


@dataclass(frozen=True)
class Written:
    """A timestamp as it is written.

    Attributes:
        clock: the date and the time of day, without its fraction.
        fraction: the digits of the second's fraction.
        zone: the text of the time zone; None if there is none.
    """

    clock: dt.datetime
    fraction: str
    zone: str | None

    def local(self, precision: int) -> dt.datetime:
        """The local time, rounded to a number of digits (at most 6)."""
        return _later(self.clock, _microseconds(self.fraction, precision))


def written(text: str) -> Written:
    """A timestamp that may have a time zone.

    Raises:
        NoMoment: Trino does not read the text as a timestamp.
        Refused: the year is not between 1 and 9999, or the fraction has too many digits.
    """
    parts = _TIMESTAMP.fullmatch(text)
    if not parts:
        raise NoMoment(text)
    year, month, day, hour, minute, second, fraction, zone = parts.groups()
    clock = _clock(int(year), month, day, hour, minute, second)
    if fraction and len(fraction) > _MOST_DIGITS:
        raise Refused(f"a timestamp with a fraction of {len(fraction)} digits")
    return Written(clock, fraction or "", zone)


def timestamp(text: str, precision: int) -> dt.datetime:
    """The text as a timestamp without time zone, rounded to a number of digits. A time zone in the text is dropped.

    Raises:
        NoMoment: Trino does not cast the text.
        Refused: local Athena does not support the moment or its time zone.
    """
    found = written(text.strip(white_space.JAVA))
    shifted = found.clock
    if found.zone is not None:
        try:
            zone = zones.named(found.zone)
        except zones.UnknownZone:
            raise NoMoment(text) from None
        except zones.UnsupportedZone:
            zone = UTC
        # A local time that the region's clock skips is moved ahead.
        shifted = zones.local(zones.moment(found.clock, zone), zone)
    return Written(shifted, found.fraction, None).local(precision)


def zoned(text: str, precision: int) -> tuple[dt.datetime, str]:
    """The text as a timestamp with time zone: the moment in UTC, rounded to a number of digits, and the time zone.

    Raises:
        NoMoment: Trino does not cast the text.
        zones.UnsupportedZone: Trino does not support the offset.
        Refused: local Athena does not support the moment or its time zone.
    """
    found = written(text.strip(white_space.JAVA))
    try:
        zone = UTC if found.zone is None else zones.named(found.zone)
    except zones.UnknownZone:
        raise NoMoment(text) from None
    moment = zones.moment(found.clock, zone)
    return _later(moment, _microseconds(found.fraction, precision)), zone


def time(text: str, precision: int) -> dt.time:
    """The text as a time of day, rounded to a number of digits. A time rounded up to midnight is 00:00.

    Raises:
        NoMoment: Trino does not cast the text.
        Refused: the fraction has too many digits.
    """
    parts = _TIME_ALONE.fullmatch(text)
    if not parts:
        raise NoMoment(text)
    hour, minute, second, fraction = parts.groups()
    clock = _clock(1970, "1", "1", hour, minute, second)
    if fraction and len(fraction) > _MOST_DIGITS:
        raise Refused(f"a time with a fraction of {len(fraction)} digits")
    return _later(clock, _microseconds(fraction or "", precision)).time()


def date(text: str) -> dt.date:
    """The text as a date.

    Raises:
        NoMoment: Trino does not cast the text.
        Refused: the year is not between 1 and 9999.
    """
    parts = _DATE.fullmatch(text.strip(white_space.JAVA))
    if not parts:
        raise NoMoment(text)
    return _clock(int(parts[1] + parts[2]), parts[3], parts[4], None, None, None).date()


def iso_timestamp(text: str) -> tuple[dt.datetime, str]:
    """A timestamp written by ISO 8601: the moment in UTC, cut to milliseconds, and the time zone.

    Raises:
        NoMoment: Trino does not read the text. The error has Trino's message.
        Refused: Trino may read the text, but local Athena does not.
    """
    parts = _ISO.fullmatch(text)
    if not parts:
        if re.match(r"[+-]?\d", text, re.ASCII) or text.startswith("T"):
            raise Refused(f"from_iso8601_timestamp of {text!r}")
        raise NoMoment(f'Invalid format: "{text}"')
    day, hour, minute, second, fraction, offset = parts.groups()
    try:
        clock = dt.datetime.fromisoformat(f"{day}T{hour or '00'}:{minute or '00'}:{second or '00'}")
    except ValueError:
        raise NoMoment(f'Cannot parse "{text}"') from None
    try:
        zone = zones.named(offset or UTC)
    except ValueError:
        raise Refused(f"from_iso8601_timestamp of {text!r}") from None
    return zones.moment(_later(clock, int((fraction or "0")[:3].ljust(6, "0"))), zone), zone


def _clock(
    year: int, month: str, day: str, hour: str | None, minute: str | None, second: str | None
) -> dt.datetime:
    if not 1 <= year <= 9999:
        raise Refused(f"the year {year}: only the years 1 to 9999 are supported")
    try:
        return dt.datetime(year, int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError as error:
        raise NoMoment(str(error)) from None


def _microseconds(fraction: str, precision: int) -> int:
    """The digits of a second's fraction, rounded half up to a number of digits, in microseconds."""
    kept = int(fraction[:precision].ljust(precision, "0") or 0)
    if fraction[precision : precision + 1] >= "5":
        kept += 1
    return kept * 10 ** (6 - precision)


def _later(clock: dt.datetime, microseconds: int) -> dt.datetime:
    try:
        return clock + dt.timedelta(microseconds=microseconds)
    except OverflowError:
        raise Refused("a moment after the year 9999") from None
