"""Runs OPTIMIZE and VACUUM."""

from __future__ import annotations

import re

from pyiceberg.table import Table as IcebergTable
from sqlglot import exp

from local_athena.compiler.constraints import conjuncts
from local_athena.compiler.plans import TableSource
from local_athena.duckdb_engine.context import StatementContext
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.names import TABLE_NAME, check_catalog
from local_athena.sql.parsing import parse
from local_athena.sql.statements import Outcome
from local_athena.tables.iceberg import Scan
from local_athena.tables.maintenance import optimize, vacuum
from local_athena.tables.pruning import Needs

_OPTIMIZE = rf"optimize\s+{TABLE_NAME}\s+rewrite\s+data\s+using\s+bin_pack(?:\s+where\s+(?P<where>.+))?"
_VACUUM = rf"vacuum\s+{TABLE_NAME}"


def optimize_table(tree: exp.Expr, context: StatementContext) -> Outcome:  # noqa: ARG001 - sqlglot keeps it as text
    """Run an OPTIMIZE … REWRITE DATA USING BIN_PACK."""
    match, source = _read(_OPTIMIZE, context)
    context.scanned_bytes += optimize(context.iceberg, _chosen_files(source, match["where"], context))
    return context.outcome()


def vacuum_table(tree: exp.Expr, context: StatementContext) -> Outcome:  # noqa: ARG001 - sqlglot keeps it as text
    """Run a VACUUM."""
    _, source = _read(_VACUUM, context)
    assert isinstance(source.key, IcebergTable)
    vacuum(context.iceberg, context.store, source.key)
    return context.outcome()


def _read(pattern: str, context: StatementContext) -> tuple[re.Match[str], TableSource]:
    """The matched parts of the statement, and the Iceberg table that it names.

    Raises:
        QueryFailed: the statement does not match the pattern, or the table is not an Iceberg table.
    """
    statement = context.statement
    match = re.fullmatch(pattern, statement.sql, re.IGNORECASE | re.DOTALL)
    if match is None:
        raise QueryFailed("SYNTAX_ERROR", f"line 1:1: mismatched input in {statement.sql[:80]}")
    check_catalog(match["catalog"])
    database = (match["database"] or statement.database).lower()
    source = context.target(exp.to_table(f'"{database}"."{match["table"].lower()}"'))
    if not isinstance(source.key, IcebergTable):
        verb = statement.kind.substatement_type
        raise QueryFailed("NOT_SUPPORTED", f"{verb} is only supported for Iceberg tables")
    return match, source


def _chosen_files(source: TableSource, where: str | None, context: StatementContext) -> Scan:
    """The files of the partitions that satisfy the WHERE clause; all files without one.

    Raises:
        Refused: the clause does more than compare partition columns with literals.
    """
    assert isinstance(source.key, IcebergTable)
    if where is None:
        return context.iceberg.plan(source.key, Needs())
    tree = parse(f'select 1 from "{source.database}"."{source.name}" where {where}')
    (scan,) = context.compile(tree).scans
    keys = set(context.iceberg.identity_partitions(source.key))
    (reading,) = scan.received
    asked = list(conjuncts(tree.args["where"].this))
    if set(scan.used) - keys or sum(map(len, reading.where.values())) < len(asked):
        raise Refused("OPTIMIZE with a WHERE other than partition columns compared with literals")
    return context.iceberg.plan(source.key, scan.needs)
