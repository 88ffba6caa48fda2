"""The statements whose answers are known: measured on Athena, or recorded from Trino.

`measured.jsonl` has what was measured on real Athena, with its source and date; docs/athena-measured.md says more of both.
Trino's answers lie with the tests in the repository, and in the package in the folder `answers`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_athena.api import results
from local_athena.errors import Refused
from local_athena.values.trino_types import from_trino
from local_athena.values.trino_values import from_json
from local_athena.values.types import Type

_HERE = Path(__file__).parent
#: Where Trino's answers lie: in the package, or in the repository.
_ANSWERS = (_HERE / "answers", _HERE.parents[1] / "tests/local_athena/expressions/answers")
#: The topics whose entries are whole queries; those of the others are expressions.
QUERY_TOPICS = ("grammar", "records", "statements", "types")
MEASURED, TRINO = "Athena, measured", "Trino 476"

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Case:
    """A statement and what it answers.

    Attributes:
        oracle: whose answer it is.
        topic: what it is about.
        parameters: its execution parameters.
        types: the base names of its columns' types, as GetQueryResults names them; none if it fails.
        rows: its rows as texts.
        error: the code with which it fails; empty if it answers.
        error_type: Athena's number for the failure, where it is known.
        refused: the code with which StartQueryExecution refuses it; empty if it starts.
        source, date: where and when that was measured.
    """

    oracle: str
    topic: str
    sql: str
    parameters: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    error: str = ""
    error_type: int | None = None
    refused: str = ""
    source: str = ""
    date: str = ""


def measured() -> Iterator[Case]:
    """What was measured on Athena."""
    for item in _lines(_HERE / "measured.jsonl"):
        yield Case(
            oracle=MEASURED,
            topic=item["topic"],
            sql=item["sql"],
            parameters=tuple(item.get("parameters", ())),
            types=(item["type"],) if "type" in item else (),
            rows=((item["value"],),) if "type" in item else (),
            error=item.get("error", ""),
            error_type=item.get("error_type"),
            refused=item.get("refused", ""),
            source=item["source"],
            date=item["date"],
        )


def recorded() -> Iterator[Case]:
    """What Trino answered, without the values that Athena cannot show as text.

    Raises:
        FileNotFoundError: the answers are not there.
    """
    folder = next((folder for folder in _ANSWERS if folder.is_dir()), None)
    if folder is None:
        raise FileNotFoundError(f"Trino's recorded answers are missing: {_ANSWERS[0]}")
    for path in sorted(folder.glob("*.jsonl")):
        for item in _lines(path):
            case = _recorded(path.stem, item)
            if case is not None:
                yield case


def _recorded(topic: str, item: dict[str, Any]) -> Case | None:
    sql = item["sql"] if topic in QUERY_TOPICS else f"select {item['sql']}"
    if "error" in item:
        return Case(TRINO, topic, sql, error=item["error"])
    try:
        kinds = [from_trino(kind) for _, kind in item.get("columns", [("", item.get("type", ""))])]
        rows = item["rows"] if "rows" in item else [[item["value"]]]
        texts = tuple(tuple(map(_text, row, kinds)) for row in rows)
    except Refused:
        return None
    names = tuple("float" if kind.base == "real" else kind.base for kind in kinds)
    return Case(TRINO, topic, sql, types=names, rows=texts)


def _text(value: Any, kind: Type) -> str | None:
    return results.text(from_json(value, kind), kind)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").split("\n"):
        if line:
            yield json.loads(line)
