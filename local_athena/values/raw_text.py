"""Keeps text that is not valid UTF-8 in DuckDB, which accepts only valid UTF-8.

Trino's varchar may hold any bytes. Each byte that is not part of valid UTF-8 is stored as one private-use character.
`to_bytes` turns these characters back into the bytes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute

#: Byte b (0x80 to 0xFF) is stored as the character _BASE + b. In UTF-8, each of these characters starts with one of
#: _OWN_STARTS. If the original text contains such a character, each of its bytes is stored separately as well.
_BASE = 0x10FE00
_OWN_STARTS = (b"\xf4\x8f\xba", b"\xf4\x8f\xbb")
#: pyarrow creates the functions of this module at import time, so type checkers do not know them.
pc: Any = pyarrow.compute
_FIRST, _LAST = _BASE + 0x80, _BASE + 0xFF
_OWN = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]")


def _hold(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(_BASE + byte) for byte in bad), error.end


codecs.register_error("local_athena_hold", _hold)


def from_bytes(value: bytes) -> str:
    """The string in which these bytes are stored; DuckDB accepts it."""
    if not any(start in value for start in _OWN_STARTS):
        return value.decode("utf-8", "local_athena_hold")
    text = value.decode("utf-8", "surrogateescape")
    held = []
    for char in text:
        if 0xDC80 <= ord(char) <= 0xDCFF:
            held.append(chr(_BASE + ord(char) - 0xDC00))
        elif _FIRST <= ord(char) <= _LAST:
            held += [chr(_BASE + byte) for byte in char.encode()]
        else:
            held.append(char)
    return "".join(held)


def from_text(text: str) -> str:
    """The string in which a text is stored; private-use characters that this module uses are stored byte by byte."""
    if text.isascii():
        return text
    return _OWN.sub(lambda own: "".join(chr(_BASE + byte) for byte in own[0].encode()), text)


def to_bytes(text: str) -> bytes:
    """The original bytes of a stored string; the inverse of `from_bytes`."""
    if text.isascii() or not any(_FIRST <= ord(char) <= _LAST for char in text):
        return text.encode()
    return b"".join(
        bytes([ord(char) - _BASE]) if _FIRST <= ord(char) <= _LAST else char.encode() for char in text
    )


def readable(text: str) -> str:
    """A stored string for display: invalid bytes become U+FFFD, as in Python's UTF-8 decoder."""
    return text if text.isascii() else to_bytes(text).decode("utf-8", "replace")


def holds_bytes(column: pa.ChunkedArray) -> bool:
    """Whether a column of stored strings holds bytes that are not valid UTF-8."""
    raw = column.cast(pa.string())
    return any(pc.any(pc.match_substring(raw, start)).as_py() for start in _OWN_STARTS)


def to_arrow(values: Sequence[bytes | None]) -> pa.Array:
    """A column of stored strings. If all values are valid UTF-8 (the usual case), one check covers the column."""
    raw = pa.array(values, pa.binary())
    try:
        texts = raw.cast(pa.string())
    except pa.ArrowInvalid:
        texts = None
    if texts is None or any(pc.any(pc.match_substring(texts, start)).as_py() for start in _OWN_STARTS):
        return pa.array([None if value is None else from_bytes(value) for value in values], pa.string())
    return texts
