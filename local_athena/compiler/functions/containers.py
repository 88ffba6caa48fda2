"""Compiles functions of arrays, maps and rows."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.functions.registry import Call, coerces, function
from local_athena.compiler.intervals import literal_interval
from local_athena.compiler.lambdas import lambda_sql
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Typed, row_of
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.duckdb_types import to_duckdb
from local_athena.values.types import BIGINT, BOOLEAN, DATE, UNKNOWN, VARBINARY, VARCHAR, Type, array


@function("concat")
def _concat(call: Call) -> Typed:
    if len(call.args) < 2:
        raise QueryFailed(
            "INVALID_FUNCTION_ARGUMENT",
            f"{place(call.node)}There must be two or more concatenation arguments",
        )
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
    item = types.common_of(arg.type.items[0] if arg.type.base == "array" else arg.type for arg in call.args)
    if item is None:
        raise call.mismatch("concat(array(E), ...)")
    kind = array(item)
    parts = []
    for arg in call.args:
        whole = arg.type.base == "array"
        call.use("array(E)" if whole else "E", "...")
        sql = call.compiler.coerced(arg, kind if whole else item)
        parts.append(sql if whole else f"[{sql}]")
    # DuckDB treats a null list as an empty one. In Trino, the result is null.
    nulls = " OR ".join(f"{part} IS NULL" for part in parts)
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE list_concat({', '.join(parts)}) END)", kind)


@function("row")
def _row(call: Call) -> Typed:
    call.use("E, ...")
    return row_of(call.args)


@function("cardinality")
def _cardinality(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type.base == "array":
        call.use("array(E)")
        return Typed(f"len({call.args[0].sql})", BIGINT)
    if call.args[0].type.base == "map":
        call.use("map(K, V)")
        return Typed(f"CAST(cardinality({call.args[0].sql}) AS BIGINT)", BIGINT)
    raise call.mismatch("cardinality(array(E)), cardinality(map(K,V))")


@function("element_at")
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
    if not coerces(key.type, kind):
        raise call.mismatch("element_at(map(K,V), K)")
    call.use(f"map({shape(kind)}, V)", kind)
    return Typed(f"{value.sql}[{call.compiler.coerced(key, kind)}]", item)


@function("map_keys", "map_values")
def _map_part(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type.base != "map":
        raise call.mismatch(f"{call.name}(map(K,V))")
    call.use("map(K, V)")
    return Typed(
        f"{call.name}({call.args[0].sql})", array(call.args[0].type.items[call.name == "map_values"])
    )


@function("[]")
def _subscript(call: Call) -> Typed:
    value, index = call.args
    if value.type.base == "map":
        return _present_value(value, index, call)
    if value.type.base not in ("array", "row", "unknown"):
        raise QueryFailed("TYPE_MISMATCH", f"Cannot use {index.type} for subscript of {value.type}")
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
        f"ELSE CAST({problem} AS {to_duckdb(item)}) END)",
        item,
    )


def _present_value(value: Typed, key: Typed, call: Call) -> Typed:
    """`map[key]`, which fails if the map has no such key."""
    kind, item = value.type.items
    if not coerces(key.type, kind) or kind.base not in ("varchar", "integer", "bigint"):
        raise call.unsupported()
    call.use(f"map({shape(kind)}, V)", kind)
    wanted = call.compiler.coerced(key, kind)
    problem = f"t_fail('INVALID_FUNCTION_ARGUMENT|Key not present in map: ' || CAST({wanted} AS VARCHAR))"
    return Typed(
        f"(CASE WHEN {value.sql} IS NULL OR {wanted} IS NULL THEN NULL "
        f"WHEN map_contains({value.sql}, {wanted}) THEN {value.sql}[{wanted}] "
        f"ELSE CAST(CAST({problem} AS INTEGER) AS {to_duckdb(item)}) END)",
        item,
    )


def _array_argument(call: Call, *counts: int) -> Typed:
    call.require(*counts)
    if not isinstance(call.args[0], Typed) or call.args[0].type.base != "array":
        raise call.mismatch(f"{call.name}(array(T), ...)")
    return call.args[0]


@function("transform")
def _transform(call: Call) -> Typed:
    value = _array_argument(call, 2)
    call.use("array(E)", "lambda")
    body = lambda_sql(call.args[1], [value.type.items[0]], call.scope, call.compiler)
    return Typed(f"list_transform({value.sql}, {body.sql})", array(body.type))


def _predicate(call: Call, value: Typed) -> str:
    call.use("array(E)", "lambda")
    body = lambda_sql(call.args[1], [value.type.items[0]], call.scope, call.compiler)
    if body.type != BOOLEAN:
        raise call.mismatch(f"{call.name}(array(T), function(T,boolean))")
    return body.sql


@function("filter")
def _filter(call: Call) -> Typed:
    value = _array_argument(call, 2)
    return Typed(f"list_filter({value.sql}, {_predicate(call, value)})", value.type)


@function("any_match", "all_match", "none_match")
def _match(call: Call) -> Typed:
    value = _array_argument(call, 2)
    tested = f"list_transform({value.sql}, {_predicate(call, value)})"
    # Three-valued logic: a null result of the predicate makes the answer null unless another element decides it.
    true, false, null = (f"list_contains({tested}, TRUE)", f"list_contains({tested}, FALSE)",
                         f"len(list_filter({tested}, lambda t: t IS NULL)) > 0")  # fmt: skip
    cases = {
        "any_match": f"WHEN {true} THEN TRUE WHEN {null} THEN NULL ELSE FALSE",
        "all_match": f"WHEN {false} THEN FALSE WHEN {null} THEN NULL ELSE TRUE",
        "none_match": f"WHEN {true} THEN FALSE WHEN {null} THEN NULL ELSE TRUE",
    }[call.name]
    return Typed(f"(CASE WHEN {value.sql} IS NULL THEN NULL {cases} END)", BOOLEAN)


@function("contains")
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


@function("array_join")
def _array_join(call: Call) -> Typed:
    value = _array_argument(call, 2, 3)
    item = value.type.items[0]
    if item.base != "varchar" and item.base not in ("boolean", "date") and not item.is_integer:
        raise Refused(f"array_join of {value.type}")
    call.use(*(arg.type for arg in call.args))
    as_texts = f"list_transform({value.sql}, lambda t: CAST(t AS VARCHAR))"
    items, texts = value.sql if item.base == "varchar" else as_texts, [arg.sql for arg in call.args[1:]]
    if len(call.args) == 3:
        items = f"list_transform({items}, lambda t: coalesce(t, {texts[1]}))"
    # DuckDB treats a null separator as an empty one. In Trino, the result is null.
    nulls = " OR ".join(f"{each} IS NULL" for each in texts)
    joined = f"array_to_string({items}, {texts[0]})"
    if not isinstance(call.node.expressions[1], exp.Literal):
        # array_to_string takes only a constant.
        known = f"list_filter({items}, lambda t: t IS NOT NULL)"
        joined = (
            f"CASE WHEN len({known}) = 0 THEN '' "
            f"ELSE list_reduce({known}, lambda a, b: a || {texts[0]} || b) END"
        )
    return Typed(f"(CASE WHEN {nulls} OR {value.sql} IS NULL THEN NULL ELSE {joined} END)", VARCHAR)


@function("array_distinct")
def _array_distinct(call: Call) -> Typed:
    value = _array_argument(call, 1)
    call.use(value.type)
    first = f"list_filter({value.sql}, lambda t, i: list_position({value.sql}, t) = i)"
    return Typed(f"({first})", value.type)


@function("array_sort")
def _array_sort(call: Call) -> Typed:
    value = _array_argument(call, 1)
    call.use(value.type)
    return Typed(f"list_sort({value.sql}, 'ASC', 'NULLS LAST')", value.type)


#: The largest number of elements that Trino's `sequence` returns.
_LONGEST_SEQUENCE = 10_000
_TOO_MANY = f"result of sequence function must not have more than {_LONGEST_SEQUENCE} entries"
_WRONG_STEP = (
    "sequence stop value should be greater than or equal to start value if step is greater than zero "
    "otherwise stop should be less than or equal to start"
)


@function("sequence")
def _sequence(call: Call) -> Typed:
    """An array of numbers, dates or timestamps from a start to an end, both included.

    Without a step argument, numbers change by one and dates by one day, in the direction of the end.
    """
    call.require(2, 3)
    first = call.args[0].type
    if first == DATE or first.base == "timestamp":
        return _sequence_of_moments(call)
    if not all(arg.type.is_integer for arg in call.args):
        raise call.unsupported()
    call.use(*(BIGINT for _ in call.args))
    start, stop = (f"CAST({call.coerced(index, BIGINT)} AS HUGEINT)" for index in range(2))
    step = call.coerced(2, BIGINT) if len(call.args) == 3 else _towards(start, stop)
    element = f"lambda i: CAST({start} + i * ({step}) AS BIGINT)"
    return _sequence_sql(start, stop, step, f"({stop} - {start}) // ({step})", element, BIGINT)


def _sequence_of_moments(call: Call) -> Typed:
    first, second = call.args[0], call.args[1]
    kind = first.type
    if second.type != kind:
        raise call.unsupported()
    start, stop = first.sql, second.sql
    if len(call.args) == 2:
        if kind != DATE:
            raise call.mismatch("sequence(date, date), sequence(timestamp(p), timestamp(p), interval)")
        call.use(DATE, DATE)
        step, days = _towards(start, stop), f"CAST({stop} - {start} AS BIGINT)"
        return _sequence_sql(
            start,
            stop,
            step,
            f"{days} // ({step})",
            f"lambda i: {start} + CAST(i * ({step}) AS INTEGER)",
            DATE,
        )
    unit, count = literal_interval(call.node.expressions[2])
    if kind == DATE and unit in ("second", "minute", "hour"):
        raise Refused(f"a sequence of dates by {unit}s")
    call.use(kind, kind, f"interval {unit}")
    whole = f"date_sub('{unit}', CAST({start} AS TIMESTAMP), CAST({stop} AS TIMESTAMP))"
    element = f"lambda i: CAST({start} + to_{unit}s(CAST(i * {count} AS INTEGER)) AS {to_duckdb(kind)})"
    return _sequence_sql(start, stop, str(count), f"{whole} // ({count})", element, kind)


def _towards(start: str, stop: str) -> str:
    return f"(CASE WHEN {start} <= {stop} THEN 1 ELSE -1 END)"


def _sequence_sql(start: str, stop: str, step: str, steps: str, element: str, item: Type) -> Typed:
    """The array whose elements are the lambda `element`, applied to 0, 1, …, `steps`."""
    kind = to_duckdb(array(item))
    fails = f"CAST(t_fail('INVALID_FUNCTION_ARGUMENT|{{}}') AS {kind})"
    return Typed(
        f"(CASE WHEN {start} IS NULL OR {stop} IS NULL OR {step} IS NULL THEN NULL "
        f"WHEN {step} = 0 THEN {fails.format('step must not be zero')} "
        f"WHEN ({step} > 0 AND {start} > {stop}) OR ({step} < 0 AND {start} < {stop}) "
        f"THEN {fails.format(_WRONG_STEP)} "
        f"WHEN {steps} >= {_LONGEST_SEQUENCE} THEN {fails.format(_TOO_MANY)} "
        f"ELSE list_transform(range(0, CAST({steps} AS BIGINT) + 1), {element}) END)",
        array(item),
    )


@function("map")
def _map(call: Call) -> Typed:
    """A map from an array of keys and an array of values."""
    call.require(0, 2)
    if not call.args:
        call.use()
        return Typed("MAP {}", types.map_of(UNKNOWN, UNKNOWN))
    keys, values = call.args
    if keys.type.base != "array" or values.type.base != "array":
        raise call.mismatch("map(array(K), array(V))")
    key, value = keys.type.items[0], values.type.items[0]
    if key.items or key.base in ("json", "double", "real", "unknown") or value == UNKNOWN:
        raise call.unsupported()
    call.use(keys.type, "array(V)")
    kind = types.map_of(key, value)
    fails = f"CAST(CAST(t_fail('INVALID_FUNCTION_ARGUMENT|' || {{}}) AS INTEGER) AS {to_duckdb(kind)})"
    twice = f"list_filter({keys.sql}, lambda k, i: list_position({keys.sql}, k) <> i)[1]"
    cases = [
        f"WHEN {keys.sql} IS NULL OR {values.sql} IS NULL THEN NULL",
        f"WHEN len({keys.sql}) <> len({values.sql}) THEN "
        + fails.format("'Key and value arrays must be the same length'"),
        f"WHEN len(list_filter({keys.sql}, lambda k: k IS NULL)) > 0 THEN "
        + fails.format("'map key cannot be null'"),
        f"WHEN len({keys.sql}) <> len(list_distinct({keys.sql})) THEN "
        + fails.format(f"'Duplicate map keys (' || CAST({twice} AS VARCHAR) || ') are not allowed'"),
    ]
    return Typed(f"(CASE {' '.join(cases)} ELSE map({keys.sql}, {values.sql}) END)", kind)


@function("array_max", "array_min")
def _array_extreme(call: Call) -> Typed:
    """The largest or smallest element; null if an element is null."""
    value = _array_argument(call, 1)
    item = value.type.items[0]
    if not _is_equal_in_duckdb(item):
        raise call.unsupported()
    call.use(value.type)
    nulls = f"len(list_filter({value.sql}, lambda t: t IS NULL)) > 0"
    return Typed(
        f"(CASE WHEN {nulls} THEN NULL ELSE list_{call.name.removeprefix('array_')}({value.sql}) END)", item
    )


@function("flatten")
def _flatten(call: Call) -> Typed:
    """The arrays inside an array, concatenated. Null arrays are skipped."""
    value = _array_argument(call, 1)
    if value.type.items[0].base != "array":
        raise call.mismatch("flatten(array(array(E)))")
    call.use("array(array(E))")
    return Typed(f"flatten(list_filter({value.sql}, lambda t: t IS NOT NULL))", value.type.items[0])


def _is_equal_in_duckdb(item: Type) -> bool:
    """Whether DuckDB and Trino agree which values of the type are equal."""
    return not item.items and item.base not in ("json", "double", "real", "unknown")


def _array_and_element(call: Call) -> tuple[str, str, Type]:
    """The SQL of an array, the SQL of a value to find in it, and the common type of the value and the elements."""
    value = _array_argument(call, 2)
    item = types.common(value.type.items[0], call.args[1].type)
    if item is None or not _is_equal_in_duckdb(item):
        raise call.unsupported()
    call.use(array(item), item)
    return call.coerced(0, array(item)), call.coerced(1, item), item


@function("array_position")
def _array_position(call: Call) -> Typed:
    """The position of the first element that equals a value; 0 if there is none."""
    items, wanted, _ = _array_and_element(call)
    return Typed(
        f"(CASE WHEN {items} IS NULL OR {wanted} IS NULL THEN NULL "
        f"ELSE CAST(coalesce(list_position({items}, {wanted}), 0) AS BIGINT) END)",
        BIGINT,
    )


@function("array_union", "array_intersect", "array_except")
def _array_set(call: Call) -> Typed:
    """The union, intersection or difference of two arrays. Equal elements appear once."""
    first, second = _array_argument(call, 2), call.args[1]
    kind = types.common(first.type, second.type)
    if kind is None:
        raise call.mismatch(f"{call.name}(array(E), array(E))")
    item = kind.items[0]
    if not _is_equal_in_duckdb(item):
        raise call.unsupported()
    call.use(kind, kind)
    left, right = call.coerced(0, kind), call.coerced(1, kind)
    shared = "list_filter({}, lambda t: list_position({}, t) IS NOT NULL)"
    both = {
        "array_union": f"list_concat({left}, {right})",
        # Trino keeps the order of the longer array, or of the first if both have the same length.
        "array_intersect": f"(CASE WHEN len({left}) < len({right}) THEN {shared.format(right, left)} "
        f"ELSE {shared.format(left, right)} END)",
        "array_except": f"list_filter({left}, lambda t: list_position({right}, t) IS NULL)",
    }[call.name]
    once = f"list_filter({both}, lambda t, i: list_position({both}, t) = i)"
    return Typed(f"(CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL ELSE {once} END)", kind)


@function("arrays_overlap")
def _arrays_overlap(call: Call) -> Typed:
    """Whether two arrays have a common element; null if they have none but a null element could be one."""
    first, second = _array_argument(call, 2), call.args[1]
    kind = types.common(first.type, second.type)
    if kind is None or not _is_equal_in_duckdb(kind.items[0]):
        raise call.unsupported()
    call.use(kind, kind)
    left, right = call.coerced(0, kind), call.coerced(1, kind)
    nulls = [f"len(list_filter({each}, lambda t: t IS NULL)) > 0" for each in (left, right)]
    return Typed(
        f"(CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL WHEN list_has_any({left}, {right}) THEN TRUE "
        f"WHEN len({left}) > 0 AND len({right}) > 0 AND ({' OR '.join(nulls)}) THEN NULL ELSE FALSE END)",
        BOOLEAN,
    )


@function("array_remove")
def _array_remove(call: Call) -> Typed:
    """The array without the elements that equal a value."""
    items, unwanted, item = _array_and_element(call)
    kept = f"list_filter({items}, lambda t: t IS NULL OR t <> {unwanted})"
    return Typed(f"(CASE WHEN {items} IS NULL OR {unwanted} IS NULL THEN NULL ELSE {kept} END)", array(item))


@function("repeat")
def _repeat(call: Call) -> Typed:
    """An array that repeats one element."""
    call.require(2)
    value, kind = call.args[0], array(call.args[0].type)
    if value.type == UNKNOWN or not call.args[1].type.is_integer:
        raise call.unsupported()
    call.use("E", BIGINT)
    count = call.coerced(1, BIGINT)
    fails = f"CAST(t_fail('INVALID_FUNCTION_ARGUMENT|{{}}') AS {to_duckdb(kind)})"
    return Typed(
        f"(CASE WHEN {count} IS NULL THEN NULL "
        f"WHEN {count} < 0 THEN {fails.format('count argument of repeat function must be greater than or equal to 0')} "
        f"WHEN {count} > 10000 THEN {fails.format('count argument of repeat function must be less than or equal to 10000')} "
        f"ELSE list_transform(range(0, {count}), lambda i: {value.sql}) END)",
        kind,
    )


@function("map_entries")
def _map_entries(call: Call) -> Typed:
    """A map's keys and values as rows without field names."""
    call.require(1)
    kind = call.args[0].type
    if kind.base != "map":
        raise call.mismatch("map_entries(map(K,V))")
    call.use("map(K, V)")
    sql = (
        f"list_transform(map_entries({call.args[0].sql}), lambda e: struct_pack(f0 := e.key, f1 := e.value))"
    )
    return Typed(sql, array(types.row((None, None), kind.items)))


@function("slice")
def _slice(call: Call) -> Typed:
    """The elements of an array from a position, up to a number of elements. A negative position counts from the end."""
    value = _array_argument(call, 3)
    if not all(arg.type.is_integer for arg in call.args[1:]):
        raise call.unsupported()
    call.use("array(E)", BIGINT, BIGINT)
    start, length = call.coerced(1, BIGINT), call.coerced(2, BIGINT)
    fails = f"CAST(t_fail('INVALID_FUNCTION_ARGUMENT|{{}}') AS {to_duckdb(value.type)})"
    first = f"(CASE WHEN {start} < 0 THEN len({value.sql}) + {start} + 1 ELSE {start} END)"
    return Typed(
        f"(CASE WHEN {value.sql} IS NULL OR {start} IS NULL OR {length} IS NULL THEN NULL "
        f"WHEN {start} = 0 THEN {fails.format('SQL array indices start at 1')} "
        f"WHEN {length} < 0 THEN {fails.format('length must be greater than or equal to 0')} "
        f"WHEN {first} < 1 OR {first} > len({value.sql}) OR {length} = 0 THEN [] "
        f"ELSE array_slice({value.sql}, {first}, {first} + {length} - 1) END)",
        value.type,
    )
