"""`medlaunch show`: rows of a table in the terminal, as JSON or as CSV."""

from __future__ import annotations

import csv
import sys
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from cli.options import date_option, print_json
from runner.aws.invocation import Invocation
from runner.errors import UsageError
from runner.settings import Settings
from runner.tables import stage_tables

#: A width in characters that is larger than any table needs.
_ANY_WIDTH = 100_000


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    json = "json"
    csv = "csv"


def show(
    table: Annotated[str, typer.Argument(help=f"One of {', '.join(stage_tables.TABLES)}.")],
    snapshot_date: Annotated[date | None, date_option("--date", help="Rows of one snapshot date.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 50,
    output: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.table,
) -> None:
    """Print rows of a table, the newest snapshot date first."""
    if table not in stage_tables.TABLES:
        raise UsageError(f"there is no table {table!r}: take one of {', '.join(stage_tables.TABLES)}")
    invocation = Invocation(Settings.from_environment(), "show")
    where = f"where snapshot_date in ({stage_tables.date_literals([snapshot_date])})" if snapshot_date else ""
    # One extra row is read, which shows whether there are more rows.
    columns, rows = invocation.table(
        f"select * from {table} {where} order by snapshot_date desc, 1, 2 limit {limit + 1}"  # noqa: S608 - known names
    )
    cut, rows = len(rows) > limit, rows[:limit]
    if output is Format.json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif output is Format.csv:
        writer = csv.writer(sys.stdout)
        writer.writerows([columns, *rows])
    else:
        _print_table(columns, rows)
    if cut:
        print(f"only the first {limit} rows: --limit gives more", file=sys.stderr)


def _print_table(columns: list[str], rows: list[list[Any]]) -> None:
    """Print rows as a table. If the terminal is too narrow, print each row as a block of lines."""
    console = Console()
    if not rows:
        console.print("no rows")
        return
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    table = Table(*columns, box=box.SIMPLE)
    for row in texts:
        table.add_row(*(escape(text) for text in row))
    if Measurement.get(console, console.options.update(width=_ANY_WIDTH), table).maximum <= console.width:
        console.print(table)
        return
    name_width = max(map(len, columns))
    for row in texts:
        for column, text in zip(columns, row, strict=True):
            print(f"{column:<{name_width}}  {text}")
        print()
