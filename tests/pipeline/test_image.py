"""Tests a run as in Lambda: with the read-only files of the image, no HOME, and no locks between processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.settings import PROJECT_DIR
from sandbox.local import Sandbox, command_environment
from tests.pipeline.facts import facility, initialised_lake

if TYPE_CHECKING:
    from tests.conftest import Lake

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("concurrency")]

#: Lambda's Python has no semaphores, because there is no /dev/shm. Only temporary files may be opened for writing.
CHILD = """
import builtins, io, json, os, sys, tempfile, types
import _multiprocessing
class NoSemaphores:
    SEM_VALUE_MAX = _multiprocessing.SemLock.SEM_VALUE_MAX
    def __init__(self, *_):
        raise OSError(38, "Function not implemented")
_multiprocessing.SemLock = NoSemaphores
root = os.getcwd()
def refuse_writes(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        mode, flags = arguments[1] or "", arguments[2] or 0
        writes = any(letter in mode for letter in "wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and os.path.abspath(arguments[0]).startswith(root):
            raise OSError(30, "Read-only file system", arguments[0])
    elif event in ("os.mkdir", "os.rename", "os.remove") and os.path.abspath(arguments[0]).startswith(root):
        raise OSError(30, "Read-only file system", arguments[0])
sys.addaudithook(refuse_writes)
assert "HOME" not in os.environ
from runner.lambdas import handlers
context = types.SimpleNamespace(
    function_name="transform", memory_limit_in_mb=2048, aws_request_id="request",
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:transform",
    get_remaining_time_in_millis=lambda: 600_000,
)
print(json.dumps(handlers.transform(json.loads(sys.argv[1]), context)))
"""


@pytest.fixture(scope="module")
def ready(sandbox: Sandbox) -> Iterator[Lake]:
    with pytest.MonkeyPatch.context() as patch:
        yield initialised_lake(sandbox, patch, "image-tests")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with the files that the Dockerfile copies."""
    root = tmp_path / "image"
    copies = re.findall(r"^COPY --chmod=\S+ (\S+) \$\{LAMBDA_TASK_ROOT\}/(\S*)$", _dockerfile(), re.MULTILINE)
    assert {"runner", "models", "macros", "tests/dbt"} <= {source for source, _ in copies}
    for source, target in copies:
        if (PROJECT_DIR / source).is_dir():
            shutil.copytree(PROJECT_DIR / source, root / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place = root / (target or source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT_DIR / source, place)
    return root


def _dockerfile() -> str:
    return (PROJECT_DIR / "Dockerfile").read_text("utf-8")


def test_the_transform_function_runs_in_the_image(ready: Lake, image: Path) -> None:
    ready.put_bronze("2025-08-10", "a.jsonl", [facility(1)])
    environment = command_environment(os.environ, ready.environment)
    environment.pop("HOME", None)
    environment |= {
        "AWS_LAMBDA_FUNCTION_NAME": "transform",
        "DBT_PROFILES_DIR": str(image / "profiles"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(image),
    }
    event = {"snapshot_date": "2025-08-10", "bucket": ready.settings.data_bucket}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(event)],
        cwd=image,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["counts"]["stage1"] == {"curated": 1, "rejected": 0}
