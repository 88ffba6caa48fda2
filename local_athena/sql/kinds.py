"""Classifies statements by the keywords at their start.

The kind decides who runs the statement, what GetQueryExecution shows about it, and where its result is stored. The
names and locations were recorded from Athena (docs/athena-measured.md). Comments are ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class ResultForm(Enum):
    """The location of a statement's result, below its output location."""

    #: A CSV file, for queries. UPDATE, DELETE and MERGE write only the metadata file beside it.
    CSV = "{base}/{id}.csv"
    #: A text file, for DDL, SHOW and DESCRIBE.
    TEXT = "{base}/{id}.txt"
    #: The folder of the new table, for CREATE TABLE AS.
    TABLE = "{base}/tables/{id}"
    #: The start of the manifest's name. INSERT writes no other file here.
    NONE = "{base}/{id}"


@dataclass(frozen=True)
class Kind:
    """One kind of statement.

    Attributes:
        statement_type: DML, DDL or UTILITY, as GetQueryExecution shows it.
        substatement_type: SELECT, CREATE_TABLE, MERGE and so on, as GetQueryExecution shows it.
        result: the location of the result.
        is_hive: whether Athena parses the statement with Hive's parser instead of Trino's.
        own_name: our name of the kind if Athena shows the name of another kind; else empty.
    """

    statement_type: str
    substatement_type: str
    result: ResultForm = ResultForm.CSV
    is_hive: bool = False
    own_name: str = ""

    @property
    def name(self) -> str:
        """The kind's unique name."""
        return self.own_name or self.substatement_type


def kind_of(sql: str) -> Kind:
    """The kind of a statement. It is SELECT if no other kind matches."""
    words = keywords(sql)
    return next((kind for pattern, kind in _KINDS if pattern.match(words)), Kind("DML", "SELECT"))


#: Matches the parts of a statement that contain no keywords: comments, strings and quoted names.
_NO_KEYWORDS = re.compile(r"/\*.*?\*/|--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`", re.DOTALL)

#: The same for Hive, where a backslash escapes a quote.
_NO_KEYWORDS_OF_HIVE = re.compile(
    r"/\*.*?\*/|--[^\n]*|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`", re.DOTALL
)


def keywords(sql: str) -> str:
    """The statement without comments and without the text inside of quotes."""
    return _NO_KEYWORDS.sub(lambda found: found[0][0] * 2 if found[0][0] in "'\"`" else " ", sql).lstrip()


def without_comments(sql: str) -> str:
    """The statement with each comment replaced by a blank."""
    return _NO_KEYWORDS.sub(lambda found: found[0] if found[0][0] in "'\"`" else " ", sql).strip()


def masked(sql: str) -> str:
    """The statement with blanks in place of comments and quoted texts, so that each position stays."""
    return _NO_KEYWORDS.sub(lambda found: " " * len(found[0]), sql)


def between_semicolons(text: str) -> list[str]:
    """The parts of a text between the semicolons that stand outside of comments and quotes."""
    ignored = _NO_KEYWORDS_OF_HIVE if kind_of(text.lstrip("; \t\r\n")).is_hive else _NO_KEYWORDS
    parts, start = [], 0
    for found in re.finditer(rf"{ignored.pattern}|(?P<semicolon>;)", text, re.DOTALL):
        if found["semicolon"]:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def with_squeezed_texts(sql: str) -> str:
    """The statement with one blank in place of two or more white-space characters in its texts.

    Athena does this to what its Hive parser reads; a single line feed or tab stays (docs/athena-measured.md).
    """
    return _NO_KEYWORDS.sub(
        lambda found: re.sub(r"\s{2,}", " ", found[0]) if found[0][0] in "'\"`" else found[0], sql
    )


def _trino(statement_type: str, substatement_type: str, result: ResultForm = ResultForm.CSV) -> Kind:
    return Kind(statement_type, substatement_type, result)


def _hive(statement_type: str, substatement_type: str) -> Kind:
    return Kind(statement_type, substatement_type, ResultForm.TEXT, is_hive=True)


_PART = r"(?:``|\"\"|[^\s.`\"]+)"
_ALTER_TABLE = rf"alter\s+table\s+{_PART}(?:\s*\.\s*{_PART})*\s+"
#: A pattern for the start of each kind. The first pattern that matches decides.
_BEGINNINGS: tuple[tuple[str, Kind], ...] = (
    (r"create\s+(?:or\s+replace\s+)?view\b", _trino("DDL", "CREATE_VIEW", ResultForm.TEXT)),
    (r"create\s+(?:schema|database)\b", _hive("DDL", "CREATE_DATABASE")),
    (r"create\s+external\b", _hive("DDL", "CREATE_TABLE")),
    (r"create\s+table\b.*\bas\b", _trino("DDL", "CREATE_TABLE_AS_SELECT", ResultForm.TABLE)),
    (r"create\s+table\b", _hive("DDL", "CREATE_TABLE")),
    (r"create\b", _trino("DDL", "CREATE", ResultForm.TEXT)),
    (r"drop\s+table\b", _hive("DDL", "DROP_TABLE")),
    (r"drop\s+view\b", _hive("DDL", "DROP_VIEW")),
    (r"drop\s+(?:schema|database)\b", _hive("DDL", "DROP_DATABASE")),
    (r"drop\b", _hive("DDL", "DROP")),
    (_ALTER_TABLE + r"add\s+(?:if\s+not\s+exists\s+)?partition\b", _hive("DDL", "ALTER_TABLE_ADD_PARTITION")),
    (_ALTER_TABLE + r"drop\s+(?:if\s+exists\s+)?partition\b", _hive("DDL", "ALTER_TABLE_DROP_PARTITION")),
    (_ALTER_TABLE + r"rename\s+to\b", _hive("DDL", "ALTER_TABLE_RENAME")),
    (_ALTER_TABLE + r"set\s+tblproperties\b", _hive("DDL", "ALTER_TABLE_PROPERTIES")),
    (
        _ALTER_TABLE + r"(?:partition\s*\([^)]*\)\s*)?set\s+location\b",
        _hive("DDL", "ALTER_TABLE_SET_LOCATION"),
    ),
    (_ALTER_TABLE + r"add\s+columns\b", _hive("DDL", "ALTER_TABLE_ADD_COLUMN")),
    (_ALTER_TABLE + r"replace\s+columns\b", _hive("DDL", "ALTER_TABLE_REPLACE_COLUMN")),
    (_ALTER_TABLE + r"drop\s+column\b(?!\s+if\s+exists\b)", _hive("DDL", "ALTER_TABLE_DROP_COLUMN")),
    (_ALTER_TABLE + r"change\b", _hive("DDL", "ALTER_TABLE_CHANGE_COLUMN")),
    (r"alter\b", _hive("DDL", "ALTER")),
    (r"msck\b", _hive("DDL", "MSCK_REPAIR")),
    (r"show\s+(?:databases|schemas)\b", _hive("UTILITY", "SHOW_DATABASES")),
    (r"show\s+tables\b", _hive("UTILITY", "SHOW_TABLES")),
    (r"show\s+views\b", _hive("UTILITY", "SHOW_VIEWS")),
    (r"show\s+columns\b", _hive("UTILITY", "SHOW_COLUMNS")),
    (r"show\s+partitions\b", _hive("UTILITY", "SHOW_PARTITIONS")),
    (r"show\s+tblproperties\b", _hive("UTILITY", "SHOW_TABLE_PROPERTIES")),
    (r"show\s+create\s+table\b", _hive("UTILITY", "SHOW_CREATE_TABLE")),
    (r"show\s+create\s+view\b", _hive("UTILITY", "SHOW_CREATE_VIEW")),
    (r"show\b", _hive("UTILITY", "SHOW")),
    (r"(?:describe|desc)\b", _hive("UTILITY", "DESCRIBE_TABLE")),
    (r"insert\b", _trino("DML", "INSERT", ResultForm.NONE)),
    (r"unload\b", _trino("DML", "UNLOAD")),
    (r"merge\b", _trino("DML", "MERGE")),
    (r"delete\b", _trino("DML", "DELETE")),
    (r"update\b", _trino("DML", "UPDATE")),
    (r"optimize\b", Kind("DDL", "CREATE_TABLE_AS_SELECT", ResultForm.TEXT, own_name="OPTIMIZE")),
    (r"vacuum\b", _trino("DML", "VACUUM_TABLE", ResultForm.TEXT)),
    (r"explain\b", _trino("DML", "EXPLAIN", ResultForm.TEXT)),
    (r"prepare\b", _trino("DDL", "PREPARE", ResultForm.TEXT)),
    (r"deallocate\b", _trino("DDL", "DEALLOCATE", ResultForm.TEXT)),
)
_KINDS = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), kind) for pattern, kind in _BEGINNINGS)
