"""Parses statements to syntax trees: Trino's SQL with our strict dialect, Hive's DDL with sqlglot's Athena dialect."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from local_athena.errors import QueryFailed
from local_athena.sql.explain import Explain, split
from local_athena.sql.grammar import StrictTrino
from local_athena.sql.kinds import between_semicolons, kind_of
from local_athena.sql.places import place_in
from local_athena.sql.strictness import check_tokens, check_tree, mismatched, readable

# sqlglot warns about statements that it cannot parse. The patterns in tables/ddl read those statements.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

_COMMENT = re.compile(r"\A(?:\s+|/\*.*?\*/|--[^\n]*(?:\n|\Z))*", re.DOTALL)


def only_statement(text: str) -> str:
    """The statement in a text, without the semicolons and the white space around it.

    As on Athena, semicolons with nothing between them do not count, and a comment alone counts as a statement.

    Raises:
        QueryFailed: the text has several statements, or semicolons alone.
    """
    statements = [part.strip() for part in between_semicolons(text) if part.strip()]
    if len(statements) > 1:
        raise QueryFailed("", f"Only one sql statement is allowed. Got: {text.rstrip()}")
    if not statements and text.strip():
        raise QueryFailed("", f"Empty sql statement: {text.rstrip()}")
    return statements[0] if statements else ""


def without_comments_before(text: str) -> str:
    """The only statement in a text, without the comments before it.

    Raises:
        QueryFailed: the text has no statement, or several.
    """
    sql = only_statement(text)
    statement = sql[_COMMENT.match(sql).end() :].strip()  # type: ignore[union-attr]
    if not statement:
        raise QueryFailed("SYNTAX_ERROR", f"{place_in(sql, len(sql))}mismatched input '<EOF>'")
    return statement


def parse(sql: str) -> exp.Expr:
    """The syntax tree of one statement.

    Raises:
        QueryFailed: the text is not one valid statement.
        Refused: local Athena does not support part of its syntax.
    """
    dialect = "athena" if kind_of(sql).is_hive else StrictTrino
    try:
        if dialect is StrictTrino:
            sql = readable(sql)
            tokens = StrictTrino().tokenize(sql)
            _check_semicolons(tokens)
            check_tokens(tokens)
            substatement = kind_of(sql).substatement_type
            if substatement == "UNLOAD":
                return _unload(sql)
            if substatement == "EXPLAIN":
                return _explain(sql)
        elif sql.endswith(";"):
            raise QueryFailed("FAILED: ParseException", f"line 1:{len(sql) - 1} missing EOF at ';'")
        trees = [tree for tree in sqlglot.parse(sql, read=dialect) if tree is not None]
    except SqlglotError as error:
        raise _syntax_error(error, sql) from error
    if len(trees) != 1:
        raise QueryFailed("", "Only one sql statement is allowed. Got: " + sql)
    if dialect is StrictTrino:
        if isinstance(trees[0], (exp.Condition, exp.Alias)) and not isinstance(trees[0], exp.Query):
            # sqlglot accepts a lone expression as a statement, but Trino does not.
            raise QueryFailed("SYNTAX_ERROR", f"line 1:1: mismatched input '{sql.split()[0]}'")
        check_tree(trees[0])
    return trees[0]


def _check_semicolons(tokens: Sequence[Token]) -> None:
    """Reject several semicolons at the end. A second statement after a semicolon is found by its tree instead."""
    places = [index for index, token in enumerate(tokens) if token.token_type == TokenType.SEMICOLON]
    if len(places) > 1 and places == list(range(places[0], len(tokens))):
        raise mismatched(tokens[places[0]])


def _syntax_error(error: SqlglotError, sql: str) -> QueryFailed:
    details = getattr(error, "errors", None)
    if details:
        first = details[0]
        near = first.get("highlight") or ""
        return QueryFailed(
            "FAILED: ParseException" if kind_of(sql).is_hive else "SYNTAX_ERROR",
            f"line {first.get('line') or 1}:{first.get('col') or 1}: mismatched input '{near}'. "
            f"{first.get('description')}",
        )
    return QueryFailed("SYNTAX_ERROR", f"line 1:1: {error}")


_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET)


def listed(sql: str) -> list[str]:
    """The expressions of a list, as text. The list is split at its commas outside of brackets.

    Raises:
        QueryFailed: quotes or brackets do not match.
    """
    try:
        tokens = StrictTrino().tokenize(sql)
    except SqlglotError as error:
        raise _syntax_error(error, sql) from error
    parts, depth, start = [], 0, 0
    for token in tokens:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if token.token_type == TokenType.COMMA and not depth:
            parts.append(sql[start : token.start].strip())
            start = token.end + 1
    if depth:
        raise QueryFailed("SYNTAX_ERROR", f"line 1:1: brackets do not match in {sql[:80]}")
    return [*parts, sql[start:].strip()]


class Unload(exp.Expression):  # type: ignore[reportPrivateImportUsage]
    """The statement UNLOAD (query) TO 'location' WITH (properties)."""

    arg_types = {"this": True, "location": True, "properties": False}  # noqa: RUF012 - sqlglot's way


def _unload(sql: str) -> Unload:
    """The tree of an UNLOAD. sqlglot cannot parse UNLOAD.

    Raises:
        QueryFailed: the syntax is wrong.
    """
    tokens = StrictTrino().tokenize(sql)
    depth, end = 0, 0
    for index, token in enumerate(tokens[1:], start=1):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth <= 0:
            end = index
            break
    rest = tokens[end + 1 :]
    if (
        not end
        or depth
        or len(rest) < 2
        or rest[0].text.upper() != "TO"
        or rest[1].token_type != TokenType.STRING
    ):
        raise QueryFailed(
            "SYNTAX_ERROR", "line 1:1: mismatched input: expecting UNLOAD (query) TO 'location'"
        )
    # Blanks replace the text before the query, so that errors name the position in the whole statement.
    before = re.sub(r"[^\n]", " ", sql[: tokens[1].end + 1])
    query = parse(before + sql[tokens[1].end + 1 : tokens[end].start])
    properties = None
    if len(rest) > 2:
        table = parse(f"create table t {sql[rest[2].start :]} as select 1")
        properties = table.args.get("properties")
    return Unload(this=query, location=exp.Literal.string(rest[1].text), properties=properties)


def _explain(sql: str) -> Explain:
    """The tree of an EXPLAIN. A statement of Hive stays text; the engine decides whether it can be explained."""
    inner, options = split(sql)
    tree = None if kind_of(inner).is_hive else parse(inner)
    return Explain(this=tree, sql=inner, **options)
