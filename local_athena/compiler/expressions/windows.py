"""Compiles window functions: PARTITION BY, ORDER BY and the frame of an OVER clause."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlglot import exp

from local_athena.compiler.contract import Compiler, Part
from local_athena.compiler.expressions.calls import AGGREGATE, WINDOW, call_aggregate
from local_athena.compiler.functions import AGGREGATES, WINDOW_FUNCTIONS, Call
from local_athena.compiler.ordering import order_by
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Scope, Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place


def _window(node: exp.Window, scope: Scope, compiler: Compiler) -> Typed:
    if scope.clause in (AGGREGATE, WINDOW):
        raise QueryFailed(
            "NESTED_WINDOW",
            f"{place(node)}Cannot nest window functions or row pattern measures inside {scope.clause}: "
            f"[{node.sql('trino')}]",
        )
    if scope.clause:
        raise QueryFailed(
            "EXPRESSION_NOT_SCALAR",
            f"{place(node)}{scope.clause} cannot contain aggregations, window functions or grouping operations: "
            f"[{node.sql('trino')}]",
        )
    call, name = node.this, node.args.get("alias")
    if not isinstance(call, exp.Anonymous):
        raise Refused(f"the window {node.sql('trino')[:80]}")
    if name is not None:
        compiler.note("over w")
        node = _resolved(node, name)
    # In an aggregated query, a window ranges over the groups, so its expressions may contain aggregates.
    inner = replace(scope, clause=WINDOW if scope.keys is None else "")
    compiled = [compiler.expression(key, inner) for key in node.args.get("partition_by") or []]
    for key in compiled:
        compiler.note(f"partition by {shape(key.type)}")
    keys = [key.sql for key in compiled]
    scope.windows.append(set(keys))
    parts = [f"PARTITION BY {', '.join(keys)}"] if keys else []
    if node.args.get("order"):
        parts.append(order_by(node.args["order"], inner, compiler).strip())
    if node.args.get("spec"):
        frame = _frame(node.args["spec"])
        compiler.note(re.sub(r"\d+", "n", frame.lower()))
        parts.append(frame)
    over = f" OVER ({' '.join(parts)})"
    name = call.name.lower()
    if name in AGGREGATES:
        return call_aggregate(call, inner, over, compiler)
    if name not in WINDOW_FUNCTIONS:
        raise Refused(f"the window function {name}")
    args = [compiler.expression(arg, inner) for arg in call.expressions]
    return WINDOW_FUNCTIONS[name](Call(name, args, call, compiler, inner, tail=over, windowed=True))


def _resolved(node: exp.Window, name: exp.Identifier) -> exp.Window:
    """A window that names another, with the parts of that one.

    Raises:
        QueryFailed: the query has no window of that name.
        Refused: both have an ORDER BY or a frame.
    """
    query = node.find_ancestor(exp.Select)
    if query is None:
        raise Refused(f"the window {node.sql('trino')[:80]}")
    listed = query.args.get("windows") or []
    named = next((each for each in listed if each.this.name.lower() == name.name.lower()), None)
    if named is None:
        raise QueryFailed("INVALID_WINDOW_REFERENCE", f"{place(name)}Cannot resolve WINDOW name {name.name}")
    parts = ("partition_by", "order", "spec")
    own = [part for part in parts if node.args.get(part)]
    if named.args.get("alias") or (named.args.get("spec") and own) or (own and own != ["spec"]):
        raise Refused(f"the window {node.sql('trino')[:80]}")
    resolved = node.copy()
    for part in parts:
        if named.args.get(part) and part not in own:
            value = named.args[part]
            resolved.set(part, [each.copy() for each in value] if isinstance(value, list) else value.copy())
    return resolved


def _frame(spec: exp.WindowSpec) -> str:
    kind = (spec.args.get("kind") or "RANGE").upper()
    if kind not in ("ROWS", "RANGE") or spec.args.get("exclude"):
        raise Refused(f"the window frame {spec.sql('trino')}")

    def edge(which: str) -> str:
        value, side = spec.args.get(which), spec.args.get(f"{which}_side") or ""
        if isinstance(value, exp.Literal) and kind == "ROWS":
            return f"{int(value.name)} {side.upper()}"
        if value in ("UNBOUNDED", "CURRENT ROW"):
            return f"{value} {side}".upper().strip()
        raise Refused(f"the window frame {spec.sql('trino')}")

    start = edge("start")
    end = edge("end") if spec.args.get("end") is not None else "CURRENT ROW"
    _check_edges(start, end, spec)
    return f"{kind} {start}" if spec.args.get("end") is None else f"{kind} BETWEEN {start} AND {end}"


def _check_edges(start: str, end: str, spec: exp.Expr) -> None:
    """Reject a frame whose end can never follow its start.

    Raises:
        QueryFailed: INVALID_WINDOW_FRAME.
    """
    first, last = start.split()[-1], end.split()[-1]
    problem = ""
    if start == "UNBOUNDED FOLLOWING":
        problem = "Window frame start cannot be UNBOUNDED FOLLOWING"
    elif end == "UNBOUNDED PRECEDING":
        problem = "Window frame end cannot be UNBOUNDED PRECEDING"
    elif start == "CURRENT ROW" and last == "PRECEDING":
        problem = "Window frame starting from CURRENT ROW cannot end with PRECEDING"
    elif first == "FOLLOWING" and last == "PRECEDING":
        problem = "Window frame starting from FOLLOWING cannot end with PRECEDING"
    elif first == "FOLLOWING" and last == "ROW":
        problem = "Window frame starting from FOLLOWING cannot end with CURRENT ROW"
    if problem:
        raise QueryFailed("INVALID_WINDOW_FRAME", f"{place(spec)}{problem}")


WINDOWS: dict[type[exp.Expr], Part] = {exp.Window: _window}
