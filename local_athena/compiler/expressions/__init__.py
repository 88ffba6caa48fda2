"""Compiles expressions by Trino's rules. Each module compiles the nodes of one topic; PARTS lists all of them."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.contract import Part
from local_athena.compiler.expressions.arithmetic import ARITHMETIC
from local_athena.compiler.expressions.calls import CALLS
from local_athena.compiler.expressions.conditions import CONDITIONS
from local_athena.compiler.expressions.constructs import CONSTRUCTS
from local_athena.compiler.expressions.literals import LITERALS
from local_athena.compiler.expressions.names import NAMES
from local_athena.compiler.expressions.windows import WINDOWS

#: The function that compiles a node, by the node's class or its nearest base class.
PARTS: dict[type[exp.Expr], Part] = {
    **NAMES,
    **LITERALS,
    **CONDITIONS,
    **ARITHMETIC,
    **CONSTRUCTS,
    **CALLS,
    **WINDOWS,
}
