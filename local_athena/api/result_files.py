"""The objects that an execution leaves at its result location: the result, its metadata and the manifest.

Which statement leaves which objects, with which bytes and content types, was measured on Athena
(docs/athena-measured.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_athena.api.execution import Execution
from local_athena.sql.literals import is_select_of_literals
from local_athena.tables.s3 import DEFAULT_CONTENT_TYPE, split_uri

#: The content type of most results. Athena leaves S3's default to statements that it answers without an engine's plan.
APPLICATION = "application/octet-stream"
#: Fields of a column that its type leaves out: 7 is the precision, 8 the scale, 10 whether it is case-sensitive.
_LEFT_OUT = {
    "boolean": (7, 8),
    "date": (7,),
    **dict.fromkeys(("array", "map", "row", "json", "string"), (7, 8, 10)),
}


def of(execution: Execution, csv: bytes | None) -> dict[str, tuple[bytes, str]]:
    """The bytes and the content type of each object, by key.

    Args:
        execution: an execution that has a result location, and whose statement has succeeded.
        csv: the CSV file of a query; None for other statements.
    """
    outcome = execution.outcome
    assert outcome is not None
    _, key = split_uri(execution.output_location)
    is_literals = is_select_of_literals(execution.statement.sql)
    metadata = _metadata(execution, is_literals=is_literals)
    content_type = _content_type(execution, is_literals=is_literals, has_metadata=metadata is not None)
    objects: dict[str, tuple[bytes, str]] = {}
    if csv is not None:
        objects[key] = csv, content_type
    elif key.endswith(".txt"):
        objects[key] = "\n".join(outcome.lines).encode(), content_type
    if metadata is not None:
        objects[f"{key}.metadata"] = metadata, content_type
    if execution.manifest_location and outcome.written is not None:
        manifest = "".join(f"{uri}\n" for uri in outcome.written).encode()
        objects[split_uri(execution.manifest_location)[1]] = manifest, APPLICATION
    return objects


def _content_type(execution: Execution, *, is_literals: bool, has_metadata: bool) -> str:
    """The content type of a result and of its metadata."""
    if not execution.output_location.endswith(".txt"):
        return DEFAULT_CONTENT_TYPE if is_literals else APPLICATION
    # Of the text files, those of DESCRIBE, SHOW CREATE TABLE and so on differ: they have metadata and no update count.
    return APPLICATION if has_metadata and execution.update_count is None else DEFAULT_CONTENT_TYPE


def _metadata(execution: Execution, *, is_literals: bool) -> bytes | None:
    """The metadata file of a result; None if the statement has none."""
    outcome, statement = execution.outcome, execution.statement
    assert outcome is not None
    if not execution.columns and outcome.update_type is None:
        return None
    if is_literals:
        return metadata_file(execution.id, execution.columns, "", 0)
    if execution.is_write:
        kind = statement.kind.substatement_type
        update_type = "CREATE TABLE" if kind == "CREATE_TABLE_AS_SELECT" else kind
        return metadata_file(execution.engine_id, execution.columns, update_type, outcome.update_count)
    # Hive knows only the query's id. Only its DROP TABLE of an Iceberg table ran on the engine.
    is_hive = statement.kind.is_hive and not outcome.update_type
    query_id = execution.id if is_hive else execution.engine_id
    return metadata_file(query_id, execution.columns, outcome.update_type or None)


def metadata_file(
    query_id: str, infos: Sequence[dict[str, Any]], update_type: str | None = None, count: int | None = None
) -> bytes:
    """The `.metadata` object beside a result: a protobuf message with one entry for each column.

    AWS does not document the message. These field numbers were read from Athena's own files: 1 is the query id,
    2 the kind of a statement that writes, 3 the number of rows written, and 4 a column. The fields of a column are
    1 catalog, 4 name, 5 label, 6 type, 7 precision, 8 scale, 9 nullable and 10 case-sensitive.

    Args:
        query_id: the execution's id, or the engine's own id of the query.
        infos: the columns, as `column_info` and `heading_info` return them.
        update_type: the kind of a statement that writes; None for others.
        count: the number of rows written; None for statements that do not write.
    """
    message = bytearray(_text_field(1, query_id))
    if update_type is not None:
        message += _text_field(2, update_type)
    if count is not None:
        message += _number_field(3, count)
    for info in infos:
        entry = b"".join(
            _text_field(number, info[member])
            for number, member in ((1, "CatalogName"), (4, "Name"), (5, "Label"), (6, "Type"))
        )
        numbers = {7: info["Precision"], 8: info["Scale"], 9: 3, 10: int(info["CaseSensitive"])}
        left_out = _LEFT_OUT.get(info["Type"], ())
        entry += b"".join(
            _number_field(number, value) for number, value in numbers.items() if number not in left_out
        )
        message += _varint(4 << 3 | 2) + _varint(len(entry)) + entry
    return bytes(message)


def _text_field(number: int, value: str) -> bytes:
    encoded = value.encode()
    return _varint(number << 3 | 2) + _varint(len(encoded)) + encoded


def _number_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
