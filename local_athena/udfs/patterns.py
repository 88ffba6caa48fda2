"""Runs Trino's regular expressions (Oniguruma with Java's syntax) with Python's `re`.

For the constructs in this module, Python gives Trino's answers. All other constructs are refused. Strings for which
an answer could differ are refused as well: those with characters outside of ASCII if the pattern ignores case or has
`\\b`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_CLASSES = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": r" \t\n\x0b\f\r",
}
_ESCAPES = "tnrfx0123456789bAz" + "uZ"
_FLAGS = re.compile(r"\(\?([ims]+)\)")
_GROUP = re.compile(r"\((?!\?)|\(\?(?::|=|!|<=|<!|>)")
_QUANTIFIER = re.compile(r"\{(\d+)(,\d*)?\}")


class UnsupportedPattern(ValueError):
    """A construct or a string for which the answers of Python's `re` and of Trino might differ."""


class InvalidPattern(ValueError):
    """A pattern or replacement that Trino rejects."""


class Pattern(NamedTuple):
    """A pattern in Python's syntax.

    Attributes:
        compiled: the compiled pattern.
        ascii_only: whether its answers are certain only for ASCII strings.
    """

    compiled: re.Pattern[str]
    ascii_only: bool

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """The matches from left to right, as Trino finds them.

        Raises:
            UnsupportedPattern: Trino's matches might differ.
        """
        self.check(text)
        for match in self.compiled.finditer(text):
            if match.end() == match.start() and not text.isascii():
                raise UnsupportedPattern("an empty match in a text that is not ASCII")
            yield match

    def search(self, text: str) -> re.Match[str] | None:
        """The first match; None if there is none.

        Raises:
            UnsupportedPattern: Trino's match might differ.
        """
        self.check(text)
        return self.compiled.search(text)

    def check(self, text: str) -> None:
        """Refuse a string for which Trino's answer might differ.

        Raises:
            UnsupportedPattern: the pattern is certain only for ASCII strings, and the string is not ASCII.
        """
        if self.ascii_only and not text.isascii():
            raise UnsupportedPattern("(?i) or \\b on a text that is not ASCII")


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Pattern:
    """The pattern of Trino, compiled for Python.

    Raises:
        UnsupportedPattern: the pattern has a construct that is not supported.
        InvalidPattern: Trino rejects the pattern.
    """
    flags = _FLAGS.match(pattern)
    body = pattern[flags.end() :] if flags else pattern
    translated = (flags[0] if flags else "") + "".join(_translated(body))
    try:
        compiled = re.compile(translated)
    except (re.error, OverflowError) as error:
        raise UnsupportedPattern(str(error)) from error
    ascii_only = bool(flags and "i" in flags[1]) or bool(re.search(r"(?<!\\)(?:\\\\)*\\b", pattern))
    return Pattern(compiled, ascii_only)


def _translated(body: str) -> Iterator[str]:
    position = 0
    while position < len(body):
        character = body[position]
        if character == "\\":
            text, position = _escape(body, position, inside=False)
            yield text
        elif character == "[":
            text, position = _bracket(body, position)
            yield text
        elif character == "(":
            group = _GROUP.match(body, position)
            if not group:
                raise UnsupportedPattern(f"the group {body[position : position + 4]!r}")
            yield group[0]
            position = group.end()
        elif character == "{" and not _QUANTIFIER.match(body, position):
            raise UnsupportedPattern("{ that is neither a quantifier nor escaped")
        else:
            yield character
            position += 1


def _escape(body: str, position: int, *, inside: bool) -> tuple[str, int]:
    """The escape sequence at a position, in Python's syntax, and the position after it."""
    following = body[position + 1 : position + 2]
    if following.lower() in _CLASSES and following:
        listed = _CLASSES[following.lower()]
        if not inside:
            return f"[{'^' if following.isupper() else ''}{listed}]", position + 2
        if following.islower():
            return listed, position + 2
        raise UnsupportedPattern(f"\\{following} inside of brackets")
    if following == "z" and not inside:
        return r"\Z", position + 2
    if following == "Z" and not inside:
        return r"(?=\n?\Z)", position + 2
    if following == "x" and re.match(r"[0-9A-Fa-f]{2}", body[position + 2 :]):
        return body[position : position + 4], position + 4
    if following == "u" and re.match(r"[0-9A-Fa-f]{4}", body[position + 2 :]):
        return body[position : position + 6], position + 6
    known = "tnrf" if inside else "tnrfbA123456789"
    if following and (following in known or not following.isalnum()):
        return body[position : position + 2], position + 2
    raise UnsupportedPattern(f"\\{following}")


def _bracket(body: str, start: int) -> tuple[str, int]:
    """The character class at a position, in Python's syntax, and the position after it."""
    position = start + 1
    translated = "["
    if body[position : position + 1] == "^":
        translated += "^"
        position += 1
    first = True
    while position < len(body):
        character = body[position]
        if character == "]" and not first:
            return translated + "]", position + 1
        if character == "[" or body.startswith("&&", position):
            raise UnsupportedPattern("a class inside of a class")
        if character == "\\":
            text, position = _escape(body, position, inside=True)
            translated += text
        else:
            translated += "\\]" if character == "]" else "\\" + character if character in "&~|" else character
            position += 1
        first = False
    raise InvalidPattern("premature end of char-class")


def check_group(pattern: Pattern, group: int) -> None:
    """Check that the pattern has the group.

    Raises:
        InvalidPattern: the pattern has no such group.
    """
    if not 0 <= group <= pattern.compiled.groups:
        raise InvalidPattern(f"Pattern has {pattern.compiled.groups} groups. Cannot access group {group}")


def replace(text: str, pattern: Pattern, replacement: str) -> str:
    """The string with every match replaced.

    Args:
        text: the string.
        pattern: the pattern.
        replacement: the new text. In it, `$1` is the text of group 1, and a backslash escapes the next character.

    Raises:
        UnsupportedPattern: Trino's answer might differ.
        InvalidPattern: Trino rejects the replacement.
    """
    pieces, position = [], 0
    for match in pattern.matches(text):
        pieces += [text[position : match.start()], _expanded(match, replacement)]
        position = match.end()
    return "".join([*pieces, text[position:]])


def _expanded(match: re.Match[str], replacement: str) -> str:
    expanded, position = "", 0
    while position < len(replacement):
        character = replacement[position]
        if character == "\\":
            if position + 1 == len(replacement):
                raise InvalidPattern("Illegal replacement sequence: " + replacement)
            expanded += replacement[position + 1]
            position += 2
        elif character == "$":
            digits = re.compile(r"[0-9]+").match(replacement, position + 1)
            if not digits:
                raise UnsupportedPattern(f"the replacement {replacement!r}")
            number, position = _group_number(digits[0], match.re.groups, position + 1)
            expanded += match[number] or ""
        else:
            expanded += character
            position += 1
    return expanded


def _group_number(digits: str, groups: int, position: int) -> tuple[int, int]:
    """The group number at the start of `digits`, and the position after it.

    Further digits belong to the number as long as it is the number of an existing group.
    """
    number = int(digits[0])
    if number > groups:
        raise InvalidPattern(f"Illegal replacement sequence: unknown group {number}")
    taken = 1
    while taken < len(digits) and number * 10 + int(digits[taken]) <= groups:
        number = number * 10 + int(digits[taken])
        taken += 1
    return number, position + taken
