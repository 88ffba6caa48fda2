"""Translates Athena's statements to Trino's.

CREATE TABLE AS, OPTIMIZE, VACUUM and decimal literals are rewritten. All other statements are the same in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.names import check_catalog

_NAME = r'(?:"[^"]+"|[\w$]+)(?:\s*\.\s*(?:"[^"]+"|[\w$]+))*'
_CTAS = re.compile(
    rf"\s*create\s+table\s+(?:if\s+not\s+exists\s+)?(?P<name>{_NAME})\s*with\s*\(", re.IGNORECASE
)
_OPTIMIZE = re.compile(
    rf"\s*optimize\s+(?P<name>{_NAME})\s+rewrite\s+data\s+using\s+bin_pack\s*(?P<where>where\b.*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_VACUUM = re.compile(rf"\s*vacuum\s+(?P<name>{_NAME})\s*\Z", re.IGNORECASE)

_ICEBERG_PROPERTIES = {"location": "location", "partitioning": "partitioning", "format": "format"}
_HIVE_PROPERTIES = {
    "external_location": "external_location",
    "partitioned_by": "partitioned_by",
    "bucketed_by": "bucketed_by",
    "bucket_count": "bucket_count",
    "format": "format",
    "field_delimiter": "textfile_field_separator",
}
#: By default, Athena's VACUUM keeps the snapshots of five days.
_VACUUM_AGE = "432000s"
#: Session properties that let Trino remove snapshots and files that are younger than its limit of seven days.
_LEAST_AGES = ("iceberg.expire_snapshots_min_retention", "iceberg.remove_orphan_files_min_retention")


@dataclass(frozen=True)
class TrinoStatements:
    """The statements that run on Trino for one statement of Athena.

    Attributes:
        sql: one or more statements, to run in order. The result of the last one counts.
        session: the session properties for them.
    """

    sql: tuple[str, ...]
    session: dict[str, str] = field(default_factory=dict)


def to_trino(sql: str, database: str) -> TrinoStatements:
    """The statements that run on Trino for a statement of Athena.

    Args:
        sql: the statement, which is not Hive's DDL.
        database: the database of names without a database.

    Raises:
        QueryFailed: a table property is wrong.
        Refused: a table property is not supported.
    """
    sql = _with_doubles(sql)
    ctas = _CTAS.match(sql)
    if ctas:
        return _create_table_as(sql, ctas, database)
    optimize = _OPTIMIZE.match(sql)
    if optimize:
        where = f" {optimize['where']}" if optimize["where"] else ""
        return TrinoStatements((f"alter table {optimize['name']} execute optimize{where}",))
    vacuum = _VACUUM.match(sql)
    if vacuum:
        table = f"alter table {vacuum['name']} execute"
        expire = f"{table} expire_snapshots(retention_threshold => '{_VACUUM_AGE}')"
        orphans = f"{table} remove_orphan_files(retention_threshold => '{_VACUUM_AGE}')"
        return TrinoStatements((expire, orphans), dict.fromkeys(_LEAST_AGES, _VACUUM_AGE))
    return TrinoStatements((sql,))


#: Matches a number. The other alternatives skip strings, quoted names, comments and words.
_NUMBER = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|[A-Za-z_]\w*"
    r"|(?P<number>(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?)",
    re.DOTALL,
)


def _with_doubles(sql: str) -> str:
    """The statement with an exponent on each decimal literal. Athena reads such literals as doubles, Trino as decimals."""

    def spelled(found: re.Match[str]) -> str:
        number = found["number"]
        return f"{number}E0" if number and "." in number and "e" not in number.lower() else found[0]

    return _NUMBER.sub(spelled, sql)


def _create_table_as(sql: str, match: re.Match[str], database: str) -> TrinoStatements:
    end = _closing_parenthesis(sql, match.end())
    properties = _properties(sql[match.end() : end])
    kind = _text(properties.pop("table_type", "'hive'")).lower()
    properties.pop("is_external", None)
    if kind == "iceberg":
        name, kept, session = _in_iceberg_catalog(match["name"], database), *_iceberg(properties)
    else:
        name, kept, session = match["name"], *_hive(properties)
    listed = ", ".join(f"{key} = {value}" for key, value in kept.items())
    head = sql[: match.start("name")] + name + " with ("
    return TrinoStatements((head + listed + sql[end:],), session)


def _iceberg(properties: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    kept = {
        _ICEBERG_PROPERTIES[key]: properties.pop(key)
        for key in list(properties)
        if key in _ICEBERG_PROPERTIES
    }
    if "location" not in kept:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "Iceberg table needs the property location")
    codec = properties.pop("write_compression", None)
    session = {"iceberg.compression_codec": _text(codec).upper()} if codec else {}
    unknown = [key for key in properties if not key.startswith(("vacuum_", "optimize_"))]
    if unknown:
        raise Refused(f"the table property {unknown[0]}")
    return kept, session


def _hive(properties: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    session = {}
    for key in ("write_compression", "parquet_compression", "orc_compression"):
        if key in properties:
            session["awsdatacatalog.compression_codec"] = _text(properties.pop(key)).upper()
    unknown = [key for key in properties if key not in _HIVE_PROPERTIES]
    if unknown:
        raise Refused(f"the table property {unknown[0]}")
    if "external_location" not in properties:
        raise Refused("CREATE TABLE AS without external_location")
    return {_HIVE_PROPERTIES[key]: value for key, value in properties.items()}, session


def _in_iceberg_catalog(name: str, database: str) -> str:
    """The table's name in the catalog `iceberg`. CREATE TABLE needs it, because Trino does not redirect new tables."""
    parts = re.findall(r'"[^"]+"|[\w$]+', name)
    check_catalog(parts[0].strip('"') if len(parts) > 2 else None)
    return ".".join(["iceberg", *[f'"{database}"', *parts][-2:]])


def _closing_parenthesis(sql: str, start: int) -> int:
    """The index of the parenthesis that closes the one before `start`."""
    depth, quote = 1, ""
    for index in range(start, len(sql)):
        character = sql[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if not depth:
                return index
    raise QueryFailed("SYNTAX_ERROR", "line 1:1: the list of table properties has no closing parenthesis")


def _properties(text: str) -> dict[str, str]:
    """The properties in a text such as `a='b', c=array['d', 'e']`: lower-case names and unparsed values."""
    properties = {}
    for entry in _split(text):
        name, equals, value = entry.partition("=")
        if not equals:
            raise QueryFailed("SYNTAX_ERROR", f"line 1:1: {entry.strip()!r} is not a table property")
        properties[name.strip().lower()] = value.strip()
    return properties


def _split(text: str) -> list[str]:
    """The text, split at the commas outside of quotes and brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and not depth:
            parts.append(text[start:index])
            start = index + 1
    return [part for part in [*parts, text[start:]] if part.strip()]


def _text(value: str) -> str:
    return value.strip().strip("'")
