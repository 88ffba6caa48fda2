"""Names the Java classes by which Glue records a table's file format."""

from __future__ import annotations

from typing import NamedTuple


class FileFormat(NamedTuple):
    """The Java classes that read and write one format."""

    input_format: str
    output_format: str
    serde: str


TEXT = FileFormat(
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
)
_OPENX = "org.openx.data.jsonserde.JsonSerDe"
#: The format of a table without STORED AS, by its SerDe, where it is not TEXT.
UNNAMED = {
    _OPENX: FileFormat(TEXT.input_format, "org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat", _OPENX)
}
PARQUET = FileFormat(
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
)
ORC = FileFormat(
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
)
AVRO = FileFormat(
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
)
JSON = FileFormat(TEXT.input_format, TEXT.output_format, "org.apache.hive.hcatalog.data.JsonSerDe")
#: The format for each name after STORED AS. Tables of Avro can be made and described, and not read.
STORED_AS = {"TEXTFILE": TEXT, "PARQUET": PARQUET, "ORC": ORC, "AVRO": AVRO}
#: The format for each name in CREATE TABLE AS and UNLOAD.
WRITTEN = {"TEXTFILE": TEXT, "PARQUET": PARQUET, "ORC": ORC, "JSON": JSON}
