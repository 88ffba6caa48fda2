"""Reads the statements whose answers are known, either from real Athena or from Trino.

`measured.jsonl` holds Athena's answers with their sources and dates. docs/athena-measured.md explains them. Trino's
answers are in the tests' folder `answers` in the repository, and in this folder's `answers` in the installed package.
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
#: The folders that may hold Trino's answers: first that of the installed package, then that of the repository.
_ANSWERS = (_HERE / "answers", _HERE.parents[1] / "tests/local_athena/expressions/answers")
#: The topics whose entries are whole queries. The entries of all other topics are expressions.
QUERY_TOPICS = ("grammar", "records", "statements", "types")
MEASURED, TRINO = "Athena, measured", "Trino 476"

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Case:
    """A statement and its known answer.

    Attributes:
        oracle: the source of the answer, MEASURED or TRINO.
        topic: the topic of the statement.
        sql: the statement.
        parameters: its execution parameters.
        types: the types of its columns as GetQueryResults names them, without parameters; empty if it fails.
        rows: its rows as strings.
        error: the error code with which it fails; empty if it succeeds.
        error_type: Athena's ErrorType of the failure; None if it is unknown.
        refused: the error code with which StartQueryExecution rejects it; empty if it starts.
        source: the file that published the answer (see docs/athena-measured.md).
        date: when the answer was measured.
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
    """The statements with answers of real Athena."""
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
    """The statements with answers of Trino. Answers with values that Athena cannot show as text are left out.

    Raises:
        FileNotFoundError: the folder with Trino's answers is missing.
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
