"""Provides virtual time, and threads that take turns in it.

At most one thread of a simulation runs at a time. It runs until it sleeps, waits or ends. Then the clock jumps to the
time at which the next thread is due, and this thread runs. Nothing waits in real time, and the same history always runs
the same way, however busy the machine is.
The threads are greenlets in one thread of the operating system. Each has its own stack, and a switch takes a
microsecond instead of a context switch.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

from greenlet import getcurrent, greenlet

#: The time at which every simulation starts: 2025-08-10 12:00:00 UTC, in seconds since 1970.
START = 1_754_827_200.0
#: A simulation that runs longer, in seconds, waits for something that never happens.
LONGEST = 40 * 24 * 3600.0


class Killed(BaseException):
    """Raised in the threads of a process that was killed. Code may clean up after it, but must not suppress it."""


class WaitsForEver(AssertionError):
    """No event will ever wake the remaining threads, or the simulation has run far beyond every time limit."""


@dataclass(eq=False)
class Process:
    """A program: a Lambda invocation or a command. Its threads die and freeze together.

    Attributes:
        name: unique in a simulation.
        killed: whether its threads were told to end at once.
        frozen_until: its threads do not run before this time.
        clock_error: seconds by which its wall clock is ahead of true time.
        slept: seconds that its monotonic clock has not counted.
    """

    name: str
    killed: bool = False
    frozen_until: float = -math.inf
    clock_error: float = 0.0
    slept: float = 0.0


class Task:
    """One thread of a process."""

    def __init__(self, process: Process | None, wake: float, number: int, stack: greenlet) -> None:
        self.process = process
        self.wake = wake
        self.number = number
        self.stack = stack
        self.alive = True
        self.waiters: list[Task] = []

    def due(self) -> float:
        """The time at which the task may continue."""
        if self.process is None or self.process.killed:
            return self.wake
        return max(self.wake, self.process.frozen_until)


class Scheduler:
    """Virtual time and its threads. The thread that creates the scheduler is its first task."""

    def __init__(self) -> None:
        self.now = START
        self._numbers = itertools.count()
        self._player = Task(None, START, next(self._numbers), getcurrent())
        self._tasks = [self._player]
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self.current = self._player
        self._broken: BaseException | None = None

    def spawn(self, process: Process, function: Callable[[], object]) -> Task:
        """Start a thread of a process. It runs when it is due."""
        stack = greenlet(lambda: self._run(task, function), parent=self._player.stack)
        task = Task(process, self.now, next(self._numbers), stack)
        self._tasks.append(task)
        return task

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Call a function at a time, as a service would. The function must neither sleep nor wait."""
        heapq.heappush(self._timers, (when, next(self._numbers), action))

    def sleep(self, seconds: float) -> None:
        """Let the current thread sleep, and others run."""
        self.current.wake = self.now + max(0.0, seconds)
        self._switch()

    def wait(self, waiters: list[Task], timeout: float | None = None) -> None:
        """Let the current thread wait until `wake` is called with the same list, or until the time-out."""
        task = self.current
        waiters.append(task)
        task.wake = math.inf if timeout is None else self.now + timeout
        try:
            self._switch()
        finally:
            if task in waiters:
                waiters.remove(task)

    def wake(self, waiters: list[Task]) -> None:
        """Wake all waiting threads."""
        for task in waiters:
            task.wake = min(task.wake, self.now)
        waiters.clear()

    def wait_for_all(self) -> None:
        """Let the first task wait until no other thread is left and no timer is due.

        Raises:
            WaitsForEver: this will never happen.
        """
        assert self.current is self._player
        while len(self._tasks) > 1 or self._timers:
            self._player.wake = math.inf
            self._switch()

    def threads_of(self, process: Process | None) -> list[Task]:
        """The threads of a process that have not ended."""
        return [task for task in self._tasks if task.process is process]

    def kill(self, process: Process) -> None:
        """Kill a process as SIGKILL does: its threads stop at once."""
        process.killed = True
        for task in self._tasks:
            if task.process is process:
                task.wake = min(task.wake, self.now)
        if self.current.process is process:
            raise Killed

    def close(self) -> None:
        """End all threads, whatever they are waiting for."""
        for process in {task.process for task in self._tasks if task.process}:
            process.killed = True
            for task in self._tasks:
                if task.process is process:
                    task.wake = self.now
        self._timers.clear()
        self._broken = None
        self.wait_for_all()

    def _run(self, task: Task, function: Callable[[], object]) -> None:
        try:
            if not (task.process and task.process.killed):
                function()
        except Killed:
            pass
        except BaseException as error:
            self._broken = self._broken or error
        task.alive = False
        self._tasks.remove(task)
        self.wake(task.waiters)
        # When a greenlet ends, its parent continues: the first task, which then hands over.
        self.current = self._next()

    def _switch(self) -> None:
        task = self.current
        self.current = self._next()
        while self.current is not task:
            self.current.stack.switch()
        if self._broken is not None and task is self._player:
            broken, self._broken = self._broken, None
            raise broken
        if task.process is not None and task.process.killed:
            raise Killed

    def _next(self) -> Task:
        """The task that is due first, after running the timers that are due before it."""
        if self._broken is not None:
            return self._player
        while True:
            task = min(self._tasks, key=lambda one: (one.due(), one.number))
            due = task.due()
            if self._timers and self._timers[0][0] <= due:
                when, _, action = heapq.heappop(self._timers)
                self.now = max(self.now, when)
                action()
                continue
            if due == math.inf:
                if len(self._tasks) > 1:
                    self._broken = WaitsForEver("no thread can go on")
                return self._player
            if due > START + LONGEST:
                self._broken = WaitsForEver("time goes on and on")
                return self._player
            self.now = max(self.now, due)
            return task


class Lock:
    """`threading.Lock` in virtual time."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._held = False
        self._waiters: list[Task] = []

    def acquire(self) -> bool:
        while self._held:
            self._scheduler.wait(self._waiters)
        self._held = True
        return True

    def release(self) -> None:
        self._held = False
        self._scheduler.wake(self._waiters)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class Event:
    """`threading.Event` in virtual time."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._set = False
        self._waiters: list[Task] = []

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        self._scheduler.wake(self._waiters)

    def wait(self, timeout: float | None = None) -> bool:
        if not self._set:
            self._scheduler.wait(self._waiters, timeout)
        return self._set


class Thread:
    """`threading.Thread` in virtual time. It belongs to the process that starts it."""

    def __init__(self, scheduler: Scheduler, target: Callable[[], object]) -> None:
        self._scheduler = scheduler
        self._target = target
        self._task: Task | None = None
        self.daemon = True

    def start(self) -> None:
        process = self._scheduler.current.process
        assert process is not None
        self._task = self._scheduler.spawn(process, self._target)

    def is_alive(self) -> bool:
        return self._task is not None and self._task.alive

    def join(self, timeout: float | None = None) -> None:
        if self._task is not None and self._task.alive:
            self._scheduler.wait(self._task.waiters, timeout)


class Timer(Thread):
    """`threading.Timer` in virtual time."""

    def __init__(self, scheduler: Scheduler, interval: float, function: Callable[[], object]) -> None:
        super().__init__(scheduler, self._later)
        self._cancelled = Event(scheduler)
        self._interval = interval
        self._function = function

    def cancel(self) -> None:
        self._cancelled.set()

    def _later(self) -> None:
        if not self._cancelled.wait(self._interval):
            self._function()
