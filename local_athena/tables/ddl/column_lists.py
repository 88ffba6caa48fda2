"""Reads the column list of a CREATE TABLE as Athena's Hive parser does before a statement starts.

The parser takes any word for a type. What it rejects, and with which message, was measured on Athena
(docs/athena-measured.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from local_athena.errors import QueryFailed
from local_athena.sql.kinds import keywords
from local_athena.tables.ddl.rejections import Token, no_viable_alternative, tokens_of

#: Statements that Athena reads otherwise.
_OTHERWISE = re.compile(r"\Acreate\s+external\b|\blocation\s*''", re.IGNORECASE)


def check_columns(text: str) -> None:
    """Check the column list of a statement without LOCATION and EXTERNAL, and what follows the list.

    Args:
        text: a CREATE TABLE as the client wrote it, without white space around it.

    Raises:
        QueryFailed: Hive's parser does not read the columns, or WITH follows them.
    """
    if _OTHERWISE.search(keywords(text)):
        return
    tokens = tokens_of(text)
    words = [token[0].lower() for token in tokens]
    if "(" not in words:
        return
    place = words.index("(") + 1
    while place < len(tokens):
        place = _after_column(text, tokens, words, place)
        if words[place - 1 : place] == [")"]:
            break
    if words[place : place + 1] == ["comment"]:
        place += 2
    if words[place : place + 2] == ["with", "("]:
        raise no_viable_alternative(text, tokens, place + 1)


def _after_column(text: str, tokens: Sequence[Token], words: Sequence[str], place: int) -> int:
    """The index after a column and the comma or parenthesis behind it."""

    def fail(index: int) -> QueryFailed:
        return no_viable_alternative(text, tokens, index)

    for index in (place, place + 1):
        if words[index : index + 1] and words[index].startswith('"'):
            raise fail(index)
    place += 2
    if words[place : place + 1] == ["("]:
        place += 1
        if place < len(words) and not words[place].isdigit():
            raise fail(place)
        place = words.index(")", place) + 1 if ")" in words[place:] else len(words)
    elif words[place : place + 1] == ["<"]:
        place = _after_brackets(words, place)
    if words[place : place + 1] == ["comment"]:
        place += 2
    if place < len(words) and words[place] not in (",", ")"):
        raise fail(place)
    return place + 1


def _after_brackets(words: Sequence[str], place: int) -> int:
    """The index after the angle brackets that open at an index."""
    depth = 0
    for index in range(place, len(words)):
        depth += (words[index] == "<") - (words[index] == ">")
        if not depth:
            return index + 1
    return len(words)
