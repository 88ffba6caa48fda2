"""Every error that MedLaunch ELT raises on purpose.

    MedLaunchError          one line that names the object and the way out; exit code 1
    ├── UsageError          the caller's arguments are invalid; exit code 2 ├── SettingsError       an
    environment variable is missing or unusable; exit code 2 ├── DeadlineReached     the run ended itself
    shortly before its time ran out └── …                   the modules add their own, each a subclass of
    MedLaunchError

The command line prints `str(error)` on one line. The Lambda handlers let it through, and the state machine
sees the name of its class. Each class says whether a repeat may succeed (`retry`); a test compares that with
the state machine's `Retry` lists.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class Retry(Enum):
    """When the same call may succeed."""

    NEVER = "the same input fails the same way"
    WHEN_FREE = "another run has to end first, which may take hours"
    SOON = "a service was throttled or failed on its side: try again within seconds"
    LATER = "the cause is unknown: try again a few times"


class MedLaunchError(Exception):
    """An expected failure. The message gives the reason and says what to do.

    Attributes:
        exit_code: the exit code of the command line: 2 for invalid usage, 1 for any other failure.
        retry: when the same call may succeed.
    """

    exit_code: ClassVar[int] = 1
    retry: ClassVar[Retry] = Retry.LATER


class UsageError(MedLaunchError):
    """The caller's arguments are invalid."""

    exit_code = 2
    retry = Retry.NEVER


class SettingsError(MedLaunchError):
    """An environment variable is missing or unusable."""

    exit_code = 2
    retry = Retry.NEVER


class DeadlineReached(MedLaunchError):
    """The run stopped itself shortly before its time ran out. It published nothing incomplete."""
