"""Window functions."""

from __future__ import annotations

from local_athena.compiler.functions.registry import WINDOW_FUNCTIONS, Call, function
from local_athena.compiler.scopes import Typed
from local_athena.values.types import BIGINT


@function("row_number", "rank", "dense_rank", table=WINDOW_FUNCTIONS)
def _rank(call: Call) -> Typed:
    call.require(0)
    call.use()
    return Typed(f"{call.name}(){call.tail}", BIGINT)


@function("lag", "lead", table=WINDOW_FUNCTIONS)
def _neighbour(call: Call) -> Typed:
    call.require(1, 2)
    call.use("E", *(arg.type for arg in call.args[1:]))
    return Typed(f"{call.name}({', '.join(arg.sql for arg in call.args)}){call.tail}", call.args[0].type)


@function("first_value", "last_value", table=WINDOW_FUNCTIONS)
def _edge_value(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    return Typed(f"{call.name}({call.args[0].sql}){call.tail}", call.args[0].type)
