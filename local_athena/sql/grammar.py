"""Defines the dialect with which sqlglot parses Trino's SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.tokenizer_core import Token, TokenType

from local_athena.errors import Refused

_SPECIAL_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING")
#: A string after the name of one of these types is a typed literal. After another type's name, it is cast.
LITERAL_TYPES = (
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
# The other keys of `meta` hold how a node was written, where sqlglot's tree does not.
#: The name of a type or of SUBSTRING in the letter case in which it was written, or SOME if it was not ANY.
SPELLING = "spelling"
#: A cast was written as a literal with its type, such as `date '…'`.
IS_LITERAL = "is_literal"
#: SUBSTRING was written with FROM.
IS_FROM_FOR = "is_from_for"
#: `x IS NOT NULL` was written, and not `NOT x IS NULL`.
IS_NOT = "is_not"
#: The parentheses around a query were written. sqlglot adds others.
IS_PARENTHESISED = "is_parenthesised"
#: `TABLE name` was written, and not `SELECT * FROM name`.
IS_TABLE = "is_table"
#: A key of ORDER BY was written with NULLS FIRST or NULLS LAST.
NULLS_ORDERED = "nulls_ordered"
#: The number of plus signs that were written before an expression.
PLUS_SIGNS = "plus_signs"


def _typed_literal(parser: object, text: exp.Expr, kind: exp.DataType) -> exp.Expr:  # noqa: ARG001
    """A typed literal such as `date '…'`. sqlglot would change the type of some."""
    return exp.Cast(this=text, to=kind)


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
    name = parser._tokens[parser._index - 2].text
    items = parser._parse_csv(parser._parse_bitwise)
    from_for = len(items) == 1 and parser._match(TokenType.FROM)
    if from_for:
        items.append(parser._parse_bitwise())
        if parser._match(TokenType.FOR):
            items.append(parser._parse_bitwise())
    node = parser.validate_expression(exp.Substring.from_arg_list(items), items)
    node.meta.update({SPELLING: name, IS_FROM_FOR: from_for})
    return node


def _listagg(parser: Any) -> exp.Expr:
    """Parse the arguments of `listagg(x, ',' ON OVERFLOW ERROR)`."""
    name = parser._tokens[parser._index - 2].text
    arguments = parser._parse_csv(parser._parse_lambda)
    if parser._match_text_seq("ON", "OVERFLOW") and not parser._match_text_seq("ERROR"):
        raise Refused("listagg with ON OVERFLOW TRUNCATE")
    return exp.Anonymous(this=name, expressions=arguments)


def _plus(parser: Any) -> exp.Expr | None:
    """Parse the expression after a plus sign."""
    node = parser._parse_unary()
    if node is not None:
        node.meta[PLUS_SIGNS] = node.meta.get(PLUS_SIGNS, 0) + 1
    return node


def _some(this: exp.Expr) -> exp.Expr:
    """The subquery of SOME, which means the same as ANY."""
    node = exp.Any(this=this)
    node.meta[SPELLING] = "SOME"
    return node


def is_relation(node: exp.Expr) -> bool:
    """Whether parentheses in FROM contain an item of FROM instead of a query.

    Args:
        node: what the parentheses contain.
    """
    if isinstance(node, exp.Subquery):
        return bool(node.args.get("alias") or node.args.get("joins")) or is_relation(node.this)
    return isinstance(node, (exp.Table, exp.Unnest, exp.Lateral))


class _TrinoParser(Trino.parser_class):
    """Keeps function calls as they are written, because sqlglot would merge functions that differ in meaning."""

    FUNCTIONS = {}  # noqa: RUF012 - sqlglot's way to configure a parser
    FUNCTION_PARSERS = {  # noqa: RUF012
        **{
            name: parser
            for name, parser in Trino.parser_class.FUNCTION_PARSERS.items()
            if name in _SPECIAL_SYNTAX
        },
        "LISTAGG": _listagg,
        "POSITION": _position,
        "SUBSTRING": _substring,
    }
    PLACEHOLDER_PARSERS = {**Trino.parser_class.PLACEHOLDER_PARSERS, TokenType.PLACEHOLDER: _question_mark}  # noqa: RUF012
    SUBQUERY_PREDICATES = {**Trino.parser_class.SUBQUERY_PREDICATES, TokenType.SOME: _some}  # noqa: RUF012
    UNARY_PARSERS = {**Trino.parser_class.UNARY_PARSERS, TokenType.PLUS: _plus}  # noqa: RUF012
    TYPE_LITERAL_PARSERS = dict.fromkeys(LITERAL_TYPES, _typed_literal)

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

    def _parse_window(self, this: exp.Expr | None, alias: bool = False) -> exp.Expr | None:
        node = super()._parse_window(this, alias)
        if isinstance(node, exp.Window) and self._prev.token_type == TokenType.OVER:
            # OVER without a window is the name of a column: `select sum(x) over from t`.
            return exp.Alias(this=node.this, alias=exp.Identifier(this=self._prev.text))
        return node

    # The methods below note in `meta` how a node was written.

    def _parse_type(
        self, parse_interval: bool = True, fallback_to_identifier: bool = False
    ) -> exp.Expr | None:
        start = self._curr
        node = super()._parse_type(parse_interval, fallback_to_identifier)
        if (
            isinstance(node, exp.Cast)
            and start is not None
            and start.text.upper() not in ("CAST", "TRY_CAST")
        ):
            node.meta[IS_LITERAL] = True
            node.to.meta[SPELLING] = self._spelling(start)
        return node

    def _parse_types(self, *args: Any, **options: Any) -> exp.Expr | None:
        start = self._curr
        node = super()._parse_types(*args, **options)
        if isinstance(node, exp.DataType) and start is not None:
            node.meta[SPELLING] = self._spelling(start)
        return node

    def _spelling(self, token: Token) -> str:
        """A token as it was written. sqlglot writes keywords of more than one word in capital letters."""
        return self.sql[token.start : token.end + 1]

    def _parse_is(self, this: exp.Expr | None) -> exp.Expr | None:
        negated = self._curr is not None and self._curr.token_type == TokenType.NOT
        node = super()._parse_is(this)
        if negated and isinstance(node, exp.Not):
            node.meta[IS_NOT] = True
        return node

    def _parse_ordered(self, parse_method: Callable[[], exp.Expr | None] | None = None) -> exp.Ordered | None:
        node = super()._parse_ordered(parse_method)
        if node is not None and self._tokens[self._index - 2].text.upper() == "NULLS":
            node.meta[NULLS_ORDERED] = True
        return node

    def _parse_subquery(self, this: exp.Expr | None, parse_alias: bool = True) -> exp.Subquery | None:
        node = super()._parse_subquery(this, parse_alias)
        if node is not None:
            node.meta[IS_PARENTHESISED] = True
        return node

    def _parse_derived_table_values(self, allow_value_synonym: bool = False) -> exp.Values | None:
        start = self._curr
        node = super()._parse_derived_table_values(allow_value_synonym)
        if node is not None and start is not None and start.token_type == TokenType.L_PAREN:
            node.meta[IS_PARENTHESISED] = True
        return node

    def _parse_select_query(self, *args: Any, **options: Any) -> exp.Expr | None:
        is_table = self._is_table_query()
        node = super()._parse_select_query(*args, **options)
        first = node
        while isinstance(first, exp.SetOperation):
            first = first.this
        if is_table and isinstance(first, exp.Select):
            first.meta[IS_TABLE] = True
        return node


class StrictTrino(Trino):
    """sqlglot's Trino dialect without the syntax of other dialects."""

    Parser = _TrinoParser
    INDEX_OFFSET = 0

    class Tokenizer(Trino.Tokenizer):
        """Knows only Trino's keywords."""

        KEYWORDS = {  # noqa: RUF012 - sqlglot's way to configure a tokenizer
            word: token for word, token in Trino.Tokenizer.KEYWORDS.items() if word not in _FOREIGN
        }
