"""Writes rows as one data file: Parquet, ORC, delimited text or JSON lines."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import orc
from pyarrow import parquet as pq

from local_athena.errors import QueryFailed, Refused
from local_athena.tables import formats, json_lines, lazy_simple
from local_athena.tables.catalog import Table
from local_athena.values.columns import Column

_COMPRESSIONS = {
    "parquet": ("snappy", "gzip", "zstd", "none"),
    "orc": ("zlib", "snappy", "zstd", "none"),
    "textfile": ("gzip", "none"),
    "json": ("gzip", "none"),
}
#: Athena's default compression of each format (https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html).
_DEFAULTS = {"parquet": "gzip", "orc": "zlib", "textfile": "gzip", "json": "gzip"}
_ENDINGS = {
    "parquet": {
        "snappy": ".snappy.parquet",
        "gzip": ".gz.parquet",
        "zstd": ".zstd.parquet",
        "none": ".parquet",
    },
    "orc": {"snappy": ".snappy.orc", "zlib": ".zlib.orc", "zstd": ".zstd.orc", "none": ".orc"},
    "textfile": {"gzip": ".gz", "none": ""},
    "json": {"gzip": ".gz", "none": ""},
}


#: The text format of a table without SerDe parameters.
_PLAIN = lazy_simple.format_of({}, 0, "")


@dataclass(frozen=True)
class WrittenFormat:
    """The format of written files.

    Attributes:
        name: parquet, orc, textfile or json.
        compression: a compression that the format supports, such as snappy or none.
        delimiters: the delimiters of a text file; by default those of a table without SerDe parameters.
    """

    name: str = "parquet"
    compression: str = "snappy"
    delimiters: lazy_simple.Format = _PLAIN

    @property
    def classes(self) -> formats.FileFormat:
        """Hive's Java classes for the format."""
        return formats.WRITTEN[self.name.upper()]

    @property
    def table_parameters(self) -> dict[str, str]:
        """The table parameter that states the compression."""
        names = {"parquet": "parquet.compression", "orc": "orc.compress"}
        return {names.get(self.name, "write.compression"): self.compression.upper()}

    @property
    def ending(self) -> str:
        """The file extension, such as `.snappy.parquet`; empty for uncompressed text."""
        return _ENDINGS[self.name][self.compression]


def named(name: str, compression: str = "", delimiters: lazy_simple.Format | None = None) -> WrittenFormat:
    """The format with the name and compression of a WITH clause; without a compression, Athena's default.

    Raises:
        QueryFailed: the format has no such compression.
        Refused: local Athena does not write the format or the compression.
    """
    name = name.lower()
    if name not in _COMPRESSIONS:
        raise Refused(
            f"writing the format {name.upper()}: {', '.join(sorted(map(str.upper, _COMPRESSIONS)))} are written"
        )
    compression = compression.lower() or _DEFAULTS[name]
    if compression not in _COMPRESSIONS[name]:
        if compression in ("lz4", "bzip2", "deflate", "snappy", "zstd", "gzip", "zlib"):
            raise Refused(f"writing the format {name.upper()} with the compression {compression.upper()}")
        raise QueryFailed(
            "INVALID_TABLE_PROPERTY", f"Invalid compression {compression.upper()} for {name.upper()}"
        )
    return WrittenFormat(name, compression, delimiters or _PLAIN)


def of_table(table: Table) -> WrittenFormat:
    """The format in which an INSERT adds files to a table.

    Raises:
        Refused: local Athena does not write this format.
    """
    name = {classes.serde.rsplit(".", 1)[-1]: name for name, classes in formats.WRITTEN.items()}.get(
        table.serde
    )
    if name is None:
        raise Refused(f"INSERT into the SerDe {table.serde} ({table.database}.{table.name})")
    settings = {key.lower(): value for key, value in table.parameters.items()}
    given = next(
        (settings[key] for key in ("parquet.compression", "parquet.compress", "orc.compress", "write.compression", "write_compression")
         if key in settings),
        "",
    )  # fmt: skip
    compression = given.lower().replace("uncompressed", "none") or ("snappy" if name == "PARQUET" else "")
    own = len(table.columns) - len(table.partition_keys)
    delimiters = lazy_simple.format_of(table.serde_parameters, own, f"{table.database}.{table.name}")
    return named(name, compression, delimiters)


def written(rows: pa.Table, columns: Sequence[Column], form: WrittenFormat) -> bytes:
    """The bytes of one file with the rows."""
    buffer = io.BytesIO()
    if form.name == "parquet":
        # Athena, like Hive, writes timestamps as INT96; other readers take these as nanoseconds.
        pq.write_table(rows, buffer, compression=form.compression, use_deprecated_int96_timestamps=True)
        return buffer.getvalue()
    if form.name == "orc":
        compression = "uncompressed" if form.compression == "none" else form.compression
        orc.write_table(rows, buffer, compression=compression)
        return buffer.getvalue()
    if form.name == "json":
        text = json_lines.write(rows, columns)
    else:
        text = lazy_simple.write(rows, columns, form.delimiters)
    # Without a time in the gzip header, equal rows give equal bytes.
    return gzip.compress(text, mtime=0) if form.compression == "gzip" else text
