"""Runs the README's commands for a lake on this machine one after the other, as a reader would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.test_documented_commands import in_fences
from tests.repository.test_files import ROOT

#: The command that starts the lake in which the others run, and commands that run until they are stopped.
_APART = ("medlaunch demo", "medlaunch local", "dbt docs serve")


@pytest.mark.slow
def test_the_commands_of_the_readme_run_in_a_row(tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    commands = [
        command
        for command in in_fences("README.md")
        if command.startswith(("medlaunch ", "dbt ")) and not command.startswith(_APART)
    ]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DBT_PROJECT_DIR": str(ROOT),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }

    ended = subprocess.run(
        ["medlaunch", "local", "--events", "--", "bash", "-ec", "\n".join(commands)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip

    assert len(commands) >= 12, commands
    assert ended.returncode == 0, f"{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}"
    assert "1 rejected line = 1 corrected + 0 rejected again + 0 open" in ended.stdout
    assert "1020 records in 11 files" in ended.stdout
    assert (tmp_path / "target" / "catalog.json").exists()
