"""Judges files in several processes at once. The outcomes are in the order of the files.

The processes are forks that communicate over pipes. Queues and locks between processes need /dev/shm, which
Lambda does not have. Each process gets tasks of a few consecutive files and sends back their outcomes.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType, TracebackType

from runner.bronze import RecordFile
from runner.errors import MedLaunchError
from runner.stage2.file_judge import FileJudge, Judged
from runner.stage2.tally import Tally

#: The memory of a Lambda function per vCPU.
_LAMBDA_MB_PER_VCPU = 1769

#: The most bytes of the files of one task, unless one file alone has more, and its most files.
_TASK_SIZE = 4 * 1024 * 1024
_TASK_FILES = 32
#: The tasks that one process has at a time. The second one is ready, so that the process never waits for it.
_TASKS_AT_ONCE = 2
#: The most bytes of outcomes that wait for an earlier task. No new task is given out above this.
_MAX_WAITING = 256 * 1024 * 1024
#: The most bytes of CSV that one task sends through the pipe. A larger CSV goes through a file.
_MAX_SENT = 256 * 1024
_FORK = multiprocessing.get_context("fork")


class ProcessDied(MedLaunchError):
    """A process of the run was killed."""


def vcpus() -> int:
    """The number of processes that can run at once here."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    # Even a small function sees two processors, but it may only use its share of them.
    return max(1, min(processors, int(memory) // _LAMBDA_MB_PER_VCPU)) if memory else processors


def tasks(files: Iterable[RecordFile]) -> Iterator[list[RecordFile]]:
    """Consecutive files, grouped by size."""
    task: list[RecordFile] = []
    size = 0
    for file in files:
        if task and (size + file.size > _TASK_SIZE or len(task) == _TASK_FILES):
            yield task
            task, size = [], 0
        task.append(file)
        size += file.size
    if task:
        yield task


@dataclass(slots=True)
class _Outcome:
    """The outcome of one task. The CSV is bytes, or the path of a file with the bytes."""

    tally: Tally = field(default_factory=Tally)
    quarantined: list[str] = field(default_factory=list[str])
    csv: bytes | str = b""
    size: int = 0

    def judged(self) -> Judged:
        """The outcome in the form that the collecting process uses."""
        return Judged(self.tally, self.quarantined, _pieces(self.csv))


class Processes:
    """Processes that judge files, as a context manager that ends them.

    Enter it before this process starts threads or opens connections, because a fork shares these.

    Args:
        count: the number of processes.
        new_judge: makes the judge of one process; called in that process.
    """

    def __init__(self, count: int, new_judge: Callable[[], FileJudge]) -> None:
        self._count = count
        self._new_judge = new_judge
        self._scratch = tempfile.TemporaryDirectory(prefix="stage2-")
        self._processes: dict[Connection, ForkProcess] = {}
        self._busy: dict[Connection, deque[int]] = {}

    def __enter__(self) -> Processes:
        for _ in range(self._count):
            ours, theirs = _FORK.Pipe()
            inherited = [*self._processes, ours]
            process = _FORK.Process(
                target=_work, args=(theirs, inherited, self._new_judge, self._scratch.name), daemon=True
            )
            process.start()
            theirs.close()
            self._processes[ours] = process
            self._busy[ours] = deque()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection, process in self._processes.items():
            if error is not None:
                process.terminate()
            connection.close()
        for process in self._processes.values():
            process.join()
        self._scratch.cleanup()

    def judge_all(self, files: Iterable[RecordFile]) -> Generator[Judged]:
        """The outcomes of the files, one task at a time, in the order of the files.

        Raises:
            ProcessDied: a process was killed, for example because memory ran out.
            MedLaunchError: the error of `FileJudge.judge_all` for the first file that fails.
        """
        numbered = enumerate(tasks(files))
        waiting: dict[int, _Outcome | BaseException] = {}
        next_number = 0
        while self._hand_out(numbered, waiting) or any(self._busy.values()):
            for connection in wait([each for each, numbers in self._busy.items() if numbers]):
                assert isinstance(connection, Connection)
                waiting[self._busy[connection].popleft()] = self._receive(connection)
            while next_number in waiting:
                outcome = waiting.pop(next_number)
                next_number += 1
                if isinstance(outcome, BaseException):
                    raise outcome
                yield outcome.judged()

    def _hand_out(
        self, numbered: Iterator[tuple[int, list[RecordFile]]], waiting: dict[int, _Outcome | BaseException]
    ) -> bool:
        """Give tasks to the processes that have room, and return whether any task was given."""
        held = sum(outcome.size for outcome in waiting.values() if isinstance(outcome, _Outcome))
        given = False
        for room in range(_TASKS_AT_ONCE):
            for connection, numbers in self._busy.items():
                if held > _MAX_WAITING or len(numbers) > room:
                    continue
                number, task = next(numbered, (0, None))
                if task is None:
                    return given
                try:
                    connection.send(task)
                except OSError as error:
                    raise self._death(connection) from error
                numbers.append(number)
                given = True
        return given

    def _receive(self, connection: Connection) -> _Outcome | BaseException:
        try:
            return connection.recv()
        except (EOFError, OSError) as error:
            raise self._death(connection) from error

    def _death(self, connection: Connection) -> ProcessDied:
        process = self._processes[connection]
        process.join()
        return ProcessDied(
            f"a process of Stage 2 ended with exit code {process.exitcode} while it judged files; if memory "
            "ran out, give the run more, or fewer processes (STAGE2_PROCESSES)"
        )


def _work(
    connection: Connection, inherited: list[Connection], new_judge: Callable[[], FileJudge], scratch: str
) -> None:
    """The work of a process: it judges tasks until the pipe is closed."""
    # Otherwise the other processes would not notice that the parent has closed its ends.
    for each in inherited:
        each.close()
    # The parent ends the processes. SystemExit lets uploads be aborted on the way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _exit)
    with new_judge() as judge:
        while True:
            try:
                task = connection.recv()
            except EOFError:
                return
            outcome = _outcome(judge, task, scratch)
            try:
                connection.send(outcome)
            except BrokenPipeError:
                return


def _exit(_signal_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)


def _outcome(judge: FileJudge, task: list[RecordFile], scratch: str) -> _Outcome | BaseException:
    outcome = _Outcome()
    held: list[bytes] = []
    file = None
    try:
        for judged in judge.judge_all(task):
            outcome.tally.add(judged.tally)
            outcome.quarantined += judged.quarantined
            for piece in judged.csv:
                outcome.size += len(piece)
                held.append(piece)
                if outcome.size > _MAX_SENT:
                    file = file or tempfile.NamedTemporaryFile(dir=scratch, delete=False)  # noqa: SIM115
                    file.writelines(held)
                    held.clear()
    except Exception as error:
        return _sendable(error)
    finally:
        if file:
            file.close()
    outcome.csv = file.name if file else b"".join(held)
    return outcome


def _sendable(error: Exception) -> Exception:
    """The error, or a description of it if it cannot be sent through a pipe."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  its own bytes
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _pieces(csv: bytes | str) -> Iterator[bytes]:
    if isinstance(csv, bytes):
        yield csv
        return
    path = Path(csv)
    with path.open("rb") as file:
        while piece := file.read(_MAX_SENT):
            yield piece
    path.unlink()
