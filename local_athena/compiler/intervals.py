"""Reads intervals that are written as literals, such as `interval '3' day`."""

from __future__ import annotations

from sqlglot import exp

from local_athena.errors import Refused

_UNITS = ("second", "minute", "hour", "day", "month", "year")


def literal_interval(node: exp.Expr) -> tuple[str, int]:
    """The unit (singular, lower case) and the signed count of an interval.

    Raises:
        Refused: the interval is not a literal with a whole number of one unit.
    """
    sign = 1
    while isinstance(node, (exp.Neg, exp.Paren)):
        sign, node = (-sign if isinstance(node, exp.Neg) else sign), node.this
    unit = node.args.get("unit") if isinstance(node, exp.Interval) else None
    name = (unit.name if unit is not None else "").lower().removesuffix("s")
    count = node.this if isinstance(node, exp.Interval) else None
    while isinstance(count, exp.Neg):
        # `interval -'1' day`
        sign, count = -sign, count.this
    amount = count.name if isinstance(count, exp.Literal) else ""
    if name not in _UNITS or not amount.lstrip("+-").isdigit():
        raise Refused(f"the interval {node.sql('trino')}")
    return name, sign * int(amount)
