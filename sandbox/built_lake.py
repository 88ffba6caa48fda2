"""Builds a lake with every stage, and dbt's artifacts of it, for `make scores` and `make pages`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.errors import MedLaunchError
from runner.settings import PROJECT_DIR
from sandbox.demo import RUN_DATE, SNAPSHOTS
from sandbox.local import BUCKET, Sandbox

#: Where requirements/scores.txt is installed (`make .venv-scores/.installed`).
TOOLS = PROJECT_DIR / ".venv-scores" / "bin"


class StepFailed(MedLaunchError):
    """A command ended with an error. The message names the command."""


def run(sandbox: Sandbox, *command: str | Path, **environment: str) -> None:
    """Run a command in the sandbox's lake, with this process's input and output.

    Args:
        sandbox: the lake's.
        command: the command and its arguments.
        environment: variables in addition to the sandbox's.

    Raises:
        StepFailed: the command's exit code is not 0.
    """
    arguments = [str(part) for part in command]
    code = sandbox.run(arguments, sandbox.environment | environment)
    if code:
        raise StepFailed(f"`{' '.join(arguments)}` ended with {code}")


@contextmanager
def built_lake(target: Path) -> Iterator[Sandbox]:
    """A lake in which every stage has run.

    Args:
        target: the folder for dbt's `manifest.json`, `catalog.json` and `index.html`.

    Yields:
        The sandbox, while the lake exists.

    Raises:
        StepFailed: a stage or dbt failed.
    """
    medlaunch = (sys.executable, "-m", "cli")
    with Sandbox() as sandbox:
        run(sandbox, *medlaunch, "init")
        for spec in SNAPSHOTS:
            size = ("--n", str(spec.n), "--bad", str(spec.bad), "--start-index", str(spec.start_index))
            run(
                sandbox,
                *medlaunch,
                "generate",
                "--snapshot",
                str(spec.snapshot),
                *size,
                "--out",
                f"s3://{BUCKET}",
            )
        run(sandbox, *medlaunch, "transform", "--all")
        run(sandbox, *medlaunch, "expiring", "--run-date", str(RUN_DATE))
        run(sandbox, "dbt", "--quiet", "docs", "generate", "--target-path", target)
        yield sandbox
