"""Compiles literals: numbers, strings, booleans, null, and typed literals such as `date '2025-08-10'`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from sqlglot import exp

from local_athena.compiler.contract import Compiler, Part
from local_athena.compiler.functions import FUNCTIONS, Call
from local_athena.compiler.scopes import Scope, Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.duckdb_types import to_duckdb
from local_athena.values.json.text import parse
from local_athena.values.types import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, UNKNOWN, VARBINARY, Type


def _literal(node: exp.Literal, scope: Scope, compiler: Compiler) -> Typed:
    text = node.name
    if node.is_string:
        compiler.note("literal varchar")
        return Typed(_quoted_text(text), Type("varchar", (len(text),)))
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
        return Typed(f"CAST({_quoted_text(text)} AS {to_duckdb(kind)})", kind)
    if name == "DATE":
        parts = re.fullmatch(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*", text, re.ASCII)
        moment = _moment_of(parts.groups() if parts else ())
        if moment and moment.year:
            compiler.note("date '...'")
            return Typed(f"DATE '{moment.date().isoformat()}'", DATE)
        shown = "DATE"
    elif name in ("TIMESTAMP", "TIMESTAMPTZ"):
        return _timestamp_literal(text, node, compiler)
    elif name == "TIME":
        return _time_literal(text, node, compiler)
    else:
        raise Refused(f"the literal {node.to.sql('trino').lower()} {text!r}")
    if re.fullmatch(r"\s*[+-]?\d+-\d+-\d+\s*", text) and not parts:
        raise Refused(f"the literal date {text!r}")
    raise QueryFailed("INVALID_LITERAL", f"{place(node)}'{text}' is not a valid {shown} literal")


def _is_json(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _timestamp_literal(text: str, node: exp.Cast, compiler: Compiler) -> Typed:
    pattern = r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?( UTC)?"
    parts = re.fullmatch(pattern, text, re.ASCII)
    moment = _moment_of(parts.groups()[:6]) if parts else None
    if not parts or not moment:
        if re.fullmatch(r"\d+-\d+-\d+ \d+:\d+(:\d+(\.\d+)?)? ?\S+", text, re.ASCII) and not parts:
            raise Refused(f"the literal timestamp {text!r}")
        raise QueryFailed("INVALID_LITERAL", f"{place(node)}'{text}' is not a valid TIMESTAMP literal")
    fraction = parts[7] or ""
    shown = moment.isoformat(sep=" ") + (f".{fraction}" if fraction else "")
    if parts[8]:
        kind = Type("timestamp with time zone", (len(fraction),))
        compiler.note("timestamp '... UTC'")
        return Typed(f"TIMESTAMPTZ '{shown}+00'", kind)
    compiler.note("timestamp '...'")
    return Typed(f"TIMESTAMP '{shown}'", Type("timestamp", (len(fraction),)))


def _time_literal(text: str, node: exp.Cast, compiler: Compiler) -> Typed:
    parts = re.fullmatch(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?", text, re.ASCII)
    moment = _moment_of(("1970", "1", "1", *parts.groups()[:3])) if parts else None
    if not parts or not moment:
        if re.fullmatch(r"\d+:\d+(:\d+(\.\d+)?)? ?\S+", text, re.ASCII) and not parts:
            raise Refused(f"the literal time {text!r}")
        raise QueryFailed("INVALID_LITERAL", f"{place(node)}'{text}' is not a valid TIME literal")
    fraction = parts[4] or ""
    compiler.note("time '...'")
    shown = moment.strftime("%H:%M:%S") + (f".{fraction}" if fraction else "")
    return Typed(f"TIME '{shown}'", Type("time", (len(fraction),)))


def _moment_of(parts: Sequence[str | None]) -> dt.datetime | None:
    """The moment from year, month, day and optionally hour, minute and second; None if it does not exist."""
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in (*parts, 0, 0, 0)[:6])
        return dt.datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def _quoted_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


LITERALS: dict[type[exp.Expr], Part] = {
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.HexString: _binary,
}
