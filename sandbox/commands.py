"""`medlaunch local`: the sandbox as a server, or around one command."""

from __future__ import annotations

import shlex
import signal
import threading

from rich.console import Console

from local_athena.server import EngineName
from local_athena.trino.install import TrinoUnavailableError
from runner.errors import MedLaunchError
from sandbox.local import Sandbox, exit_on_signals


def local(command: list[str], *, port: int, engine: EngineName) -> int:
    """Start the sandbox with an initialised lake; run the command in it, or serve until interrupted.

    Returns:
        The command's exit code, or 0 after serving.

    Raises:
        MedLaunchError: the lake could not be initialised, or there is no Java or no Trino to be had.
    """
    try:
        return _local(command, port=port, engine=engine)
    except TrinoUnavailableError as error:
        raise MedLaunchError(str(error)) from error


def _local(command: list[str], *, port: int, engine: EngineName) -> int:
    console = Console(stderr=True)
    exit_on_signals()
    with Sandbox(port=port, engine=engine) as sandbox:
        with console.status("Preparing the lake"):
            if sandbox.initialise() != 0:
                raise MedLaunchError("medlaunch init failed in the sandbox: its own message is above")
        if command:
            return sandbox.run(command)
        for name, value in sandbox.environment.items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        console.print("The lake is up. Use the lines above in another shell; Ctrl-C ends it.")
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        stopped.wait()
    return 0
