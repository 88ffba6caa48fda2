"""Registers the supported functions, and checks their calls."""

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
    """One call of a function.

    Attributes:
        name: the function's name in lower case.
        args: the compiled arguments (`Typed`). Lambdas and intervals are the parsed nodes instead.
        node: the call in the syntax tree.
        distinct: whether the arguments of an aggregate are DISTINCT.
        order: the ORDER BY clause inside an aggregate's parentheses, in DuckDB's SQL.
        tail: an aggregate's FILTER or OVER clause, in DuckDB's SQL.
        windowed: whether the tail is an OVER clause.
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
        """Check the call against the allow-list.

        Args:
            parameters: the parameters in the call's signature: types, or strings such as `E`.

        Raises:
            Refused: the call is not proven.
        """
        if self.distinct:
            parameters = tuple(arg.type for arg in self.args)
        written = ", ".join(shape(each) if isinstance(each, Type) else each for each in parameters)
        inside = f"{'distinct ' if self.distinct else ''}{written}{' order by' if self.order else ''}"
        self.compiler.note(f"{self.name}({inside}){' over' if self.windowed else ''}")

    def coerced(self, index: int, kind: Type) -> str:
        """An argument's SQL, coerced to the parameter's type."""
        return self.compiler.coerced(self.args[index], kind)

    def mismatch(self, expected: str) -> QueryFailed:
        """Trino's error for arguments that match no signature of the function.

        If an argument is a lambda or a null without a type, the call is refused instead, because Trino may accept it.
        """
        if any(not isinstance(arg, Typed) or "unknown" in str(arg.type) for arg in self.args):
            return self.unsupported()
        given = ", ".join(str(arg.type) if isinstance(arg, Typed) else "lambda" for arg in self.args)
        return QueryFailed(
            "FUNCTION_NOT_FOUND",
            f"{place(self.node)}Unexpected parameters ({given}) for function {self.name}. Expected: {expected}",
        )

    def require(self, *counts: int) -> None:
        """Check the number of arguments.

        Raises:
            Refused: the call has another number of arguments.
        """
        if len(self.args) not in counts:
            raise self.unsupported()

    def literal_text(self, index: int, what: str) -> str:
        """The text of an argument.

        Args:
            index: the index of the argument.
            what: what the argument is, for the message.

        Raises:
            Refused: it is not a string literal.
        """
        node = self.node.expressions[index]
        if not isinstance(node, exp.Literal) or not node.is_string:
            raise Refused(f"{self.name} with {what} that is not a literal")
        return node.name

    def unsupported(self) -> Refused:
        """The error for arguments that Trino may accept but local Athena does not support."""
        given = ", ".join(str(arg.type) if isinstance(arg, Typed) else "lambda" for arg in self.args)
        return Refused(f"the function {self.name}({given})")


Handler = Callable[[Call], Typed]
FUNCTIONS: dict[str, Handler] = {}
AGGREGATES: dict[str, Handler] = {}
WINDOW_FUNCTIONS: dict[str, Handler] = {}
#: The signatures of all functions that `simple` registered.
DECLARED: list[str] = []


def function(*names: str, table: dict[str, Handler] = FUNCTIONS) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of calls with these names."""

    def add(handler: Handler) -> Handler:
        table.update(dict.fromkeys(names, handler))
        return handler

    return add


def ambiguous(node: exp.Expr) -> QueryFailed:
    """Trino's error for an untyped null for which several functions or operators fit."""
    problem = "Could not choose a best candidate operator. Explicit type casts must be added."
    return QueryFailed("AMBIGUOUS_FUNCTION_CALL", f"{place(node)}{problem}")


def coerces(kind: Type, wanted: Type) -> bool:
    """Whether values of a type are implicitly coerced to the wanted type. A varchar may have any length.

    A timestamp with time zone may have any zone.
    """
    both = types.common(types.in_utc(kind), wanted)
    return both is not None and (both == wanted or (both.base == wanted.base == "varchar"))


#: The type of a function's result, or a function that computes it from the lengths of the varchar arguments. A length
#: is None if it is unlimited.
Returns = Type | Callable[..., Type]


def simple(name: str, *signatures: tuple[tuple[Type, ...], Returns, str], complete: bool = True) -> None:
    """Register a function whose signatures have fixed types.

    Args:
        name: the function's name.
        signatures: for each signature, the types of the parameters, the type of the result, and DuckDB's SQL with
            {0}, {1}, … for the arguments.
        complete: whether Trino has no other signatures. If so, other arguments are an error; else they are refused.
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
