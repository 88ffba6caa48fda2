"""Finds an earlier execution of the same query whose result can be reused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from local_athena.api.execution import SUCCEEDED, Execution

#: Athena's maximum age in minutes if the request gives none.
_DEFAULT_MINUTES = 60


def earlier(execution: Execution, executions: Sequence[Execution]) -> Execution | None:
    """The latest execution whose rows answer this query.

    Args:
        execution: the query. Its SQL text, database, parameters and workgroup must be equal in the earlier execution.
        executions: all executions, oldest first.

    Returns:
        The execution; None if the request does not ask for reuse, or if no execution is recent enough.
    """
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
