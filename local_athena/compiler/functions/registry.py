"""Calls of functions, and the tables that functions are registered in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from local_athena.compiler.contract import Compiler
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Scope, Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.types import UNKNOWN, Type


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
    compiler: Compiler
    scope: Scope
    distinct: bool = False
    order: str = ""
    tail: str = ""
    windowed: bool = False

    def use(self, *parameters: Type | str) -> None:
        """Check the call against the allow-list, by its name and its parameters (types, or texts such as `E`).

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


def function(*names: str, table: dict[str, Handler] = FUNCTIONS) -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        table.update(dict.fromkeys(names, handler))
        return handler

    return add


def coerces(kind: Type, wanted: Type) -> bool:
    both = types.common(kind, wanted)
    return both is not None and (both == wanted or (both.base == wanted.base == "varchar"))


#: A function's result: a type, or what computes it from the lengths of the texts that it is given (None: any).
Returns = Type | Callable[..., Type]


def simple(name: str, *signatures: tuple[tuple[Type, ...], Returns, str], complete: bool = True) -> None:
    """A function of fixed types: for each signature its parameters, result and DuckDB's SQL.

    `complete` says that Trino has no other signature, so that other arguments are an error and no refusal.
    """

    def handle(call: Call) -> Typed:
        if any(isinstance(arg, Typed) and arg.type == UNKNOWN for arg in call.args):
            raise call.unsupported()
        for parameters, returns, template in signatures:
            if len(parameters) == len(call.args) and all(
                isinstance(arg, Typed) and coerces(arg.type, kind)
                for arg, kind in zip(call.args, parameters, strict=True)
            ):
                call.use(*parameters)
                args = [call.coerced(index, kind) for index, kind in enumerate(parameters)]
                lengths = [(arg.type.params or (None,))[0] for arg in call.args if arg.type.base == "varchar"]
                kind = returns(*lengths) if callable(returns) else returns
                return Typed(template.format(*args), kind)
        expected = ", ".join(f"{name}({', '.join(map(str, parameters))})" for parameters, _, _ in signatures)
        raise call.mismatch(expected) if complete else call.unsupported()

    FUNCTIONS[name] = handle
    DECLARED.extend(f"{name}({', '.join(map(shape, parameters))})" for parameters, _, _ in signatures)
