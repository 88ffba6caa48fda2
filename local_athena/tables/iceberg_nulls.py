"""Makes pyiceberg keep null lists and null maps of structs, which pyiceberg 0.12 reads and writes as empty ones.

pyiceberg rebuilds them from their offsets and values, and loses the nulls
(https://github.com/apache/arrow/issues/38809). A test shows whether pyiceberg still needs this module.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.io.pyarrow import ArrowProjectionVisitor


def keep_nulls() -> None:
    """Patch pyiceberg so that it keeps null lists and null maps when it reads and writes."""
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
        # The cast restores the metadata of the fields, which hold the fields' ids.
        compute: Any = pc  # pyarrow creates its functions at import time, so type checkers do not know them
        return compute.if_else(array.is_valid(), result, pa.scalar(None, result.type)).cast(result.type)

    return built
