"""Handles the SQL statements PREPARE, EXECUTE and DEALLOCATE."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from local_athena.errors import ApiError, QueryFailed
from local_athena.sql.parsing import listed
from local_athena.sql.statements import Outcome, Statement

_NAME = r"\"?(?P<name>\w+)\"?"
_PREPARE = re.compile(rf"prepare\s+{_NAME}\s+from\s+(?P<sql>.+)", re.IGNORECASE | re.DOTALL)
_DEALLOCATE = re.compile(rf"deallocate\s+prepare\s+{_NAME}", re.IGNORECASE)
_EXECUTE = re.compile(
    rf"execute\s+(?!immediate\b){_NAME}(?:\s+using\s+(?P<values>.+))?", re.IGNORECASE | re.DOTALL
)
_EXECUTE_IMMEDIATE = re.compile(
    r"execute\s+immediate\s+'(?P<sql>(?:[^']|'')*)'(?:\s+using\s+(?P<values>.+))?", re.IGNORECASE | re.DOTALL
)


class Store(Protocol):
    """Keeps prepared statements by workgroup and name."""

    def find(self, work_group: str, name: str) -> dict[str, str]: ...
    def put(self, work_group: str, name: str, sql: str) -> None: ...
    def remove(self, work_group: str, name: str) -> None: ...


def executed(sql: str, parameters: Sequence[str], store: Store, work_group: str) -> tuple[str, Sequence[str]]:
    """The statement and the parameters that an EXECUTE runs. Any other statement is returned unchanged.

    Args:
        sql: the statement.
        parameters: the values for its question marks. The values after USING take precedence.
        store: the prepared statements.
        work_group: the workgroup whose prepared statements EXECUTE can name.

    Raises:
        ApiError: the prepared statement does not exist.
        QueryFailed: the text after USING is not a list of expressions.
    """
    immediate = _EXECUTE_IMMEDIATE.fullmatch(sql)
    if immediate:
        return immediate["sql"].replace("''", "'"), _values(immediate, parameters)
    execute = _EXECUTE.fullmatch(sql)
    if execute:
        return store.find(work_group, execute["name"])["QueryStatement"], _values(execute, parameters)
    return sql, parameters


def _values(match: re.Match[str], parameters: Sequence[str]) -> Sequence[str]:
    return listed(match["values"]) if match["values"] else parameters


def is_about_prepared(statement: Statement) -> bool:
    """Whether the statement is PREPARE or DEALLOCATE."""
    return statement.kind.substatement_type in ("PREPARE", "DEALLOCATE")


def run(statement: Statement, store: Store, work_group: str) -> Outcome:
    """Run PREPARE or DEALLOCATE.

    Args:
        statement: the statement.
        store: the prepared statements.
        work_group: the workgroup of the statement.

    Raises:
        QueryFailed: the statement to deallocate does not exist, or the syntax is wrong.
    """
    prepare, deallocate = _PREPARE.fullmatch(statement.sql), _DEALLOCATE.fullmatch(statement.sql)
    if prepare:
        store.put(work_group, prepare["name"], prepare["sql"].strip())
    elif deallocate:
        try:
            store.remove(work_group, deallocate["name"])
        except ApiError as error:
            raise QueryFailed("NOT_FOUND", f"Prepared statement not found: {deallocate['name']}") from error
    else:
        raise QueryFailed("SYNTAX_ERROR", f"line 1:1: mismatched input in {statement.sql[:80]}")
    return Outcome()
