"""Compiles functions of strings, and functions with regular expressions."""

from __future__ import annotations

from local_athena.compiler.functions.registry import Call, function, simple
from local_athena.compiler.scopes import Typed
from local_athena.values.types import BIGINT, BOOLEAN, VARBINARY, VARCHAR, Type, array, map_of

_LONGEST = 2**31 - 1


def text_of_length(length: int | None) -> Type:
    """The type varchar(length); varchar if the length is None or exceeds Trino's maximum."""
    return VARCHAR if length is None or length >= _LONGEST else Type("varchar", (length,))


def kept(length: int | None, *_: int | None) -> Type:
    """The result's type if the result is never longer than the first argument."""
    return text_of_length(length)


def texts_kept(length: int | None, *_: int | None) -> Type:
    """The result's type if it is an array of strings that are never longer than the first argument."""
    return array(text_of_length(length))


def _replaced(text: int | None, _: int | None, new: int | None) -> Type:
    """The type of `replace`. Its longest result has the new string before, between and after all characters."""
    return text_of_length(None if text is None or new is None else text + new * (text + 1))


def _matches_replaced(text: int | None, _: int | None, new: int | None) -> Type:
    """The type of `regexp_replace`, with the length that Trino declares for its result."""
    if text is None or new is None:
        return VARCHAR
    return text_of_length(text + max(text * new // 2, new) * (text + 1))


def _url_encoded(length: int | None) -> Type:
    """The type of `url_encode`. A character has up to four bytes, each of which is written as `%XX`."""
    return text_of_length(None if length is None else length * 12)


simple("lower", ((VARCHAR,), kept, "t_lower({0})"))
simple("upper", ((VARCHAR,), kept, "t_upper({0})"))
simple("length", ((VARCHAR,), BIGINT, "length({0})"), ((VARBINARY,), BIGINT, "octet_length({0})"))
simple(
    "reverse",
    ((VARCHAR,), kept, "array_to_string(list_reverse(string_split({0}, '')), '')"),
    complete=False,
)
simple(
    "strpos",
    ((VARCHAR, VARCHAR), BIGINT, "CAST(strpos({0}, {1}) AS BIGINT)"),
    ((VARCHAR, VARCHAR, BIGINT), BIGINT, "t_strpos({0}, {1}, {2})"),
)
simple("starts_with", ((VARCHAR, VARCHAR), BOOLEAN, "starts_with({0}, {1})"))
simple(
    "replace",
    ((VARCHAR, VARCHAR), kept, "t_replace({0}, {1}, '')"),
    ((VARCHAR, VARCHAR, VARCHAR), _replaced, "t_replace({0}, {1}, {2})"),
)
simple("translate", ((VARCHAR, VARCHAR, VARCHAR), VARCHAR, "t_translate({0}, {1}, {2})"))
simple(
    "split",
    ((VARCHAR, VARCHAR), texts_kept, "t_split({0}, {1})"),
    ((VARCHAR, VARCHAR, BIGINT), texts_kept, "t_split_at_most({0}, {1}, {2})"),
)
simple(
    "split_to_map", ((VARCHAR, VARCHAR, VARCHAR), map_of(VARCHAR, VARCHAR), "t_split_to_map({0}, {1}, {2})")
)
simple("levenshtein_distance", ((VARCHAR, VARCHAR), BIGINT, "t_levenshtein_distance({0}, {1})"))
simple("hamming_distance", ((VARCHAR, VARCHAR), BIGINT, "t_hamming_distance({0}, {1})"))
simple("url_decode", ((VARCHAR,), kept, "t_url_decode({0})"))
simple("url_encode", ((VARCHAR,), _url_encoded, "t_url_encode({0})"))
simple("regexp_split", ((VARCHAR, VARCHAR), texts_kept, "t_regexp_split({0}, {1})"))
simple("split_part", ((VARCHAR, VARCHAR, BIGINT), kept, "t_split_part({0}, {1}, {2})"))
for _name in ("trim", "ltrim", "rtrim"):
    simple(
        _name,
        ((VARCHAR,), kept, f"t_{_name}({{0}})"),
        ((VARCHAR, VARCHAR), kept, f"{_name}({{0}}, {{1}})"),
    )
_SUBSTR = "CASE WHEN {0} IS NULL THEN NULL WHEN {1} = 0 THEN '' WHEN {1} < -length({0}) THEN '' ELSE "


def _near(number: str) -> str:
    """A place or length that DuckDB takes; no text has a character behind it."""
    return f"least({number}, 2147483647)"


simple(
    "substr",
    ((VARCHAR, BIGINT), kept, f"({_SUBSTR}substr({{0}}, {_near('{1}')}) END)"),
    (
        (VARCHAR, BIGINT, BIGINT),
        kept,
        f"(CASE WHEN {{1}} IS NULL OR {{2}} IS NULL THEN NULL ELSE {_SUBSTR}"
        f"CASE WHEN {{2}} <= 0 THEN '' ELSE substr({{0}}, {_near('{1}')}, {_near('{2}')}) END END END)",
    ),
    complete=False,
)
simple("regexp_like", ((VARCHAR, VARCHAR), BOOLEAN, "t_regexp_like({0}, {1})"))
simple(
    "regexp_extract",
    ((VARCHAR, VARCHAR), kept, "t_regexp_extract({0}, {1}, CAST(0 AS BIGINT))"),
    ((VARCHAR, VARCHAR, BIGINT), kept, "t_regexp_extract({0}, {1}, {2})"),
)
simple(
    "regexp_extract_all",
    ((VARCHAR, VARCHAR), texts_kept, "t_regexp_extract_all({0}, {1}, CAST(0 AS BIGINT))"),
    ((VARCHAR, VARCHAR, BIGINT), texts_kept, "t_regexp_extract_all({0}, {1}, {2})"),
)
simple(
    "regexp_replace",
    ((VARCHAR, VARCHAR), kept, "t_regexp_replace({0}, {1}, '')"),
    ((VARCHAR, VARCHAR, VARCHAR), _matches_replaced, "t_regexp_replace({0}, {1}, {2})"),
    complete=False,
)
simple("regexp_count", ((VARCHAR, VARCHAR), BIGINT, "t_regexp_count({0}, {1})"))
simple("chr", ((BIGINT,), text_of_length(1), "t_chr({0})"))
simple("lpad", ((VARCHAR, BIGINT, VARCHAR), VARCHAR, "t_lpad({0}, {1}, {2})"))
simple("rpad", ((VARCHAR, BIGINT, VARCHAR), VARCHAR, "t_rpad({0}, {1}, {2})"))


@function("concat_ws")
def _concat_ws(call: Call) -> Typed:
    """Joins the arguments that are not null. The result is null only if the separator is null."""
    if len(call.args) < 2 or any(arg.type.base != "varchar" for arg in call.args):
        raise call.unsupported()
    call.use(VARCHAR, "varchar, ...")
    separator, *parts = (arg.sql for arg in call.args)
    return Typed(
        f"(CASE WHEN {separator} IS NULL THEN NULL ELSE concat_ws({separator}, {', '.join(parts)}) END)",
        VARCHAR,
    )
