"""Compiles GROUP BY: its keys, GROUPING SETS, ROLLUP and CUBE."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sqlglot import exp

from local_athena.compiler.contract import Compiler
from local_athena.compiler.expressions.aggregation import has_aggregate
from local_athena.compiler.queries.clauses import note_each
from local_athena.compiler.scopes import Output, Scope, Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place

#: Trino's limit of grouping sets in one GROUP BY.
_MOST_SETS = 2048


def group_by(
    tree: exp.Select, outputs: list[Output], parent: Scope | None, compiler: Compiler
) -> tuple[list[Typed] | None, str]:
    """The compiled grouping keys (None if the query is not aggregated), and the clause in DuckDB's SQL.

    Raises:
        QueryFailed: a key is the number of a column that the select list does not have, or a key of a grouping set
            is not a column.
        Refused: the clause is GROUP BY ALL or GROUP BY DISTINCT, or has too many grouping sets.
    """
    group = tree.args.get("group")
    if group is None:
        aggregated = tree.args.get("having") or any(map(has_aggregate, tree.expressions))
        return ([] if aggregated else None), ""
    scope = Scope(outputs, parent, clause="GROUP BY clause")

    def key(node: exp.Expr) -> Typed:
        if isinstance(node, exp.Literal) and not node.is_string:
            node = _ordinal(node, tree.expressions)
        return compiler.expression(node.unnest(), scope)

    if group.args.get("all") is not None:
        raise Refused("GROUP BY ALL and GROUP BY DISTINCT")
    special = [node for node in group.expressions if isinstance(node, _SPECIAL)]
    nodes = [_members(node) for node in group.expressions if not isinstance(node, _SPECIAL)]
    plain = [key(node) for node in itertools.chain(*nodes)]
    if not special:
        note_each("group by", [each.type for each in plain], compiler)
        return plain, f" GROUP BY {', '.join(each.sql for each in plain) or '()'}"
    for node in special:
        compiler.note(f"group by {_WORDS[type(node)]}")
    chosen = list(itertools.product(*map(_sets, special)))
    if len(chosen) > _MOST_SETS:
        raise Refused(f"more than {_MOST_SETS} grouping sets")
    sets = [[key(_column(node)) for node in itertools.chain(*each)] for each in chosen]
    keys = list({each.sql: each for each in itertools.chain(plain, *sets)}.values())
    note_each("group by", [each.type for each in keys], compiler)
    listed = ", ".join(f"({', '.join(each.sql for each in (*plain, *one))})" for one in sets)
    return keys, f" GROUP BY GROUPING SETS ({listed})"


_WORDS: dict[type[exp.Expr], str] = {
    exp.GroupingSets: "grouping sets",
    exp.Rollup: "rollup",
    exp.Cube: "cube",
}
_SPECIAL = tuple(_WORDS)


def _column(node: exp.Expr) -> exp.Expr:
    """A key of a grouping set. Trino accepts only columns there.

    Raises:
        QueryFailed: the key is another expression.
    """
    if not isinstance(node.unnest(), (exp.Column, exp.Dot)):
        raise QueryFailed(
            "INVALID_COLUMN_REFERENCE",
            f"{place(node)}GROUP BY expression must be a column reference: {node.sql('trino')}",
        )
    return node


def _sets(node: exp.Expr) -> list[list[exp.Expr]]:
    """The grouping sets of GROUPING SETS, ROLLUP or CUBE, each as a list of keys."""
    items = [_members(item) for item in node.expressions]
    if isinstance(node, exp.GroupingSets):
        if any(isinstance(item, _SPECIAL) for item in node.expressions):
            raise Refused("ROLLUP or CUBE inside of GROUPING SETS")
        return items
    chosen: list[Sequence[list[exp.Expr]]]
    if isinstance(node, exp.Rollup):
        chosen = [items[:length] for length in range(len(items), -1, -1)]
    else:
        chosen = [
            each for length in range(len(items), -1, -1) for each in itertools.combinations(items, length)
        ]
    return [list(itertools.chain(*each)) for each in chosen]


def _members(item: exp.Expr) -> list[exp.Expr]:
    return list(item.expressions) if isinstance(item, exp.Tuple) else [item]


def _ordinal(item: exp.Expr, items: list[exp.Expr]) -> exp.Expr:
    position = int(item.name)
    if not 1 <= position <= len(items):
        raise QueryFailed(
            "INVALID_COLUMN_REFERENCE", f"{place(item)}GROUP BY position {position} is not in select list"
        )
    item = items[position - 1]
    return item.this if isinstance(item, exp.Alias) else item
