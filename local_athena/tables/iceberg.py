"""Reads and writes Iceberg tables in Glue with pyiceberg. Each change is committed as one snapshot."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.expressions import (
    AlwaysTrue,
)
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.table import FileScanTask
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.snapshots import Operation
from pyiceberg.transforms import (
    IdentityTransform,
)
from pyiceberg.types import NestedField

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.names import table_already_exists
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.hidden_columns import FILE, PATH, POSITION
from local_athena.tables.iceberg_catalog import CachedTransaction, MirroredCatalog, ReplaceFiles, commit_error
from local_athena.tables.iceberg_filters import row_filter
from local_athena.tables.iceberg_partitions import check_open_partitions, partition_spec
from local_athena.tables.parquet import column_bytes
from local_athena.tables.pruning import Needs
from local_athena.tables.s3 import ObjectStore, split_uri
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.iceberg_types import from_iceberg, to_iceberg

if TYPE_CHECKING:
    from pyiceberg.io.pyarrow import ArrowScan


#: The newest version of Iceberg's format that Athena supports.
_NEWEST_FORMAT = 2


@dataclass
class Scan:
    """The files that a query reads from one table.

    Attributes:
        table: the table at the snapshot that is read.
        tasks: the files that may hold rows that the query needs.
    """

    table: IcebergTable
    tasks: list[FileScanTask]


class IcebergTables:
    """Reads and writes Iceberg tables."""

    def __init__(self, catalog: Catalog, store: ObjectStore) -> None:
        self._store = store
        self._iceberg = MirroredCatalog(catalog.client, store)
        # A lock exists only while a commit holds it or waits for it.
        self._commits: WeakValueDictionary[tuple[str, ...], threading.Lock] = WeakValueDictionary()
        self._lock = threading.Lock()

    def load(self, table: Table) -> IcebergTable:
        """Load the table with its metadata.

        Raises:
            QueryFailed: the metadata file is missing.
            Refused: Athena does not support the version of the table's format.
        """
        location = table.parameters.get("metadata_location", "")
        if self._store.missing([location], location):
            raise QueryFailed(
                "ICEBERG_MISSING_METADATA",
                f"Metadata not found in metadata location for table {table.database}.{table.name}",
            )
        loaded = self._iceberg.from_glue(table.raw)
        if loaded.metadata.format_version > _NEWEST_FORMAT:
            raise Refused(
                f"version {loaded.metadata.format_version} of Iceberg's format ({table.database}.{table.name})"
            )
        return loaded

    def columns(self, table: IcebergTable) -> tuple[Column, ...]:
        """The table's current columns, in Trino's types."""
        return tuple(
            Column(field.name.lower(), from_iceberg(field.field_type), field.doc or "")
            for field in table.schema().fields
        )

    def identity_partitions(self, table: IcebergTable) -> list[str]:
        """The columns by which the table is partitioned without a transform."""
        return [
            table.schema().find_field(field.source_id).name.lower()
            for field in table.spec().fields
            if isinstance(field.transform, IdentityTransform)
        ]

    def plan(self, table: IcebergTable, needs: Needs) -> Scan:
        """Find the files that may hold rows that the query needs."""
        return Scan(table, list(table.scan(row_filter=row_filter(table, needs)).plan_files()))

    def bytes_read(self, scan: Scan, needs: Needs, columns: Collection[str]) -> int:
        """The bytes that the scan reads for some columns; see `column_bytes`."""
        total = 0
        for task in scan.tasks if columns else []:
            with scan.table.io.new_input(task.file.file_path).open() as stream:
                total += column_bytes(pq.ParquetFile(stream).metadata, columns, needs)
        return total

    def read(self, scan: Scan, columns: Sequence[str]) -> pa.Table:
        """Read the rows of the planned files.

        Args:
            scan: the planned files.
            columns: the columns to return; `$path`, `$file` and `$position` may be among them.

        Raises:
            QueryFailed: a data file is missing.
        """
        gone = self._store.missing([task.file.file_path for task in scan.tasks], scan.table.location())
        if gone:
            raise QueryFailed(
                "ICEBERG_CANNOT_OPEN_SPLIT",
                f"Error opening Iceberg split {gone[0]}: the object does not exist",
            )
        names = {field.name.lower(): field.name for field in scan.table.schema().fields}
        own = [names[name] for name in columns if name in names]
        schema = scan.table.schema().select(*own)
        reader = _arrow_part().ArrowScan(scan.table.metadata, scan.table.io, schema, AlwaysTrue())
        parts = []
        for index, task in enumerate(scan.tasks):
            part = _read_task(reader, task, own)
            part = part.rename_columns([name.lower() for name in part.column_names])
            parts.append(_with_row_address(part, columns, index, task.file.file_path))
        target = pa.schema([(name, self._arrow_type(scan.table, name)) for name in columns])
        return pa.concat_tables([part.cast(target) for part in parts]) if parts else target.empty_table()

    def _arrow_type(self, table: IcebergTable, name: str) -> pa.DataType:
        columns = (*self.columns(table), PATH, FILE, POSITION)
        return to_arrow(next(c.type for c in columns if c.name == name))

    def create(
        self,
        database: str,
        name: str,
        columns: Sequence[Column],
        partitioning: Sequence[str],
        location: str,
        properties: dict[str, str],
        rows: pa.Table | None,
    ) -> list[str]:
        """Create a table and write its first rows, if there are any, in one commit.

        Returns:
            The URIs of the table's data files.

        Raises:
            QueryFailed: the table exists already, Iceberg does not have a column's type, or the rows have more than 100
                partitions.
            Refused: Athena does not write the requested version of Iceberg's format.
        """
        check_format(properties, f"{database}.{name}")
        ids = itertools.count(len(columns) + 1)
        schema = Schema(
            *(
                NestedField(number, c.name, to_iceberg(c.type, ids), required=False, doc=c.comment or None)
                for number, c in enumerate(columns, start=1)
            )
        )
        spec = partition_spec(schema, partitioning)
        try:
            transaction = self._iceberg.create_table_transaction(
                (database, name), schema, location.rstrip("/"), spec, properties=properties
            )
            with transaction:
                if rows is not None and rows.num_rows:
                    _arrow_part()
                    check_open_partitions(rows, transaction.table_metadata.spec(), schema)
                    transaction.append(rows)
        except TableAlreadyExistsError as error:
            raise table_already_exists(database, name) from error
        made = self._iceberg.load_table((database, name))
        return [task.file.file_path for task in made.scan().plan_files()]

    def append(self, table: IcebergTable, rows: pa.Table) -> list[str]:
        """Add rows in one snapshot, based on the table's latest snapshot.

        Returns:
            The URIs of the new files.

        Raises:
            QueryFailed: the rows have more than 100 partitions, or the commit failed.
        """
        check_open_partitions(rows, table.spec(), table.schema())
        files = _data_files(table, rows)
        if not files:
            return []
        with self.committing(table):
            # An append does not conflict with commits made since the table was loaded, so it follows them.
            self._commit(table.refresh(), [], files)
        return [file.file_path for file in files]

    def replace_files(self, scan: Scan, indexes: Iterable[int], rows: pa.Table) -> None:
        """Replace data files by new rows in one snapshot, unless the table has changed since the scan.

        Args:
            scan: the scan whose rows the caller changed.
            indexes: the files to replace, by their index in the scan.
            rows: the rows that replace those of the files.

        Raises:
            QueryFailed: another commit came first (ICEBERG_COMMIT_ERROR), or the rows have more than 100 partitions.
        """
        check_open_partitions(rows, scan.table.spec(), scan.table.schema())
        replaced = [scan.tasks[index] for index in indexes]
        files = _data_files(scan.table, rows)
        if not replaced and not files:
            return
        with self.committing(scan.table), self._iceberg.unchanged(scan.table):
            self._commit(scan.table, replaced, files)

    def _commit(self, table: IcebergTable, replaced: list[FileScanTask], files: list[DataFile]) -> None:
        with CachedTransaction(table) as transaction:
            snapshot = (
                ReplaceFiles(operation=Operation.OVERWRITE, transaction=transaction, io=table.io)
                if replaced
                else transaction.update_snapshot().fast_append()
            )
            with snapshot:
                for task in replaced:
                    snapshot.delete_data_file(task.file)
                for file in files:
                    snapshot.append_data_file(file)

    @contextmanager
    def committing(self, table: IcebergTable) -> Iterator[None]:
        """Let only one thread commit to a table at a time.

        The lock is needed because the Glue at the endpoint may not compare versions of a table.

        Raises:
            QueryFailed: another process changed or dropped the table (ICEBERG_COMMIT_ERROR).
        """
        with self._lock:
            lock = self._commits.setdefault(table.name(), threading.Lock())
        with lock:
            try:
                yield
            except (CommitFailedException, NoSuchTableError) as error:
                raise commit_error(table) from error

    @contextmanager
    def changing(self, table: Table) -> Iterator[IcebergTable]:
        """The latest version of a table, for a change of its metadata. Other commits wait until the change is done."""
        loaded = self.load(table)
        with self.committing(loaded):
            yield loaded.refresh()

    def rename(self, old: tuple[str, str], new: tuple[str, str]) -> None:
        """Rename a table, given as database and name. Its files stay where they are.

        Raises:
            QueryFailed: a table with the new name exists already.
        """
        try:
            self._iceberg.rename_table(old, new)
        except TableAlreadyExistsError as error:
            raise table_already_exists(*new) from error

    def drop(self, table: Table) -> None:
        """Drop a table and delete all objects at its location, as Athena does for Iceberg tables."""
        self._iceberg.drop_table((table.database, table.name))
        bucket, prefix = split_uri(table.location.rstrip("/") + "/")
        self._store.delete(bucket, [item.key for item in self._store.list(bucket, prefix)])


def check_format(properties: Mapping[str, str], table: str) -> None:
    """Check that table properties name a version of Iceberg's format that Athena writes.

    Args:
        properties: the table properties.
        table: the table's name, for the message.

    Raises:
        Refused: the properties name another version.
    """
    for name in ("format-version", "format_version"):
        if str(properties.get(name, _NEWEST_FORMAT)) != str(_NEWEST_FORMAT):
            raise Refused(f"version {properties[name]} of Iceberg's format ({table})")


def _arrow_part() -> Any:
    """pyiceberg's module for Arrow, with the changes of `keep_nulls`.

    The import takes about a second, so it is done when a table is first read and not when the server starts.
    """
    from pyiceberg.io import pyarrow

    from local_athena.tables.iceberg_nulls import keep_nulls

    keep_nulls()
    return pyarrow


def _data_files(table: IcebergTable, rows: pa.Table) -> list[DataFile]:
    """Write rows as new data files of the table. They become part of the table when a snapshot names them."""
    return (
        list(_arrow_part()._dataframe_to_data_files(table.metadata, rows, table.io)) if rows.num_rows else []
    )


def _read_task(reader: ArrowScan, task: FileScanTask, own: Sequence[str]) -> pa.Table:
    if own:
        return reader.to_table([task])
    if task.delete_files:
        raise Refused("counting rows of an Iceberg table with delete files")
    return pa.table({"": pa.nulls(task.file.record_count)})


def _with_row_address(part: pa.Table, columns: Sequence[str], index: int, path: str) -> pa.Table:
    count = part.num_rows
    address = {
        PATH.name: lambda: pa.repeat(pa.scalar(path), count),
        FILE.name: lambda: pa.repeat(pa.scalar(index, pa.int64()), count),
        POSITION.name: lambda: pa.array(range(count), pa.int64()),
    }
    arrays = [address[name]() if name in address else part[name] for name in columns]
    return pa.table(arrays, names=list(columns))
