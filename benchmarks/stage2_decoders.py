"""Compares decoders of the usual line: microseconds of processor time per record.

    python benchmarks/stage2_decoders.py [--records N]

`msgspec` is the decoder of Stage 2. `pyarrow` reads a block of lines into columns. Decoders that are not
installed are left out.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyarrow as pa
import pyarrow.json as pa_json

from runner.stage2.record import decode_facility
from sandbox.generate import Spec, facility_lines

BLOCK = 256 * 1024
REPEATS = 5


def pyarrow_columns(block: bytes) -> pa.Table:
    """The lines as columns. One bad line fails the whole block, and the error does not say which line."""
    return pa_json.read_json(io.BytesIO(block), read_options=pa_json.ReadOptions(use_threads=False))


def pyarrow_accreditations(block: bytes) -> int:
    """The columns, and the dates of all accreditations as Python text."""
    return len(
        pyarrow_columns(block)["accreditations"].combine_chunks().flatten().field("valid_until").to_pylist()
    )


def by_line(decode: Callable[[bytes], Any]) -> Callable[[bytes], int]:
    """A decoder of one line, over a block."""
    return lambda block: sum(1 for _ in map(decode, io.BytesIO(block)))


def simdjson_accreditations(parser: Any) -> Callable[[bytes], Any]:
    """The fields that Stage 2 needs, read lazily from a simdjson document."""

    def read(line: bytes) -> Any:
        record = parser.parse(line)
        fields = record["facility_id"], record["facility_name"], record["employee_count"]
        return fields, [each["valid_until"] for each in record["accreditations"]]

    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--records", type=int, default=50_000)
    records = parser.parse_args().records
    content = b"".join(facility_lines(Spec(date(2025, 8, 10), n=records)))
    blocks, start = [], 0
    while start < len(content):
        end = content.find(b"\n", start + BLOCK) + 1 or len(content)
        blocks.append(content[start:end])
        start = end
    ways: dict[str, Callable[[bytes], Any]] = {
        "split only": lambda block: len(io.BytesIO(block).readlines()),
        "msgspec, typed": by_line(decode_facility),
        "json": by_line(json.loads),
        "pyarrow, columns only": pyarrow_columns,
        "pyarrow, dates as text": pyarrow_accreditations,
    }
    for name, module in (("orjson", "orjson"), ("pysimdjson", "simdjson"), ("fastsimdjson", "fastsimdjson")):
        try:
            library = importlib.import_module(module)
        except ImportError:
            continue
        ways[name] = by_line(
            simdjson_accreditations(library.Parser()) if hasattr(library, "Parser") else library.loads
        )
    for name, way in ways.items():
        best = min(_seconds(way, blocks) for _ in range(REPEATS))
        print(f"{name:24}{best / records * 1e6:8.2f} µs a record")


def _seconds(way: Callable[[bytes], Any], blocks: list[bytes]) -> float:
    started = time.process_time()
    for block in blocks:
        way(block)
    return time.process_time() - started


if __name__ == "__main__":
    main()
