"""Formats queries: their clauses, the relations in FROM, and subqueries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlglot import exp

from local_athena.sql.formatting.calls import function_name, order_by, specification
from local_athena.sql.formatting.parts import expression, formats, joined, unknown
from local_athena.sql.formatting.words import identifier
from local_athena.sql.grammar import IS_PARENTHESISED, IS_TABLE, SPELLING, is_relation

#: The indentation of one level of queries in FROM.
_INDENT = "   "


def query(node: exp.Expr, depth: int = 0) -> str:
    """A query with its WITH, ORDER BY, OFFSET and LIMIT clauses.

    Args:
        node: the query's syntax tree.
        depth: how many queries in FROM or WITH surround it.
    """
    form = _QUERIES.get(type(node))
    if form is None:
        raise unknown(node)
    _check(node)
    return _with(node, depth) + form(node, depth) + _last_clauses(node, depth)


def _check(node: exp.Expr) -> None:
    """Check that this module formats every part of a node.

    Raises:
        Refused: it would leave out a part, such as TABLESAMPLE.
    """
    known = _PARTS[type(node)].split()
    if any(value and part not in known for part, value in node.args.items()):
        raise unknown(node)


def _with(node: exp.Expr, depth: int) -> str:
    clause = node.args.get("with_")
    if clause is None:
        return ""
    indent = _INDENT * depth
    word = "WITH RECURSIVE" if clause.args.get("recursive") else "WITH"
    named = (
        f"{identifier(each.args['alias'].this)}{_column_names(each.args['alias'])} AS {_nested(each.this, depth)}\n"
        for each in clause.expressions
    )
    return f"{indent}{word}\n{indent}  " + ", ".join(named)


def _nested(inner: exp.Expr, depth: int) -> str:
    """A query in parentheses, one level deeper."""
    return f"(\n{query(inner, depth + 1)}{_INDENT * depth}) "


def _parenthesised(node: exp.Expr, depth: int) -> str:
    if node.meta.get(IS_PARENTHESISED):
        return _nested(node.this, depth)
    # sqlglot adds parentheses around INTERSECT to show that it binds tighter.
    return query(node.this, depth)


def _select(node: exp.Expr, depth: int) -> str:
    table = _named_table(node)
    if table is not None:
        return f"TABLE {_relation(table, depth)}\n"
    values = _wrapped_values(node)
    if values is not None:
        return _values_query(values, depth)
    indent = _INDENT * depth
    lines = [
        f"{indent}SELECT{' DISTINCT' if node.args.get('distinct') else ''}{_items(node.expressions, depth)}"
    ]
    source = node.args.get("from_")
    lines.append(f"{indent}FROM\n{indent}  {_from(node, depth)}" if source is not None else "")
    where, group, having, windows = (
        node.args.get(clause) for clause in ("where", "group", "having", "windows")
    )
    if where is not None:
        lines.append(f"{indent}WHERE {expression(where.this)}")
    if group is not None:
        _check(group)
        if group.args.get("all") is not None:
            # GROUP BY ALL, or GROUP BY DISTINCT if it is False.
            raise unknown(node)
        lines.append(f"{indent}GROUP BY {joined(group.expressions, _grouping)}")
    if having is not None:
        lines.append(f"{indent}HAVING {expression(having.this)}")
    if windows:
        named = [f"{identifier(each.this)} AS ({specification(each)})" for each in windows]
        before = " " if len(named) == 1 else f"\n{indent}{_INDENT}"
        lines.append(f"{indent}WINDOW{before}" + f",\n{indent}{_INDENT}".join(named))
    return "".join(f"{line}\n" for line in lines)


def _named_table(node: exp.Expr) -> exp.Expr | None:
    """The table of `TABLE name`, which sqlglot reads as SELECT *; None for other queries."""
    return node.args["from_"].this if node.meta.get(IS_TABLE) else None


def _wrapped_values(node: exp.Expr) -> exp.Expr | None:
    """The VALUES of WITH or of a set operation, which sqlglot wraps in SELECT *; None for other queries."""
    source = node.args.get("from_")
    if source is None or not isinstance(source.this, exp.Values):
        return None
    alias = source.this.args.get("alias")
    # Names that sqlglot adds have no position in the text.
    added = alias is not None and alias.this is not None and "line" not in alias.this.meta
    return source.this if added else None


def _items(items: list[exp.Expr], depth: int) -> str:
    """The select list: on one line if it has one item, else with one line for each item."""
    indent = _INDENT * depth
    shown = list(map(_item, items))
    return f" {shown[0]}" if len(shown) == 1 else _lines(shown, indent)


def _lines(parts: Iterable[str], indent: str) -> str:
    return f"\n{indent}  " + f"\n{indent}, ".join(parts)


def _item(node: exp.Expr) -> str:
    if isinstance(node, exp.Alias):
        return f"{expression(node.this)} {identifier(node.args['alias'])}"
    return expression(node)


def _set_operation(node: exp.Expr, depth: int) -> str:
    word = f"{node.key.upper()} " + ("" if node.args.get("distinct") else "ALL ")
    return query(node.this, depth) + word + query(node.expression, depth)


def _values_query(node: exp.Expr, depth: int) -> str:
    return _nested_values(node, depth) if node.meta.get(IS_PARENTHESISED) else _values(node, depth)


def _values(node: exp.Expr, depth: int) -> str:
    return f" VALUES {_lines(map(_line_of_values, node.expressions), _INDENT * depth)}\n"


def _line_of_values(line: exp.Expr) -> str:
    """A line of VALUES. Trino writes a line with one value without parentheses."""
    single = isinstance(line, exp.Tuple) and len(line.expressions) == 1
    return expression(line.expressions[0] if single else line)


def _grouping(node: exp.Expr) -> str:
    """An item of GROUP BY. ROLLUP, CUBE and GROUPING SETS write each member as a set in parentheses."""
    if isinstance(node, exp.Tuple):
        return _set(node)
    word = _SETS.get(type(node))
    return expression(node) if word is None else f"{word} ({joined(node.expressions, _set)})"


def _set(node: exp.Expr) -> str:
    members = node.expressions if isinstance(node, exp.Tuple) else [node]
    return f"({joined(members)})"


def _last_clauses(node: exp.Expr, depth: int) -> str:
    order, offset, limit = (node.args.get(clause) for clause in ("order", "offset", "limit"))
    lines = []
    if order is not None:
        lines.append(order_by(order))
    if offset is not None:
        lines.append(f"OFFSET {_number(offset.expression)} ROWS")
    if isinstance(limit, exp.Fetch):
        lines.append(_fetch(limit))
    elif limit is not None:
        lines.append(f"LIMIT {_number(limit.expression)}")
    return "".join(f"{_INDENT * depth}{line}\n" for line in lines)


def _number(node: exp.Expr) -> str:
    return "?" if isinstance(node, exp.Placeholder) else node.name.upper()


def _fetch(node: exp.Fetch) -> str:
    count, options = node.args.get("count"), node.args.get("limit_options")
    ties = options is not None and options.args.get("with_ties")
    number = "ROW" if count is None else f"{_number(count)} ROWS"
    return f"FETCH FIRST {number} {'WITH TIES' if ties else 'ONLY'}"


def _from(node: exp.Expr, depth: int) -> str:
    """The relations of FROM. Each relation that follows a comma begins a line."""
    groups: list[tuple[str, list[exp.Expr]]] = [(_relation(node.args["from_"].this, depth), [])]
    for join in node.args.get("joins") or []:
        if any(join.args.get(part) for part in ("kind", "side", "method", "on", "using")):
            groups[-1][1].append(join)
        else:
            # A comma, which binds weaker than JOIN.
            groups.append((_relation(join.this, depth), []))
    return f"\n{_INDENT * depth}, ".join(_joins(first, joins, depth) for first, joins in groups)


def _joins(first: str, joins: list[exp.Expr], depth: int) -> str:
    sql = first
    for join in joins:
        _check(join)
        natural = "NATURAL " if join.args.get("method") == "NATURAL" else ""
        kind = join.args.get("side") or join.args.get("kind") or "INNER"
        line = f"{natural}{kind.upper()} JOIN {_relation(join.this, depth)}{_criteria(join)}"
        sql = f"({sql}\n{_INDENT * depth}{line})"
    return sql


def _criteria(join: exp.Expr) -> str:
    on, using = join.args.get("on"), join.args.get("using")
    if on is not None:
        return f" ON {expression(on)}"
    return f" USING ({joined(using, identifier)})" if using else ""


def _relation(node: exp.Expr, depth: int) -> str:
    """An item of FROM with its alias, and with the joins inside its parentheses."""
    form = _RELATIONS.get(type(node))
    if form is None:
        raise unknown(node)
    _check(node)
    sql = form(node, depth)
    alias = _alias(node)
    if alias is not None:
        sql += f" {identifier(alias.this)}{_column_names(alias, node.args.get('offset'))}"
    return _joins(sql, node.args.get("joins") or [], depth)


def _alias(node: exp.Expr) -> exp.Expr | None:
    alias = node.args.get("alias")
    return alias if alias is not None and alias.this is not None else None


def _column_names(alias: exp.Expr, last: exp.Expr | bool | None = None) -> str:
    """The column names of an alias. sqlglot keeps the name of WITH ORDINALITY's column apart."""
    names = [*(alias.args.get("columns") or []), *([last] if isinstance(last, exp.Identifier) else [])]
    return f" ({joined(names, identifier)})" if names else ""


def _table(node: exp.Table, depth: int) -> str:
    if isinstance(node.this, exp.Values):
        return _nested_values(node.this, depth)
    if isinstance(node.this, exp.Anonymous):
        return _table_function(node.this, depth)
    version = node.args.get("version")
    name = joined(node.parts, identifier, ".")
    if version is None:
        return name
    return f"{name} FOR {version.name.upper()} AS OF {expression(version.expression)}"


def _table_function(node: exp.Expr, depth: int) -> str:
    """A table function, with one line for each argument."""
    function, indent = node.expressions[0], _INDENT * (depth + 2)
    arguments = (
        f"\n{indent}{f'{each.name} => ' if isinstance(each, exp.Kwarg) else ''}"
        f"{expression(each.expression if isinstance(each, exp.Kwarg) else each)}"
        for each in function.expressions
    )
    return f"{_INDENT * depth}TABLE({function_name(function)}({','.join(arguments)}))"


def _subquery_in_from(node: exp.Expr, depth: int) -> str:
    inner = node.this
    if not is_relation(inner):
        return _nested(inner, depth)
    while (
        isinstance(inner, exp.Subquery)
        and is_relation(inner.this)
        and not _alias(inner)
        and not inner.args.get("joins")
    ):
        inner = inner.this
    # Trino keeps these parentheses only if there are names both in them and after them.
    if _alias(node) and _alias(inner) and not inner.args.get("joins"):
        return f"( {_relation(inner, depth + 1)}{_INDENT * depth})"
    return _relation(inner, depth)


def _nested_values(node: exp.Expr, depth: int) -> str:
    return f"(\n{_values(node, depth + 1)}{_INDENT * depth}) "


def _unnest(node: exp.Expr, depth: int) -> str:  # noqa: ARG001 - the signature of all relations
    ordinality = " WITH ORDINALITY" if node.args.get("offset") else ""
    return f"UNNEST({joined(node.expressions)}){ordinality}"


def _lateral(node: exp.Expr, depth: int) -> str:
    indent = _INDENT * depth
    if not isinstance(node.this, exp.Subquery):
        raise unknown(node)
    return f"{indent}LATERAL ({query(node.this.this, depth + 1)}{indent})"


@formats(exp.In)
def _in(node: exp.Expr) -> str:
    inner = node.args.get("query")
    if inner is None:
        listed = joined(node.expressions)
    elif isinstance(inner.this, exp.Subquery) and not _last_clauses(inner.this, 0):
        # Trino reads two pairs of parentheses as a list with one subquery.
        listed = expression(inner.this)
    else:
        listed = query(inner.this)
    return f"({expression(node.this)} IN ({listed}))"


@formats(exp.Exists)
def _exists(node: exp.Expr) -> str:
    return f"(EXISTS ({query(node.this, 0)}))"


@formats(exp.Any, exp.All)
def _quantified(node: exp.Expr) -> str:
    inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
    if isinstance(inner, exp.Subquery):
        # Trino takes `any ((select 1))` for a function.
        raise unknown(node)
    return f"{node.meta.get(SPELLING) or node.key.upper()} ({query(inner)})"


@formats(exp.Subquery)
def _scalar_subquery(node: exp.Expr) -> str:
    return f"({query(node.this, 0)})"


_SETS: dict[type[exp.Expr], str] = {
    exp.GroupingSets: "GROUPING SETS",
    exp.Rollup: "ROLLUP",
    exp.Cube: "CUBE",
}
_QUERIES: dict[type[exp.Expr], Callable[[Any, int], str]] = {
    exp.Select: _select,
    exp.Union: _set_operation,
    exp.Except: _set_operation,
    exp.Intersect: _set_operation,
    exp.Values: _values_query,
    exp.Subquery: _parenthesised,
}
_RELATIONS: dict[type[exp.Expr], Callable[[Any, int], str]] = {
    exp.Table: _table,
    exp.Subquery: _subquery_in_from,
    exp.Values: _nested_values,
    exp.Unnest: _unnest,
    exp.Lateral: _lateral,
}
_SET_OPERATION = "with_ this expression distinct order offset limit"
#: The parts that this module formats.
_PARTS: dict[type[exp.Expr], str] = {
    exp.Select: "with_ expressions distinct from_ joins where group having windows order offset limit",
    exp.Union: _SET_OPERATION,
    exp.Except: _SET_OPERATION,
    exp.Intersect: _SET_OPERATION,
    exp.Values: "expressions alias joins",
    exp.Subquery: "with_ this alias joins order offset limit",
    exp.Group: "expressions",
    exp.Join: "this kind side method on using",
    exp.Table: "this db catalog alias joins version",
    exp.Unnest: "expressions alias joins offset",
    exp.Lateral: "this alias joins",
}
