"""Implements functions of strings and bytes."""

from __future__ import annotations

import base64
import hashlib
import re
import urllib.parse
from collections.abc import Callable

from local_athena.errors import Refused
from local_athena.udfs.registry import Failure, register
from local_athena.values import raw_text, white_space
from local_athena.values.types import BIGINT, VARBINARY, VARCHAR, array, map_of


def _simple_case(change: Callable[[str], str]) -> Callable[[str], str]:
    """Change the case of each code point on its own, as Java does. `ß` for example has no upper case."""

    def changed(text: str) -> str:
        if text.isascii():
            return change(text)
        return "".join(
            other
            if len(other := change(character)) == 1
            else other[0]
            if character == "\u0130"
            else character
            for character in text
        )

    return changed


def _split(text: str, delimiter: str) -> list[str]:
    if not delimiter:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "The delimiter may not be the empty string")
    return text.split(delimiter)


def _split_at_most(text: str, delimiter: str, limit: int) -> list[str]:
    """Split into at most `limit` parts; the last contains the rest."""
    if limit <= 0:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "Limit must be positive")
    if not delimiter:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "The delimiter may not be the empty string")
    return text.split(delimiter, min(limit, 2**31) - 1)


def _split_to_map(text: str, entries: str, pairs: str) -> list[tuple[str, str]]:
    if not entries or not pairs or entries == pairs:
        raise Refused("split_to_map with empty or equal delimiters")
    found: dict[str, str] = {}
    for entry in text.split(entries) if text else []:
        parts = entry.split(pairs)
        if len(parts) != 2:
            if not entry:
                # A delimiter at the end of the text ends the last entry.
                raise Refused("split_to_map of an empty entry")
            problem = f"Key-value delimiter must appear exactly once in each entry. Bad input: '{entry}'"
            raise Failure("INVALID_FUNCTION_ARGUMENT", problem)
        if parts[0] in found:
            raise Failure("INVALID_FUNCTION_ARGUMENT", f"Duplicate keys ({parts[0]}) are not allowed")
        found[parts[0]] = parts[1]
    return list(found.items())


def _strpos(text: str, wanted: str, instance: int) -> int:
    """The place of the n-th occurrence, counted from the end if n is negative; 0 if there is none."""
    if instance == 0:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "'instance' must be a positive or negative number.")
    if not wanted:
        return 1
    place = -1 if instance > 0 else len(text)
    for _ in range(abs(instance)):
        place = (
            text.find(wanted, place + 1)
            if instance > 0
            else text.rfind(wanted, 0, max(place + len(wanted) - 1, 0))
        )
        if place < 0:
            return 0
    return place + 1


def _levenshtein_distance(left: str, right: str) -> int:
    if len(left) * len(right) > 1_000_000:
        raise Refused(f"levenshtein_distance of texts of {len(left)} and {len(right)} characters")
    row = list(range(len(right) + 1))
    for index, one in enumerate(left, start=1):
        before, row[0] = row[0], index
        for column, other in enumerate(right, start=1):
            before, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, before + (one != other)),
            )
    return row[-1]


def _hamming_distance(left: str, right: str) -> int:
    if len(left) != len(right):
        problem = "The input strings to hamming_distance function must have the same length"
        raise Failure("INVALID_FUNCTION_ARGUMENT", problem)
    return sum(a != b for a, b in zip(left, right, strict=True))


def _url_encode(text: str) -> str:
    """Encode a text like a browser's form. Letters, digits and `-_.*` stay."""
    return urllib.parse.quote_plus(text, safe="*").replace("~", "%7E")


def _url_decode(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise Failure("INVALID_FUNCTION_ARGUMENT", "URLDecoder: Illegal hex characters in escape (%) pattern")
    try:
        return urllib.parse.unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise Refused(f"url_decode of {text[:80]!r}, which is not UTF-8") from None


def _split_part(text: str, delimiter: str, index: int) -> str | None:
    if index <= 0:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "Index must be greater than zero")
    if not delimiter:
        raise Refused("split_part with an empty delimiter")
    parts = text.split(delimiter)
    return parts[index - 1] if index <= len(parts) else None


def _replace(text: str, search: str, replacement: str) -> str:
    return text.replace(search, replacement)


def _translate(text: str, source: str, target: str) -> str:
    table: dict[int, str | None] = {}
    for index, character in enumerate(source):
        table.setdefault(ord(character), target[index] if index < len(target) else None)
    return text.translate(table)


def _chr(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f"Not a valid Unicode code point: {code}")
    return chr(code)


def _pad(text: str, size: int, padding: str, *, left: bool) -> str:
    if not padding:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "Padding string must not be empty")
    if not 0 <= size <= 2**31 - 1:
        raise Refused(f"padding to {size} characters")
    missing = size - len(text)
    filled = (padding * (missing // len(padding) + 1))[: max(missing, 0)]
    return text[:size] if missing <= 0 else filled + text if left else text + filled


def _from_hex(text: str) -> bytes:
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", text):
        raise Failure("INVALID_FUNCTION_ARGUMENT", f"invalid hexadecimal digits: {text}")
    return bytes.fromhex(text)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        # Java's decoder accepts some endings that Python's rejects.
        raise Refused(f"from_base64 of {text[:80]!r}") from None


register("t_upper", _simple_case(str.upper), (VARCHAR,), VARCHAR)
register("t_lower", _simple_case(str.lower), (VARCHAR,), VARCHAR)
register("t_trim", lambda text: text.strip(white_space.JAVA), (VARCHAR,), VARCHAR)
register("t_ltrim", lambda text: text.lstrip(white_space.JAVA), (VARCHAR,), VARCHAR)
register("t_rtrim", lambda text: text.rstrip(white_space.JAVA), (VARCHAR,), VARCHAR)
register("t_split", _split, (VARCHAR, VARCHAR), array(VARCHAR))
register("t_split_at_most", _split_at_most, (VARCHAR, VARCHAR, BIGINT), array(VARCHAR))
register("t_split_to_map", _split_to_map, (VARCHAR, VARCHAR, VARCHAR), map_of(VARCHAR, VARCHAR))
register("t_strpos", _strpos, (VARCHAR, VARCHAR, BIGINT), BIGINT)
register("t_levenshtein_distance", _levenshtein_distance, (VARCHAR, VARCHAR), BIGINT)
register("t_hamming_distance", _hamming_distance, (VARCHAR, VARCHAR), BIGINT)
register("t_url_encode", _url_encode, (VARCHAR,), VARCHAR)
register("t_url_decode", _url_decode, (VARCHAR,), VARCHAR)
register("t_split_part", _split_part, (VARCHAR, VARCHAR, BIGINT), VARCHAR)
register("t_replace", _replace, (VARCHAR, VARCHAR, VARCHAR), VARCHAR)
register("t_translate", _translate, (VARCHAR, VARCHAR, VARCHAR), VARCHAR)
register("t_chr", _chr, (BIGINT,), VARCHAR)
register(
    "t_lpad",
    lambda text, size, padding: _pad(text, size, padding, left=True),
    (VARCHAR, BIGINT, VARCHAR),
    VARCHAR,
)
register(
    "t_rpad",
    lambda text, size, padding: _pad(text, size, padding, left=False),
    (VARCHAR, BIGINT, VARCHAR),
    VARCHAR,
)
register("t_to_utf8", raw_text.to_bytes, (VARCHAR,), VARBINARY)
register(
    "t_from_utf8",
    lambda value: raw_text.from_text(value.decode("utf-8", "replace")),
    (VARBINARY,),
    VARCHAR,
)
register("t_from_hex", _from_hex, (VARCHAR,), VARBINARY)
register("t_from_base64", _from_base64, (VARCHAR,), VARBINARY)
register("t_sha256", lambda value: hashlib.sha256(value).digest(), (VARBINARY,), VARBINARY)
register("t_sha1", lambda value: hashlib.sha1(value).digest(), (VARBINARY,), VARBINARY)  # noqa: S324 - Trino's
register("t_sha512", lambda value: hashlib.sha512(value).digest(), (VARBINARY,), VARBINARY)
register("t_md5", lambda value: hashlib.md5(value).digest(), (VARBINARY,), VARBINARY)  # noqa: S324 - Trino's
