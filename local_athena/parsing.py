"""Statements as trees: Trino's SQL with every function call under its own name, Hive's DDL as sqlglot reads it."""

from __future__ import annotations

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import SqlglotError

from local_athena.errors import QueryFailed

# sqlglot warns about statements that it keeps as text; those are read in ddl.py.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

_SPECIAL_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION")


class _TrinoParser(Trino.parser_class):
    """Leaves function calls as they are written: sqlglot would merge names that differ in meaning."""

    FUNCTIONS = {}  # noqa: RUF012 - sqlglot's way to configure a parser
    FUNCTION_PARSERS = {  # noqa: RUF012
        name: parser
        for name, parser in Trino.parser_class.FUNCTION_PARSERS.items()
        if name in _SPECIAL_SYNTAX
    }


class _StrictTrino(Trino):
    Parser = _TrinoParser
    INDEX_OFFSET = 0


_COMMENT = re.compile(r"\A(?:\s+|/\*.*?\*/|--[^\n]*(?:\n|\Z))*", re.DOTALL)
_HIVE_DDL = re.compile(
    r"(?:alter|msck|describe|desc|show|drop|create\s+(?:external|schema|database))\b|"
    r"create\s+table\s+(?:(?!\bas\b).)*\Z",
    re.IGNORECASE | re.DOTALL,
)


def without_comments_before(sql: str) -> str:
    """The statement without what dbt and others write in front of it, nor the semicolon at its end."""
    return sql[_COMMENT.match(sql).end() :].strip().removesuffix(";").rstrip()  # type: ignore[union-attr]


def is_hive_ddl(sql: str) -> bool:
    """Whether Athena hands the statement to Hive's parser."""
    return bool(_HIVE_DDL.match(sql))


def parse(sql: str) -> exp.Expr:
    """The tree of one statement.

    Raises:
        QueryFailed: it is not one statement of Athena's SQL.
    """
    dialect = "athena" if is_hive_ddl(sql) else _StrictTrino
    try:
        trees = [tree for tree in sqlglot.parse(sql, read=dialect) if tree is not None]
    except SqlglotError as error:
        raise _syntax_error(error, sql) from error
    if len(trees) != 1:
        raise QueryFailed("", "Only one sql statement is allowed. Got: " + sql)
    return trees[0]


def _syntax_error(error: SqlglotError, sql: str) -> QueryFailed:
    details = getattr(error, "errors", None)
    if details:
        first = details[0]
        near = first.get("highlight") or ""
        return QueryFailed(
            "SYNTAX_ERROR" if not is_hive_ddl(sql) else "FAILED: ParseException",
            f"line {first.get('line') or 1}:{first.get('col') or 1}: mismatched input '{near}'. "
            f"{first.get('description')}",
        )
    return QueryFailed("SYNTAX_ERROR", f"line 1:1: {error}")
