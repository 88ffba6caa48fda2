"""Runs statements on partitions: ALTER TABLE ADD, DROP PARTITION and SET LOCATION, MSCK REPAIR, SHOW PARTITIONS."""

from __future__ import annotations

import re

from local_athena.errors import QueryFailed
from local_athena.sql.statements import Outcome
from local_athena.tables.catalog import Table
from local_athena.tables.ddl.context import DdlContext, hive_error
from local_athena.tables.folders import folder_of, unescaped
from local_athena.tables.s3 import split_uri


def add_partitions(match: re.Match[str], context: DdlContext) -> Outcome:
    """ALTER TABLE … ADD PARTITION."""
    table = _hive_table(match, context)
    wanted = {}
    for values, location in re.findall(
        r"partition\s*\((.*?)\)(?:\s+location\s+'([^']*)')?", match["rest"], re.IGNORECASE | re.DOTALL
    ):
        given = _partition_values(values, table)
        wanted[given] = location or f"{table.location.rstrip('/')}/{folder_of(table.partition_keys, given)}"
    context.catalog.add_partitions(table, wanted)
    return Outcome()


def drop_partitions(match: re.Match[str], context: DdlContext) -> Outcome:
    """ALTER TABLE … DROP PARTITION."""
    table = _hive_table(match, context)
    known = {tuple(item["Values"]) for item in context.catalog.partitions(table)}
    for values in re.findall(r"partition\s*\((.*?)\)", match["rest"], re.IGNORECASE | re.DOTALL):
        given = _partition_values(values, table)
        if given in known:
            context.catalog.drop_partition(table, given)
        elif not match["exists"]:
            raise hive_error(f"Partition not found {values}", code="SemanticException [Error 10006]")
    return Outcome()


def set_location(match: re.Match[str], context: DdlContext) -> Outcome:
    """ALTER TABLE … SET LOCATION for a table or one of its partitions. No object is moved."""
    table = _hive_table(match, context)
    location = match["location"].rstrip("/")
    if not re.match(r"s3://[^/]", location):
        raise hive_error(f"MetaException(message:{match['location']} is not an S3 location)")
    if match["partition"] is not None:
        context.catalog.move_partition(table, _partition_values(match["partition"], table), location)
    else:
        moved = table.table_input()
        moved["StorageDescriptor"] = {**table.storage, "Location": location}
        context.catalog.update_table(table.database, moved)
    return Outcome()


def repair(match: re.Match[str], context: DdlContext) -> Outcome:
    """MSCK REPAIR TABLE: register the `key=value` folders under the table's location as partitions."""
    if context.catalog.find_table(context.database(match), match["table"]) is None:
        return Outcome(lines=[f"Tables not in metastore:\t{match['table'].lower()}"], update_type="")
    table = _hive_table(match, context)
    if table.is_view:
        raise hive_error("Can not create a Path from an empty string", error_type=1100)
    bucket, prefix = split_uri(table.location.rstrip("/") + "/")
    objects = context.store.list(bucket, prefix)
    if not objects:
        return Outcome(lines=[f"Tables missing on filesystem:\t{table.name}"], update_type="")
    if not table.partition_keys:
        return Outcome(update_type="")
    known = {tuple(item["Values"]) for item in context.catalog.partitions(table)}
    pattern = re.compile(
        re.escape(prefix) + "/".join(rf"{re.escape(key)}=([^/]+)" for key in table.partition_keys) + "/",
        re.IGNORECASE,
    )
    added: dict[tuple[str, ...], str] = {}
    for item in objects:
        folder = pattern.match(item.key)
        if folder:
            values = tuple(map(unescaped, folder.groups()))
            if values not in known:
                added.setdefault(values, f"s3://{bucket}/{folder[0]}")
    context.catalog.add_partitions(table, added)
    missing = [f"{table.name}:{_folder(table, values)}" for values in added]
    lines = ["Partitions not in metastore:\t" + "\t".join(missing)] if missing else []
    return Outcome(
        lines=[
            *lines,
            *(
                f"Repair: Added partition to metastore {table.name}:{_folder(table, values)}"
                for values in added
            ),
        ],
        update_type="",
    )


def _folder(table: Table, values: tuple[str, ...]) -> str:
    return folder_of(table.partition_keys, values).rstrip("/")


def _hive_table(match: re.Match[str], context: DdlContext) -> Table:
    """The table that a statement about partitions names.

    Raises:
        QueryFailed: the table does not exist, or is an Iceberg table.
    """
    table = context.matched(match)
    if table.is_iceberg:
        raise QueryFailed(
            "NOT_SUPPORTED", "Query type not supported by Athena Iceberg at this time", bare=True
        )
    return table


def show_partitions(match: re.Match[str], context: DdlContext) -> Outcome:
    """SHOW PARTITIONS: one line `key=value/key=value` for each partition."""
    table = context.matched(match)
    lines = [_folder(table, tuple(item["Values"])) for item in context.catalog.partitions(table)]
    return Outcome(heading=(("partition", "string"),), lines=lines, update_count=0)


def _partition_values(text: str, table: Table) -> tuple[str, ...]:
    given = {
        name.lower(): quoted if quoted is not None else plain
        for name, quoted, plain in (
            (m[1], m[2], m[3]) for m in re.finditer(r"[`\"]?(\w+)[`\"]?\s*=\s*(?:'([^']*)'|([\w.-]+))", text)
        )
    }
    if set(given) != set(table.partition_keys):
        raise hive_error(f"Partition spec {{{text}}} does not name the table's partition keys")
    return tuple(given[key] for key in table.partition_keys)
