"""Iceberg tables in Glue, through pyiceberg: planning, reading, and commits of one snapshot each."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    Or,
)
from pyiceberg.io import FileIO
from pyiceberg.io.pyarrow import ArrowScan, _dataframe_to_data_files
from pyiceberg.manifest import DataFile, ManifestFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import FileScanTask, Transaction
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update import TableUpdate
from pyiceberg.table.update.snapshot import _OverwriteFiles
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    Transform,
    TruncateTransform,
    YearTransform,
)
from pyiceberg.types import NestedField

from local_athena.errors import QueryFailed, Refused
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.pruning import Comparison, Needs
from local_athena.tables.s3 import IcebergFiles, ObjectStore, split_uri
from local_athena.values import types
from local_athena.values.columns import Column

PATH_COLUMN = "$path"
#: Which file a row lies in, and where in it: how MERGE, UPDATE and DELETE name rows.
FILE_COLUMN, POSITION_COLUMN = "$file", "$position"
MAX_OPEN_PARTITIONS = 100

_COMPARISONS: dict[str, Any] = {
    "in": In,
    "<": LessThan,
    "<=": LessThanOrEqual,
    ">": GreaterThan,
    ">=": GreaterThanOrEqual,
}


class _MirroredCatalog(GlueCatalog):
    """pyiceberg's catalog with our files, on our Glue client."""

    def __init__(self, client: Any, store: ObjectStore) -> None:
        super().__init__("local-athena", client=client)
        self._files = IcebergFiles(store)
        self._commit = threading.local()

    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:  # noqa: ARG002
        return self._files

    def _is_s3tables_database(self, database_name: str) -> bool:  # noqa: ARG002 - pyiceberg would ask Glue
        return False

    @contextmanager
    def unchanged(self, table: IcebergTable) -> Iterator[None]:
        """Let this thread's commits fail if the table is no longer what was loaded.

        Raises:
            QueryFailed: another commit came between (ICEBERG_COMMIT_ERROR).
        """
        self._commit.base = table
        try:
            yield
        finally:
            self._commit.base = None

    def _get_glue_table(self, database_name: str, table_name: str) -> Any:
        base = getattr(self._commit, "base", None)
        try:
            found = super()._get_glue_table(database_name, table_name)
        except NoSuchTableError as error:
            if base is None:
                raise
            raise commit_error(base) from error
        if base and found.get("Parameters", {}).get("metadata_location") != base.metadata_location:
            raise commit_error(base)
        return found

    def from_glue(self, raw: Any) -> IcebergTable:
        """The table that Glue described."""
        return self._convert_glue_to_iceberg(raw)


class _Transaction(Transaction):
    """pyiceberg's transaction, without a deep copy of the metadata each time that it looks at them.

    A commit looks some twenty times, and the metadata grow with every snapshot.
    """

    _known: tuple[TableMetadata, tuple[TableUpdate, ...], TableMetadata] | None = None

    @property
    def table_metadata(self) -> TableMetadata:
        base, updates = self._table.metadata, self._updates
        if self._known is None or self._known[0] is not base or self._known[1] is not updates:
            self._known = (base, updates, super().table_metadata)
        return self._known[2]


class _Overwrite(_OverwriteFiles):
    """pyiceberg's commit that replaces files, without what it carries along.

    Its own keeps each commit's manifest of deleted files for ever, and reads all of them in every later one.
    """

    def _existing_manifests(self) -> list[ManifestFile]:
        return [
            one for one in super()._existing_manifests() if one.has_added_files() or one.has_existing_files()
        ]


@dataclass
class Scan:
    """What a query reads of one table.

    Attributes:
        table: the table at the snapshot that is read.
        tasks: the files that may hold needed rows.
    """

    table: IcebergTable
    tasks: list[FileScanTask]


class IcebergTables:
    """Reads and writes Iceberg tables."""

    def __init__(self, catalog: Catalog, store: ObjectStore) -> None:
        self._store = store
        self._iceberg = _MirroredCatalog(catalog.client, store)
        self._commits: dict[tuple[str, ...], threading.Lock] = {}
        self._lock = threading.Lock()

    def load(self, table: Table) -> IcebergTable:
        """The table's metadata.

        Raises:
            QueryFailed: the metadata file is missing.
        """
        location = table.parameters.get("metadata_location", "")
        if self._store.missing([location], location):
            raise QueryFailed(
                "ICEBERG_MISSING_METADATA",
                f"Metadata not found in metadata location for table {table.database}.{table.name}",
            )
        return self._iceberg.from_glue(table.raw)

    def columns(self, table: IcebergTable) -> tuple[Column, ...]:
        """The current columns."""
        return tuple(
            Column(field.name.lower(), types.from_iceberg(field.field_type), field.doc or "")
            for field in table.schema().fields
        )

    def identity_partitions(self, table: IcebergTable) -> list[str]:
        """The columns whose values are partitions as they are."""
        return [
            table.schema().find_field(field.source_id).name.lower()
            for field in table.spec().fields
            if isinstance(field.transform, IdentityTransform)
        ]

    # --- reading ---

    def plan(self, table: IcebergTable, needs: Needs) -> Scan:
        """The files that may hold rows that the query needs."""
        return Scan(table, list(table.scan(row_filter=_expression(table, needs)).plan_files()))

    def read(self, scan: Scan, columns: Sequence[str]) -> tuple[pa.Table, int]:
        """Rows of the planned files and the bytes read.

        Args:
            scan: the planned files.
            columns: the columns to return, `$path`, `$file` and `$position` among them.
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
        reader = ArrowScan(scan.table.metadata, scan.table.io, schema, AlwaysTrue())
        parts = []
        for index, task in enumerate(scan.tasks):
            part = _read_task(reader, task, own)
            part = part.rename_columns([name.lower() for name in part.column_names])
            parts.append(_with_row_address(part, columns, index, task.file.file_path))
        target = pa.schema([(name, self._arrow_type(scan.table, name)) for name in columns])
        rows = pa.concat_tables([part.cast(target) for part in parts]) if parts else target.empty_table()
        return rows, sum(_bytes_read(task, schema) for task in scan.tasks)

    def _arrow_type(self, table: IcebergTable, name: str) -> pa.DataType:
        if name == PATH_COLUMN:
            return pa.string()
        if name in (FILE_COLUMN, POSITION_COLUMN):
            return pa.int64()
        return types.to_arrow(next(c.type for c in self.columns(table) if c.name == name))

    # --- writing ---

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
        """Create a table, with its first rows if any, in one step; the addresses of its data files.

        Raises:
            QueryFailed: the table exists, a column has no type in Iceberg, too many partitions.
        """
        ids = itertools.count(len(columns) + 1)
        schema = Schema(
            *(
                NestedField(
                    number, c.name, types.to_iceberg(c.type, ids), required=False, doc=c.comment or None
                )
                for number, c in enumerate(columns, start=1)
            )
        )
        spec = _partition_spec(schema, partitioning)
        try:
            transaction = self._iceberg.create_table_transaction(
                (database, name), schema, location.rstrip("/"), spec, properties=properties
            )
            with transaction:
                if rows is not None and rows.num_rows:
                    _check_open_partitions(rows, transaction.table_metadata.spec(), schema)
                    transaction.append(rows)
        except TableAlreadyExistsError as error:
            raise already_exists(database, name) from error
        made = self._iceberg.load_table((database, name))
        return [task.file.file_path for task in made.scan().plan_files()]

    def append(self, table: IcebergTable, rows: pa.Table) -> list[str]:
        """Add rows in one snapshot, on top of what was committed meanwhile; the new files' addresses.

        Raises:
            QueryFailed: too many partitions, or the commit failed.
        """
        _check_open_partitions(rows, table.spec(), table.schema())
        files = _data_files(table, rows)
        if not files:
            return []
        with self.committing(table):
            # Appends commute: as in Iceberg, this one goes on top of what was committed meanwhile.
            self._commit(table.refresh(), [], files)
        return [file.file_path for file in files]

    def replace_files(self, scan: Scan, indexes: Iterable[int], rows: pa.Table) -> None:
        """Replace files by rows in one snapshot, if no other commit came between.

        Args:
            scan: the scan whose rows the caller changed.
            indexes: the files to replace, by their place in the scan.
            rows: what takes their place.

        Raises:
            QueryFailed: another commit came first (ICEBERG_COMMIT_ERROR), or too many partitions.
        """
        _check_open_partitions(rows, scan.table.spec(), scan.table.schema())
        replaced = [scan.tasks[index] for index in indexes]
        files = _data_files(scan.table, rows)
        if not replaced and not files:
            return
        with self.committing(scan.table), self._iceberg.unchanged(scan.table):
            self._commit(scan.table, replaced, files)

    def _commit(self, table: IcebergTable, replaced: list[FileScanTask], files: list[DataFile]) -> None:
        with _Transaction(table) as transaction:
            snapshot = (
                _Overwrite(operation=Operation.OVERWRITE, transaction=transaction, io=table.io)
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
        """Hold the table's commits while one is made: Glue at the endpoint may not compare versions.

        Raises:
            QueryFailed: the table was changed or dropped from elsewhere (ICEBERG_COMMIT_ERROR).
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
        """The table as it is now, for a change of its metadata that no other commit may interrupt."""
        loaded = self.load(table)
        with self.committing(loaded):
            yield loaded.refresh()

    def rename(self, old: tuple[str, str], new: tuple[str, str]) -> None:
        """Rename a table; its files stay where they are."""
        try:
            self._iceberg.rename_table(old, new)
        except TableAlreadyExistsError as error:
            raise already_exists(*new) from error

    def drop(self, table: Table) -> None:
        """Drop a table and delete its objects, as Athena does for Iceberg tables."""
        self._iceberg.drop_table((table.database, table.name))
        bucket, prefix = split_uri(table.location.rstrip("/") + "/")
        self._store.delete(bucket, [item.key for item in self._store.list(bucket, prefix)])


def already_exists(database: str, name: str) -> QueryFailed:
    """What CREATE TABLE says when the name is taken."""
    return QueryFailed(
        "TABLE_ALREADY_EXISTS",
        f"line 1:1: Destination table 'awsdatacatalog.{database}.{name}' already exists",
    )


def commit_error(table: IcebergTable) -> QueryFailed:
    """What a statement says whose table another commit changed meanwhile."""
    name = ".".join(table.name())
    return QueryFailed(
        "ICEBERG_COMMIT_ERROR",
        f"Failed to commit the transaction during write: Failed to commit Iceberg update to table: {name}",
    )


def _data_files(table: IcebergTable, rows: pa.Table) -> list[DataFile]:
    """Write rows as the table's new files; they count once a snapshot names them."""
    return list(_dataframe_to_data_files(table.metadata, rows, table.io)) if rows.num_rows else []


def _read_task(reader: ArrowScan, task: FileScanTask, own: Sequence[str]) -> pa.Table:
    if own:
        return reader.to_table([task])
    if task.delete_files:
        raise Refused("counting rows of an Iceberg table with delete files")
    return pa.table({"": pa.nulls(task.file.record_count)})


def _with_row_address(part: pa.Table, columns: Sequence[str], index: int, path: str) -> pa.Table:
    count = part.num_rows
    found = {
        PATH_COLUMN: lambda: pa.repeat(pa.scalar(path), count),
        FILE_COLUMN: lambda: pa.repeat(pa.scalar(index, pa.int64()), count),
        POSITION_COLUMN: lambda: pa.array(range(count), pa.int64()),
    }
    arrays = [found[name]() if name in found else part[name] for name in columns]
    return pa.table(arrays, names=list(columns))


def _bytes_read(task: FileScanTask, schema: Schema) -> int:
    """Bytes of the columns that are read; the whole file where it has no statistics."""
    sizes = task.file.column_sizes
    if not sizes:
        return task.file.file_size_in_bytes
    return sum(size for number, size in sizes.items() if number in schema.field_ids)


def _expression(table: IcebergTable, needs: Needs) -> BooleanExpression:
    names = {field.name.lower(): field for field in table.schema().fields if field.field_type.is_primitive}
    if not needs.alternatives:
        return AlwaysTrue()
    found: BooleanExpression | None = None
    for alternative in needs.alternatives:
        parts: BooleanExpression = AlwaysTrue()
        for name, comparisons in alternative.items():
            if name in names:
                for comparison in comparisons:
                    parts = And(parts, _comparison(names[name].name, comparison))
        found = parts if found is None else Or(found, parts)
    return found or AlwaysTrue()


def _comparison(name: str, comparison: Comparison) -> BooleanExpression:
    values = [v if isinstance(v, (str, int, float, bool)) else v.isoformat() for v in comparison.values]
    return _COMPARISONS[comparison.operator](name, values if comparison.operator == "in" else values[0])


_TRANSFORMS: dict[str, Any] = {
    "year": YearTransform,
    "month": MonthTransform,
    "day": DayTransform,
    "hour": HourTransform,
}


def _partition_spec(schema: Schema, partitioning: Sequence[str]) -> PartitionSpec:
    """The spec for texts such as `snapshot_date`, `day(ts)` and `bucket(id, 4)`."""
    fields = []
    for number, text in enumerate(partitioning, start=1000):
        match = re.fullmatch(r"\s*(?:(\w+)\s*\()?\s*\"?(\w+)\"?\s*(?:,\s*(\d+))?\s*\)?\s*", text)
        if not match:
            raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {text}")
        function, column, size = match[1], match[2].lower(), match[3]
        if column not in schema.column_names:
            raise QueryFailed("COLUMN_NOT_FOUND", f"Partition column '{column}' not found")
        transform, name = _transform((function or "").lower(), size, column)
        fields.append(PartitionField(schema.find_field(column).field_id, number, transform, name))
    return PartitionSpec(*fields)


def _transform(function: str, size: str | None, column: str) -> tuple[Transform[Any, Any], str]:
    if not function:
        return IdentityTransform(), column
    if function in _TRANSFORMS and size is None:
        return _TRANSFORMS[function](), f"{column}_{function}"
    if function == "bucket" and size:
        return BucketTransform(int(size)), f"{column}_bucket"
    if function == "truncate" and size:
        return TruncateTransform(int(size)), f"{column}_trunc"
    raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {function}({column})")


def _check_open_partitions(rows: pa.Table, spec: PartitionSpec, schema: Schema) -> None:
    if not spec.fields or not rows.num_rows:
        return
    columns = []
    for field in spec.fields:
        source = schema.find_field(field.source_id)
        column = rows[source.name].combine_chunks()
        columns.append(field.transform.pyarrow_transform(source.field_type)(column))
    names = [str(index) for index in range(len(columns))]
    count = pa.table(columns, names=names).group_by(names).aggregate([]).num_rows
    if count > MAX_OPEN_PARTITIONS:
        raise QueryFailed(
            "ICEBERG_TOO_MANY_OPEN_PARTITIONS",
            f"Exceeded limit of {MAX_OPEN_PARTITIONS} open writers for partitions",
        )
