"""Every error that MedLaunch ELT raises on purpose.

    MedLaunchError          one line that names the object and the way out; exit code 1
    ├── UsageError          the caller asked for something that makes no sense; exit code 2
    ├── SettingsError       an environment variable is missing or unusable; exit code 2
    ├── DeadlineReached     the run ended itself shortly before its time ran out
    └── …                   the modules add their own, each a subclass of MedLaunchError

The command line prints `str(error)` on one line; the Lambda handlers let it through, so that the
state machine sees its class name.
"""

from __future__ import annotations

from botocore.exceptions import ClientError


class MedLaunchError(Exception):
    """Something failed for a reason that the message states, with the way out."""

    exit_code = 1


class UsageError(MedLaunchError):
    """The caller's arguments make no sense."""

    exit_code = 2


class SettingsError(MedLaunchError):
    """An environment variable is missing or unusable."""

    exit_code = 2


def error_code(error: ClientError) -> str:
    """The code that AWS gave an error, such as NoSuchKey."""
    return error.response.get("Error", {}).get("Code", "")


class DeadlineReached(MedLaunchError):
    """The run ended itself shortly before its time ran out; nothing half done was published."""
