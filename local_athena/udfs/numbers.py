"""Implements functions of numbers and dates."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

from local_athena.errors import Refused
from local_athena.udfs.registry import Failure, register
from local_athena.values.numbers import shortest_real, trino_double
from local_athena.values.types import BIGINT, DATE, DOUBLE, VARCHAR, array


def _iso_date(text: str) -> dt.date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Refused(f"from_iso8601_date of {text!r}")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Failure("INVALID_FUNCTION_ARGUMENT", f'Invalid format: "{text}"') from None


def _round_up(value: float) -> int:
    """Round like Java's Math.round: halves are rounded up, towards positive infinity."""
    if not math.isfinite(value) or abs(value) >= 2**52:
        raise Refused(f"from_unixtime of {value / 1000}")
    whole = math.floor(value)
    return whole + (value - whole >= 0.5)


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


def _round(value: float, digits: int) -> float:
    """Round like Trino, which scales the number, rounds halves away from zero, and scales back.

    A number whose scaled value does not fit in a 64-bit integer is rounded by its decimal digits instead.
    """
    if not math.isfinite(value):
        return value
    if abs(digits) > 300:
        raise Refused(f"round to {digits} digits")
    scaled = abs(value) * 10.0**digits
    if scaled < 2**63:
        whole = math.floor(scaled)
        rounded = (whole + (scaled - whole >= 0.5)) / 10.0**digits
    else:
        with localcontext(prec=700):
            rounded = float(Decimal(repr(abs(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    return math.copysign(rounded, value)


def _round_decimal(text: str, digits: int) -> str:
    value = Decimal(text)
    scale = -int(value.as_tuple().exponent)
    if digits >= scale:
        return text
    with localcontext(prec=120):
        return format(value.quantize(Decimal(1).scaleb(-max(digits, -40)), ROUND_HALF_UP), "f")


def _double_decimal(value: float, scale: int) -> str | None:
    """A double's shortest decimal digits, rounded half up; None for NaN and the infinities."""
    if not math.isfinite(value):
        return None
    with localcontext(prec=400):
        return format(Decimal(repr(value)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP), "f")


def _percentile_of(values: list[float], shares: list[float]) -> list[float] | None:
    """The values at the given shares (0 to 1) of the sorted values. Nulls are skipped."""
    known = sorted(value for value in values if value is not None)
    if any(not math.isfinite(value) for value in known if isinstance(value, float)):
        raise Refused("approx_percentile of a number that is not finite")
    for share in shares:
        if not 0 <= share <= 1:
            raise Failure("INVALID_FUNCTION_ARGUMENT", "Percentile must be between 0 and 1")
    if not known:
        return None
    return [known[min(math.floor(share * len(known)), len(known) - 1)] for share in shares]


register("t_double_text", trino_double, (DOUBLE,), VARCHAR)
register("t_round_up", _round_up, (DOUBLE,), BIGINT)
register("t_iso_date", _iso_date, (VARCHAR,), DATE)
register("t_decimal_quotient", _decimal_quotient, (VARCHAR, VARCHAR, BIGINT), VARCHAR)
register("t_decimal_remainder", _decimal_remainder, (VARCHAR, VARCHAR), VARCHAR)
register("t_round", _round, (DOUBLE, BIGINT), DOUBLE)
register("t_round_decimal", _round_decimal, (VARCHAR, BIGINT), VARCHAR)
register("t_double_decimal", _double_decimal, (DOUBLE, BIGINT), VARCHAR)
register(
    "t_real_decimal",
    lambda value, scale: _double_decimal(shortest_real(value), scale),
    (DOUBLE, BIGINT),
    VARCHAR,
)

for _kind in (BIGINT, DOUBLE):
    register(f"t_percentile_{_kind}", _percentile_of, (array(_kind), array(DOUBLE)), array(_kind))
