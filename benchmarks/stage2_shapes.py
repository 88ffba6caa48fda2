"""Single lines that are made to exhaust the memory or the time of a reader.

Each shape is a function from a number of bytes to one line of about that many.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

_HEAD = b'"facility_id":"FAC1","facility_name":"A","employee_count":1'
_EXPIRING = b'"accreditations":[{"valid_until":"2025-09-01"}]'


def _filled(start: bytes, unit: bytes, end: bytes, size: int) -> bytes:
    return start + unit * ((size - len(start) - len(end)) // len(unit)) + end


def _extra(start: bytes, unit: bytes, end: bytes) -> Callable[[int], bytes]:
    """A good record with a field beyond the contract."""
    return lambda size: _filled(b'{%b,%b,"extra":%b' % (_HEAD, _EXPIRING, start), unit, b"%b}" % end, size)


def _field(name: bytes, unit: bytes) -> Callable[[int], bytes]:
    """A record whose field is one long text."""
    head = _HEAD.replace(b'"facility_name":"A",', b"") if name == b"facility_name" else _HEAD
    return lambda size: _filled(b'{%b,%b,"%b":"' % (head, _EXPIRING, name), unit, b'"}', size)


def _accreditations(unit: bytes, last: bytes = b"{}") -> Callable[[int], bytes]:
    return lambda size: _filled(b'{%b,"accreditations":[' % _HEAD, unit + b",", b"%b]}" % last, size)


def _base64(size: int) -> bytes:
    return base64.b64encode(random.Random(1).randbytes(size * 3 // 4))


#: The shapes by name.
SHAPES: dict[str, Callable[[int], bytes]] = {
    "base64 in an unknown field": lambda size: _extra(b'"', _base64(size - 200), b'"')(size),
    "base64 as the facility's name": lambda size: _field(b"facility_name", _base64(size - 200))(size),
    "base64 with an exponent of three digits": _extra(b'"', b"e111+/AA", b'"'),
    "text of brackets": _extra(b'"', b"[{", b'"'),
    "text of escaped quotes": _extra(b'"', b'\\"', b'"'),
    "texts of 49,000 escaped quotes": _extra(b"[", b'"%b",' % (b'\\"' * 49_000), b'""]'),
    "names of 49,000 characters": _extra(b"{", b'"%b":1,' % (b"k" * 49_000), b'"b":1}'),
    "name of escapes": _field(b"facility_name", b"\\u00e9"),
    "name of three-byte characters": _field(b"facility_name", "漢".encode()),
    "name of four-byte characters": _field(b"facility_name", "😀".encode()),
    "name of ASCII and one emoji": lambda size: _field(b"facility_name", b"a" * (size - 200))(size).replace(
        b'aa"', '😀"'.encode(), 1
    ),
    "address of base64": lambda size: _filled(
        b'{%b,%b,"location":{"state":"TX","address":"' % (_HEAD, _EXPIRING), b"QUJD", b'"}}', size
    ),
    "empty arrays": _extra(b"[", b"[],", b"[]]"),
    "empty objects": _extra(b"[", b"{},", b"{}]"),
    "arrays 60 deep": _extra(b"[", b"[" * 60 + b"]" * 60 + b",", b"[]]"),
    "arrays 65 deep": _extra(b"[", b"[" * 65 + b"]" * 65 + b",", b"[]]"),
    "one array per byte": lambda size: b"[" * size,
    "empty texts": _extra(b"[", b'"",', b'""]'),
    "digits": _extra(b"[", b"1,", b"1]"),
    "numbers": _extra(b"[", b"-1.5e-7,", b"1]"),
    "one number": _extra(b"", b"1", b""),
    "true": _extra(b"[", b"true,", b"true]"),
    "small objects": _extra(b"[", b'{"a":1},', b"{}]"),
    "members": _extra(b"{", b'"a":1,', b'"b":1}'),
    "duplicate fields": lambda size: _filled(
        b"{", b'"facility_id":"FAC1",', b"%b,%b}" % (_HEAD, _EXPIRING), size
    ),
    "a long name of a field": lambda size: _filled(b'{%b,%b,"' % (_HEAD, _EXPIRING), b"k", b'":1}', size),
    "services": lambda size: _filled(b'{%b,%b,"services":[' % (_HEAD, _EXPIRING), b'"x",', b'"x"]}', size),
    "empty accreditations": _accreditations(b"{}"),
    "accreditations that are arrays": _accreditations(b"[]"),
    "accreditations that are deep arrays": _accreditations(b"[" * 60 + b"]" * 60),
    "accreditations that expire": _accreditations(b'{"valid_until":"2025-09-01"}'),
    "accreditations that expire later": _accreditations(b'{"valid_until":"2035-09-01"}'),
    "accreditations with further fields": _accreditations(b'{"valid_until":"2035-09-01","x":[[],{}]}'),
    "accreditations with bad dates": _accreditations(b'{"valid_until":"soon"}'),
    "one accreditation of empty arrays": lambda size: _filled(
        b'{%b,"accreditations":[{"valid_until":"2025-09-01","x":[' % _HEAD, b"[],", b"[]]}]}", size
    ),
    "a date of megabytes": lambda size: _filled(
        b'{%b,"accreditations":[{"valid_until":"' % _HEAD, b"2", b'"}]}', size
    ),
    "no JSON": lambda size: b"x" * size,
    "a text without an end": lambda size: _filled(b'{"a":"', b"x", b"", size),
    "not UTF-8 at its end": _extra(b'"', b"x", b'\xff"'),
    "blanks": lambda size: b" " * size,
}
