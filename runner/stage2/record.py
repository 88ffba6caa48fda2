"""A facility as Stage 2 reads it, in two shapes of line.

`decode_facility` knows every field of the contract and rejects any other field. Because it rejects unknown
fields, every byte of a line that it accepts is validated. (msgspec checks a skipped value's syntax, but
neither its UTF-8 nor the limits of `runner.rules`.) `decode_drifted` accepts other fields too, after a look
at the whole line. A line that both reject may still be good: `runner.rules` decides.

The fields are in the order of the files, because the decoder looks for the next field first.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from runner.rules import FACILITY_ID_START, MAX_INTEGER_DIGITS, is_within_limits

_Text = str | None
_EmployeeCount = Annotated[int, Meta(ge=0, lt=10**MAX_INTEGER_DIGITS)]

#: Texts that start with FACILITY_ID_START sort from it up to this.
FACILITY_ID_END = FACILITY_ID_START[:-1] + chr(ord(FACILITY_ID_START[-1]) + 1)
#: A name that is empty or starts with white space sorts before this text.
NAME_START = "!"


class DriftedLocation(Struct, gc=False):
    """A Location that may have further fields."""

    address: _Text = None
    city: _Text = None
    state: _Text = None
    zip: _Text = None


class Location(DriftedLocation, gc=False, forbid_unknown_fields=True):
    """Where a facility is."""


class DriftedAccreditation(Struct, gc=False, kw_only=True):
    """An Accreditation that may have further fields."""

    accreditation_body: _Text = None
    accreditation_id: _Text = None
    valid_until: date


class Accreditation(DriftedAccreditation, gc=False, forbid_unknown_fields=True):
    """One accreditation whose date is good. msgspec takes the same dates as `runner.lake.parse_date`."""


class Lab(Struct, gc=False, forbid_unknown_fields=True):
    """A laboratory of the facility."""

    lab_name: _Text = None
    certifications: list[str] = []


class Facility(Struct, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One line of a bronze file."""

    facility_id: str
    facility_name: str
    location: Location | None = None
    employee_count: _EmployeeCount
    services: list[str] = []
    labs: list[Lab] = []
    accreditations: Annotated[list[Accreditation], Meta(min_length=1)]
    snapshot_date: _Text = None


class DriftedFacility(Struct, gc=False, kw_only=True):
    """A line that may have further fields. Fields that Stage 2 does not need may have any type."""

    facility_id: str
    facility_name: str
    location: DriftedLocation | None = None
    employee_count: _EmployeeCount
    accreditations: Annotated[list[DriftedAccreditation], Meta(min_length=1)]


#: Decodes the bytes of one line to a Facility.
decode_facility = msgspec.json.Decoder(Facility).decode
_decode_drifted = msgspec.json.Decoder(DriftedFacility).decode

#: The errors that the decoders raise on a line of another shape.
NOT_OF_SHAPE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def decode_drifted(line: bytes) -> DriftedFacility | None:
    """The facility of a line with fields beyond the contract, or None if `runner.rules` must decide."""
    try:
        if not line.isascii():
            line.decode("utf-8")
        facility = _decode_drifted(line)
        return facility if is_within_limits(line) else None
    except NOT_OF_SHAPE:
        return None
