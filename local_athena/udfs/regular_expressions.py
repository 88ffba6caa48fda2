"""Implements functions with regular expressions, and LIKE with an escape character."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from local_athena.errors import Refused
from local_athena.udfs import patterns
from local_athena.udfs.registry import Failure, register
from local_athena.values.types import BIGINT, BOOLEAN, VARCHAR, array


def _with_pattern(use: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function so that its second argument, the pattern, is compiled and pattern errors become SQL errors."""

    def used(text: str, pattern: str, *rest: Any) -> Any:
        try:
            return use(text, patterns.compile_pattern(pattern), *rest)
        except patterns.UnsupportedPattern as error:
            raise Refused(f"the pattern {pattern!r} ({error})") from None
        except patterns.InvalidPattern as error:
            raise Failure("INVALID_FUNCTION_ARGUMENT", str(error)) from None

    return used


def _regexp_extract(text: str, pattern: patterns.Pattern, group: int) -> str | None:
    patterns.check_group(pattern, group)
    match = pattern.search(text)
    return match[group] if match else None


def _regexp_extract_all(text: str, pattern: patterns.Pattern, group: int) -> list[str | None]:
    patterns.check_group(pattern, group)
    return [match[group] for match in pattern.matches(text)]


def _regexp_split(text: str, pattern: patterns.Pattern) -> list[str]:
    pieces, position = [], 0
    for match in pattern.matches(text):
        if match.end() == match.start():
            raise Refused("regexp_split at an empty match")
        pieces.append(text[position : match.start()])
        position = match.end()
    return [*pieces, text[position:]]


def _like(text: str, pattern: str, escape: str) -> bool:
    if len(escape) != 1:
        raise Failure("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character")
    return like_pattern(pattern, escape).fullmatch(text) is not None


@lru_cache(maxsize=256)
def like_pattern(pattern: str, escape: str) -> re.Pattern[str]:
    """The regular expression for a LIKE pattern with an escape character.

    Raises:
        Failure: the pattern has an invalid escape.
    """
    translated, position = "", 0
    while position < len(pattern):
        character = pattern[position]
        if character == escape:
            position += 1
            if pattern[position : position + 1] not in ("%", "_", escape) or position == len(pattern):
                message = "Escape character must be followed by '%', '_' or the escape character itself"
                raise Failure("INVALID_FUNCTION_ARGUMENT", message)
            translated += re.escape(pattern[position])
        else:
            translated += {"%": ".*", "_": "."}.get(character) or re.escape(character)
        position += 1
    return re.compile(translated, re.DOTALL)


register(
    "t_regexp_like",
    _with_pattern(lambda text, pattern: pattern.search(text) is not None),
    (VARCHAR, VARCHAR),
    BOOLEAN,
)
register("t_regexp_extract", _with_pattern(_regexp_extract), (VARCHAR, VARCHAR, BIGINT), VARCHAR)
register(
    "t_regexp_extract_all",
    _with_pattern(_regexp_extract_all),
    (VARCHAR, VARCHAR, BIGINT),
    array(VARCHAR),
)
register("t_regexp_split", _with_pattern(_regexp_split), (VARCHAR, VARCHAR), array(VARCHAR))
register("t_regexp_replace", _with_pattern(patterns.replace), (VARCHAR, VARCHAR, VARCHAR), VARCHAR)
register(
    "t_regexp_count",
    _with_pattern(lambda text, pattern: sum(1 for _ in pattern.matches(text))),
    (VARCHAR, VARCHAR),
    BIGINT,
)
register("t_like", _like, (VARCHAR, VARCHAR, VARCHAR), BOOLEAN)
