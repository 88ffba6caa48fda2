"""What kind a statement is, told from how it begins.

The kind decides who runs the statement, what GetQueryExecution shows of it, and where its result lies. Names and
places are measured on Athena (docs/athena-measured.md); comments do not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class ResultForm(Enum):
    """Where a statement's result lies, below its output location."""

    #: A CSV file, `<id>.csv`: statements that yield rows; UPDATE, DELETE and MERGE leave only its metadata.
    CSV = "{base}/{id}.csv"
    #: A text file, `<id>.txt`: DDL, SHOW, DESCRIBE.
    TEXT = "{base}/{id}.txt"
    #: The folder of the new table, `tables/<id>`: CREATE TABLE AS.
    TABLE = "{base}/tables/{id}"
    #: No file of its own: INSERT.
    NONE = "{base}/{id}"


@dataclass(frozen=True)
class Kind:
    """One kind of statement.

    Attributes:
        statement_type: DML, DDL or UTILITY, as GetQueryExecution shows it.
        substatement_type: such as SELECT, CREATE_TABLE or MERGE, as GetQueryExecution shows it.
        result: where the result lies.
        is_hive: whether Athena hands the statement to Hive's parser and not to Trino's.
        own_name: what we call it, where Athena shows another kind's name.
    """

    statement_type: str
    substatement_type: str
    result: ResultForm = ResultForm.CSV
    is_hive: bool = False
    own_name: str = ""

    @property
    def name(self) -> str:
        """What tells it from all other kinds."""
        return self.own_name or self.substatement_type


def kind_of(sql: str) -> Kind:
    """The kind of a statement; a SELECT if nothing else fits."""
    words = keywords(sql)
    return next((kind for pattern, kind in _KINDS if pattern.match(words)), Kind("DML", "SELECT"))


#: What holds no keyword: comments, texts, quoted names.
_NO_KEYWORDS = re.compile(r"/\*.*?\*/|--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`", re.DOTALL)


def keywords(sql: str) -> str:
    """The statement without its comments, and with nothing inside of its quotes."""
    return _NO_KEYWORDS.sub(lambda found: found[0][0] * 2 if found[0][0] in "'\"`" else " ", sql).lstrip()


def without_comments(sql: str) -> str:
    """The statement with a blank in place of each comment."""
    return _NO_KEYWORDS.sub(lambda found: found[0] if found[0][0] in "'\"`" else " ", sql).strip()


def _trino(statement_type: str, substatement_type: str, result: ResultForm = ResultForm.CSV) -> Kind:
    return Kind(statement_type, substatement_type, result)


def _hive(statement_type: str, substatement_type: str) -> Kind:
    return Kind(statement_type, substatement_type, ResultForm.TEXT, is_hive=True)


_PART = r"(?:``|\"\"|[^\s.`\"]+)"
_ALTER_TABLE = rf"alter\s+table\s+{_PART}(?:\s*\.\s*{_PART})*\s+"
#: How each kind begins; the first that fits counts.
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
    (_ALTER_TABLE + r"(?:partition\s*\([^)]*\)\s*)?set\s+location\b", _hive("DDL", "ALTER_TABLE_LOCATION")),
    (_ALTER_TABLE + r"add\s+columns\b", _hive("DDL", "ALTER_TABLE_ADD_COLUMN")),
    (_ALTER_TABLE + r"replace\s+columns\b", _hive("DDL", "ALTER_TABLE_REPLACE_COLUMN")),
    (_ALTER_TABLE + r"drop\s+column\b", _hive("DDL", "ALTER_TABLE_DROP_COLUMN")),
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
