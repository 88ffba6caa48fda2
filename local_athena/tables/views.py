"""Views as Athena keeps them in Glue: Trino's JSON in base 64, in a comment."""

from __future__ import annotations

import base64
import json
from typing import Any

#: The start of a view's text, and the comment by which Trino recognises a view.
MARK = "/* Presto View: "
COMMENT = "Presto View"
_END = " */"


def is_view_text(text: str) -> bool:
    """Whether Athena or Trino made the text of a view."""
    return text.startswith(MARK)


def read_view(text: str) -> dict[str, Any]:
    """The view in a text: members `originalSql`, `catalog`, `schema` and `columns`."""
    return json.loads(base64.b64decode(text.removeprefix(MARK).removesuffix(_END)))


def write_view(view: dict[str, Any]) -> str:
    """The text of a view."""
    return f"{MARK}{base64.b64encode(json.dumps(view).encode()).decode()}{_END}"
