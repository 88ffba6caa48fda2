"""Compiles literals: numbers, strings, booleans, null, and typed literals such as `date '2025-08-10'`."""

from __future__ import annotations

import re

from sqlglot import exp

from local_athena.compiler.contract import Compiler, Part
from local_athena.compiler.functions import FUNCTIONS, Call
from local_athena.compiler.scopes import Scope, Typed
from local_athena.compiler.zoned import constant
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values import moments, types, zones
from local_athena.values.duckdb_types import sql_text, to_duckdb
from local_athena.values.json.text import parse
from local_athena.values.types import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, UNKNOWN, UTC, VARBINARY, Type


def _literal(node: exp.Literal, scope: Scope, compiler: Compiler) -> Typed:
    text = node.name
    if node.is_string:
        compiler.note("literal varchar")
        return Typed(sql_text(text), Type("varchar", (len(text),)))
    if "." in text or "e" in text.lower():
        # Athena reads decimal literals as doubles; Trino does not (docs/athena-measured.md).
        compiler.note("literal double")
        return Typed(f"CAST('{text}' AS DOUBLE)", DOUBLE)
    return integer(int(text), node, compiler)


def integer(value: int, node: exp.Expr, compiler: Compiler) -> Typed:
    """An integer literal: of type integer if it fits in 32 bits, else bigint.

    Raises:
        QueryFailed: the number does not fit in 64 bits.
    """
    if not -(2**63) <= value < 2**63:
        raise QueryFailed("SYNTAX_ERROR", f"{place(node)}Invalid numeric literal: {value}")
    kind = INTEGER if -(2**31) <= value < 2**31 else BIGINT
    compiler.note(f"literal {kind}")
    return Typed(f"CAST({value} AS {kind.base.upper()})", kind)


def _null(node: exp.Null, scope: Scope, compiler: Compiler) -> Typed:
    compiler.note("literal null")
    return Typed("NULL", UNKNOWN)


def _boolean(node: exp.Boolean, scope: Scope, compiler: Compiler) -> Typed:
    compiler.note("literal boolean")
    return Typed("TRUE" if node.this else "FALSE", BOOLEAN)


def _binary(node: exp.HexString, scope: Scope, compiler: Compiler) -> Typed:
    compiler.note("literal varbinary")
    return Typed(f"unhex('{node.name}')", VARBINARY)


def typed_literal(node: exp.Cast, scope: Scope, compiler: Compiler) -> Typed:
    """A typed literal: `date '…'`, `timestamp '…'`, `time '…'`, `decimal '…'` or `json '…'`.

    Raises:
        QueryFailed: the text is not a valid literal of the type.
        Refused: local Athena does not support the literal.
    """
    text, name = node.this.name, node.to.this.name
    if name == "JSON":
        if not _is_json(text):
            raise QueryFailed("INVALID_LITERAL", f"{place(node)}'{text}' is not a valid JSON literal")
        return FUNCTIONS["json_parse"](
            Call("json_parse", [compiler.expression(node.this, scope)], node, compiler, scope)
        )
    if name == "DECIMAL" and re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text, re.ASCII):
        whole, _, fraction = text.lstrip("+-").partition(".")
        kind = types.decimal(max(len(whole.lstrip("0")) + len(fraction), 1), len(fraction))
        if kind.params[0] > types.MAX_PRECISION:
            raise QueryFailed("INVALID_LITERAL", f"{place(node)}'{text}' is not a valid DECIMAL literal")
        compiler.note("decimal '...'")
        return Typed(f"CAST({sql_text(text)} AS {to_duckdb(kind)})", kind)
    if name == "DECIMAL" and "_" not in text:
        raise _no_literal(text, name, node)
    if name == "DATE":
        try:
            day = moments.date(text)
        except moments.NoMoment:
            raise _no_literal(text, name, node) from None
        compiler.note("date '...'")
        return Typed(f"DATE '{day.isoformat()}'", DATE)
    if name in ("TIMESTAMP", "TIMESTAMPTZ"):
        return _timestamp_literal(text, node, compiler)
    if name == "TIME":
        return _time_literal(text, node, compiler)
    raise Refused(f"the literal {node.to.sql('trino').lower()} {text!r}")


def _no_literal(text: str, name: str, node: exp.Cast) -> QueryFailed:
    return QueryFailed("INVALID_LITERAL", f"{place(node)}'{text}' is not a valid {name} literal")


def _is_json(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _timestamp_literal(text: str, node: exp.Cast, compiler: Compiler) -> Typed:
    try:
        found = moments.written(text)
        zone = None if found.zone is None else zones.named(found.zone)
    except (moments.NoMoment, zones.UnknownZone):
        raise _no_literal(text, "TIMESTAMP", node) from None
    except zones.UnsupportedZone as error:
        raise Refused(f"the time zone {error}") from None
    precision = len(found.fraction)
    if precision > 6:
        raise Refused(f"the literal timestamp {text!r}, which has more than 6 digits of a second")
    if zone is None:
        compiler.note("timestamp '...'")
        shown = found.clock.isoformat(sep=" ") + (f".{found.fraction}" if precision else "")
        return Typed(f"TIMESTAMP '{shown}'", Type("timestamp", (precision,)))
    moment = zones.moment(found.local(precision), zone)
    if zones.local(moment, zone) != found.local(precision):
        # The region's clock skips this local time.
        raise _no_literal(text, "TIMESTAMP", node)
    compiler.note(
        f"timestamp '... {'UTC' if zone == UTC else '+02:00' if zone[0] in '+-' else 'Region/City'}'"
    )
    return constant(moment, precision, zone)


def _time_literal(text: str, node: exp.Cast, compiler: Compiler) -> Typed:
    fraction = text.rstrip().partition(".")[2]
    if re.search(r"[+-]\d\d:\d\d$", text, re.ASCII) or len(fraction) > 6:
        raise Refused(f"the literal time {text!r}")
    try:
        found = moments.time(text, len(fraction))
    except moments.NoMoment:
        raise _no_literal(text, "TIME", node) from None
    compiler.note("time '...'")
    return Typed(f"TIME '{found.isoformat()}'", Type("time", (len(fraction),)))


LITERALS: dict[type[exp.Expr], Part] = {
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.HexString: _binary,
}
