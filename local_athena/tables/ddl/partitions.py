"""Partitions: ALTER TABLE ADD and DROP PARTITION, MSCK REPAIR TABLE, SHOW PARTITIONS."""

from __future__ import annotations

import re

from local_athena.tables.catalog import Table
from local_athena.tables.ddl.context import DdlContext, hive_error
from local_athena.tables.s3 import split_uri


def add_partitions(match: re.Match[str], context: DdlContext) -> list[str]:
    """ALTER TABLE … ADD PARTITION."""
    table = context.matched(match)
    wanted = {}
    for values, location in re.findall(
        r"partition\s*\((.*?)\)(?:\s+location\s+'([^']*)')?", match["rest"], re.IGNORECASE | re.DOTALL
    ):
        given = _partition_values(values, table)
        folder = "/".join(f"{k}={v}" for k, v in zip(table.partition_keys, given, strict=True))
        wanted[given] = location or f"{table.location.rstrip('/')}/{folder}/"
    context.catalog.add_partitions(table, wanted)
    return []


def drop_partitions(match: re.Match[str], context: DdlContext) -> list[str]:
    """ALTER TABLE … DROP PARTITION."""
    table = context.matched(match)
    known = {tuple(item["Values"]) for item in context.catalog.partitions(table)}
    for values in re.findall(r"partition\s*\((.*?)\)", match["rest"], re.IGNORECASE | re.DOTALL):
        given = _partition_values(values, table)
        if given in known:
            context.catalog.drop_partition(table, given)
        elif not match["exists"]:
            raise hive_error(f"Partition not found {values}", code="SemanticException [Error 10006]")
    return []


def repair(match: re.Match[str], context: DdlContext) -> list[str]:
    """Register the folders `key=value` that lie under the table's location."""
    table = context.matched(match)
    bucket, prefix = split_uri(table.location.rstrip("/") + "/")
    known = {tuple(item["Values"]) for item in context.catalog.partitions(table)}
    pattern = re.compile(
        re.escape(prefix) + "/".join(rf"{re.escape(key)}=([^/]+)" for key in table.partition_keys) + "/",
        re.IGNORECASE,
    )
    new: dict[tuple[str, ...], str] = {}
    for item in context.store.list(bucket, prefix):
        folder = pattern.match(item.key)
        if folder and folder.groups() not in known:
            new[folder.groups()] = f"s3://{bucket}/{folder[0]}"
    context.catalog.add_partitions(table, new)
    return [f"Repair: Added partition to metastore {table.name}:{'/'.join(values)}" for values in new]


def show_partitions(match: re.Match[str], context: DdlContext) -> list[str]:
    """A table's partitions as `key=value/key=value`."""
    table = context.matched(match)
    return [
        "/".join(f"{key}={value}" for key, value in zip(table.partition_keys, item["Values"], strict=True))
        for item in context.catalog.partitions(table)
    ]


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
