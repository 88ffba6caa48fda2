"""Tests `make conformance` as far as this is possible without Java."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local_athena.trino.install import MINIMUM_JAVA, TRINO_VERSION

pytestmark = pytest.mark.slow

#: Stands in for a Trino server that is starting: it writes its process id and keeps running.
JAVA = """\
#!/bin/sh
[ "$1" = -version ] && { echo 'openjdk version "VERSION"' >&2; exit; }
echo $$ > "$PID_FILE"
exec sleep 600
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_conformance_leaves_no_java_behind(tmp_path: Path, number: signal.Signals) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(JAVA.replace("VERSION", str(MINIMUM_JAVA)))
    java.chmod(0o755)
    (tmp_path / f"trino-server-{TRINO_VERSION}" / "lib").mkdir(parents=True)
    noted = tmp_path / "pid"
    environment = {"JAVA_HOME": str(tmp_path), "TRINO_CACHE_DIR": str(tmp_path), "PID_FILE": str(noted)}
    conformance = subprocess.Popen(
        [sys.executable, "-m", "sandbox.conformance"], env={**os.environ, **environment}
    )
    try:
        server = _process_id(noted)
        conformance.send_signal(number)
        assert conformance.wait(60) == 128 + number
    finally:
        conformance.kill()
        conformance.wait()

    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def _process_id(file: Path) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text().strip()):
            return int(text)
        time.sleep(0.05)
    raise AssertionError("no server was started within a minute")
