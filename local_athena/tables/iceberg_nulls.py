"""Null lists and null maps of structs, which pyiceberg 0.12 reads and writes as empty ones.

It builds them again from offsets and values, without the nulls (https://github.com/apache/arrow/issues/38809).
The test of this module's effect tells when pyiceberg needs it no more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.io.pyarrow import ArrowProjectionVisitor


def keep_nulls() -> None:
    """Have pyiceberg keep the nulls of lists and maps, in what it reads and in what it writes."""
    for name in ("list", "map"):
        build = getattr(ArrowProjectionVisitor, name)
        if not hasattr(build, "__wrapped__"):
            setattr(ArrowProjectionVisitor, name, _with_nulls(build))


def _with_nulls(build: Callable[..., pa.Array | None]) -> Callable[..., pa.Array | None]:
    @wraps(build)
    def built(visitor: Any, kind: Any, array: pa.Array | None, *parts: pa.Array | None) -> pa.Array | None:
        result = build(visitor, kind, array, *parts)
        if array is None or result is None or array.null_count == result.null_count:
            return result
        # The cast brings back the fields' metadata, which hold their ids.
        compute: Any = pc  # its functions are made at import
        return compute.if_else(array.is_valid(), result, pa.scalar(None, result.type)).cast(result.type)

    return built
