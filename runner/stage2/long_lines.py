"""Reads a line of megabytes without building its whole content in memory.

The line stays the only large object. Its fields are views of it, and its accreditations are decoded a few at
a time. A line of up to 32 MiB, which is the limit, therefore takes little more memory than its own bytes.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

from runner import rules
from runner.stage2.record import DriftedAccreditation

#: The most characters of a text that are copied out of a line.
MAX_TEXT_LENGTH = 1_000_000

_AT_A_TIME = 512  # accreditations
_MAX_DECODED = 512 * 1024  # bytes of accreditations that are decoded together; fewer than a long text has
_WINDOW = 1024 * 1024  # bytes whose encoding is checked at a time
_LONGEST_ESCAPE = len("\\u0000")
_HEAD = re.compile(rb'"(?:[^"\\]|\\u....|\\.){0,1000}+', re.DOTALL)
_BLANK = re.compile(rb'"(?: |\\[tnrf]|\\u00(?:09|0[aA]|0[bB]|0[cC]|0[dD]|20))*+"')
_IS_OBJECT = re.compile(rb"[ \t\n\r]*+\{")
_NOT_BLANK = re.compile(rb"[^%b]" % rules.WHITE_SPACE.encode())


class LongText(str):
    """The start of a text of more than MAX_TEXT_LENGTH characters."""

    __slots__ = ()


class _RawFacility(Struct):
    facility_id: Raw = Raw()
    facility_name: Raw = Raw()
    location: Raw = Raw()
    employee_count: Raw = Raw()
    accreditations: Raw = Raw()


class _RawLocation(Struct):
    address: Raw = Raw()
    city: Raw = Raw()
    state: Raw = Raw()
    zip: Raw = Raw()


class _TextAccreditation(Struct, gc=False, kw_only=True):
    """An accreditation whose date may be bad."""

    accreditation_body: str | None = None
    accreditation_id: str | None = None
    valid_until: str


class _RawAccreditation(Struct):
    accreditation_body: Raw = Raw()
    accreditation_id: Raw = Raw()
    valid_until: Raw = Raw()


_decode_facility = msgspec.json.Decoder(_RawFacility).decode
_decode_location = msgspec.json.Decoder(_RawLocation).decode
_decode_raw_accreditation = msgspec.json.Decoder(_RawAccreditation).decode
_decode_accreditations = msgspec.json.Decoder(list[DriftedAccreditation]).decode
_decode_text_accreditations = msgspec.json.Decoder(list[_TextAccreditation]).decode
_decode_raw = msgspec.json.Decoder(list[Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode


def is_blank(line: bytearray) -> bool:
    """Whether a line holds nothing but white space."""
    return not _NOT_BLANK.search(line)


class LongRecord:
    """The JSON object of one long line.

    Attributes:
        fields: the members that Stage 2 reads, as `runner.rules` reads them, with LongText for long texts.
            Arrays and objects other than `location` lose their values: an array is empty or has one None.
    """

    def __init__(self, line: bytearray) -> None:
        raw = _decode_facility(line)
        self.fields = _members(raw)
        if self.fields.get("location") == {}:
            self.fields["location"] = _members(_decode_location(raw.location))
        self._accreditations = memoryview(raw.accreditations)

    def for_the_rules(self) -> rules.Record:
        """The fields with a short stand-in for each long text. The verdict on them is the same."""
        return {name: str(value) if type(value) is LongText else value for name, value in self.fields.items()}

    def accreditations(self) -> Iterator[list[Any]]:
        """The elements of the array of accreditations, a few at a time.

        Each list has one entry per element: a DriftedAccreditation, or the members that Stage 2 reads, as in
        `fields`, or None for an element that is not an object.
        """
        for elements in _split(self._accreditations[1:-1], _AT_A_TIME):
            if len(elements) <= _MAX_DECODED:
                yield _values(elements)
            else:
                yield from ([_value_of_element(element)] for element in _split(elements, 1))


def read_long_line(line: bytearray) -> LongRecord | None:
    """The record of a line, or None if the line is malformed."""
    try:
        rules.check_syntax(line)
        if not is_utf8(line) or not rules.is_within_limits(line):
            return None
    except (msgspec.MsgspecError, RecursionError):
        return None
    return LongRecord(line)


def is_utf8(data: bytes | bytearray) -> bool:
    """Whether bytes are UTF-8, without decoding them all at once."""
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _WINDOW):
            decoder.decode(memoryview(data)[start : start + _WINDOW])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _split(elements: memoryview, at_most: int) -> Iterator[memoryview]:
    """Elements with commas between them, this many at a time."""
    position = 0
    while match := _elements(at_most).match(elements, position):
        yield elements[position : match.end() - 1]
        position = match.end()
    if _NOT_BLANK.search(elements, position):
        yield elements[position:]


@cache
def _elements(at_most: int) -> re.Pattern[bytes]:
    """Elements of an array, each with the comma after it."""
    # The record, the array and the element are three levels.
    inside = rules.nested(rb'[^"\[\]{}]*+', rules.STRING, rules.MAX_NESTING - 3)
    plain = rb'[^"\[\]{},]*+'
    element = rb"%b(?:(?:[\[{]%b[\]}]|%b)%b)*+" % (plain, inside, rules.STRING, plain)
    return re.compile(rb"(?:%b,){1,%d}+" % (element, at_most), re.DOTALL)


def _values(elements: memoryview) -> list[Any]:
    """Elements with commas between them, decoded."""
    array = b"[%b]" % elements
    try:
        return _decode_accreditations(array)
    except msgspec.MsgspecError:
        pass  # one of them has a bad date or another shape
    try:
        return [*map(msgspec.structs.asdict, _decode_text_accreditations(array))]
    except msgspec.MsgspecError:
        return [_value_of_element(raw) for raw in _decode_raw(array)]


def _value_of_element(element: Raw | memoryview) -> Any:
    return _members(_decode_raw_accreditation(element)) if _IS_OBJECT.match(element) else None


def _members(struct: Struct) -> rules.Record:
    raws = ((name, getattr(struct, name)) for name in struct.__struct_fields__)
    return {name: _value(raw) for name, raw in raws if raw}


def _value(raw: Raw) -> Any:
    first = bytes(memoryview(raw)[:1])
    if first == b'"':
        return _text(raw)
    if first == b"{":
        return {}
    if first == b"[":
        return [None] if _NOT_BLANK.search(raw, 1, len(raw) - 1) else []
    return rules.read_json(bytes(raw).decode("ascii"))


def _text(raw: Raw) -> str:
    if len(raw) <= MAX_TEXT_LENGTH * _LONGEST_ESCAPE + len('""'):
        text = _decode_text(raw)
        if len(text) <= MAX_TEXT_LENGTH:
            return text
    if _BLANK.fullmatch(raw):
        return LongText(" ")
    head = _HEAD.match(raw)
    assert head is not None  # a string starts with a quote
    return LongText(json.loads(head[0].decode("utf-8", "ignore") + '"'))
