"""Gives pyiceberg access to files through the local mirror of S3."""

from __future__ import annotations

import io
from typing import cast

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from local_athena.errors import QueryFailed
from local_athena.tables.s3 import ObjectStore, split_uri


class IcebergFiles(FileIO):
    """pyiceberg's file access through the mirror. Iceberg never overwrites a file, so mirrored files stay valid."""

    def __init__(self, store: ObjectStore) -> None:
        super().__init__()
        self._store = store

    def new_input(self, location: str) -> InputFile:
        return _MirroredInput(location, self._store)

    def new_output(self, location: str) -> OutputFile:
        return _UploadedOutput(location, self._store)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        bucket, key = split_uri(location if isinstance(location, str) else location.location)
        self._store.delete(bucket, [key])


class _MirroredInput(InputFile):
    def __init__(self, location: str, store: ObjectStore) -> None:
        super().__init__(location)
        self._store = store

    def __len__(self) -> int:
        return self._store.immutable(self.location).stat().st_size

    def exists(self) -> bool:
        try:
            self._store.immutable(self.location)
        except QueryFailed:
            return False
        return True

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002 - a file on disk always seeks
        return cast("InputStream", self._store.immutable(self.location).open("rb"))


class _UploadedOutput(OutputFile):
    def __init__(self, location: str, store: ObjectStore) -> None:
        super().__init__(location)
        self._store = store

    def __len__(self) -> int:
        return len(self.to_input_file())

    def exists(self) -> bool:
        return self.to_input_file().exists()

    def to_input_file(self) -> InputFile:
        return _MirroredInput(self.location, self._store)

    def create(self, overwrite: bool = False) -> OutputStream:  # noqa: ARG002 - names are unique
        return cast("OutputStream", _Upload(self.location, self._store))


class _Upload(io.BytesIO):
    """A file in memory that is uploaded to S3 when it is closed."""

    def __init__(self, location: str, store: ObjectStore) -> None:
        super().__init__()
        self._location = location
        self._store = store

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            super().close()
        self.close()

    def close(self) -> None:
        if not self.closed:
            self._store.write_immutable(self._location, self.getvalue())
        super().close()
