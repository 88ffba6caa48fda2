"""Tells the functions that Trino lacks from those that local Athena does not support."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from local_athena.sql.strictness import RESERVED_WORDS

#: Names that are no functions of `show functions` but have a meaning in Trino's grammar or in Athena's plugins, as
#: those of geospatial functions have.
_SPECIAL = frozenset({
    "all", "any", "array_agg", "coalesce", "columns", "convert", "fail", "format", "grouping", "if", "json_array",
    "json_exists", "json_object", "json_query", "json_table", "json_value", "last_day", "localtime", "localtimestamp",
    "normalize", "nullif", "overlay", "position", "row", "safe_cast", "some", "try", "try_cast", "values",
})  # fmt: skip
_PLUGINS = re.compile(
    r"(?:st|bing|geometry|spatial|simplify|line|convex|great|hive|learn|ml|ai|to_geo|from_geo|to_spherical|current|system)_.*"
    r"|bing.*|.*geometry.*|.*geography.*|.*digest.*|.*hll.*|classify|regress|features|evaluate.*|timestamp_objectid|objectid.*"
)


@cache
def _names() -> frozenset[str]:
    text = resources.files("local_athena.compiler.functions").joinpath("trino_names.txt").read_text("utf-8")
    return frozenset(text.split())


def is_unknown(name: str) -> bool:
    """Whether neither Trino nor Athena has a function with this name, which is in lower case."""
    known = name in _names() or name in _SPECIAL or name.upper() in RESERVED_WORDS
    return not known and not _PLUGINS.fullmatch(name)
