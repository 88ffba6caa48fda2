"""Runs MERGE."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.analyzer import Analyzer
from local_athena.compiler.plans import Plan, TableSource
from local_athena.compiler.queries.clauses import limit_inputs
from local_athena.compiler.queries.relations import relation, scan
from local_athena.compiler.scopes import Output, Scope
from local_athena.duckdb_engine.assigning import assigned_values, inserted_values
from local_athena.duckdb_engine.changing import Changes, changeable, replace_rows, row_address
from local_athena.duckdb_engine.context import StatementContext
from local_athena.errors import Refused
from local_athena.sql.statements import Outcome
from local_athena.values.duckdb_types import quoted, to_duckdb


def merge(tree: exp.Merge, context: StatementContext) -> Outcome:
    """Run a MERGE.

    Raises:
        QueryFailed: the statement is wrong, two source rows match one target row, or another commit changed the
            table meanwhile.
        Refused: local Athena does not support a clause.
    """
    source = changeable(tree.this, context)
    analyzer = context.analyzer()
    plan = Plan()
    target = scan(source, tree.this.args.get("alias"), plan, analyzer)
    using = relation(tree.args["using"], None, [], plan, analyzer)
    both = Scope([*target.outputs, *using.outputs], clause="MERGE")
    condition = analyzer.condition(tree.args["on"], both, "MERGE ON clause")
    # Target rows that do not satisfy the condition stay unchanged. Files that cannot contain a matching row are
    # therefore not read.
    limit_inputs(plan, tree.args["on"], both, target.outputs, analyzer)
    cases = _MergeCases(analyzer, tree, source, target.outputs, using.outputs, both)
    file, position = row_address(target.outputs)
    sql = analyzer.with_ctes(
        f'SELECT {file} AS "$f", {position} AS "$p", {cases.number(file)} AS "$k", {cases.values()} '
        f"FROM {using.sql} LEFT JOIN {target.sql} ON {condition.sql}"
    )
    return replace_rows(Changes(source, analyzer, plan, sql, cases.deletes), context)


class _MergeCases:
    """The WHEN clauses of a MERGE, numbered in the order of the statement."""

    def __init__(
        self,
        analyzer: Analyzer,
        tree: exp.Merge,
        source: TableSource,
        target: list[Output],
        using: list[Output],
        both: Scope,
    ) -> None:
        self._columns = source.columns
        self._target = {output.column: output.sql for output in target}
        self.deletes: set[int] = set()
        self._tests: dict[bool, list[tuple[str, int]]] = {True: [], False: []}
        self._assigned: dict[int, dict[str, str]] = {}
        whens = tree.args["whens"].expressions
        for number, when in enumerate(whens):
            if when.args.get("source"):
                raise Refused("WHEN NOT MATCHED BY SOURCE")
            matched = bool(when.args["matched"])
            scope = both if matched else Scope(using, clause="MERGE")
            condition = when.args.get("condition")
            test = "TRUE" if condition is None else analyzer.condition(condition, scope, "WHEN clause").sql
            self._tests[matched].append((test, number))
            then = when.args["then"]
            if isinstance(then, exp.Update):
                self._assigned[number] = {
                    **self._target,
                    **assigned_values(analyzer, then.expressions, source, scope),
                }
            elif isinstance(then, exp.Insert):
                self._assigned[number] = inserted_values(analyzer, then, source, scope)
            else:
                self.deletes.add(number)

    def number(self, file: str) -> str:
        """SQL for the number of the WHEN clause that applies to a row; null if none does.

        Args:
            file: the SQL of the target row's file, which is null for a source row without a match.
        """
        matched, unmatched = (
            "CASE " + " ".join(f"WHEN {test} THEN {n}" for test, n in self._tests[kind]) + " END"
            if self._tests[kind]
            else "NULL"
            for kind in (True, False)
        )
        return f"CASE WHEN {file} IS NOT NULL THEN {matched} ELSE {unmatched} END"

    def values(self) -> str:
        """SQL for the new value of each of the table's columns."""
        items = []
        for column in self._columns:
            whens = " ".join(
                f"WHEN {n} THEN {values.get(column.name, 'NULL')}" for n, values in self._assigned.items()
            )
            kind = to_duckdb(column.type)
            sql = f'CAST(CASE "$k" {whens} END AS {kind})' if whens else f"CAST(NULL AS {kind})"
            items.append(f"{sql} AS {quoted(column.name)}")
        return ", ".join(items)
