"""Reads and writes the text with which Athena stores a view in Glue: JSON in base64, inside an SQL comment."""

from __future__ import annotations

import base64
import json
from typing import Any

#: The start of a view's text, and the table comment by which Trino recognises a view.
MARK = "/* Presto View: "
COMMENT = "Presto View"
_END = " */"


def is_view_text(text: str) -> bool:
    """Whether a view's text was written by Athena or Trino."""
    return text.startswith(MARK)


def read_view(text: str) -> dict[str, Any]:
    """Decode a view's text. The members are `originalSql`, `catalog`, `schema` and `columns`."""
    return json.loads(base64.b64decode(text.removeprefix(MARK).removesuffix(_END)))


def write_view(view: dict[str, Any]) -> str:
    """Encode a view as text; the inverse of `read_view`."""
    return f"{MARK}{base64.b64encode(json.dumps(view).encode()).decode()}{_END}"
