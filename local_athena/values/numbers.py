"""Writes and rounds doubles and reals as Java and Trino do."""

from __future__ import annotations

import math
import struct
from decimal import ROUND_HALF_UP, Decimal


def _digits(value: float) -> tuple[str, int]:
    """The fewest digits that identify a positive double, and the decimal exponent of the first digit."""
    shortest = Decimal(repr(value)).normalize()
    if len(shortest.as_tuple().digits) == 1:
        # Java uses at least two digits: it writes the smallest double as 4.9E-324, not 5E-324.
        shortest = Decimal(f"{value:.1e}").normalize()
    return "".join(map(str, shortest.as_tuple().digits)), shortest.adjusted()


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return None


def java_double(value: float) -> str:
    """A double as Java's Double.toString prints it: `0.001`, `100.0`, `1.0E7`."""
    special = _special(value)
    if special:
        return special
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return f"{sign}0.0"
    digits, exponent = _digits(abs(value))
    if not -3 <= exponent < 7:
        return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    padded = digits.ljust(exponent + 1, "0")
    return f"{sign}{padded[: exponent + 1]}.{padded[exponent + 1 :] or '0'}"


def shortest_real(value: float) -> float:
    """The double with the fewest digits that rounds to the same real: 1.1, not 1.10000002384.

    Args:
        value: a 32-bit real, widened to a double.
    """
    if not math.isfinite(value):
        return value
    candidates = (float(f"{value:.{digits}g}") for digits in range(1, 10))
    return next((each for each in candidates if _as_real(each) == value), value)


def _as_real(value: float) -> float:
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.inf


def trino_double(value: float) -> str:
    """A double as Trino casts it to varchar: `1.0E-3`, `1.0E2`, `0E0`."""
    special = _special(value)
    if special:
        return special
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return f"{sign}0E0"
    digits, exponent = _digits(abs(value))
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def round_half_up(value: float) -> int:
    """The nearest integer; halves are rounded away from zero."""
    return int(Decimal(value).quantize(Decimal(1), rounding=ROUND_HALF_UP))
