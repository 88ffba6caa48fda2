"""Recognizes a SELECT of literals alone, which Athena answers without its engine.

What counts as a literal was measured on Athena (docs/athena-measured.md): numbers, strings, true and false, in any
number of parentheses, with or without an alias. A null, a sign outside of parentheses, a plus sign, a typed literal
(`date '2020-01-01'`) and every clause make it an ordinary query.
"""

from __future__ import annotations

import re

from local_athena.sql.kinds import without_comments

_LITERAL = r"(?:-?\s*(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|'(?:[^']|'')*'|true\b|false\b)"
_ALIAS = r"(?:\s*(?:as\b\s*)?(?:\"(?:[^\"]|\"\")+\"|[a-z_]\w*))?"
_ITEM = re.compile(rf"((?:\(\s*)*){_LITERAL}((?:\s*\))*){_ALIAS}", re.IGNORECASE | re.ASCII)
_COMMA = re.compile(r"\s*,\s*")
_SELECT = re.compile(r"select(?=\W)\s*", re.IGNORECASE)


def is_select_of_literals(sql: str) -> bool:
    """Whether a statement selects literals alone."""
    text = without_comments(sql)
    start = _SELECT.match(text)
    if start is None:
        return False
    place = start.end()
    while item := _ITEM.match(text, place):
        if item[1].count("(") != item[2].count(")"):
            return False
        if item.end() == len(text):
            return True
        comma = _COMMA.match(text, item.end())
        if comma is None:
            return False
        place = comma.end()
    return False
