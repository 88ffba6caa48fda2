"""The CSV of Stage 2, written as Athena writes the result of a query.

Every field that is not null is in quotes, and a quote inside it is doubled. A null is written as nothing. LF
ends a row. A field gets an apostrophe before it if a spreadsheet may run it as a formula because of its first
character.
"""

from __future__ import annotations

import codecs
from typing import cast

from runner.aws.csv_fields import FORMULA_STARTS

#: The columns of the CSV.
COLUMNS = (
    "facility_id",
    "facility_name",
    "address",
    "city",
    "state",
    "zip",
    "accreditation_body",
    "accreditation_id",
    "valid_until",
    "days_until_expiry",
    "run_date",
    "snapshot_date",
)

#: The fields of one row, one per column of COLUMNS.
Row = tuple[str | None, ...]

_QUOTES_OF_A_ROW = 2 * len(COLUMNS)

#: This mark makes Excel read a CSV as UTF-8.
BYTE_ORDER_MARK = codecs.BOM_UTF8

#: The first row, without its line end.
HEADER = '"' + '","'.join(COLUMNS) + '"'


def csv_rows(rows: list[Row]) -> list[str]:
    """The rows as text, each without its line end.

    One check looks at all rows together first. Usually no field needs quotes or an apostrophe, and then a row
    takes a fifth of the time of a check of each field.
    """
    try:
        plain = ['"' + '","'.join(row) + '"' for row in cast("list[tuple[str, ...]]", rows)]
        nulls = 0
    except TypeError:  # a null
        plain = [",".join(["" if field is None else f'"{field}"' for field in row]) for row in rows]
        nulls = sum(row.count(None) for row in rows)
    text = "\n".join(plain)
    if text.count('"') != _QUOTES_OF_A_ROW * len(rows) - 2 * nulls or _has_formula(text):
        return [_with_care(row) for row in rows]
    return plain


def _has_formula(rows: str) -> bool:
    # Most texts have only one of these characters. A search for one character is ten times as fast as for
    # two.
    return any(start in rows and f'"{start}' in rows for start in FORMULA_STARTS)


def _with_care(row: Row) -> str:
    return ",".join("" if field is None else _quoted(field) for field in row)


def _quoted(field: str) -> str:
    if field.startswith(FORMULA_STARTS):
        field = "'" + field
    return '"' + field.replace('"', '""') + '"'
