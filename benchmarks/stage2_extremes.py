"""Stage 2 on inputs that are made to exhaust memory or time; `stage2.py --extremes` runs it.

The first inputs are one file for each shape of `stage2_shapes.py`: one line of just under 32 MiB between
usual lines. The further inputs are a line of 300 MB, gzip files that inflate to 300 MB of blank lines, to 100
MB of bad lines, and to a name of 14 MB beside 500,000 accreditations, and 10,000 files of ten records, also
from a server that takes 20 ms to answer.

The time per byte is the processor time of the run minus the processor time of a run over the usual lines
alone. It is compared with the time per byte of 100 MB of usual lines.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stage2_lake import SNAPSHOT, bronze_of, in_a_process, s3_server
from stage2_shapes import SHAPES

from sandbox.generate import Spec, facility_lines, generate

LINE_SIZE = 32 * 1024 * 1024 - 4096
USUAL_SIZE = 100 * 1024 * 1024
SLOW = "10,000 small files, 20 ms an answer"
SLOW_SECONDS = 0.02


def extremes() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of every input, and its peak memory and processor time per byte compared with the usual."""
    usual = b"".join(facility_lines(Spec(SNAPSHOT, n=100)))
    nothing = _measured(lambda folder: (folder / "a.jsonl").write_bytes(usual))
    repeats = USUAL_SIZE // len(usual)
    many = _measured(lambda folder: (folder / "a.jsonl").write_bytes(usual * repeats))
    usual_time = (many["cpu_seconds"] - nothing["cpu_seconds"]) / (len(usual) * repeats)
    yield "usual lines", _figures(many) | {"nanoseconds_per_byte": round(usual_time * 1e9, 2)}
    for name, shape in SHAPES.items():
        line = shape(LINE_SIZE)
        measured = _measured(lambda folder, line=line: _write_line(folder / "a.jsonl", usual, line))
        time = (measured["cpu_seconds"] - nothing["cpu_seconds"]) / len(line)
        yield name, _figures(measured) | {"times_usual": round(time / usual_time, 1)}
    for name, write in _inputs(usual).items():
        yield name, _figures(_measured(write, SLOW_SECONDS if name == SLOW else 0.0))


def _measured(write: Callable[[Path], object], seconds: float = 0.0) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        folder = bronze_of(directory) / "batch" / SNAPSHOT.isoformat()
        folder.mkdir(parents=True)
        write(folder)
        with s3_server(directory, seconds):
            return in_a_process("ours")


def _figures(measured: dict[str, Any]) -> dict[str, Any]:
    return {
        "cpu_seconds": round(measured["cpu_seconds"], 2),
        "peak_rss_mb": round(measured["peak_rss_mb"], 1),
        "rows": measured["rows"],
        "rejects": measured["rejects"],
    }


def _inputs(usual: bytes) -> dict[str, Callable[[Path], object]]:
    return {
        "line of 300 MB": lambda folder: _write_long_line(folder / "a.jsonl", usual),
        "gzip of 300 MB of blank lines": lambda folder: _write_gzip(
            folder / "a.jsonl.gz", usual, b" " * 999_999 + b"\n", 300
        ),
        "gzip of 100 MB of bad lines": lambda folder: _write_gzip(
            folder / "a.jsonl.gz", usual, b"x\n" * 500_000, 100
        ),
        "gzip of a name of 14 MB and 500,000 accreditations": lambda folder: _write_amplifier(
            folder / "a.jsonl.gz"
        ),
        "10,000 small files": lambda folder: _write_small_files(folder, 10_000),
        SLOW: lambda folder: _write_small_files(folder, 10_000),
    }


def _write_line(path: Path, usual: bytes, line: bytes) -> None:
    with path.open("wb") as file:
        file.writelines((usual, line, b"\n", usual))


def _write_long_line(path: Path, usual: bytes) -> None:
    with path.open("wb") as file:
        file.write(usual)
        for _ in range(300):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + usual)


def _write_gzip(path: Path, usual: bytes, piece: bytes, times: int) -> None:
    with gzip.open(path, "wb") as file:
        file.write(usual)
        for _ in range(times):
            file.write(piece)
        file.write(usual)


def _write_amplifier(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        file.write(b'{"facility_id":"FAC1","employee_count":1,"facility_name":"')
        for _ in range(14):
            file.write(b"x" * 1_000_000)
        file.write(b'","accreditations":[')
        file.write(b",".join([b'{"valid_until":"2025-09-01"}'] * 500_000))
        file.write(b"]}")


def _write_small_files(folder: Path, files: int) -> None:
    generate(str(folder.parent.parent), Spec(SNAPSHOT, n=files * 10), chunk=10)
