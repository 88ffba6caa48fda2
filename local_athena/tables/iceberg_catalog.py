"""Adapts pyiceberg's Glue catalog, transactions and commits to local Athena."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.io import FileIO
from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table import Transaction
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.update import TableUpdate
from pyiceberg.table.update.snapshot import _OverwriteFiles

from local_athena.errors import QueryFailed
from local_athena.tables.iceberg_files import IcebergFiles
from local_athena.tables.s3 import ObjectStore


class MirroredCatalog(GlueCatalog):
    """pyiceberg's Glue catalog, with local Athena's Glue client and its mirror of S3."""

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
        """Make this thread's commits to a table fail if it has changed since it was loaded.

        Raises:
            QueryFailed: another commit came first (ICEBERG_COMMIT_ERROR).
        """
        self._commit.base = table
        try:
            yield
        finally:
            self._commit.base = None

    def _get_glue_table(self, database_name: str, table_name: str) -> Any:
        base = getattr(self._commit, "base", None)
        try:
            raw = super()._get_glue_table(database_name, table_name)
        except NoSuchTableError as error:
            if base is None:
                raise
            raise commit_error(base) from error
        if base and raw.get("Parameters", {}).get("metadata_location") != base.metadata_location:
            raise commit_error(base)
        return raw

    def from_glue(self, raw: Any) -> IcebergTable:
        """The table for an answer of Glue's GetTable."""
        return self._convert_glue_to_iceberg(raw)


class CachedTransaction(Transaction):
    """pyiceberg's transaction, with the table's metadata cached.

    pyiceberg makes a deep copy of the metadata at each access. One commit accesses them about twenty times, and they grow
    with every snapshot.
    """

    _known: tuple[TableMetadata, tuple[TableUpdate, ...], TableMetadata] | None = None

    @property
    def table_metadata(self) -> TableMetadata:
        base, updates = self._table.metadata, self._updates
        if self._known is None or self._known[0] is not base or self._known[1] is not updates:
            self._known = (base, updates, super().table_metadata)
        return self._known[2]


class ReplaceFiles(_OverwriteFiles):
    """pyiceberg's commit that replaces files, without manifests that list only deleted files.

    pyiceberg keeps such a manifest for every commit, and reads all of them in each later commit.
    """

    def _existing_manifests(self) -> list[ManifestFile]:
        return [
            manifest
            for manifest in super()._existing_manifests()
            if manifest.has_added_files() or manifest.has_existing_files()
        ]


def commit_error(table: IcebergTable) -> QueryFailed:
    """The failure of a statement when another commit has changed its table."""
    name = ".".join(table.name())
    return QueryFailed(
        "ICEBERG_COMMIT_ERROR",
        f"Failed to commit the transaction during write: Failed to commit Iceberg update to table: {name}",
    )
