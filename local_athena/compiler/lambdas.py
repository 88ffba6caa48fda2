"""Compiles lambdas, which are arguments of functions such as transform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from local_athena.compiler.contract import Compiler
from local_athena.compiler.scopes import Scope, Typed
from local_athena.errors import QueryFailed
from local_athena.sql.places import place
from local_athena.values.types import Type


def lambda_sql(node: exp.Expr, kinds: Sequence[Type], scope: Scope, compiler: Compiler) -> Typed:
    """A lambda's SQL (`lambda x: …`) and the type of its body.

    Args:
        node: the argument.
        kinds: the types of the lambda's parameters.
        scope: the scope of the function call.
        compiler: compiles the body.

    Raises:
        QueryFailed: the argument is not a lambda, or has another number of parameters.
    """
    if not isinstance(node, exp.Lambda):
        raise QueryFailed(
            "FUNCTION_NOT_FOUND", "Unexpected parameters: a function takes a lambda expression here"
        )
    if len(node.expressions) != len(kinds):
        raise QueryFailed(
            "INVALID_PARAMETER_USAGE",
            f"{place(node)}Expected a lambda that takes {len(kinds)} argument(s) but got {len(node.expressions)}",
        )
    compiler.note("lambda")
    variables = dict(scope.variables)
    names = []
    for parameter, kind in zip(node.expressions, kinds, strict=True):
        names.append(compiler.new_variable())
        variables[parameter.name.lower()] = Typed(names[-1], kind)
    body = compiler.expression(node.this, replace(scope, variables=variables))
    return Typed(f"lambda {', '.join(names)}: {body.sql}", body.type)
