"""What sqlglot takes and Trino's grammar does not.

sqlglot reads many dialects at once and is lenient. Whatever it would take that Trino rejects is found here, in the
tokens of a statement or in its tree, so that a query that works here parses on Athena too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place

#: Functions whose arguments have a syntax of their own, which sqlglot does not read for Trino.
_OWN_SYNTAX = {
    "json_object",
    "json_array",
    "json_exists",
    "json_query",
    "json_value",
    "json_table",
    "normalize",
}
#: Operators of other dialects.
_FOREIGN_TOKENS = {
    TokenType.DCOLON,
    TokenType.AMP,
    TokenType.PIPE,
    TokenType.CARET,
    TokenType.TILDE,
    TokenType.HASH,
    TokenType.NULLSAFE_EQ,
}
#: Trino's reserved words: as names they need double quotes (Trino's documentation, "Reserved keywords").
_RESERVED_WORDS = (
    "ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH "
    "CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT "
    "DROP ELSE END ESCAPE EXCEPT EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT "
    "INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG LOCALTIME "
    "LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE "
    "THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())
#: The last word of every type that Trino knows.
_TYPE_WORDS = (
    "BOOLEAN TINYINT SMALLINT INT INTEGER BIGINT REAL DOUBLE PRECISION DECIMAL DEC NUMERIC VARCHAR CHAR VARBINARY "
    "JSON DATE TIME ZONE TIMESTAMP DAY HOUR MINUTE SECOND MONTH YEAR ARRAY MAP ROW UUID IPADDRESS HYPERLOGLOG "
    "P4HYPERLOGLOG QDIGEST TDIGEST SETDIGEST UNKNOWN FUNCTION GEOMETRY SPHERICALGEOGRAPHY BINGTILE COLOR"
)
_TYPES = frozenset(_TYPE_WORDS.split())
_COMPARISONS = (
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ,
    exp.Like, exp.Is, exp.In, exp.Between, exp.Escape,
)  # fmt: skip
#: What stands behind a list and no item of one.
_ENDS = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.FROM, TokenType.WHERE}
#: Quoted texts, quoted names and comments, or a number with an exponent that a sign follows.
_SIGN_AFTER_EXPONENT = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|[A-Za-z_]\w*|[0-9.]+[eE][+-]?[0-9]+(?=[+-])",
    re.DOTALL,
)


def separated(sql: str) -> str:
    """The text with a blank between `1e0` and a sign after it; sqlglot would read `1e0+2` as one number."""
    return _SIGN_AFTER_EXPONENT.sub(
        lambda found: f"{found[0]} " if found[0][0] in "0123456789." else found[0], sql
    )


def check_tokens(tokens: Sequence[Token]) -> None:
    """Reject what the tokens of a statement show.

    Raises:
        QueryFailed: Trino's grammar has no such thing, or no such type.
        Refused: a function with a syntax of its own.
    """
    for index, token in enumerate(tokens):
        before = [tokens[index - 1].text.upper(), tokens[index - 2].text.upper()] if index > 1 else ["", ""]
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        alias = token.token_type == TokenType.STRING and before[0] == "AS"
        offset_last = token.text.upper() == "OFFSET" and before[1] == "LIMIT"
        offset_first = token.token_type == TokenType.COMMA and before[1] == "LIMIT"
        if token.text.lower() in _OWN_SYNTAX and after is not None and after.text == "(":
            raise Refused(f"the function {token.text.lower()}")
        if token.text == "`":
            raise QueryFailed(
                "SYNTAX_ERROR",
                f"{_where(token)}: backquoted identifiers are not supported; use double quotes to quote identifiers",
            )
        if token.token_type in _FOREIGN_TOKENS or token.text == "==" or alias or offset_last or offset_first:
            raise _mismatched(token)
        if token.token_type == TokenType.COMMA and _ends_a_list(after):
            raise _mismatched(after or token)
    for token in _cast_types(tokens):
        if token.token_type != TokenType.IDENTIFIER and token.text.split()[-1].upper() not in _TYPES:
            raise QueryFailed("TYPE_MISMATCH", f"{_where(token)}: Unknown type: {token.text.lower()}")


def _ends_a_list(token: Token | None) -> bool:
    return token is None or token.token_type in _ENDS


def _cast_types(tokens: Sequence[Token]) -> Iterator[Token]:
    """The names of types after the AS of CAST and TRY_CAST, without the names of fields."""
    depth, casts, inside = 0, [], 0
    for index, token in enumerate(tokens):
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if token.text == "(" and token.token_type == TokenType.L_PAREN:
            depth += 1
            if index and tokens[index - 1].text.upper() in ("CAST", "TRY_CAST"):
                casts.append(depth)
        elif token.token_type == TokenType.R_PAREN:
            if casts and casts[-1] == depth:
                casts.pop()
                inside = 0
            depth -= 1
        elif token.token_type == TokenType.ALIAS and casts and casts[-1] == depth:
            inside = depth
        elif (
            inside
            and token.token_type not in (TokenType.NUMBER, TokenType.COMMA, TokenType.GT)
            and after in ("(", ")", ",", "<", ">")
        ):
            yield token


def check_tree(tree: exp.Expr) -> None:
    """Reject what the tree of a statement shows.

    Raises:
        QueryFailed: a comparison of comparisons without parentheses, or a reserved word as a name.
    """
    for node in tree.walk():
        if isinstance(node, _COMPARISONS):
            operands = [node.this, node.args.get("expression"), node.args.get("low"), node.args.get("high")]
            inner = operands[1:] if isinstance(node, exp.Escape) else operands
            if any(isinstance(operand, (*_COMPARISONS, exp.Not)) for operand in inner):
                raise QueryFailed(
                    "SYNTAX_ERROR",
                    f"{place(node)}mismatched input: a comparison inside of a comparison needs parentheses: "
                    f"{node.sql('trino')[:80]}",
                )
        elif isinstance(node, exp.Returning):
            raise QueryFailed("SYNTAX_ERROR", f"{place(node)}mismatched input 'RETURNING'")
        elif (
            isinstance(node, exp.Identifier)
            and not node.args.get("quoted")
            and node.name.upper() in _RESERVED
        ):
            raise QueryFailed(
                "SYNTAX_ERROR", f"{place(node)}mismatched input '{node.name}': it is a reserved word"
            )


def _where(token: Token) -> str:
    return f"line {token.line}:{token.col - len(token.text) + 1}"


def _mismatched(token: Token) -> QueryFailed:
    return QueryFailed("SYNTAX_ERROR", f"{_where(token)}: mismatched input '{token.text}'")
