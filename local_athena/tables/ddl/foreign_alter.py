"""The messages for ALTER TABLE in Trino's spellings, which Athena rejects before a statement starts.

Which spellings, and with which messages, was measured on Athena (docs/athena-measured.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from local_athena.errors import QueryFailed
from local_athena.sql.places import place_in

_TOKEN = re.compile(r"/\*.*?\*/|--[^\n]*|`[^`]*`|\"[^\"]*\"|'[^']*'|[^\W]+|\S", re.DOTALL)
_ACTIONS = "'.', 'ADD', 'DROP', 'EXECUTE', 'RENAME', 'SET'"
_ACTIONS_AFTER_IF_EXISTS = "'.', 'ADD', 'DROP', 'RENAME'"


def rejected(text: str) -> QueryFailed:
    """The failure of an ALTER TABLE that Athena does not parse.

    Args:
        text: the statement as the client wrote it, without white space around it.
    """
    tokens = [found for found in _TOKEN.finditer(text) if not found[0].startswith(("/*", "--"))]
    words = [token[0].lower() for token in tokens]
    is_conditional = words[2:4] == ["if", "exists"]
    start = 5 if is_conditional else 3
    while words[start : start + 1] == ["."]:
        start += 2
    message, place = _message(text, tokens, words[start : start + 4], start, is_conditional=is_conditional)
    return QueryFailed("SYNTAX_ERROR", place_in(text, tokens[place].start()) + message)


def _message(
    text: str, tokens: Sequence[re.Match[str]], action: list[str], start: int, *, is_conditional: bool
) -> tuple[str, int]:
    """The message, and the index of the token that it is about.

    Args:
        text: the statement.
        tokens: its tokens without comments.
        action: the words after the table's name, in lower case.
        start: the index of the first of them.
        is_conditional: whether the statement has IF EXISTS.
    """

    def no_viable(index: int) -> tuple[str, int]:
        given = text[tokens[0].start() : tokens[index].end()].replace("\n", "\\n")
        return f"no viable alternative at input '{given}'", index

    def mismatched(index: int, expected: str) -> tuple[str, int]:
        return f"mismatched input '{tokens[index][0]}'{expected}", index

    first, second = [*action, "", ""][:2]
    if is_conditional and first in ("add", "drop", "rename") and second != "columns":
        return no_viable(3)
    if (first, second) == ("add", "columns"):
        return mismatched(start + 1, ". Expecting: '.', 'ADD'")
    if (first, second) == ("drop", "columns"):
        return mismatched(start + 1, ". Expecting: '.', 'DROP'")
    if is_conditional and first in ("alter", "execute", "set"):
        return mismatched(start, f". Expecting: {_ACTIONS_AFTER_IF_EXISTS}")
    if first in ("alter", "replace"):
        return mismatched(start, f". Expecting: {_ACTIONS}")
    if (first, second) == ("rename", "column"):
        return f"missing 'TO' at '{tokens[start + 1][0]}'", start + 1
    if action[:4] == ["drop", "column", "if", "exists"]:
        return mismatched(start + 3, " expecting {<EOF>, '.'}")
    return no_viable(start if first == "execute" else min(start + 1, len(tokens) - 1))
