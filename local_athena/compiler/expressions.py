"""Expressions by Trino's rules, written in DuckDB's SQL."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local_athena.compiler import proven
from local_athena.compiler.casts import cast, cast_sql
from local_athena.compiler.functions import AGGREGATES, FUNCTIONS, WINDOW_FUNCTIONS, Call
from local_athena.compiler.plans import Output, ScanPlan, Scope, Typed
from local_athena.compiler.proven import Note, shape
from local_athena.errors import QueryFailed, Refused
from local_athena.values import types
from local_athena.values.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    TIMESTAMP,
    TIMESTAMP_TZ,
    UNKNOWN,
    Type,
    quoted,
)

if TYPE_CHECKING:
    from local_athena.compiler.analysis import Analyzer

__all__ = ["AGGREGATES", "ExpressionCompiler", "place"]

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}
_MOMENTS: dict[type[exp.Expr], str] = {
    exp.CurrentDate: "current_date",
    exp.CurrentTimestamp: "current_timestamp",
    exp.Localtimestamp: "localtimestamp",
}
_INTERVAL_UNITS = ("second", "minute", "hour", "day", "month", "year")


def place(node: exp.Expr) -> str:
    """Where in the statement a node stands, as Trino's messages begin: `line 1:8: `."""
    for part in node.walk():
        if "line" in part.meta:
            line, end, start, stop = (part.meta[key] for key in ("line", "col", "start", "end"))
            return f"line {line}:{end - (stop - start)}: "
    return ""


class ExpressionCompiler:
    """Compiles expressions; asks the analyser for subqueries.

    Attributes:
        note: takes the signature of each construct.
    """

    def __init__(self, analyzer: Analyzer, note: Note) -> None:
        self._analyzer = analyzer
        self._variables = 0
        self.note = note

    def condition(self, node: exp.Expr, scope: Scope, clause: str) -> Typed:
        """A boolean expression.

        Raises:
            QueryFailed: it is of another type.
        """
        found = self.compile(node, scope)
        if found.type not in (BOOLEAN, UNKNOWN):
            raise QueryFailed(
                "TYPE_MISMATCH", f"{place(node)}{clause} must evaluate to a boolean: actual type {found.type}"
            )
        return found

    def compile(self, node: exp.Expr, scope: Scope) -> Typed:
        """Compile an expression.

        Raises:
            QueryFailed: Trino would not accept it.
            Refused: local Athena does not support part of it.
        """
        if scope.keys is not None and not isinstance(node, (exp.Literal, exp.Paren)):
            key = self._grouping_key(node, scope)
            if key is not None:
                return key
        for kind, method in self._METHODS.items():
            if isinstance(node, kind):
                return method(self, node, scope)
        raise Refused(f"the expression {node.sql('trino')[:80]}")

    def coerced(self, value: Typed, kind: Type) -> str:
        """A value's SQL as the wider type that `types.common` found."""
        signature = proven.coercion(value.type, kind)
        if signature:
            self.note(signature)
        return cast_sql(value, kind)

    def cast(self, value: Typed, kind: Type, node: exp.Expr, *, safe: bool) -> Typed:
        """CAST or TRY_CAST.

        Raises:
            QueryFailed: Trino has no such cast.
            Refused: local Athena has not.
        """
        found = cast(value, kind, place(node), safe=safe)
        for signature in proven.casts(value.type, kind, "try_cast" if safe else "cast"):
            self.note(signature)
        return found

    def _grouping_key(self, node: exp.Expr, scope: Scope) -> Typed | None:
        """The expression, if it is one of the grouping keys."""
        if any(_is_aggregated(part) for part in node.walk()):
            return None
        plain = self.compile(node, replace(scope, keys=None, variables=scope.variables))
        return plain if scope.keys is not None and plain.sql in scope.keys else None

    # --- names ---

    def _column(self, node: exp.Column, scope: Scope) -> Typed:
        if isinstance(node.this, exp.Star):
            raise Refused("* inside of an expression")
        return self._path([part.name for part in node.parts], node, scope)

    def _identifier(self, node: exp.Identifier, scope: Scope) -> Typed:
        return self._path([node.name], node, scope)

    def _path(self, names: Sequence[str], node: exp.Expr, scope: Scope) -> Typed:
        """A column, perhaps qualified, perhaps followed by fields of a row."""
        lowered = [name.lower() for name in names]
        current: Scope | None = scope
        while current is not None:
            if lowered[0] in current.variables:
                return self._fields(current.variables[lowered[0]], lowered[1:], node)
            for length in range(len(lowered), 0, -1):
                output = self._lookup(lowered[:length], current, node)
                if output is not None:
                    if current is not scope and scope.clause == "UNNEST":
                        # Trino runs few of these.
                        raise Refused("UNNEST of a column of an outer query")
                    if current is not scope:
                        self.note("column of an outer query")
                    self._check_grouped(output, node, current)
                    return self._fields(Typed(output.sql, output.type, output), lowered[length:], node)
            current = current.parent
        raise QueryFailed(
            "COLUMN_NOT_FOUND",
            f"{place(node)}Column '{'.'.join(lowered)}' cannot be resolved or requester is not authorized to "
            "access requested resources",
        )

    def _lookup(self, names: Sequence[str], scope: Scope, node: exp.Expr) -> Output | None:
        qualifiers = tuple(names[:-1])
        found = [
            output
            for output in scope.outputs
            if output.name == names[-1]
            and (not qualifiers or output.qualifiers[-len(qualifiers) :] == qualifiers)
        ]
        if len(found) > 1:
            raise QueryFailed("AMBIGUOUS_NAME", f"{place(node)}Column '{'.'.join(names)}' is ambiguous")
        if not found:
            return None
        if isinstance(found[0].plan, ScanPlan):
            found[0].plan.used[found[0].column] = None
        return found[0]

    def _check_grouped(self, output: Output, node: exp.Expr, scope: Scope) -> None:
        if scope.keys is not None and output.sql not in scope.keys:
            raise QueryFailed(
                "EXPRESSION_NOT_AGGREGATE",
                f"{place(node)}'{node.sql('trino')}' must be an aggregate expression or appear in GROUP BY clause",
            )

    def _fields(self, value: Typed, names: Sequence[str], node: exp.Expr) -> Typed:
        for name in names:
            if value.type.base != "row" or name not in value.type.names:
                if value.type.base != "row":
                    raise QueryFailed(
                        "TYPE_MISMATCH", f"{place(node)}Expression {node.sql('trino')} is not of type ROW"
                    )
                code = "COLUMN_NOT_FOUND" if value.output else "INVALID_COLUMN_REFERENCE"
                verb = "cannot be resolved" if value.output else "is invalid"
                kind = "Column" if value.output else "Column reference"
                raise QueryFailed(code, f"{place(node)}{kind} '{name}' {verb}")
            self.note("field of a row")
            value = Typed(f"({value.sql}).{quoted(name)}", value.type.items[value.type.names.index(name)])
        return value

    def _dot(self, node: exp.Dot, scope: Scope) -> Typed:
        names: list[str] = []
        inner: exp.Expr = node
        while isinstance(inner, exp.Dot):
            names.insert(0, inner.expression.name)
            inner = inner.this
        if isinstance(inner, exp.Identifier):
            return self._path([inner.name, *names], node, scope)
        return self._fields(self.compile(inner, scope), [name.lower() for name in names], node)

    # --- literals ---

    def _literal(self, node: exp.Literal, scope: Scope) -> Typed:  # noqa: ARG002
        text = node.name
        if node.is_string:
            self.note("literal varchar")
            return Typed(_quoted_text(text), Type("varchar", (len(text),)))
        if "e" in text.lower():
            self.note("literal double")
            return Typed(f"CAST({text} AS DOUBLE)", DOUBLE)
        if "." in text:
            self.note("literal decimal")
            whole, _, fraction = text.partition(".")
            digits = len(whole.lstrip("0")) + len(fraction)
            kind = types.decimal(max(digits, 1), len(fraction))
            return Typed(f"CAST('{text}' AS {types.to_duckdb(kind)})", kind)
        return self._integer(int(text), node)

    def _integer(self, value: int, node: exp.Expr) -> Typed:
        if not -(2**63) <= value < 2**63:
            raise QueryFailed("SYNTAX_ERROR", f"{place(node)}Invalid numeric literal: {value}")
        kind = INTEGER if -(2**31) <= value < 2**31 else BIGINT
        self.note(f"literal {kind}")
        return Typed(f"CAST({value} AS {kind.base.upper()})", kind)

    def _null(self, node: exp.Null, scope: Scope) -> Typed:  # noqa: ARG002
        self.note("literal null")
        return Typed("NULL", UNKNOWN)

    def _boolean(self, node: exp.Boolean, scope: Scope) -> Typed:  # noqa: ARG002
        self.note("literal boolean")
        return Typed("TRUE" if node.this else "FALSE", BOOLEAN)

    def _paren(self, node: exp.Paren, scope: Scope) -> Typed:
        found = self.compile(node.this, scope)
        return found if found.output else Typed(f"({found.sql})", found.type)

    def _array(self, node: exp.Array, scope: Scope) -> Typed:
        items = [self.compile(item, scope) for item in node.expressions]
        kind = self.unify(items, "All ARRAY elements must be the same type", node)
        self.note("array[E, ...]")
        return Typed(f"[{', '.join(self.coerced(item, kind) for item in items)}]", types.array(kind))

    def _tuple(self, node: exp.Tuple, scope: Scope) -> Typed:
        self.note("(E, ...)")
        return row_of([self.compile(item, scope) for item in node.expressions])

    # --- operators ---

    def unify(self, items: Sequence[Typed], problem: str, node: exp.Expr) -> Type:
        """The type that all items are coerced to."""
        found = UNKNOWN
        for item in items:
            both = types.common(found, item.type)
            if both is None:
                raise QueryFailed("TYPE_MISMATCH", f"{place(node)}{problem}: {found} vs {item.type}")
            found = both
        return found

    def comparison(self, operator: str, left: Typed, right: Typed, node: exp.Expr) -> Typed:
        """Two values compared, if Trino compares their types."""
        kind = types.common(left.type, right.type)
        if kind is None:
            shown = {"IS NOT DISTINCT FROM": "IS DISTINCT FROM"}.get(operator, operator)
            raise QueryFailed(
                "TYPE_MISMATCH", f"{place(node)}Cannot apply operator: {left.type} {shown} {right.type}"
            )
        self.check_comparable(kind)
        self.note(f"{shape(kind)} {operator.lower()} {shape(kind)}")
        a, b = self.coerced(left, kind), self.coerced(right, kind)
        sql = f"({a} {operator} {b})"
        if kind.base in ("double", "real") and not operator.startswith("IS"):
            # For DuckDB NaN equals itself and exceeds every number.
            nan = f"(isnan({a}) AND {b} IS NOT NULL) OR (isnan({b}) AND {a} IS NOT NULL)"
            sql = f"(CASE WHEN {nan} THEN {'TRUE' if operator == '<>' else 'FALSE'} ELSE {sql} END)"
        return Typed(sql, BOOLEAN)

    @staticmethod
    def check_comparable(kind: Type) -> None:
        """Refuse types whose values DuckDB compares by other rules: a null inside makes Trino's answer null.

        Raises:
            Refused: it is such a type.
        """
        if kind.base in ("json", "map", "row", "array"):
            raise Refused(f"the comparison of values of type {kind}")

    def _comparison(self, node: exp.Expr, scope: Scope) -> Typed:
        if isinstance(node.expression, (exp.Any, exp.All)):
            raise Refused("comparison with ANY, SOME or ALL")
        left, right = self.compile(node.this, scope), self.compile(node.expression, scope)
        return self.comparison(_COMPARISONS[type(node)], left, right, node)

    def _connector(self, node: exp.Expr, scope: Scope) -> Typed:
        word = "AND" if isinstance(node, exp.And) else "OR"
        self.note(word.lower())
        operands = [
            self.condition(part, scope, "Logical expression term") for part in node.flatten(unnest=False)
        ]
        return Typed("(" + f" {word} ".join(operand.sql for operand in operands) + ")", BOOLEAN)

    def _not(self, node: exp.Not, scope: Scope) -> Typed:
        self.note("not")
        return Typed(
            f"(NOT {self.condition(node.this, scope, 'Value of logical NOT expression').sql})", BOOLEAN
        )

    def _is(self, node: exp.Is, scope: Scope) -> Typed:
        if not isinstance(node.expression, exp.Null):
            raise Refused(f"the expression {node.sql('trino')[:80]}")
        self.note("E is null")
        return Typed(f"({self.compile(node.this, scope).sql} IS NULL)", BOOLEAN)

    def _in(self, node: exp.In, scope: Scope) -> Typed:
        value = self.compile(node.this, scope)
        query = node.args.get("query")
        if query is not None:
            return self._in_subquery(value, query, node, scope)
        items = [self.compile(item, scope) for item in node.expressions]
        kind = self.unify([value, *items], "IN value and list items must be the same type", node)
        self.check_comparable(kind)
        if kind.base in ("double", "real"):
            raise Refused(f"IN with {kind}")
        self.note(f"{shape(kind)} in ({shape(kind)}, ...)")
        listed = ", ".join(self.coerced(item, kind) for item in items)
        return Typed(f"({self.coerced(value, kind)} IN ({listed}))", BOOLEAN)

    def _in_subquery(self, value: Typed, query: exp.Expr, node: exp.Expr, scope: Scope) -> Typed:
        inner = self._analyzer.subquery(query, scope)
        if len(inner.columns) != 1:
            raise Refused("IN with a subquery of more than one column")
        own = inner.columns[0][1]
        kind = types.common(value.type, own)
        if kind is None:
            raise QueryFailed(
                "TYPE_MISMATCH",
                f"{place(node)}value and result of subquery must be of the same type for IN expression: "
                f"{value.type} vs {own}",
            )
        self.check_comparable(kind)
        if kind.base in ("double", "real"):
            raise Refused(f"IN with {kind}")
        self.note(f"{shape(kind)} in (select ...)")
        sql = f"SELECT {self.coerced(Typed('q.c0', own), kind)} FROM ({inner.sql}) q"
        return Typed(f"({self.coerced(value, kind)} IN ({sql}))", BOOLEAN)

    def _between(self, node: exp.Between, scope: Scope) -> Typed:
        value, low, high = (
            self.compile(part, scope) for part in (node.this, node.args["low"], node.args["high"])
        )
        kind = types.common(types.common(value.type, low.type) or value.type, high.type)
        if types.common(value.type, low.type) is None or kind is None:
            raise QueryFailed(
                "TYPE_MISMATCH",
                f"{place(node)}Cannot check if {value.type} is BETWEEN {low.type} and {high.type}",
            )
        self.check_comparable(kind)
        if kind.base in ("double", "real"):
            raise Refused(f"BETWEEN with {kind}")
        self.note(f"{shape(kind)} between {shape(kind)} and {shape(kind)}")
        a, b, c = (self.coerced(part, kind) for part in (value, low, high))
        return Typed(f"({a} BETWEEN {b} AND {c})", BOOLEAN)

    def _like(self, node: exp.Expr, scope: Scope) -> Typed:
        escape = None
        if isinstance(node, exp.Escape):
            escape, node = node.expression, node.this
        value, pattern = self.compile(node.this, scope), self.compile(node.expression, scope)
        for part in (value, pattern):
            if part.type.base not in ("varchar", "unknown"):
                raise QueryFailed(
                    "TYPE_MISMATCH",
                    f"{place(node)}Left side of LIKE expression must evaluate to a varchar (actual: {part.type})",
                )
        word = "NOT " if node.args.get("negate") else ""
        self.note(f"varchar like varchar{' escape varchar' if escape is not None else ''}")
        if escape is not None:
            return Typed(
                f"({word}t_like({value.sql}, {pattern.sql}, {self.compile(escape, scope).sql}))", BOOLEAN
            )
        return Typed(f"({value.sql} {word}LIKE {pattern.sql})", BOOLEAN)

    def _arithmetic(self, node: exp.Expr, scope: Scope) -> Typed:
        operator = _ARITHMETIC[type(node)]
        if isinstance(node.expression, exp.Interval) and operator in "+-":
            return self._plus_interval(node, operator, scope)
        left, right = self.compile(node.this, scope), self.compile(node.expression, scope)
        kind = types.common(left.type, right.type)
        moments = ("date", "timestamp", "timestamp with time zone")
        if operator == "-" and left.type.base in moments and right.type.base in moments:
            raise Refused(f"the operator {left.type} - {right.type}")
        if kind == UNKNOWN:
            raise Refused(f"the operator {operator} on nulls without a type")
        if kind is None or not kind.is_numeric:
            raise QueryFailed(
                "TYPE_MISMATCH", f"{place(node)}Cannot apply operator: {left.type} {operator} {right.type}"
            )
        self.note(f"{shape(kind)} {operator} {shape(kind)}")
        a, b = self.coerced(left, kind), self.coerced(right, kind)
        if kind.base == "decimal":
            return _decimal_arithmetic(operator, left, right)
        symbol = "//" if operator == "/" and kind.is_integer else operator
        if operator == "%" and not kind.is_integer:
            raise Refused(f"the operator % on {kind}")
        if operator == "/" and not kind.is_integer:
            # IEEE: by zero is infinite or not a number.
            return Typed(f"({a} / {b})", kind)
        return Typed(f"({a} {symbol} {b})", kind)

    def _plus_interval(self, node: exp.Expr, operator: str, scope: Scope) -> Typed:
        value = self.compile(node.this, scope)
        interval = node.expression
        unit = (interval.unit.name if interval.unit is not None else "").lower().removesuffix("s")
        amount = interval.this.name if interval.this is not None else ""
        if unit not in _INTERVAL_UNITS or not amount.lstrip("+-").isdigit():
            raise Refused(f"the interval {interval.sql('trino')}")
        if value.type.base not in ("date", "timestamp", "timestamp with time zone"):
            raise QueryFailed(
                "TYPE_MISMATCH", f"{place(node)}Cannot apply operator: {value.type} {operator} interval"
            )
        if value.type == DATE and unit in ("second", "minute", "hour"):
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", "Cannot add hour, minutes or seconds to a date")
        kind = value.type
        if kind.params and unit not in ("month", "year"):
            # Days and less are intervals in milliseconds.
            kind = replace(kind, params=(max(kind.params[0], 3),))
        self.note(f"{shape(kind)} {operator} interval {unit}")
        sql = f"{value.sql} {operator} INTERVAL ({amount}) {unit}"
        return Typed(f"CAST({sql} AS {types.to_duckdb(kind)})", kind)

    def _concat(self, node: exp.DPipe, scope: Scope) -> Typed:
        left, right = self.compile(node.this, scope), self.compile(node.expression, scope)
        return FUNCTIONS["concat"](Call("concat", [left, right], node, self, scope))

    def _negative(self, node: exp.Neg, scope: Scope) -> Typed:
        inner = node.this
        if isinstance(inner, exp.Literal) and not inner.is_string and inner.name.isdigit():
            # The sign is part of a number's literal: -2147483648 is an integer.
            return self._integer(-int(inner.name), node)
        value = self.compile(inner, scope)
        if value.type == UNKNOWN:
            raise Refused("the negative of null")
        if not value.type.is_numeric:
            raise QueryFailed("TYPE_MISMATCH", f"{place(node)}Cannot negate {value.type}")
        self.note(f"- {shape(value.type)}")
        return Typed(f"(- {value.sql})", value.type)

    def _case(self, node: exp.Case, scope: Scope) -> Typed:
        operand = node.this
        self.note("case when" if operand is None else "case E when")
        conditions = []
        for branch in node.args["ifs"]:
            if operand is None:
                conditions.append(self.condition(branch.this, scope, "CASE WHEN clause"))
            else:
                left, right = self.compile(operand, scope), self.compile(branch.this, scope)
                conditions.append(self.comparison("=", left, right, branch))
        results = [self.compile(branch.args["true"], scope) for branch in node.args["ifs"]]
        default = node.args.get("default")
        last = self.compile(default, scope) if default is not None else Typed("NULL", UNKNOWN)
        kind = self.unify([*results, last], "All CASE results must be the same type", node)
        whens = " ".join(
            f"WHEN {condition.sql} THEN {self.coerced(result, kind)}"
            for condition, result in zip(conditions, results, strict=True)
        )
        return Typed(f"(CASE {whens} ELSE {self.coerced(last, kind)} END)", kind)

    def _if(self, node: exp.If, scope: Scope) -> Typed:
        condition = self.condition(node.this, scope, "IF condition")
        default = node.args.get("false")
        first = self.compile(node.args["true"], scope)
        last = self.compile(default, scope) if default is not None else Typed("NULL", UNKNOWN)
        kind = self.unify([first, last], "Result types for IF must be the same", node)
        self.note("if(boolean, E, E)" if default is not None else "if(boolean, E)")
        true, false = self.coerced(first, kind), self.coerced(last, kind)
        return Typed(f"(CASE WHEN {condition.sql} THEN {true} ELSE {false} END)", kind)

    def _cast(self, node: exp.Cast, scope: Scope) -> Typed:
        if node.meta.get("literal"):
            return self._typed_literal(node, scope)
        value = self.compile(node.this, scope)
        return self.cast(value, types.from_sql(node.to), node, safe=isinstance(node, exp.TryCast))

    def _typed_literal(self, node: exp.Cast, scope: Scope) -> Typed:
        """`date '…'`, `timestamp '…'`, `decimal '…'`, `json '…'`: wrong ones fail before anything runs."""
        text, name = node.this.name, node.to.this.name
        if name == "JSON":
            return FUNCTIONS["json_parse"](
                Call("json_parse", [self.compile(node.this, scope)], node, self, scope)
            )
        if name == "DECIMAL" and re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text, re.ASCII):
            whole, _, fraction = text.lstrip("+-").partition(".")
            kind = types.decimal(max(len(whole.lstrip("0")) + len(fraction), 1), len(fraction))
            self.note("decimal '...'")
            return Typed(f"CAST({_quoted_text(text)} AS {types.to_duckdb(kind)})", kind)
        if name == "DATE":
            parts = re.fullmatch(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*", text, re.ASCII)
            moment = _moment_of(parts.groups() if parts else ())
            if moment and moment.year:
                self.note("date '...'")
                return Typed(f"DATE '{moment.date().isoformat()}'", DATE)
            shown = "DATE"
        elif name in ("TIMESTAMP", "TIMESTAMPTZ"):
            return self._timestamp_literal(text, node)
        else:
            raise Refused(f"the literal {node.to.sql('trino').lower()} {text!r}")
        if re.fullmatch(r"\s*[+-]?\d+-\d+-\d+\s*", text) and not parts:
            raise Refused(f"the literal date {text!r}")
        raise QueryFailed("INVALID_LITERAL", f"{place(node)}'{text}' is not a valid {shown} literal")

    def _timestamp_literal(self, text: str, node: exp.Cast) -> Typed:
        pattern = r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?( UTC)?"
        parts = re.fullmatch(pattern, text, re.ASCII)
        moment = _moment_of(parts.groups()[:6]) if parts else None
        if not parts or not moment:
            if re.fullmatch(r"\d+-\d+-\d+ \d+:\d+(:\d+(\.\d+)?)? ?\S+", text, re.ASCII) and not parts:
                raise Refused(f"the literal timestamp {text!r}")
            raise QueryFailed("INVALID_LITERAL", f"{place(node)}'{text}' is not a valid TIMESTAMP literal")
        fraction = parts[7] or ""
        shown = moment.isoformat(sep=" ") + (f".{fraction}" if fraction else "")
        if parts[8]:
            kind = Type("timestamp with time zone", (len(fraction),))
            self.note("timestamp '... UTC'")
            return Typed(f"TIMESTAMPTZ '{shown}+00'", kind)
        self.note("timestamp '...'")
        return Typed(f"TIMESTAMP '{shown}'", Type("timestamp", (len(fraction),)))

    def _bracket(self, node: exp.Bracket, scope: Scope) -> Typed:
        if len(node.expressions) != 1:
            raise Refused(f"the subscript {node.sql('trino')[:80]}")
        value, index = self.compile(node.this, scope), self.compile(node.expressions[0], scope)
        return FUNCTIONS["[]"](Call("[]", [value, index], node, self, scope))

    def _moment(self, node: exp.Expr, scope: Scope) -> Typed:  # noqa: ARG002
        if node.args.get("this") is not None:
            raise Refused(f"the expression {node.sql('trino')}")
        self.note(_MOMENTS[type(node)])
        if isinstance(node, exp.CurrentDate):
            return Typed("CAST(current_timestamp AT TIME ZONE 'UTC' AS DATE)", DATE)
        if isinstance(node, exp.Localtimestamp):
            return Typed("date_trunc('millisecond', current_timestamp AT TIME ZONE 'UTC')", TIMESTAMP)
        return Typed("date_trunc('millisecond', current_timestamp)", TIMESTAMP_TZ)

    def _extract(self, node: exp.Extract, scope: Scope) -> Typed:
        name = node.this.name.lower()
        if name not in ("year", "quarter", "month", "week", "day", "hour", "minute", "second"):
            raise Refused(f"extract of {name}")
        self.note(f"extract({name})")
        return FUNCTIONS[name](Call(name, [self.compile(node.expression, scope)], node, self, scope))

    def _trim(self, node: exp.Trim, scope: Scope) -> Typed:
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(
            str(node.args.get("position") or "").upper(), "trim"
        )
        args = [self.compile(part, scope) for part in (node.this, node.expression) if part is not None]
        return FUNCTIONS[name](Call(name, args, node, self, scope))

    def _position(self, node: exp.StrPosition, scope: Scope) -> Typed:
        args = [self.compile(part, scope) for part in (node.this, node.args["substr"])]
        return FUNCTIONS["strpos"](Call("strpos", args, node, self, scope))

    def _substring(self, node: exp.Substring, scope: Scope) -> Typed:
        parts = (node.this, node.args.get("start"), node.args.get("length"))
        args = [self.compile(part, scope) for part in parts if part is not None]
        return FUNCTIONS["substr"](Call("substr", args, node, self, scope))

    def _at_time_zone(self, node: exp.AtTimeZone, scope: Scope) -> Typed:
        value = self.compile(node.this, scope)
        zone = node.args["zone"]
        if value.type.base != "timestamp with time zone" or zone.name.upper() != "UTC":
            raise Refused("AT TIME ZONE with a zone other than 'UTC', or of a value without zone")
        self.note("timestamp with time zone at time zone 'UTC'")
        return value

    # --- subqueries ---

    def _subquery(self, node: exp.Expr, scope: Scope) -> Typed:
        query = self._analyzer.subquery(node, scope)
        if len(query.columns) != 1:
            raise Refused("a scalar subquery of more than one column")
        self.note("scalar subquery")
        return Typed(f"({query.sql})", query.columns[0][1])

    def _exists(self, node: exp.Exists, scope: Scope) -> Typed:
        self.note("exists")
        return Typed(f"EXISTS ({self._analyzer.subquery(node.this, scope).sql})", BOOLEAN)

    # --- functions ---

    def _function(self, node: exp.Anonymous, scope: Scope) -> Typed:
        name = node.name.lower()
        if name in AGGREGATES:
            return self._aggregate(node, scope, "")
        if name in WINDOW_FUNCTIONS:
            raise QueryFailed("MISSING_OVER", f"{place(node)}Window function {name} requires an OVER clause")
        if name == "try":
            return self._try(node, scope)
        if name not in FUNCTIONS:
            raise Refused(f"the function {name}")
        args = [arg if isinstance(arg, exp.Lambda) else self.compile(arg, scope) for arg in node.expressions]
        return FUNCTIONS[name](Call(name, args, node, self, scope))

    def _try(self, node: exp.Anonymous, scope: Scope) -> Typed:
        if len(node.expressions) != 1:
            raise QueryFailed("SYNTAX_ERROR", f"{place(node)}TRY takes one argument")
        if any(isinstance(part, (exp.Subquery, exp.Exists, exp.Select)) for part in node.walk()):
            raise Refused("a subquery inside of try")
        if any(map(_is_aggregated, node.walk())):
            raise Refused("an aggregate or window function inside of try")
        self.note("try(E)")
        value = self.compile(node.expressions[0], scope)
        return Typed(f"TRY({value.sql})", value.type)

    def lambda_sql(self, node: exp.Expr, kinds: Sequence[Type], scope: Scope) -> Typed:
        """A lambda's SQL (`lambda x: …`) and the type of its body."""
        if not isinstance(node, exp.Lambda):
            raise QueryFailed("TYPE_MISMATCH", f"{place(node)}Expected a lambda expression")
        if len(node.expressions) != len(kinds):
            raise QueryFailed(
                "INVALID_ARGUMENTS", f"{place(node)}Expected a lambda that takes {len(kinds)} argument(s)"
            )
        self.note("lambda")
        variables = dict(scope.variables)
        names = []
        for parameter, kind in zip(node.expressions, kinds, strict=True):
            self._variables += 1
            names.append(f"v{self._variables}")
            variables[parameter.name.lower()] = Typed(names[-1], kind)
        body = self.compile(node.this, replace(scope, variables=variables))
        return Typed(f"lambda {', '.join(names)}: {body.sql}", body.type)

    def _aggregate(self, node: exp.Anonymous, scope: Scope, tail: str) -> Typed:
        if scope.clause or scope.keys is None:
            clause = scope.clause or "an aggregate function"
            raise QueryFailed(
                "EXPRESSION_NOT_SCALAR",
                f"{place(node)}{clause} cannot contain aggregations, window functions or grouping operations: "
                f"[{node.sql('trino')}]",
            )
        return self._call_aggregate(node, replace(scope, keys=None, clause="aggregate function"), tail)

    def _call_aggregate(self, node: exp.Anonymous, inner: Scope, tail: str) -> Typed:
        """An aggregate function's call; `inner` is what its arguments see, `tail` a FILTER or OVER clause."""
        arguments = list(node.expressions)
        distinct, order = False, None
        if arguments and isinstance(arguments[-1], exp.Order):
            order = arguments[-1]
            arguments[-1] = order.this
        if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
            distinct, arguments = True, arguments[0].expressions
            if arguments and isinstance(arguments[-1], exp.Order):
                order = arguments[-1]
                arguments[-1] = order.this
        name = node.name.lower()
        star = len(arguments) == 1 and isinstance(arguments[0], exp.Star)
        args = [] if star else [self.compile(argument, inner) for argument in arguments]
        order_sql = self._analyzer.order_by(order, inner) if order is not None else ""
        call = Call(
            name, args, node, self, inner,
            distinct=distinct, order=order_sql, tail=tail, windowed=tail.startswith(" OVER"),
        )  # fmt: skip
        return AGGREGATES[name](call)

    def _filter(self, node: exp.Filter, scope: Scope) -> Typed:
        call = node.this
        if not isinstance(call, exp.Anonymous) or call.name.lower() not in AGGREGATES:
            raise Refused(f"FILTER on {call.sql('trino')[:80]}")
        self.note("filter (where ...)")
        inner = replace(scope, keys=None, clause="FILTER clause")
        condition = self.condition(node.expression.this, inner, "FILTER clause")
        return self._aggregate(call, scope, f" FILTER (WHERE {condition.sql})")

    def _window(self, node: exp.Window, scope: Scope) -> Typed:
        if scope.clause:
            raise QueryFailed(
                "EXPRESSION_NOT_SCALAR",
                f"{place(node)}{scope.clause} cannot contain aggregations, window functions or grouping operations: "
                f"[{node.sql('trino')}]",
            )
        call = node.this
        if node.args.get("alias") or not isinstance(call, exp.Anonymous):
            raise Refused(f"the window {node.sql('trino')[:80]}")
        # Where the query is aggregated, a window is laid over the groups.
        inner = replace(scope, clause="window function" if scope.keys is None else "")
        compiled = [self.compile(key, inner) for key in node.args.get("partition_by") or []]
        for key in compiled:
            self.note(f"partition by {shape(key.type)}")
        keys = [key.sql for key in compiled]
        scope.windows.append(set(keys))
        parts = [f"PARTITION BY {', '.join(keys)}"] if keys else []
        if node.args.get("order"):
            parts.append(self._analyzer.order_by(node.args["order"], inner).strip())
        if node.args.get("spec"):
            frame = _frame(node.args["spec"])
            self.note(re.sub(r"\d+", "n", frame.lower()))
            parts.append(frame)
        over = f" OVER ({' '.join(parts)})"
        name = call.name.lower()
        if name in AGGREGATES:
            return self._call_aggregate(call, inner, over)
        if name not in WINDOW_FUNCTIONS:
            raise Refused(f"the window function {name}")
        args = [self.compile(arg, inner) for arg in call.expressions]
        return WINDOW_FUNCTIONS[name](Call(name, args, call, self, inner, tail=over, windowed=True))

    _METHODS = {  # noqa: RUF012 - constant
        exp.Column: _column,
        exp.Identifier: _identifier,
        exp.Dot: _dot,
        exp.Literal: _literal,
        exp.Null: _null,
        exp.Boolean: _boolean,
        exp.Paren: _paren,
        exp.Array: _array,
        exp.Tuple: _tuple,
        exp.And: _connector,
        exp.Or: _connector,
        exp.Not: _not,
        exp.Is: _is,
        exp.In: _in,
        exp.Between: _between,
        exp.Like: _like,
        exp.Escape: _like,
        exp.DPipe: _concat,
        exp.Neg: _negative,
        exp.Case: _case,
        exp.If: _if,
        exp.Cast: _cast,
        exp.Bracket: _bracket,
        exp.CurrentDate: _moment,
        exp.CurrentTimestamp: _moment,
        exp.Localtimestamp: _moment,
        exp.Extract: _extract,
        exp.Trim: _trim,
        exp.StrPosition: _position,
        exp.Substring: _substring,
        exp.AtTimeZone: _at_time_zone,
        exp.Subquery: _subquery,
        exp.Exists: _exists,
        exp.Filter: _filter,
        exp.Window: _window,
        exp.Anonymous: _function,
        **dict.fromkeys(_COMPARISONS, _comparison),
        **dict.fromkeys(_ARITHMETIC, _arithmetic),
    }


def row_of(items: Sequence[Typed]) -> Typed:
    """A row without field names."""
    fields = ", ".join(f"f{i} := {item.sql}" for i, item in enumerate(items))
    kind = types.row((None,) * len(items), tuple(item.type for item in items))
    return Typed(f"struct_pack({fields})", kind)


def _is_aggregated(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Window, exp.Filter)) or (
        isinstance(node, exp.Anonymous) and node.name.lower() in AGGREGATES
    )


def _quoted_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _decimal_arithmetic(operator: str, left: Typed, right: Typed) -> Typed:
    a, b = types.as_decimal(left.type), types.as_decimal(right.type)
    if operator in "/%":
        return _decimal_division(operator, Typed(cast_sql(left, a), a), Typed(cast_sql(right, b), b))
    if operator == "*":
        kind = types.decimal(min(38, a.params[0] + b.params[0]), a.params[1] + b.params[1])
    else:
        scale = max(a.params[1], b.params[1])
        whole = max(a.params[0] - a.params[1], b.params[0] - b.params[1])
        kind = types.decimal(min(38, whole + scale + 1), scale)
    if kind.params[1] > 38:
        raise QueryFailed(
            "TYPE_MISMATCH", f"DECIMAL scale must be in range [0, precision (38)]: {kind.params[1]}"
        )
    sql = f"CAST({cast_sql(left, a)} {operator} {cast_sql(right, b)} AS {types.to_duckdb(kind)})"
    return Typed(sql, kind)


def _decimal_division(operator: str, left: Typed, right: Typed) -> Typed:
    """Trino's precision and scale; the quotient is rounded half up."""
    (p1, s1), (p2, s2) = left.type.params, right.type.params
    scale = max(s1, s2)
    a, b = (f"CAST({side.sql} AS VARCHAR)" for side in (left, right))
    if operator == "/":
        kind = types.decimal(min(38, p1 + s2 + max(0, s2 - s1)), scale)
        sql = f"t_decimal_quotient({a}, {b}, CAST({scale} AS BIGINT))"
    else:
        kind = types.decimal(min(38, min(p1 - s1, p2 - s2) + scale), scale)
        sql = f"t_decimal_remainder({a}, {b})"
    return Typed(f"CAST({sql} AS {types.to_duckdb(kind)})", kind)


def _moment_of(parts: Sequence[str | None]) -> dt.datetime | None:
    """The moment that year, month, day and perhaps hour, minute and second name, if there is one."""
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in (*parts, 0, 0, 0)[:6])
        return dt.datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


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

    if spec.args.get("end") is None:
        return f"{kind} {edge('start')}"
    return f"{kind} BETWEEN {edge('start')} AND {edge('end')}"
