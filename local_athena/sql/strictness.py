"""Rejects syntax that sqlglot accepts but Trino does not.

sqlglot accepts the syntax of many dialects. This module checks the tokens and the tree of a statement, so that every
statement that runs locally also parses on Athena.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place, place_in

#: Functions with a special syntax for arguments, which sqlglot's Trino dialect cannot parse.
_OWN_SYNTAX = {
    "json_object",
    "json_array",
    "json_exists",
    "json_query",
    "json_value",
    "json_table",
    "normalize",
}
#: Functions without parentheses that are not proven to give Trino's answers.
_WITHOUT_PARENTHESES = {"current_path", "current_role", "current_schema"}
#: Operators of other dialects.
_FOREIGN_TOKENS = {
    TokenType.DCOLON,
    TokenType.AMP,
    TokenType.PIPE,
    TokenType.CARET,
    TokenType.TILDE,
    TokenType.HASH,
    TokenType.NULLSAFE_EQ,
    TokenType.PARAMETER,
}
#: Trino's reserved words, which need double quotes as names (Trino's documentation, "Reserved keywords").
_RESERVED = (
    "ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH "
    "CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT "
    "DROP ELSE END ESCAPE EXCEPT EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT "
    "INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG LOCALTIME "
    "LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE "
    "THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH"
)
RESERVED_WORDS = frozenset(_RESERVED.split())
#: Reserved words that other dialects have as functions.
_NO_FUNCTIONS = ("LEFT", "RIGHT", "CURRENT_DATE", "UNNEST")
#: Syntax of other dialects, by the class of its node.
_FOREIGN_NODES: dict[type[exp.Expr], str] = {
    exp.Returning: "'RETURNING'",
    exp.Lock: "'FOR'",
    exp.Into: "'INTO'",
    exp.Slice: "':'",
    exp.Collate: "'COLLATE'",
}
#: The last word of each of Trino's types.
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
#: Tokens that can follow a list but cannot begin an item of it.
_ENDS = {
    TokenType.R_PAREN,
    TokenType.R_BRACKET,
    TokenType.COMMA,
    TokenType.FROM,
    TokenType.WHERE,
    TokenType.HAVING,
    TokenType.ORDER_BY,
    TokenType.UNION,
    TokenType.EXCEPT,
    TokenType.INTERSECT,
    TokenType.SEMICOLON,
}
#: Tokens that can precede a list.
_BEGINNINGS = {
    TokenType.SELECT,
    TokenType.DISTINCT,
    TokenType.FROM,
    TokenType.L_PAREN,
    TokenType.L_BRACKET,
    TokenType.ORDER_BY,
    TokenType.GROUP_BY,
    TokenType.PARTITION_BY,
}
_BY = (TokenType.ORDER_BY, TokenType.GROUP_BY, TokenType.PARTITION_BY)
#: Tokens that cannot precede a string, because they are not the type of a literal.
_NO_TYPES = (
    TokenType.STRING,
    TokenType.NUMBER,
    TokenType.R_PAREN,
    TokenType.R_BRACKET,
    TokenType.ALIAS,
)
_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: The second part of Trino's numbers that sqlglot splits in two: `1_000`, `0b101`, `0o17`.
_TAILS_OF_NUMBERS = re.compile(r"_[0-9_]+|[bB][01_]+|[oO][0-7_]+")
#: The smallest and largest number of arguments of functions that Trino's parser checks. None is no limit.
_COUNTS = {"coalesce": (2, None), "if": (2, 3), "nullif": (2, 2), "try": (1, 1)}
#: Matches a binary literal, or a number with an exponent and a sign after it. The other alternatives skip strings,
#: quoted names, comments and words, which contain neither.
_LITERALS = re.compile(
    r"(?<!\w)[xX]'(?P<digits>[^']*)'|(?P<number>(?<!\w)[0-9.]+[eE][+-]?[0-9]+(?=[+-]))"
    r"|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|[A-Za-z_]\w*",
    re.DOTALL,
)
_BLANKS = re.compile(r"[ \t\r\n]")


def readable(sql: str) -> str:
    """The statement with two kinds of literals rewritten, so that sqlglot reads them as Trino does.

    The blanks in `X'68 65'` are moved after the closing quote, so that the text after it keeps its position. In
    `1e0+2`, which sqlglot would read as one number, a blank is added before the sign.

    Raises:
        QueryFailed: a binary literal does not have two hexadecimal digits for each byte.
    """

    def spelled(found: re.Match[str]) -> str:
        if found["digits"] is not None:
            return _binary(found["digits"], sql, found.start())
        return f"{found[0]} " if found["number"] else found[0]

    return _LITERALS.sub(spelled, sql)


def _binary(written: str, sql: str, start: int) -> str:
    """A binary literal with its blanks moved after it."""
    digits = _BLANKS.sub("", written)
    wrong = ""
    if not re.fullmatch("[0-9A-Fa-f]*", digits):
        wrong = "Binary literal can only contain hexadecimal digits"
    elif len(digits) % 2:
        wrong = "Binary literal must contain an even number of digits"
    if wrong:
        raise QueryFailed("SYNTAX_ERROR", f"{place_in(sql, start)}{wrong}")
    return f"X'{digits}'{''.join(_BLANKS.findall(written))}"


def check_tokens(tokens: Sequence[Token]) -> None:
    """Check the tokens of a statement.

    Raises:
        QueryFailed: Trino's grammar does not allow a token, or a type is unknown.
        Refused: a function or a number has a special syntax that local Athena does not support.
    """
    padded = [None, None, *tokens, None, None]
    words = ["", "", "", *map(_text, tokens)]
    for index, token in enumerate(tokens):
        first, before, _, after, last = padded[index : index + 5]
        _check_spelling(token, before)
        if token.token_type == TokenType.STRING and words[index : index + 3] == ["WITH", "TIME", "ZONE"]:
            raise mismatched(token)
        if token.text.lower() in _OWN_SYNTAX and _text(after) == "(":
            raise Refused(f"the function {token.text.lower()}")
        if token.text.lower() in _WITHOUT_PARENTHESES and _text(before) not in ("AS", "."):
            raise Refused(f"the function {token.text.lower()}")
        if _foreign(token, (_text(first), _text(before), _text(after), _text(last))):
            raise mismatched(token)
        wrong = _misplaced(token, before, after)
        if wrong is not None:
            raise mismatched(wrong)
    for token in _cast_types(tokens):
        if token.token_type != TokenType.IDENTIFIER and token.text.split()[-1].upper() not in _TYPES:
            raise QueryFailed("TYPE_MISMATCH", f"{_where(token)}: Unknown type: {token.text.lower()}")


def _text(token: Token | None) -> str:
    return "" if token is None or token.token_type == TokenType.STRING else token.text.upper()


def _check_spelling(token: Token, before: Token | None) -> None:
    """Reject names and numbers that are not spelled as in Trino."""
    if token.text == "`":
        raise QueryFailed(
            "SYNTAX_ERROR",
            f"{_where(token)}: backquoted identifiers are not supported; use double quotes to quote identifiers",
        )
    if token.token_type == TokenType.IDENTIFIER and not token.text:
        raise QueryFailed("SYNTAX_ERROR", f"{_where(token)}: Zero-length delimited identifier not allowed")
    if token.token_type == TokenType.VAR and not _NAME.fullmatch(token.text):
        raise mismatched(token)
    if token.token_type == TokenType.NUMBER and not _NUMBER.fullmatch(token.text):
        raise _starts_with_a_digit(token)
    if (
        token.token_type == TokenType.HEX_STRING
        and token.end - token.start < len(token.text) + len("X''") - 1
    ):
        # sqlglot reads the number 0x1F as the bytes X'1F'.
        raise Refused(f"the number 0x{token.text}")
    if before is None or before.token_type != TokenType.NUMBER or before.end + 1 != token.start:
        return
    if token.token_type in (TokenType.NUMBER, TokenType.DOT):
        raise mismatched(token)
    if _NAME.match(token.text):
        if _TAILS_OF_NUMBERS.fullmatch(token.text):
            raise Refused(f"the number {before.text}{token.text}")
        raise _starts_with_a_digit(before)


def _starts_with_a_digit(token: Token) -> QueryFailed:
    return QueryFailed(
        "SYNTAX_ERROR",
        f"{_where(token)}: identifiers must not start with a digit; surround the identifier with double quotes",
    )


def _foreign(token: Token, around: tuple[str, str, str, str]) -> bool:
    """Whether Trino does not have the token, or does not allow it between its neighbours.

    Args:
        token: the token.
        around: the two words before the token and the two words after it.
    """
    first, before, after, last = around
    kind, text = token.token_type, token.text.upper()
    return (
        kind in _FOREIGN_TOKENS
        or (kind == TokenType.NOT and text == "!")
        or (kind == TokenType.IS and (last if after == "NOT" else after) not in ("NULL", "DISTINCT"))
        or (kind == TokenType.VALUES and before in ("FROM", "JOIN", ","))
        or (kind == TokenType.COMMA and first == "LIMIT" and before.isdigit())
        or (text == "OFFSET" and (first == "LIMIT" or (first, before) == (")", "WITH")))
        or (text in ("ROLLUP", "CUBE") and before == "WITH")
        or (kind == TokenType.FROM and (first, before) == ("TRIM", "("))
        or (kind == TokenType.NUMBER and before in ("DATE", "TIME", "TIMESTAMP", "INTERVAL"))
        or (text == "FILTER" and (before, after) == (")", "(") and last != "WHERE")
        or (kind == TokenType.STAR and (first, before) == ("(", "DISTINCT"))
    )


def _misplaced(token: Token, before: Token | None, after: Token | None) -> Token | None:
    """A token that Trino does not expect in a list, or a string that cannot follow the token before it; else None."""
    kind = token.token_type
    if kind == TokenType.COMMA:
        if before is None or before.token_type in _BEGINNINGS:
            return token
        if after is None or after.token_type in _ENDS:
            return after or token
    if kind in _BY and (after is None or after.token_type in (*_ENDS, TokenType.LIMIT)):
        return after or token
    if kind == TokenType.STRING and before is not None and before.token_type in _NO_TYPES:
        return token
    return None


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
    """Check the syntax tree of a statement.

    Raises:
        QueryFailed: Trino's grammar does not allow a node.
    """
    for node in tree.walk():
        reason = _wrong(node)
        if reason:
            raise QueryFailed("SYNTAX_ERROR", f"{place(node)}mismatched input{reason}")


def _wrong(node: exp.Expr) -> str:
    """The end of the error message if Trino's grammar does not allow a node; else empty."""
    if isinstance(node, _COMPARISONS):
        return _wrong_comparison(node)
    if isinstance(node, exp.Identifier):
        reserved = not node.args.get("quoted") and node.name.upper() in RESERVED_WORDS
        return f" '{node.name}': it is a reserved word" if reserved else ""
    if isinstance(node, exp.Anonymous):
        if node.name.upper() in _NO_FUNCTIONS and isinstance(node.this, str):
            return f" '{node.name}': it is a reserved word"
        least, most = _COUNTS.get(node.name.lower(), (0, None))
        fits = least <= len(node.expressions) <= (len(node.expressions) if most is None else most)
        return "" if fits else f": Invalid number of arguments for '{node.name.lower()}' function"
    if type(node) in _FOREIGN_NODES:
        return f" {_FOREIGN_NODES[type(node)]}"
    if isinstance(node, exp.Star) and any(node.args.get(each) for each in ("except_", "replace", "rename")):
        return ": * with EXCEPT, EXCLUDE or REPLACE"
    if isinstance(node, exp.Lateral) and node.args.get("view"):
        return " 'LATERAL'"
    if isinstance(node, exp.Select) and not node.expressions:
        return ": SELECT without an expression"
    if isinstance(node, exp.Extract) and node.this.is_string:
        return f" {node.this.sql('trino')}"
    if isinstance(node, (exp.Limit, exp.Offset, exp.Fetch)):
        return _wrong_count(node)
    if isinstance(node, exp.SetOperation) and (node.args.get("by_name") or node.args.get("on")):
        return ": a set operation by names"
    if isinstance(node, exp.Create) and node.kind == "VIEW":
        if node.args.get("exists"):
            return " 'IF'"
        return " '('" if isinstance(node.this, exp.Schema) else ""
    if isinstance(node, exp.CTE) and node.args.get("materialized") is not None:
        return " 'MATERIALIZED'"
    return ""


def _wrong_comparison(node: exp.Expr) -> str:
    operands = [node.this, node.args.get("expression"), node.args.get("low"), node.args.get("high")]
    inner = operands[1:] if isinstance(node, exp.Escape) else operands
    if any(isinstance(operand, (*_COMPARISONS, exp.Not)) for operand in inner):
        shown = node.sql("trino")[:80]
        return f": a comparison inside of a comparison needs parentheses: {shown}"
    if isinstance(node, exp.In) and not (node.expressions or node.args.get("query")):
        return ": IN needs a list or a query in parentheses"
    return " 'SYMMETRIC'" if node.args.get("symmetric") is not None else ""


def _wrong_count(node: exp.Expr) -> str:
    count = node.args.get("count") if isinstance(node, exp.Fetch) else node.expression
    if count is None or isinstance(count, exp.Placeholder) or count.name.upper() == "ALL":
        return ""
    is_number = isinstance(count, exp.Literal) and not count.is_string and count.name.isdigit()
    return "" if is_number else f" {count.sql('trino')[:40]}"


def _where(token: Token) -> str:
    return f"line {token.line}:{token.col - len(token.text) + 1}"


def mismatched(token: Token) -> QueryFailed:
    """Trino's error for an unexpected token."""
    return QueryFailed("SYNTAX_ERROR", f"{_where(token)}: mismatched input '{token.text}'")
