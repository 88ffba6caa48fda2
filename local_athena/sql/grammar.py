"""Defines the dialect with which sqlglot parses Trino's SQL."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.tokenizer_core import TokenType

_SPECIAL_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING")
#: A string after the name of one of these types is a typed literal.
_LITERAL_TYPES = (
    exp.DType.DATE,
    exp.DType.TIMESTAMP,
    exp.DType.TIMESTAMPTZ,
    exp.DType.DECIMAL,
    exp.DType.JSON,
    exp.DType.TIME,
    exp.DType.TIMETZ,
)
#: Operators and keywords of other dialects. In Trino, these words are ordinary names.
_FOREIGN_WORDS = (
    "#> #>> && &< &> -|- ->> <-> <<->> <=> == ?:: ?? |> ~* ~~ ~~* ~~~ := "
    "ANTI APPLY ASOF CACHE DIV GLOB ILIKE ISNULL KEEP KILL LIST LOCK NOTNULL OBJECT OVERLAPS PIVOT PRAGMA REF "
    "REGEXP RLIKE SEMI SEQUENCE SETTINGS STRAIGHT_JOIN UNCACHE UNPIVOT XOR"
)
_FOREIGN = frozenset(
    [*_FOREIGN_WORDS.split(), "CLUSTER BY", "CONNECT BY", "DISTRIBUTE BY", "SIMILAR TO", "SORT BY"]
)
#: The key of a node's `meta` that holds the question mark's position in the text.
PLACE_OF_MARK = "place_of_mark"


def _typed_literal(parser: object, text: exp.Expr, kind: exp.DataType) -> exp.Expr:  # noqa: ARG001
    """A typed literal such as `date '…'`. A mark on the node distinguishes it from a cast."""
    node = exp.Cast(this=text, to=kind)
    node.meta["literal"] = True
    return node


def _question_mark(parser: Any) -> exp.Expr:
    node = exp.Placeholder()
    node.meta[PLACE_OF_MARK] = parser._prev.start
    return node


def _position(parser: Any) -> exp.Expr:
    """Parse `position(x IN y)`. Trino does not have `position(x, y)`."""
    needle = parser._parse_bitwise()
    if not parser._match(TokenType.IN):
        parser.raise_error("Expecting: 'IN'")
    return exp.StrPosition(this=parser._parse_bitwise(), substr=needle)


def _substring(parser: Any) -> exp.Expr:
    """Parse `substring(x, y, z)` or `substring(x FROM y FOR z)`. FOR is allowed only after FROM."""
    items = parser._parse_csv(parser._parse_bitwise)
    if len(items) == 1 and parser._match(TokenType.FROM):
        items.append(parser._parse_bitwise())
        if parser._match(TokenType.FOR):
            items.append(parser._parse_bitwise())
    return parser.validate_expression(exp.Substring.from_arg_list(items), items)


class _TrinoParser(Trino.parser_class):
    """Keeps function calls as they are written, because sqlglot would merge functions that differ in meaning."""

    FUNCTIONS = {}  # noqa: RUF012 - sqlglot's way to configure a parser
    FUNCTION_PARSERS = {  # noqa: RUF012
        **{
            name: parser
            for name, parser in Trino.parser_class.FUNCTION_PARSERS.items()
            if name in _SPECIAL_SYNTAX
        },
        "POSITION": _position,
        "SUBSTRING": _substring,
    }
    PLACEHOLDER_PARSERS = {**Trino.parser_class.PLACEHOLDER_PARSERS, TokenType.PLACEHOLDER: _question_mark}  # noqa: RUF012
    TYPE_LITERAL_PARSERS = dict.fromkeys(_LITERAL_TYPES, _typed_literal)

    def _build_predicate(
        self,
        klass: type[exp.Binary],
        this: exp.Expr | None,
        expression: exp.Expr | None,
        comments: list[str] | None = None,
        negate: bool = False,
    ) -> exp.Expr:
        # sqlglot would add parentheses to `x is null = true`. Trino rejects such comparisons, and check_tree finds them
        # only without the parentheses.
        predicate = klass(this=this, expression=expression)
        if negate:
            predicate.set("negate", True)
        return self.expression(predicate, comments=comments)

    def _parse_join(
        self,
        skip_join_token: bool = False,
        parse_bracket: bool = False,
        alias_tokens: Collection[TokenType] | None = None,
    ) -> exp.Join | None:
        # sqlglot accepts both `a, b` and `a join b` without a condition. Trino accepts only `a, b`.
        comma = self._curr is not None and self._curr.token_type == TokenType.COMMA
        join = super()._parse_join(skip_join_token, parse_bracket, alias_tokens)
        if join is None or comma:
            return join
        using = join.args.get("using")
        if using is not None and (not using or self._prev.token_type != TokenType.R_PAREN):
            self.raise_error("Expecting: '(' and names of columns")
        without = join.args.get("kind") == "CROSS" or join.args.get("method") == "NATURAL"
        if without == bool(using or join.args.get("on")):
            self.raise_error(
                "This join takes neither ON nor USING" if without else "Expecting: 'ON' or 'USING'"
            )
        return join


class StrictTrino(Trino):
    """sqlglot's Trino dialect without the syntax of other dialects."""

    Parser = _TrinoParser
    INDEX_OFFSET = 0

    class Tokenizer(Trino.Tokenizer):
        """Knows only Trino's keywords."""

        KEYWORDS = {  # noqa: RUF012 - sqlglot's way to configure a tokenizer
            word: token for word, token in Trino.Tokenizer.KEYWORDS.items() if word not in _FOREIGN
        }
