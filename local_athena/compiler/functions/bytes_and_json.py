"""Compiles functions of bytes and of JSON."""

from __future__ import annotations

from local_athena.compiler.functions.registry import simple
from local_athena.compiler.functions.texts import kept
from local_athena.values.types import BIGINT, JSON, VARBINARY, VARCHAR

simple("to_utf8", ((VARCHAR,), VARBINARY, "t_to_utf8({0})"))
simple("from_utf8", ((VARBINARY,), VARCHAR, "t_from_utf8({0})"), complete=False)
simple("to_hex", ((VARBINARY,), VARCHAR, "hex({0})"))
simple("from_hex", ((VARCHAR,), VARBINARY, "t_from_hex({0})"), complete=False)
simple("from_base64", ((VARCHAR,), VARBINARY, "t_from_base64({0})"), complete=False)
simple("to_base64", ((VARBINARY,), VARCHAR, "base64({0})"))
simple("sha256", ((VARBINARY,), VARBINARY, "t_sha256({0})"))
simple("sha1", ((VARBINARY,), VARBINARY, "t_sha1({0})"))
simple("sha512", ((VARBINARY,), VARBINARY, "t_sha512({0})"))
simple("md5", ((VARBINARY,), VARBINARY, "t_md5({0})"))

simple("json_parse", ((VARCHAR,), JSON, "t_json_parse({0})"))
simple("json_format", ((JSON,), VARCHAR, "({0})"))
simple(
    "json_extract",
    ((JSON, VARCHAR), JSON, "t_json_extract({0}, {1})"),
    ((VARCHAR, VARCHAR), JSON, "t_json_extract_of_text({0}, {1})"),
)
simple(
    "json_extract_scalar",
    ((JSON, VARCHAR), VARCHAR, "t_json_extract_scalar({0}, {1})"),
    ((VARCHAR, VARCHAR), kept, "t_json_scalar_of_text({0}, {1})"),
)
simple(
    "json_array_length",
    ((JSON,), BIGINT, "t_json_array_length({0})"),
    ((VARCHAR,), BIGINT, "t_json_array_length_of_text({0})"),
)
