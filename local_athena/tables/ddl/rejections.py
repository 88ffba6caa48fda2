"""Words the errors of Athena's parsers, which name the place and the part of the statement that they read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from local_athena.errors import QueryFailed
from local_athena.sql.places import place_in

#: A token of a statement. A comment counts as one, too.
Token = re.Match[str]
_TOKEN = re.compile(r"/\*.*?\*/|--[^\n]*|`[^`]*`|\"[^\"]*\"|'(?:[^'\\]|\\.|'')*'|\w+|\S", re.DOTALL)


def tokens_of(text: str) -> list[Token]:
    """The tokens of a statement, without its comments."""
    return [found for found in _TOKEN.finditer(text) if not found[0].startswith(("/*", "--"))]


def no_viable_alternative(text: str, tokens: Sequence[Token], index: int) -> QueryFailed:
    """The error of a parser that cannot go on at a token. It shows the statement up to there.

    Args:
        text: the statement as the client wrote it, without white space around it.
        tokens: its tokens.
        index: the index of the token.
    """
    given = text[tokens[0].start() : tokens[index].end()].replace("\n", "\\n")
    return syntax_error(text, tokens[index], f"no viable alternative at input '{given}'")


def mismatched(text: str, token: Token, expected: str) -> QueryFailed:
    """The error of a parser that finds another token than it expects.

    Args:
        text: the statement as the client wrote it, without white space around it.
        token: the token.
        expected: the end of the message, with what the parser expects.
    """
    return syntax_error(text, token, f"mismatched input '{token[0]}'{expected}")


def syntax_error(text: str, token: Token, message: str) -> QueryFailed:
    """An error at the place of a token."""
    return QueryFailed("SYNTAX_ERROR", place_in(text, token.start()) + message)
