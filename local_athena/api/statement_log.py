"""Logs statements: appends one line of JSON to a file for each statement that has ended."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from local_athena.api.execution import Execution


class StatementLog:
    """Appends to a log file. The members of a line are id, started, seconds, bytes, state, kind, database, sql, reason."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def write(self, execution: Execution) -> None:
        """Append the line of an execution that has ended."""
        line = {
            "id": execution.id,
            "started": execution.submitted.isoformat(timespec="milliseconds"),
            "seconds": (execution.queued_ms + execution.engine_ms) / 1000,
            "bytes": execution.outcome.scanned_bytes if execution.outcome else 0,
            "state": execution.state,
            "kind": execution.statement.kind.substatement_type,
            "database": execution.statement.database,
            "sql": execution.statement.sql,
            "reason": execution.reason,
        }
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
