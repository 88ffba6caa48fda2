"""Describes a column of a table or a result."""

from __future__ import annotations

from dataclasses import dataclass

from local_athena.values.types import Type


@dataclass(frozen=True)
class Column:
    """A column's name (lower case), type and comment."""

    name: str
    type: Type
    comment: str = ""
