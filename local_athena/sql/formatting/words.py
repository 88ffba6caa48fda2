"""Formats names, literals and types."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from sqlglot import exp

from local_athena.errors import Refused
from local_athena.sql.formatting.parts import expression, formats, joined, unknown
from local_athena.sql.grammar import SPELLING
from local_athena.sql.strictness import RESERVED_WORDS
from local_athena.values.numbers import java_double

_WORD = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_MOMENTS: dict[exp.DType, str] = {
    exp.DType.TIME: "time{}",
    exp.DType.TIMETZ: "time{} with time zone",
    exp.DType.TIMESTAMP: "timestamp{}",
    exp.DType.TIMESTAMPNTZ: "timestamp{}",
    exp.DType.TIMESTAMPTZ: "timestamp{} with time zone",
}


def formatted_name(*parts: str) -> str:
    """A name such as `"my-db".t`. Parts that are not plain words are quoted.

    Args:
        parts: the parts of the name, without quotes.
    """
    return ".".join(identifier(exp.to_identifier(part, quoted=not _WORD.fullmatch(part))) for part in parts)


@formats(exp.Identifier)
def identifier(node: exp.Expr) -> str:
    """A part of a name. It is quoted if it was written with quotes or is a reserved word."""
    name = node.name
    if node.args.get("quoted") or name.upper() in RESERVED_WORDS:
        return '"' + name.replace('"', '""') + '"'
    return name


@formats(exp.Column)
def _column(node: exp.Column) -> str:
    return ".".join("*" if isinstance(part, exp.Star) else identifier(part) for part in node.parts)


@formats(exp.Dot)
def _dot(node: exp.Expr) -> str:
    return f"{expression(node.this)}.{expression(node.expression)}"


@formats(exp.Literal)
def _literal(node: exp.Expr) -> str:
    if node.is_string:
        return text(node.name)
    return _double(node.name) if "." in node.name or "e" in node.name.lower() else node.name


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


def _double(written: str) -> str:
    """A double with the fewest digits that mean it: `1.5E0`, `1E-7`."""
    value = float(written)
    if math.isinf(value):
        raise Refused(f"a view with the number {written}")
    number = Decimal(java_double(value)).normalize()
    if not number:
        return "0E0"
    first, *others = map(str, number.as_tuple().digits)
    return f"{first}{'.' if others else ''}{''.join(others)}E{number.adjusted()}"


@formats(exp.Interval)
def _interval(node: exp.Expr) -> str:
    count, unit = node.this, node.args["unit"]
    sign = "-" if isinstance(count, exp.Neg) else ""
    return f"INTERVAL {sign}{text((count.this if sign else count).name)} {unit.sql().upper()}"


def type_name(node: exp.Expr) -> str:
    """A type. Trino keeps the spelling of names, except of rows, times and timestamps."""
    if isinstance(node, exp.ColumnDef):
        return f"{identifier(node.this)} {type_name(node.args['kind'])}"
    if isinstance(node, exp.DataTypeParam):
        return node.name
    if isinstance(node.this, exp.Interval):
        return f"INTERVAL {node.this.args['unit'].sql()}"
    kind = node.this
    parameters = f"({joined(node.expressions, type_name)})" if node.expressions else ""
    if kind == exp.DType.STRUCT:
        return f"ROW{parameters}"
    if kind in _MOMENTS:
        return _MOMENTS[kind].format(parameters)
    name = node.meta.get(SPELLING)
    if name is None:
        raise unknown(node)
    return f"{name.split()[0]}{parameters}"


@formats(exp.Star)
def _star(_: exp.Expr) -> str:
    return "*"


@formats(exp.Boolean)
def _boolean(node: exp.Expr) -> str:
    return "true" if node.this else "false"


@formats(exp.Null)
def _null(_: exp.Expr) -> str:
    return "null"


@formats(exp.HexString)
def _binary(node: exp.Expr) -> str:
    return f"X'{node.name.upper()}'"
