"""The functions that are supported: each maps a call by Trino's rules to DuckDB's SQL.

What is not listed here is refused, and what is listed names itself to the allow-list (proven.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from local_athena.compiler.plans import Scope, Typed
from local_athena.compiler.proven import shape
from local_athena.errors import QueryFailed, Refused
from local_athena.values import types
from local_athena.values.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    TIMESTAMP,
    UNKNOWN,
    VARBINARY,
    VARCHAR,
    Type,
    array,
)

if TYPE_CHECKING:
    from local_athena.compiler.expressions import ExpressionCompiler


@dataclass
class Call:
    """One call: its compiled arguments (lambdas as they were parsed) and where it stands.

    Attributes:
        distinct, order, tail: of an aggregate: DISTINCT, its ORDER BY, its FILTER or OVER clause.
        windowed: the tail is an OVER clause.
    """

    name: str
    args: list[Any]
    node: exp.Expr
    compiler: ExpressionCompiler
    scope: Scope
    distinct: bool = False
    order: str = ""
    tail: str = ""
    windowed: bool = False

    def use(self, *parameters: Type | str) -> None:
        """Name the call, with its parameters' types or what stands for them, to the allow-list.

        Raises:
            Refused: it is not proven.
        """
        if self.distinct:
            parameters = tuple(arg.type for arg in self.args)
        written = ", ".join(shape(each) if isinstance(each, Type) else each for each in parameters)
        inside = f"{'distinct ' if self.distinct else ''}{written}{' order by' if self.order else ''}"
        self.compiler.note(f"{self.name}({inside}){' over' if self.windowed else ''}")

    def coerced(self, index: int, kind: Type) -> str:
        """An argument's SQL as the type that the function takes."""
        return self.compiler.coerced(self.args[index], kind)

    def mismatch(self, expected: str) -> QueryFailed:
        """What Trino says to arguments that no signature takes."""
        from local_athena.compiler.expressions import place

        if any(not isinstance(arg, Typed) or "unknown" in str(arg.type) for arg in self.args):
            return self.unsupported()
        given = ", ".join(str(arg.type) if isinstance(arg, Typed) else "lambda" for arg in self.args)
        return QueryFailed(
            "FUNCTION_NOT_FOUND",
            f"{place(self.node)}Unexpected parameters ({given}) for function {self.name}. Expected: {expected}",
        )

    def require(self, *counts: int) -> None:
        if len(self.args) not in counts:
            raise self.unsupported()

    def unsupported(self) -> Refused:
        """For arguments that Trino may take and we do not."""
        given = ", ".join(str(arg.type) if isinstance(arg, Typed) else "lambda" for arg in self.args)
        return Refused(f"the function {self.name}({given})")


Handler = Callable[[Call], Typed]
FUNCTIONS: dict[str, Handler] = {}
AGGREGATES: dict[str, Handler] = {}
WINDOW_FUNCTIONS: dict[str, Handler] = {}
#: The signatures of the functions of fixed types.
DECLARED: list[str] = []


def _function(*names: str, table: dict[str, Handler] = FUNCTIONS) -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        table.update(dict.fromkeys(names, handler))
        return handler

    return add


def _coerces(kind: Type, wanted: Type) -> bool:
    both = types.common(kind, wanted)
    return both is not None and (both == wanted or (both.base == wanted.base == "varchar"))


def _simple(name: str, *signatures: tuple[tuple[Type, ...], Type, str], complete: bool = True) -> None:
    """A function of fixed types: for each signature its parameters, result and DuckDB's SQL.

    `complete` says that Trino has no other signature, so that other arguments are an error and no refusal.
    """

    def handle(call: Call) -> Typed:
        if any(isinstance(arg, Typed) and arg.type == UNKNOWN for arg in call.args):
            raise call.unsupported()
        for parameters, returns, template in signatures:
            if len(parameters) == len(call.args) and all(
                isinstance(arg, Typed) and _coerces(arg.type, kind)
                for arg, kind in zip(call.args, parameters, strict=True)
            ):
                call.use(*parameters)
                args = [call.coerced(index, kind) for index, kind in enumerate(parameters)]
                return Typed(template.format(*args), returns)
        expected = ", ".join(f"{name}({', '.join(map(str, parameters))})" for parameters, _, _ in signatures)
        raise call.mismatch(expected) if complete else call.unsupported()

    FUNCTIONS[name] = handle
    DECLARED.extend(f"{name}({', '.join(map(shape, parameters))})" for parameters, _, _ in signatures)


# --- texts ---

_simple("lower", ((VARCHAR,), VARCHAR, "t_lower({0})"))
_simple("upper", ((VARCHAR,), VARCHAR, "t_upper({0})"))
_simple("length", ((VARCHAR,), BIGINT, "length({0})"), ((VARBINARY,), BIGINT, "octet_length({0})"))
_simple(
    "reverse",
    ((VARCHAR,), VARCHAR, "array_to_string(list_reverse(string_split({0}, '')), '')"),
    complete=False,
)
_simple("strpos", ((VARCHAR, VARCHAR), BIGINT, "CAST(strpos({0}, {1}) AS BIGINT)"), complete=False)
_simple("starts_with", ((VARCHAR, VARCHAR), BOOLEAN, "starts_with({0}, {1})"))
_simple(
    "replace",
    ((VARCHAR, VARCHAR), VARCHAR, "t_replace({0}, {1}, '')"),
    ((VARCHAR, VARCHAR, VARCHAR), VARCHAR, "t_replace({0}, {1}, {2})"),
)
_simple("translate", ((VARCHAR, VARCHAR, VARCHAR), VARCHAR, "t_translate({0}, {1}, {2})"))
_simple("split", ((VARCHAR, VARCHAR), array(VARCHAR), "t_split({0}, {1})"), complete=False)
_simple("split_part", ((VARCHAR, VARCHAR, BIGINT), VARCHAR, "t_split_part({0}, {1}, {2})"))
for _name in ("trim", "ltrim", "rtrim"):
    _simple(
        _name,
        ((VARCHAR,), VARCHAR, f"t_{_name}({{0}})"),
        ((VARCHAR, VARCHAR), VARCHAR, f"{_name}({{0}}, {{1}})"),
    )
_SUBSTR = "CASE WHEN {1} = 0 THEN '' WHEN -{1} > length({0}) THEN '' ELSE "
_simple(
    "substr",
    ((VARCHAR, BIGINT), VARCHAR, f"({_SUBSTR}substr({{0}}, {{1}}) END)"),
    (
        (VARCHAR, BIGINT, BIGINT),
        VARCHAR,
        f"({_SUBSTR}CASE WHEN {{2}} <= 0 THEN '' ELSE substr({{0}}, {{1}}, {{2}}) END END)",
    ),
    complete=False,
)
_simple("regexp_like", ((VARCHAR, VARCHAR), BOOLEAN, "t_regexp_like({0}, {1})"))
_simple(
    "regexp_extract",
    ((VARCHAR, VARCHAR), VARCHAR, "t_regexp_extract({0}, {1}, CAST(0 AS BIGINT))"),
    ((VARCHAR, VARCHAR, BIGINT), VARCHAR, "t_regexp_extract({0}, {1}, {2})"),
)
_simple(
    "regexp_extract_all",
    ((VARCHAR, VARCHAR), array(VARCHAR), "t_regexp_extract_all({0}, {1}, CAST(0 AS BIGINT))"),
    ((VARCHAR, VARCHAR, BIGINT), array(VARCHAR), "t_regexp_extract_all({0}, {1}, {2})"),
)
_simple(
    "regexp_replace",
    ((VARCHAR, VARCHAR), VARCHAR, "t_regexp_replace({0}, {1}, '')"),
    ((VARCHAR, VARCHAR, VARCHAR), VARCHAR, "t_regexp_replace({0}, {1}, {2})"),
    complete=False,
)
_simple("regexp_count", ((VARCHAR, VARCHAR), BIGINT, "t_regexp_count({0}, {1})"))
_simple("chr", ((BIGINT,), VARCHAR, "t_chr({0})"))
_simple("lpad", ((VARCHAR, BIGINT, VARCHAR), VARCHAR, "t_lpad({0}, {1}, {2})"))
_simple("rpad", ((VARCHAR, BIGINT, VARCHAR), VARCHAR, "t_rpad({0}, {1}, {2})"))


@_function("concat_ws")
def _concat_ws(call: Call) -> Typed:
    """Joins what is not null; null only if the separator is."""
    if len(call.args) < 2 or any(arg.type.base != "varchar" for arg in call.args):
        raise call.unsupported()
    call.use(VARCHAR, "varchar, ...")
    separator, *parts = (arg.sql for arg in call.args)
    return Typed(
        f"(CASE WHEN {separator} IS NULL THEN NULL ELSE concat_ws({separator}, {', '.join(parts)}) END)",
        VARCHAR,
    )


# --- bytes ---

_simple("to_utf8", ((VARCHAR,), VARBINARY, "t_to_utf8({0})"))
_simple("from_utf8", ((VARBINARY,), VARCHAR, "t_from_utf8({0})"), complete=False)
_simple("to_hex", ((VARBINARY,), VARCHAR, "hex({0})"))
_simple("from_hex", ((VARCHAR,), VARBINARY, "t_from_hex({0})"), complete=False)
_simple("to_base64", ((VARBINARY,), VARCHAR, "base64({0})"))
_simple("sha256", ((VARBINARY,), VARBINARY, "t_sha256({0})"))
_simple("sha1", ((VARBINARY,), VARBINARY, "t_sha1({0})"))
_simple("sha512", ((VARBINARY,), VARBINARY, "t_sha512({0})"))
_simple("md5", ((VARBINARY,), VARBINARY, "t_md5({0})"))

# --- JSON ---

_simple("json_parse", ((VARCHAR,), JSON, "t_json_parse({0})"))
_simple("json_format", ((JSON,), VARCHAR, "({0})"))
_simple(
    "json_extract",
    ((JSON, VARCHAR), JSON, "t_json_extract({0}, {1})"),
    ((VARCHAR, VARCHAR), JSON, "t_json_extract_of_text({0}, {1})"),
)
_simple(
    "json_extract_scalar",
    ((JSON, VARCHAR), VARCHAR, "t_json_extract_scalar({0}, {1})"),
    ((VARCHAR, VARCHAR), VARCHAR, "t_json_scalar_of_text({0}, {1})"),
)
_simple("json_array_length", ((JSON,), BIGINT, "t_json_array_length({0})"), complete=False)

# --- numbers ---

_INTEGERS = (types.TINYINT, types.SMALLINT, INTEGER, BIGINT)


@_function("floor", "ceil", "ceiling", "round")
def _rounded(call: Call) -> Typed:
    """A number without its fraction; a decimal keeps room for one digit more."""
    if len(call.args) != 1:
        raise call.unsupported()
    value, kind = call.args[0].sql, call.args[0].type
    call.use(kind)
    if kind.is_integer:
        return call.args[0]
    if kind == DOUBLE:
        return Typed(f"{call.name}({value})", DOUBLE)
    if kind.base == "decimal":
        precision, scale = kind.params
        wide = types.decimal(min(38, precision - scale + min(scale, 1)), 0)
        return Typed(f"CAST({call.name}({value}) AS {types.to_duckdb(wide)})", wide)
    raise call.unsupported()


@_function("abs")
def _abs(call: Call) -> Typed:
    call.require(1)
    if not (call.args[0].type.is_integer or call.args[0].type.base in ("double", "decimal")):
        raise call.unsupported()
    call.use(call.args[0].type)
    return Typed(f"abs({call.args[0].sql})", call.args[0].type)


_simple("sqrt", ((DOUBLE,), DOUBLE, "(CASE WHEN {0} < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt({0}) END)"))
_simple("mod", *(((kind, kind), kind, "({0} % {1})") for kind in (INTEGER, BIGINT)), complete=False)

# --- moments ---

for _name in ("year", "quarter", "month", "week", "day", "hour", "minute", "second"):
    _of_day = () if _name in ("hour", "minute", "second") else (((DATE,), BIGINT, f"{_name}({{0}})"),)
    _simple(_name, *_of_day, ((Type("timestamp", (6,)),), BIGINT, f"{_name}({{0}})"), complete=False)
_simple("from_iso8601_date", ((VARCHAR,), DATE, "t_iso_date({0})"))


@_function("now")
def _now(call: Call) -> Typed:
    call.require(0)
    call.use()
    return Typed("date_trunc('millisecond', current_timestamp)", types.TIMESTAMP_TZ)


@_function("date")
def _date(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    return call.compiler.cast(call.args[0], DATE, call.node, safe=False)


_UNITS_OF_TIME = ("millisecond", "second", "minute", "hour")
_UNITS = (*_UNITS_OF_TIME, "day", "week", "month", "quarter", "year")


def _unit(call: Call, kind: Type) -> str:
    """The unit that the call names, if there is one of that name for the type.

    Raises:
        QueryFailed: there is none.
    """
    literal = call.node.expressions[0]
    name = literal.name.lower() if isinstance(literal, exp.Literal) else ""
    if name not in _UNITS or (kind == DATE and name in _UNITS_OF_TIME):
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"'{name}' is not a valid DATE field")
    return name


def _is_moment(kind: Type) -> bool:
    return kind.base in ("date", "timestamp", "timestamp with time zone")


@_function("date_trunc")
def _date_trunc(call: Call) -> Typed:
    call.require(2)
    if not _is_moment(call.args[1].type):
        raise call.mismatch("date_trunc(varchar(x), date), date_trunc(varchar(x), timestamp(p))")
    kind = call.args[1].type
    unit = _unit(call, kind)
    call.use(f"'{unit}'", kind)
    return Typed(f"CAST(date_trunc('{unit}', {call.args[1].sql}) AS {types.to_duckdb(kind)})", kind)


@_function("date_add")
def _date_add(call: Call) -> Typed:
    call.require(3)
    _, amount, moment = call.args
    if not _is_moment(moment.type) or not amount.type.is_integer:
        raise call.mismatch("date_add(varchar(x), bigint, date), date_add(varchar(x), bigint, timestamp(p))")
    unit = _unit(call, moment.type)
    call.use(f"'{unit}'", BIGINT, moment.type)
    count = call.coerced(1, BIGINT)
    if unit not in _UNITS_OF_TIME:
        # More than a million years: Trino's outcomes differ by unit, and DuckDB counts such units in 32 bits.
        refusal = f"CAST(t_refuse('date_add of', CAST({count} AS VARCHAR)) AS INTEGER)"
        count = f"(CASE WHEN abs({count}) > 400000000 THEN {refusal} ELSE CAST({count} AS INTEGER) END)"
    factor, base = (3, "months") if unit == "quarter" else (1, f"{unit}s")
    return Typed(
        f"CAST({moment.sql} + to_{base}({count} * {factor}) AS {types.to_duckdb(moment.type)})", moment.type
    )


@_function("date_diff")
def _date_diff(call: Call) -> Typed:
    call.require(3)
    _, first, second = call.args
    kind = types.common(first.type, second.type)
    if kind is None or not _is_moment(kind):
        raise call.mismatch(
            "date_diff(varchar(x), date, date), date_diff(varchar(x), timestamp(p), timestamp(p))"
        )
    unit = _unit(call, kind)
    if kind.base == "timestamp with time zone" and unit in ("month", "quarter", "year"):
        # Trino's calendar counts the ends of months otherwise than for timestamps without a zone.
        raise call.unsupported()
    # date_sub counts whole units that have passed, as Trino does; date_diff would count boundaries.
    call.use(f"'{unit}'", kind, kind)
    return Typed(f"date_sub('{unit}', {call.coerced(1, kind)}, {call.coerced(2, kind)})", BIGINT)


_MYSQL_FORMATS = {
    "%Y": "%Y", "%m": "%m", "%d": "%d", "%H": "%H", "%i": "%M", "%s": "%S", "%S": "%S", "%f": "%f", "%M": "%B",
    "%T": "%H:%M:%S", "%b": "%b", "%a": "%a", "%W": "%A", "%j": "%j", "%y": "%y", "%p": "%p", "%h": "%I", "%%": "%%",
}  # fmt: skip


def _strftime_pattern(call: Call, kind: Type) -> str:
    """The format as DuckDB writes it; each of its codes counts as a function of its own."""
    literal = call.node.expressions[1]
    if not isinstance(literal, exp.Literal) or not literal.is_string:
        raise Refused(f"{call.name} with a format that is no literal")
    text, found, position = literal.name, [], 0
    while position < len(text):
        code = text[position : position + 2] if text[position] == "%" else text[position]
        if code[0] == "%" and code not in _MYSQL_FORMATS:
            raise Refused(f"{call.name} with the format {text!r}")
        if code[0] == "%":
            call.use(kind, f"'{code}'")
        found.append(_MYSQL_FORMATS.get(code, code))
        position += len(code)
    return "'" + "".join(found).replace("'", "''") + "'"


@_function("date_format")
def _date_format(call: Call) -> Typed:
    call.require(2)
    if not _is_moment(call.args[0].type):
        raise call.mismatch("date_format(timestamp(p), varchar(x))")
    kind = types.common(call.args[0].type, TIMESTAMP)
    assert kind is not None
    moment = f"CAST({call.coerced(0, kind)} AS TIMESTAMP)"
    if kind.params[0] > 3:
        moment = f"make_timestamp(CAST(round(epoch_us({moment}) / 1000) AS BIGINT) * 1000)"
    return Typed(f"strftime({moment}, {_strftime_pattern(call, kind)})", VARCHAR)


@_function("date_parse")
def _date_parse(call: Call) -> Typed:
    call.require(2)
    if call.args[0].type.base != "varchar":
        raise call.mismatch("date_parse(varchar(x), varchar(y))")
    text, pattern = call.args[0].sql, _strftime_pattern(call, VARCHAR)
    if "%Y" not in pattern and "%y" not in pattern:
        # For Trino a year that is not given is 1970, for DuckDB 1900.
        raise Refused("date_parse with a format that has no year")
    failure = f"CAST(t_fail('INVALID_FUNCTION_ARGUMENT|Invalid format: \"' || {text} || '\"') AS TIMESTAMP)"
    parsed = f"try_strptime({text}, {pattern})"
    return Typed(f"(CASE WHEN {text} IS NULL THEN NULL ELSE coalesce({parsed}, {failure}) END)", TIMESTAMP)


# --- conditions ---


@_function("coalesce")
def _coalesce(call: Call) -> Typed:
    if len(call.args) < 2:
        raise QueryFailed("INVALID_ARGUMENTS", "The 'coalesce' function must have at least two arguments")
    kind = call.compiler.unify(call.args, "All COALESCE operands must be the same type", call.node)
    call.use("E, ...")
    return Typed(f"coalesce({', '.join(call.compiler.coerced(arg, kind) for arg in call.args)})", kind)


@_function("nullif")
def _nullif(call: Call) -> Typed:
    call.require(2)
    first, second = call.args
    test = call.compiler.comparison("=", first, second, call.node)
    call.use("E", "E")
    return Typed(f"(CASE WHEN {test.sql} THEN NULL ELSE {first.sql} END)", first.type)


@_function("greatest", "least")
def _greatest(call: Call) -> Typed:
    kind = UNKNOWN
    for arg in call.args:
        both = types.common(kind, arg.type)
        if both is None:
            raise call.mismatch(f"{call.name}(E) E:orderable")
        kind = both
    if kind == UNKNOWN or kind.items or kind.base in ("double", "real", "json"):
        raise call.unsupported()
    call.use(kind, "...")
    parts = [call.compiler.coerced(arg, kind) for arg in call.args]
    nulls = " OR ".join(f"{part} IS NULL" for part in parts)
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE {call.name}({', '.join(parts)}) END)", kind)


@_function("typeof")
def _typeof(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    # The argument stays in the SQL: an aggregate makes an aggregated query.
    shown = f"'{call.args[0].type}'"
    return Typed(f"(CASE WHEN {call.args[0].sql} IS NULL THEN {shown} ELSE {shown} END)", VARCHAR)


# --- arrays, maps and rows ---


@_function("concat")
def _concat(call: Call) -> Typed:
    kinds = [arg.type for arg in call.args]
    if UNKNOWN in kinds:
        raise call.unsupported()
    if any(kind.base == "array" for kind in kinds):
        return _concat_arrays(call)
    if all(kind.base == "varchar" for kind in kinds):
        call.use(VARCHAR, "...")
        return Typed(f"({' || '.join(arg.sql for arg in call.args)})", VARCHAR)
    if all(kind == VARBINARY for kind in kinds):
        call.use(VARBINARY, "...")
        return Typed(f"({' || '.join(arg.sql for arg in call.args)})", VARBINARY)
    raise call.mismatch("concat(varchar, ...), concat(array(E), ...), concat(varbinary, ...)")


def _concat_arrays(call: Call) -> Typed:
    item = UNKNOWN
    for arg in call.args:
        own = arg.type.items[0] if arg.type.base == "array" else arg.type
        both = types.common(item, own)
        if both is None:
            raise call.mismatch("concat(array(E), ...)")
        item = both
    kind = array(item)
    parts = []
    for arg in call.args:
        whole = arg.type.base == "array"
        call.use("array(E)" if whole else "E", "...")
        sql = call.compiler.coerced(arg, kind if whole else item)
        parts.append(sql if whole else f"[{sql}]")
    # DuckDB joins a null list as an empty one; in Trino the result is null.
    nulls = " OR ".join(f"{part} IS NULL" for part in parts)
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE list_concat({', '.join(parts)}) END)", kind)


@_function("row")
def _row(call: Call) -> Typed:
    from local_athena.compiler.expressions import row_of

    call.use("E, ...")
    return row_of(call.args)


@_function("cardinality")
def _cardinality(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type.base == "array":
        call.use("array(E)")
        return Typed(f"len({call.args[0].sql})", BIGINT)
    if call.args[0].type.base == "map":
        call.use("map(K, V)")
        return Typed(f"CAST(cardinality({call.args[0].sql}) AS BIGINT)", BIGINT)
    raise call.mismatch("cardinality(array(E)), cardinality(map(K,V))")


@_function("element_at")
def _element_at(call: Call) -> Typed:
    call.require(2)
    value, index = call.args
    if value.type.base == "map":
        return _map_value(value, index, call)
    if value.type.base != "array" or not index.type.is_integer:
        raise call.mismatch("element_at(array(E), bigint), element_at(map(K,V), K)")
    call.use("array(E)", BIGINT)
    place = call.coerced(1, BIGINT)
    zero = "CAST(t_fail('INVALID_FUNCTION_ARGUMENT|SQL array indices start at 1') AS BIGINT)"
    return Typed(f"{value.sql}[CASE WHEN {place} = 0 THEN {zero} ELSE {place} END]", value.type.items[0])


def _map_value(value: Typed, key: Typed, call: Call) -> Typed:
    kind, item = value.type.items
    if not _coerces(key.type, kind):
        raise call.mismatch("element_at(map(K,V), K)")
    call.use(f"map({shape(kind)}, V)", kind)
    return Typed(f"{value.sql}[{call.compiler.coerced(key, kind)}]", item)


@_function("map_keys", "map_values")
def _map_part(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type.base != "map":
        raise call.mismatch(f"{call.name}(map(K,V))")
    call.use("map(K, V)")
    return Typed(
        f"{call.name}({call.args[0].sql})", array(call.args[0].type.items[call.name == "map_values"])
    )


@_function("[]")
def _subscript(call: Call) -> Typed:
    value, index = call.args
    if value.type.base != "array" or not index.type.is_integer:
        raise Refused(f"the subscript {value.type}[{index.type}]")
    call.use("array(E)", BIGINT)
    problem = (
        f"t_fail(CASE WHEN {index.sql} = 0 THEN 'INVALID_FUNCTION_ARGUMENT|SQL array indices start at 1' "
        f"WHEN {index.sql} < 0 THEN 'INVALID_FUNCTION_ARGUMENT|Array subscript is negative: ' || {index.sql} "
        f"ELSE 'INVALID_FUNCTION_ARGUMENT|Array subscript must be less than or equal to array length: ' "
        f"|| {index.sql} || ' > ' || len({value.sql}) END)"
    )
    inside = f"{index.sql} BETWEEN 1 AND len({value.sql})"
    item = value.type.items[0]
    return Typed(
        f"(CASE WHEN {value.sql} IS NULL OR {index.sql} IS NULL THEN NULL WHEN {inside} THEN {value.sql}[{index.sql}] "
        f"ELSE CAST({problem} AS {types.to_duckdb(item)}) END)",
        item,
    )


def _array_argument(call: Call, *counts: int) -> Typed:
    call.require(*counts)
    if not isinstance(call.args[0], Typed) or call.args[0].type.base != "array":
        raise call.mismatch(f"{call.name}(array(T), ...)")
    return call.args[0]


@_function("transform")
def _transform(call: Call) -> Typed:
    value = _array_argument(call, 2)
    call.use("array(E)", "lambda")
    body = call.compiler.lambda_sql(call.args[1], [value.type.items[0]], call.scope)
    return Typed(f"list_transform({value.sql}, {body.sql})", array(body.type))


def _predicate(call: Call, value: Typed) -> str:
    call.use("array(E)", "lambda")
    body = call.compiler.lambda_sql(call.args[1], [value.type.items[0]], call.scope)
    if body.type not in (BOOLEAN, UNKNOWN):
        raise call.mismatch(f"{call.name}(array(T), function(T,boolean))")
    return body.sql


@_function("filter")
def _filter(call: Call) -> Typed:
    value = _array_argument(call, 2)
    return Typed(f"list_filter({value.sql}, {_predicate(call, value)})", value.type)


@_function("any_match", "all_match", "none_match")
def _match(call: Call) -> Typed:
    value = _array_argument(call, 2)
    tested = f"list_transform({value.sql}, {_predicate(call, value)})"
    # Three-valued logic over the elements: an empty array matches all and none, nulls leave it open.
    true, false, null = (f"list_contains({tested}, TRUE)", f"list_contains({tested}, FALSE)",
                         f"len(list_filter({tested}, lambda t: t IS NULL)) > 0")  # fmt: skip
    cases = {
        "any_match": f"WHEN {true} THEN TRUE WHEN {null} THEN NULL ELSE FALSE",
        "all_match": f"WHEN {false} THEN FALSE WHEN {null} THEN NULL ELSE TRUE",
        "none_match": f"WHEN {true} THEN FALSE WHEN {null} THEN NULL ELSE TRUE",
    }[call.name]
    return Typed(f"(CASE WHEN {value.sql} IS NULL THEN NULL {cases} END)", BOOLEAN)


@_function("contains")
def _contains(call: Call) -> Typed:
    value = _array_argument(call, 2)
    kind = types.common(value.type.items[0], call.args[1].type)
    if kind is None:
        raise call.mismatch("contains(array(T), T)")
    call.use(array(kind), kind)
    items, wanted = call.coerced(0, array(kind)), call.coerced(1, kind)
    null = f"len(list_filter({items}, lambda t: t IS NULL)) > 0"
    return Typed(
        f"(CASE WHEN {items} IS NULL OR {wanted} IS NULL THEN NULL WHEN list_contains({items}, {wanted}) THEN TRUE "
        f"WHEN {null} THEN NULL ELSE FALSE END)",
        BOOLEAN,
    )


@_function("array_join")
def _array_join(call: Call) -> Typed:
    value = _array_argument(call, 2, 3)
    if value.type.items[0].base != "varchar":
        raise Refused(f"array_join of {value.type}")
    call.use(*(arg.type for arg in call.args))
    items, texts = value.sql, [arg.sql for arg in call.args[1:]]
    if len(call.args) == 3:
        items = f"list_transform({items}, lambda t: coalesce(t, {texts[1]}))"
    # DuckDB joins with a null separator as with an empty one.
    nulls = " OR ".join(f"{each} IS NULL" for each in texts)
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE array_to_string({items}, {texts[0]}) END)", VARCHAR)


@_function("array_distinct")
def _array_distinct(call: Call) -> Typed:
    value = _array_argument(call, 1)
    call.use(value.type)
    first = f"list_filter({value.sql}, lambda t, i: list_position({value.sql}, t) = i)"
    return Typed(f"({first})", value.type)


@_function("array_sort")
def _array_sort(call: Call) -> Typed:
    value = _array_argument(call, 1)
    call.use(value.type)
    return Typed(f"list_sort({value.sql}, 'ASC', 'NULLS LAST')", value.type)


@_function("sequence")
def _sequence(call: Call) -> Typed:
    call.require(2)
    if not all(arg.type.is_integer for arg in call.args):
        raise call.unsupported()
    call.use(BIGINT, BIGINT)
    start, stop = (call.coerced(index, BIGINT) for index in range(2))
    upwards, downwards = f"range({start}, {stop} + 1)", f"range({start}, {stop} - 1, -1)"
    return Typed(f"(CASE WHEN {start} <= {stop} THEN {upwards} ELSE {downwards} END)", array(BIGINT))


# --- aggregates ---


def _aggregate(call: Call, sql: str, kind: Type) -> Typed:
    return Typed(f"{sql}{call.tail}", kind)


def _inside(call: Call, args: Sequence[str]) -> str:
    return f"{'DISTINCT ' if call.distinct else ''}{', '.join(args)}{call.order}"


@_function("count", table=AGGREGATES)
def _count(call: Call) -> Typed:
    call.require(0, 1)
    call.use("E" if call.args else "*")
    inside = _inside(call, [call.args[0].sql]) if call.args else "*"
    return _aggregate(call, f"count({inside})", BIGINT)


@_function("count_if", table=AGGREGATES)
def _count_if(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type not in (BOOLEAN, UNKNOWN):
        raise call.mismatch("count_if(boolean)")
    call.use(BOOLEAN)
    return _aggregate(call, f"count({_inside(call, [f'CASE WHEN {call.args[0].sql} THEN 1 END'])})", BIGINT)


@_function("sum", table=AGGREGATES)
def _sum(call: Call) -> Typed:
    call.require(1)
    kind = call.args[0].type
    if not kind.is_numeric:
        raise call.mismatch("sum(bigint), sum(decimal(p,s)), sum(double), sum(real)")
    call.use(kind)
    if kind.is_integer:
        return Typed(f"CAST(sum({_inside(call, [call.args[0].sql])}){call.tail} AS BIGINT)", BIGINT)
    if kind.base == "decimal":
        wide = types.decimal(38, kind.params[1])
        return Typed(
            f"CAST(sum({_inside(call, [call.args[0].sql])}){call.tail} AS {types.to_duckdb(wide)})", wide
        )
    return _aggregate(call, f"sum({_inside(call, [call.args[0].sql])})", kind)


@_function("avg", table=AGGREGATES)
def _avg(call: Call) -> Typed:
    call.require(1)
    kind = call.args[0].type
    if kind.is_integer or kind == DOUBLE:
        call.use(kind)
        return _aggregate(call, f"avg({_inside(call, [f'CAST({call.args[0].sql} AS DOUBLE)'])})", DOUBLE)
    raise Refused(f"avg of {kind}")


@_function("min", "max", table=AGGREGATES)
def _extreme(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type.items or call.args[0].type.base in ("json", "double", "real"):
        raise Refused(f"{call.name} of {call.args[0].type}")
    call.use(call.args[0].type)
    return _aggregate(call, f"{call.name}({_inside(call, [call.args[0].sql])})", call.args[0].type)


@_function("min_by", "max_by", table=AGGREGATES)
def _extreme_by(call: Call) -> Typed:
    call.require(2)
    value, key = call.args
    call.use("E", key.type)
    # DuckDB passes over rows whose value is null; in a struct it counts.
    boxed = f"{call.name}(struct_pack(v := {value.sql}), {key.sql}){call.tail}"
    return Typed(f"({boxed}).v", value.type)


@_function("arbitrary", "any_value", table=AGGREGATES)
def _arbitrary(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    return _aggregate(call, f"any_value({call.args[0].sql})", call.args[0].type)


@_function("array_agg", table=AGGREGATES)
def _array_agg(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    return _aggregate(call, f"list({_inside(call, [call.args[0].sql])})", array(call.args[0].type))


@_function("bool_or", "bool_and", "every", table=AGGREGATES)
def _bool(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type not in (BOOLEAN, UNKNOWN):
        raise call.mismatch(f"{call.name}(boolean)")
    call.use(BOOLEAN)
    name = "bool_or" if call.name == "bool_or" else "bool_and"
    return _aggregate(call, f"{name}({_inside(call, [call.args[0].sql])})", BOOLEAN)


# --- window functions ---


@_function("row_number", "rank", "dense_rank", table=WINDOW_FUNCTIONS)
def _rank(call: Call) -> Typed:
    call.require(0)
    call.use()
    return Typed(f"{call.name}(){call.tail}", BIGINT)


@_function("lag", "lead", table=WINDOW_FUNCTIONS)
def _neighbour(call: Call) -> Typed:
    call.require(1, 2)
    call.use("E", *(arg.type for arg in call.args[1:]))
    return Typed(f"{call.name}({', '.join(arg.sql for arg in call.args)}){call.tail}", call.args[0].type)


@_function("first_value", "last_value", table=WINDOW_FUNCTIONS)
def _edge_value(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    return Typed(f"{call.name}({call.args[0].sql}){call.tail}", call.args[0].type)
