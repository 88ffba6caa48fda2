"""The lake of the Stage 2 benchmark: a folder behind a local S3 server, and runs in fresh processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BUCKET = "benchmark"
SNAPSHOT = date(2025, 8, 10)


@contextmanager
def s3_server(directory: Path, seconds: float = 0.0) -> Iterator[None]:
    """Start a server of `directory` in a separate process, with this delay, and set the environment to it."""
    command = [sys.executable, str(HERE / "s3_server.py"), str(directory), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        os.environ |= {
            "AWS_ENDPOINT_URL": server.stdout.readline().strip(),
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        try:
            yield
        finally:
            server.terminate()


def in_a_process(way: str) -> dict[str, Any]:
    """The output of `stage2.py --measure` for one implementation, from a fresh process."""
    command = [sys.executable, str(HERE / "stage2.py"), "--measure", way]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def bronze_of(directory: Path) -> Path:
    """The folder of the bucket that the generator writes to."""
    return directory / BUCKET / "bronze-raw-ingested-data"
