"""Result reuse: a query that was run before, with the same words, is answered with the rows of then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from local_athena.api.execution import SUCCEEDED, Execution

#: Athena's maximum age when a request names none.
_DEFAULT_MINUTES = 60


def earlier(execution: Execution, executions: Sequence[Execution]) -> Execution | None:
    """The last execution whose rows may answer a query; None if the request does not ask for one, or none exists."""
    wanted = (execution.request.get("ResultReuseConfiguration") or {}).get(
        "ResultReuseByAgeConfiguration"
    ) or {}
    if not wanted.get("Enabled") or execution.statement.kind.name != "SELECT":
        return None
    oldest = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=wanted.get("MaxAgeInMinutes", _DEFAULT_MINUTES))
    for other in reversed(executions):
        if other.state == SUCCEEDED and other.rows is not None and _is_same(execution, other):
            return other if other.completed is not None and other.completed >= oldest else None
    return None


def _is_same(one: Execution, other: Execution) -> bool:
    a, b = one.statement, other.statement
    return (a.sql, a.database, list(a.parameters), one.work_group) == (
        b.sql, b.database, list(b.parameters), other.work_group,
    )  # fmt: skip
