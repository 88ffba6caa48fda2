"""Trino's types, and the common type to which Trino coerces values of different types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

#: The name of the time zone that timestamps have unless a query says otherwise.
UTC = "UTC"


@dataclass(frozen=True)
class Type:
    """A Trino type.

    Attributes:
        base: Trino's name without parameters, such as `timestamp with time zone`.
        params: length, or precision and scale; empty if the type has no parameters or uses their defaults.
        items: the types inside an array (element), a map (key, value) or a row (fields).
        names: the field names of a row; None for a field without a name.
        zone: the time zone of all values of a timestamp with time zone; None if it may differ between them. DuckDB
            stores only the moments.
    """

    base: str
    params: tuple[int, ...] = ()
    items: tuple[Type, ...] = ()
    names: tuple[str | None, ...] = ()
    zone: str | None = UTC

    def __str__(self) -> str:
        if self.base == "row":
            fields = (f"{n} {t}" if n else str(t) for n, t in zip(self.names, self.items, strict=True))
            return f"row({', '.join(fields)})"
        if self.items:
            return f"{self.base}({', '.join(map(str, self.items))})"
        if self.params and self.base == "timestamp with time zone":
            return f"timestamp({self.params[0]}) with time zone"
        if self.params:
            return f"{self.base}({','.join(map(str, self.params))})"
        return self.base

    @property
    def is_integer(self) -> bool:
        return self.base in INTEGERS

    @property
    def is_numeric(self) -> bool:
        return self.base in NUMERICS

    @property
    def is_moment(self) -> bool:
        """Whether the type is date or timestamp, with or without a time zone."""
        return self.base in MOMENTS

    @property
    def field_names(self) -> list[str]:
        """A row's field names; a field without a name is named f0, f1, … by its position."""
        return [name or f"f{index}" for index, name in enumerate(self.names)]

    def without_length(self) -> Type:
        """Varchar without its length; other types unchanged."""
        return VARCHAR if self.base == "varchar" else self


INTEGERS = ("tinyint", "smallint", "integer", "bigint")
NUMERICS = (*INTEGERS, "decimal", "real", "double")
#: From the narrowest to the widest: Trino coerces each type to those after it.
MOMENTS = ("date", "timestamp", "timestamp with time zone")
#: The width of each integer type, in bits.
INTEGER_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}

UNKNOWN = Type("unknown")
BOOLEAN = Type("boolean")
TINYINT, SMALLINT, INTEGER, BIGINT = map(Type, INTEGERS)
REAL = Type("real")
DOUBLE = Type("double")
VARCHAR = Type("varchar")
VARBINARY = Type("varbinary")
JSON = Type("json")
DATE = Type("date")
TIME = Type("time", (3,))
TIME_6 = Type("time", (6,))
#: Timestamps have milliseconds in Hive tables and by default in Trino's SQL, and microseconds in Iceberg tables.
TIMESTAMP = Type("timestamp", (3,))
TIMESTAMP_6 = Type("timestamp", (6,))
TIMESTAMP_TZ = Type("timestamp with time zone", (3,))
TIMESTAMP_TZ_6 = Type("timestamp with time zone", (6,))


def array(item: Type) -> Type:
    return Type("array", items=(item,))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", items=(key, value))


def row(names: tuple[str | None, ...], items: tuple[Type, ...]) -> Type:
    return Type("row", items=items, names=names)


#: The most digits that a decimal has.
MAX_PRECISION = 38


def decimal(precision: int, scale: int) -> Type:
    return Type("decimal", (precision, scale))


_INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}


def as_decimal(kind: Type) -> Type:
    """The decimal type that holds every value of an integer type; other types unchanged."""
    return decimal(_INTEGER_DIGITS[kind.base], 0) if kind.is_integer else kind


def in_utc(kind: Type) -> Type:
    """The type of the same moments in UTC, as tables store them."""
    return replace(kind, items=tuple(map(in_utc, kind.items)), zone=UTC)


def common(left: Type, right: Type) -> Type | None:
    """The type to which Trino coerces values of both types; None if there is none."""
    if left == right or right == UNKNOWN:
        return left
    if left == UNKNOWN:
        return right
    if left.base == right.base:
        return _common_of_one_base(left, right)
    if left.is_numeric and right.is_numeric:
        return _common_number(left, right)
    if left.is_moment and right.is_moment:
        wider = max(left, right, key=lambda kind: MOMENTS.index(kind.base))
        precision = max((kind.params[0] for kind in (left, right) if kind.params), default=3)
        return replace(wider, params=(precision,), zone=_common_zone(left, right))
    return None


def common_of(kinds: Iterable[Type]) -> Type | None:
    """The type to which Trino coerces values of all the types; None if there is none."""
    wide: Type | None = UNKNOWN
    for kind in kinds:
        wide = common(wide, kind) if wide is not None else None
    return wide


def _common_of_one_base(left: Type, right: Type) -> Type | None:
    if left.base == "decimal":
        scale = max(left.params[1], right.params[1])
        whole = max(left.params[0] - left.params[1], right.params[0] - right.params[1])
        return decimal(min(38, whole + scale), scale)
    if left.base == "varchar":
        return Type(
            "varchar", (max(left.params[0], right.params[0]),) if left.params and right.params else ()
        )
    if left.base == "row" and len(left.items) != len(right.items):
        return None
    if left.items:
        items = [common(a, b) for a, b in zip(left.items, right.items, strict=True)]
        if any(item is None for item in items):
            return None
        names = tuple(a if a == b else None for a, b in zip(left.names, right.names, strict=True))
        return replace(left, items=tuple(item for item in items if item), names=names)
    return replace(left, params=max(left.params, right.params), zone=_common_zone(left, right))


def _common_zone(left: Type, right: Type) -> str | None:
    """The time zone of values of two types. Values without a time zone get the session's, which is UTC."""
    return left.zone if left.zone == right.zone else None


def _common_number(left: Type, right: Type) -> Type | None:
    if left.is_integer and right.is_integer:
        return max(left, right, key=lambda kind: INTEGERS.index(kind.base))
    if "double" in (left.base, right.base):
        return DOUBLE
    if "real" in (left.base, right.base):
        return REAL
    return _common_of_one_base(as_decimal(left), as_decimal(right))
