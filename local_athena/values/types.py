"""Trino's types, with their names in Trino, Hive, DuckDB, Arrow and Iceberg."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa
from pyiceberg import types as ice
from sqlglot import exp

from local_athena.errors import QueryFailed, Refused


@dataclass(frozen=True)
class Type:
    """One type of Trino.

    Attributes:
        base: Trino's name without parameters, such as `timestamp with time zone`.
        params: length, precision and scale; none when the type has none or the default counts.
        items: element types of array, map (key, value) and row.
        names: field names of a row, None for a field without one.
    """

    base: str
    params: tuple[int, ...] = ()
    items: tuple[Type, ...] = ()
    names: tuple[str | None, ...] = ()

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

    def without_length(self) -> Type:
        """A varchar of any length as varchar; other types as they are."""
        return VARCHAR if self.base == "varchar" else self


INTEGERS = ("tinyint", "smallint", "integer", "bigint")
NUMERICS = (*INTEGERS, "decimal", "real", "double")

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
TIMESTAMP = Type("timestamp", (3,))
TIMESTAMP_TZ = Type("timestamp with time zone", (3,))


def array(item: Type) -> Type:
    return Type("array", items=(item,))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", items=(key, value))


def row(names: tuple[str | None, ...], items: tuple[Type, ...]) -> Type:
    return Type("row", items=items, names=names)


def decimal(precision: int, scale: int) -> Type:
    return Type("decimal", (precision, scale))


# --- from SQL ---------------------------------------------------------------------------------------------

_SQL_NAMES = {
    "BOOLEAN": BOOLEAN,
    "TINYINT": TINYINT,
    "SMALLINT": SMALLINT,
    "INT": INTEGER,
    "BIGINT": BIGINT,
    "FLOAT": REAL,
    "DOUBLE": DOUBLE,
    "VARBINARY": VARBINARY,
    "BINARY": VARBINARY,
    "JSON": JSON,
    "DATE": DATE,
}


def from_sql(node: exp.DataType) -> Type:
    """The type that a cast or a DDL column names.

    Raises:
        Refused: the type is not supported.
    """
    name = node.this.name if isinstance(node.this, exp.DType) else str(node.this)
    params = tuple(int(p.name) for p in node.expressions if isinstance(p, exp.DataTypeParam))
    if name in _SQL_NAMES:
        return _SQL_NAMES[name]
    if name in ("VARCHAR", "TEXT", "CHAR"):
        if name == "CHAR":
            raise Refused("the type char")
        return Type("varchar", params)
    if name == "DECIMAL":
        precision, scale = (*params, 0, 0)[:2] if params else (38, 0)
        return decimal(precision, scale)
    if name in ("TIMESTAMP", "TIMESTAMPNTZ", "TIMESTAMPTZ", "TIME"):
        base = {"TIMESTAMPTZ": "timestamp with time zone", "TIME": "time"}.get(name, "timestamp")
        precision = params[0] if params else 3
        if precision > 6:
            raise Refused(f"the type {base} with a precision above 6")
        return Type(base, (precision,))
    if name == "ARRAY" and node.expressions:
        return array(_item(node.expressions[0]))
    if name == "MAP" and len(node.expressions) == 2:
        return map_of(*map(_item, node.expressions))
    if name == "STRUCT":
        return _row_from_sql(node)
    raise Refused(f"the type {node.sql('trino').lower()}")


def _item(node: exp.Expr) -> Type:
    if isinstance(node, exp.DataType):
        return from_sql(node)
    raise Refused(f"the type {node.sql('trino')}")


def _row_from_sql(node: exp.DataType) -> Type:
    names: list[str | None] = []
    items: list[Type] = []
    for field in node.expressions:
        if isinstance(field, exp.ColumnDef) and isinstance(field.kind, exp.DataType):
            if field.this.args.get("quoted") and field.name != field.name.lower():
                raise Refused(f'the field name "{field.name}" in a row')
            names.append(field.name.lower())
            items.append(from_sql(field.kind))
        else:
            names.append(None)
            items.append(_item(field))
    return row(tuple(names), tuple(items))


# --- Hive's spelling, as it stands in Glue ------------------------------------------------------------------

_HIVE_NAMES = {
    "boolean": BOOLEAN,
    "tinyint": TINYINT,
    "smallint": SMALLINT,
    "int": INTEGER,
    "integer": INTEGER,
    "bigint": BIGINT,
    "long": BIGINT,
    "float": REAL,
    "double": DOUBLE,
    "string": VARCHAR,
    "binary": VARBINARY,
    "date": DATE,
    "timestamp": TIMESTAMP,
    "timestamptz": Type("timestamp with time zone", (6,)),
}
_TOKEN = re.compile(r"\s*([A-Za-z_][\w]*|\d+|[<>(),:])")


def from_hive(text: str) -> Type:
    """The type that a column in Glue has.

    Raises:
        QueryFailed: the text is no type that Hive knows.
    """
    tokens = _TOKEN.findall(text)
    try:
        found = _parse_hive(iter([*tokens, ""]))
    except (IndexError, StopIteration, KeyError) as error:
        raise QueryFailed("HIVE_INVALID_METADATA", f"{text!r} is not a Hive type") from error
    return found


def _parse_hive(tokens: Iterator[str]) -> Type:
    found, rest = _hive_type(tokens)
    if rest:
        raise KeyError(rest)
    return found


def _hive_type(tokens: Iterator[str]) -> tuple[Type, str]:
    """A type and the token behind it."""
    name = next(tokens).lower()
    after = next(tokens)
    if name in ("array", "map"):
        items = []
        while after != ">":
            item, after = _hive_type(tokens)
            items.append(item)
        return Type(name, items=tuple(items)), next(tokens)
    if name == "struct":
        names, items = [], []
        while after != ">":
            names.append(next(tokens).lower())
            next(tokens)
            item, after = _hive_type(tokens)
            items.append(item)
        return row(tuple(names), tuple(items)), next(tokens)
    params: list[int] = []
    if after == "(":
        while after != ")":
            params.append(int(next(tokens)))
            after = next(tokens)
        after = next(tokens)
    if name == "decimal":
        return Type("decimal", (params[0], params[1] if len(params) > 1 else 0) if params else (10, 0)), after
    if name == "varchar":
        return Type("varchar", tuple(params)), after
    return _HIVE_NAMES[name], after


def to_hive(kind: Type) -> str:
    """The type's name in Glue.

    Raises:
        QueryFailed: Hive tables have no such type.
    """
    names = {"integer": "int", "real": "float", "varbinary": "binary", "timestamp": "timestamp"}
    if kind.base == "varchar":
        return f"varchar({kind.params[0]})" if kind.params else "string"
    if kind.base == "decimal":
        return f"decimal({kind.params[0]},{kind.params[1]})"
    if kind.base == "row":
        fields = (f"{n}:{to_hive(t)}" for n, t in zip(kind.names, kind.items, strict=True))
        return f"struct<{','.join(fields)}>"
    if kind.items:
        return f"{kind.base}<{','.join(map(to_hive, kind.items))}>"
    if kind.base in ("json", "time", "timestamp with time zone", "unknown"):
        raise QueryFailed("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")
    return names.get(kind.base, kind.base)


# --- DuckDB ------------------------------------------------------------------------------------------------

_DUCKDB_NAMES = {
    "unknown": "INTEGER",
    "integer": "INTEGER",
    "real": "FLOAT",
    "varbinary": "BLOB",
    "json": "VARCHAR",
    "timestamp with time zone": "TIMESTAMPTZ",
}


def field_names(kind: Type) -> list[str]:
    """A row's field names in DuckDB, where each field needs one."""
    return [name or f"f{index}" for index, name in enumerate(kind.names)]


def to_duckdb(kind: Type) -> str:
    """The DuckDB type that holds values of the type; json is held as its text."""
    if kind.base == "array":
        return f"{to_duckdb(kind.items[0])}[]"
    if kind.base == "map":
        return f"MAP({to_duckdb(kind.items[0])}, {to_duckdb(kind.items[1])})"
    if kind.base == "row":
        fields = zip(field_names(kind), kind.items, strict=True)
        return f"STRUCT({', '.join(f'{quoted(n)} {to_duckdb(t)}' for n, t in fields)})"
    if kind.base == "decimal":
        return f"DECIMAL({kind.params[0]},{kind.params[1]})"
    return _DUCKDB_NAMES.get(kind.base, kind.base.upper())


def quoted(name: str) -> str:
    """A name as DuckDB's SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


# --- Arrow -------------------------------------------------------------------------------------------------

_ARROW_TYPES: dict[str, pa.DataType] = {
    "unknown": pa.null(),
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "json": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
}


def to_arrow(kind: Type) -> pa.DataType:
    """The Arrow type of a column of the type."""
    if kind.base == "array":
        return pa.list_(to_arrow(kind.items[0]))
    if kind.base == "map":
        return pa.map_(to_arrow(kind.items[0]), to_arrow(kind.items[1]))
    if kind.base == "row":
        return pa.struct(list(zip(field_names(kind), map(to_arrow, kind.items), strict=True)))
    if kind.base == "decimal":
        return pa.decimal128(*kind.params)
    return _ARROW_TYPES[kind.base]


# --- Iceberg -----------------------------------------------------------------------------------------------

_ICEBERG_TYPES: dict[str, ice.IcebergType] = {
    "boolean": ice.BooleanType(),
    "integer": ice.IntegerType(),
    "bigint": ice.LongType(),
    "real": ice.FloatType(),
    "double": ice.DoubleType(),
    "varchar": ice.StringType(),
    "varbinary": ice.BinaryType(),
    "date": ice.DateType(),
    "timestamp": ice.TimestampType(),
    "timestamp with time zone": ice.TimestamptzType(),
}
_FROM_ICEBERG: dict[type, Type] = {
    ice.BooleanType: BOOLEAN,
    ice.IntegerType: INTEGER,
    ice.LongType: BIGINT,
    ice.FloatType: REAL,
    ice.DoubleType: DOUBLE,
    ice.StringType: VARCHAR,
    ice.BinaryType: VARBINARY,
    ice.DateType: DATE,
    ice.TimestampType: Type("timestamp", (6,)),
    ice.TimestamptzType: Type("timestamp with time zone", (6,)),
}


def from_iceberg(kind: ice.IcebergType) -> Type:
    """The Trino type of an Iceberg column."""
    if isinstance(kind, ice.ListType):
        return array(from_iceberg(kind.element_type))
    if isinstance(kind, ice.MapType):
        return map_of(from_iceberg(kind.key_type), from_iceberg(kind.value_type))
    if isinstance(kind, ice.StructType):
        return row(
            tuple(field.name for field in kind.fields),
            tuple(from_iceberg(field.field_type) for field in kind.fields),
        )
    if isinstance(kind, ice.DecimalType):
        return decimal(kind.precision, kind.scale)
    if type(kind) in _FROM_ICEBERG:
        return _FROM_ICEBERG[type(kind)]
    raise Refused(f"the Iceberg type {kind}")


def to_iceberg(kind: Type, next_id: Iterator[int]) -> ice.IcebergType:
    """The Iceberg type for a new column; nested fields take their ids from `next_id`.

    Raises:
        QueryFailed: Iceberg has no such type.
    """
    if kind.base == "decimal":
        return ice.DecimalType(*kind.params)
    if kind.base == "array":
        return ice.ListType(next(next_id), to_iceberg(kind.items[0], next_id), element_required=False)
    if kind.base == "map":
        key_id, value_id = next(next_id), next(next_id)
        key, value = (to_iceberg(item, next_id) for item in kind.items)
        return ice.MapType(key_id, key, value_id, value, value_required=False)
    if kind.base == "row":
        fields = zip(field_names(kind), kind.items, strict=True)
        return ice.StructType(
            *(ice.NestedField(next(next_id), n, to_iceberg(t, next_id), required=False) for n, t in fields)
        )
    if kind.base in ("tinyint", "smallint", "time", "json", "unknown"):
        raise QueryFailed("NOT_SUPPORTED", f"Type not supported for Iceberg: {kind}")
    if kind.params and kind.base.startswith("timestamp") and kind.params[0] != 6:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f'Timestamp precision ({kind.params[0]}) not supported for Iceberg. Use "timestamp(6)" instead.',
        )
    return _ICEBERG_TYPES[kind.base]


# --- coercion ----------------------------------------------------------------------------------------------

_INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}


def as_decimal(kind: Type) -> Type:
    """The decimal that holds every value of an integer type."""
    return decimal(_INTEGER_DIGITS[kind.base], 0) if kind.is_integer else kind


def common(left: Type, right: Type) -> Type | None:
    """The type to which Trino coerces both, or None when there is none."""
    if left == right or right == UNKNOWN:
        return left
    if left == UNKNOWN:
        return right
    if left.base == right.base:
        return _common_of_one_base(left, right)
    if left.is_numeric and right.is_numeric:
        return _common_number(left, right)
    moments = ("date", "timestamp", "timestamp with time zone")
    if left.base in moments and right.base in moments:
        wider = max(left, right, key=lambda kind: moments.index(kind.base))
        precision = max((kind.params[0] for kind in (left, right) if kind.params), default=3)
        return replace(wider, params=(precision,))
    return None


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
    return replace(left, params=max(left.params, right.params))


def _common_number(left: Type, right: Type) -> Type | None:
    if left.is_integer and right.is_integer:
        return max(left, right, key=lambda kind: INTEGERS.index(kind.base))
    if "double" in (left.base, right.base):
        return DOUBLE
    if "real" in (left.base, right.base):
        return REAL
    return _common_of_one_base(as_decimal(left), as_decimal(right))
