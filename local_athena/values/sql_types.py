"""Reads the types that SQL names in casts and column definitions."""

from __future__ import annotations

from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.values.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    MAX_PRECISION,
    REAL,
    SMALLINT,
    TINYINT,
    VARBINARY,
    Type,
    array,
    decimal,
    map_of,
    row,
)

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
    """The Trino type that a cast or a column definition names.

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
        if not 1 <= precision <= MAX_PRECISION:
            problem = f"DECIMAL precision must be in range [1, {MAX_PRECISION}]: {precision}"
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", problem)
        if scale > precision:
            problem = f"DECIMAL scale must be in range [0, precision ({precision})]: {scale}"
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", problem)
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
    if len(set(names) - {None}) + names.count(None) < len(names):
        raise Refused(f"the type {node.sql('trino').lower()}, which has two fields of one name")
    return row(tuple(names), tuple(items))
