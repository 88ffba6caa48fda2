"""Functions of numbers and dates."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

from local_athena.errors import Refused
from local_athena.udfs.registry import Failure, register
from local_athena.values.numbers import trino_double
from local_athena.values.types import BIGINT, DATE, DOUBLE, VARCHAR


def _iso_date(text: str) -> dt.date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Refused(f"from_iso8601_date of {text!r}")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f'Invalid format: "{text}"') from None


def _decimal_quotient(left: str, right: str, scale: int) -> str:
    divisor = Decimal(right)
    if not divisor:
        raise Failure("DIVISION_BY_ZERO", "Division by zero")
    with localcontext(prec=120):
        return format((Decimal(left) / divisor).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP), "f")


def _decimal_remainder(left: str, right: str) -> str:
    divisor = Decimal(right)
    if not divisor:
        raise Failure("DIVISION_BY_ZERO", "Division by zero")
    with localcontext(prec=120):
        return format(Decimal(left) % divisor, "f")


register("t_double_text", trino_double, (DOUBLE,), VARCHAR)
register("t_iso_date", _iso_date, (VARCHAR,), DATE)
register("t_decimal_quotient", _decimal_quotient, (VARCHAR, VARCHAR, BIGINT), VARCHAR)
register("t_decimal_remainder", _decimal_remainder, (VARCHAR, VARCHAR), VARCHAR)
