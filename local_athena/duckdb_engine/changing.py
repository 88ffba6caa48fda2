"""Runs UPDATE and DELETE, and commits changes of rows for MERGE as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import Table as IcebergTable
from sqlglot import exp

from local_athena.compiler.analyzer import Analyzer
from local_athena.compiler.plans import Plan, Reading, TableSource
from local_athena.compiler.queries.clauses import limit_inputs
from local_athena.compiler.queries.relations import scan
from local_athena.compiler.scopes import Output, Scope
from local_athena.duckdb_engine.assigning import assigned_values
from local_athena.duckdb_engine.context import StatementContext
from local_athena.duckdb_engine.database import named
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.statements import Outcome
from local_athena.tables import hidden_columns
from local_athena.values.duckdb_types import quoted

#: The hidden columns that identify a row by its file and its position in the file.
_HIDDEN = (hidden_columns.PATH, hidden_columns.FILE, hidden_columns.POSITION)


def change_rows(tree: exp.Delete | exp.Update, context: StatementContext) -> Outcome:
    """Run an UPDATE or DELETE. It works like a MERGE whose source is the table itself.

    Raises:
        QueryFailed: the statement is wrong, or the table's rows cannot be changed.
    """
    source = changeable(tree.this, context)
    analyzer = context.analyzer()
    plan = Plan()
    target = scan(source, tree.this.args.get("alias"), plan, analyzer)
    scope = Scope(target.outputs, clause="WHERE clause")
    test = "TRUE"
    where = tree.args.get("where")
    if where is not None:
        test = analyzer.condition(where.this, scope, "WHERE clause").sql
        limit_inputs(plan, where.this, scope, target.outputs, analyzer)
    set_to = tree.expressions if isinstance(tree, exp.Update) else []
    if set_to:
        # An UPDATE writes whole rows, so it also reads the columns that it does not change.
        for output in target.outputs:
            output.note_use()
    assigned = assigned_values(analyzer, set_to, source, scope)
    values = ", ".join(
        f"{assigned.get(c.name) or output.sql} AS {quoted(c.name)}"
        for c, output in zip(source.columns, target.outputs, strict=False)
    )
    file, position = row_address(target.outputs)
    number = 1 if isinstance(tree, exp.Update) else 0
    sql = analyzer.with_ctes(
        f'SELECT {file} AS "$f", {position} AS "$p", {number} AS "$k", {values} '
        f"FROM {target.sql} WHERE {test}"
    )
    return replace_rows(Changes(source, analyzer, plan, sql, {0}), context)


def changeable(node: exp.Expr, context: StatementContext) -> TableSource:
    """The table whose rows a statement changes, with the hidden columns that identify a row.

    Raises:
        QueryFailed: the table does not exist, or its rows cannot be changed.
    """
    source = context.target(node)
    if not isinstance(source.key, IcebergTable):
        raise QueryFailed(
            "NOT_SUPPORTED", "Modifying Hive table rows is only supported for transactional tables"
        )
    return TableSource(source.key, source.database, source.name, source.columns, _HIDDEN)


@dataclass(frozen=True)
class Changes:
    """The rows that a statement changes, as a query.

    Attributes:
        source: the table to change.
        analyzer: the compiler of the query.
        plan: the query's plan.
        sql: the query. Its columns are the file ($f) and position ($p) of the changed row, which are null for a new
            row; the number ($k) of the WHEN clause that applies to the row; and the row's new values.
        deletes: the numbers of the WHEN clauses that delete the row.
    """

    source: TableSource
    analyzer: Analyzer
    plan: Plan
    sql: str
    deletes: set[int]


def replace_rows(changes: Changes, context: StatementContext) -> Outcome:
    """Write the changes in one commit. Each file with a changed row is replaced by new files.

    Raises:
        QueryFailed: two source rows change one row, or another commit changed the table meanwhile.
    """
    source, analyzer = changes.source, changes.analyzer
    changes.plan.received.append(Reading())
    analyzer.add(changes.plan)
    analyzer.push()
    target = next(scan for scan in analyzer.scans if scan.source is source)
    address = (hidden_columns.FILE.name, hidden_columns.POSITION.name)
    target.kept.update(dict.fromkeys([*(c.name for c in source.columns), *address]))
    files = context.load(analyzer.scans)[target]
    merged = context.session.run(f'SELECT * FROM ({changes.sql}) WHERE "$k" IS NOT NULL')
    context.session.register("merged", merged)
    _check_matches(merged)
    columns = ", ".join(quoted(c.name) for c in source.columns)
    deletes = ", ".join(map(str, changes.deletes)) or "-1"
    rows = context.session.run(
        f"SELECT {columns} FROM {target.relation} t "
        'WHERE t."$file" IN (SELECT "$f" FROM merged) AND NOT EXISTS '
        '(SELECT 1 FROM merged m WHERE m."$f" = t."$file" AND m."$p" = t."$position") '
        f'UNION ALL SELECT {columns} FROM merged WHERE "$k" NOT IN ({deletes})'
    )
    replaced = merged["$f"].drop_null().unique().to_pylist()
    context.control.check()
    context.iceberg.replace_files(files, replaced, named(rows, source.columns))
    return context.outcome(update_count=merged.num_rows)


def _check_matches(merged: pa.Table) -> None:
    matches = merged.filter(pc.field("$f").is_valid()).group_by(["$f", "$p"])
    counts = matches.aggregate([("$k", "count"), ("$k", "count_distinct")])
    clauses_of_repeated = counts.filter(pc.field("$k_count") > 1)["$k_count_distinct"].unique().to_pylist()
    if 1 in clauses_of_repeated:
        raise QueryFailed(
            "MERGE_TARGET_ROW_MULTIPLE_MATCHES",
            "One MERGE target table row matched more than one source row",
        )
    if clauses_of_repeated:
        # Trino fails only if one clause applies to both source rows. With two clauses, it applies both of them.
        raise Refused("a MERGE in which source rows under different clauses match one target row")


def row_address(outputs: Sequence[Output]) -> tuple[str, str]:
    """The SQL of a row's file, and the SQL of its position in the file."""
    hidden = {output.name: output.sql for output in outputs if output.hidden}
    return hidden[hidden_columns.FILE.name], hidden[hidden_columns.POSITION.name]
