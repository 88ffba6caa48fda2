"""`medlaunch local`: the sandbox as a server, or around one command."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
import threading
from collections.abc import Iterator

from rich.console import Console

from local_athena.server import EngineName
from local_athena.trino.install import TrinoUnavailableError
from runner.errors import MedLaunchError
from sandbox.event_path import EventPath
from sandbox.local import Sandbox, exit_on_signals

#: How long a lake stays after its command ends, so that files landed by the command are built.
DRAIN_SECONDS = 600.0


def run_in_lake(command: list[str], *, port: int, engine: EngineName, events: bool) -> int:
    """Run a command in a sandbox with an initialised lake. Nothing else is written to standard output.

    Args:
        command: the command and its arguments.
        port: the port of S3 and Glue; 0 takes free ports.
        engine: the engine of local Athena's queries.
        events: whether files that land are built and published while the command runs.

    Returns:
        The command's exit code.

    Raises:
        MedLaunchError: the lake could not be initialised, a port is taken, or there is no Java or no Trino.
    """
    with _lake(port=port, engine=engine, events=events) as (sandbox, path):
        if path is None:
            return sandbox.run(command)
        code = sandbox.run(command, path.environment)
        path.drain(DRAIN_SECONDS)
        return code


def serve(*, port: int, engine: EngineName, events: bool) -> None:
    """Serve a sandbox with an initialised lake until interrupted; print its environment for other shells.

    The arguments and errors are the same as for `run_in_lake`.
    """
    with _lake(port=port, engine=engine, events=events) as (sandbox, path):
        environment = path.environment if path else sandbox.environment
        for name, value in environment.items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        _tell("The lake is up. Use the lines above in another shell; Ctrl-C ends it.")
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        stopped.wait()


@contextlib.contextmanager
def _lake(*, port: int, engine: EngineName, events: bool) -> Iterator[tuple[Sandbox, EventPath | None]]:
    """A sandbox with an initialised lake, and its event path if files that land are to be built."""
    exit_on_signals()
    with contextlib.ExitStack() as stack:
        try:
            sandbox = stack.enter_context(Sandbox(port=port, engine=engine))
        except TrinoUnavailableError as error:
            raise MedLaunchError(str(error)) from error
        with Console(stderr=True).status("Preparing the lake"):
            if sandbox.initialise() != 0:
                raise MedLaunchError("medlaunch init failed in the sandbox: its own message is above")
        path = stack.enter_context(EventPath(sandbox, sandbox.environment, _tell)) if events else None
        yield sandbox, path


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
