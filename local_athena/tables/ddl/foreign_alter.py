"""The errors for ALTER TABLE in Trino's spellings, which Athena rejects before a statement starts.

Which spellings, and with which messages, was measured on Athena (docs/athena-measured.md).
"""

from __future__ import annotations

from local_athena.errors import QueryFailed
from local_athena.tables.ddl.rejections import mismatched, no_viable_alternative, syntax_error, tokens_of

_ACTIONS = "'.', 'ADD', 'DROP', 'EXECUTE', 'RENAME', 'SET'"
_ACTIONS_AFTER_IF_EXISTS = "'.', 'ADD', 'DROP', 'RENAME'"


def rejected(text: str) -> QueryFailed:
    """The error of an ALTER TABLE that Athena does not parse.

    Args:
        text: the statement as the client wrote it, without white space around it.
    """
    tokens = tokens_of(text)
    words = [token[0].lower() for token in tokens]
    is_conditional = words[2:4] == ["if", "exists"]
    start = 5 if is_conditional else 3
    while words[start : start + 1] == ["."]:
        start += 2
    first, second, *rest = [*words[start : start + 4], "", ""]
    if is_conditional and first in ("add", "drop", "rename") and second != "columns":
        return no_viable_alternative(text, tokens, 3)
    if first in ("add", "drop") and second == "columns":
        return mismatched(text, tokens[start + 1], f". Expecting: '.', '{first.upper()}'")
    if is_conditional and first in ("alter", "execute", "set"):
        return mismatched(text, tokens[start], f". Expecting: {_ACTIONS_AFTER_IF_EXISTS}")
    if first in ("alter", "replace"):
        return mismatched(text, tokens[start], f". Expecting: {_ACTIONS}")
    if (first, second) == ("rename", "column"):
        return syntax_error(text, tokens[start + 1], f"missing 'TO' at '{tokens[start + 1][0]}'")
    if (first, second, *rest[:2]) == ("drop", "column", "if", "exists"):
        return mismatched(text, tokens[start + 3], " expecting {<EOF>, '.'}")
    return no_viable_alternative(
        text, tokens, min(start if first == "execute" else start + 1, len(tokens) - 1)
    )
