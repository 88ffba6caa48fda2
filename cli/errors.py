"""Every error of the command line is one line on standard error."""

from __future__ import annotations

import errno
import os
import sys
import traceback

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from typer.exceptions import TyperException

from cli.exit_codes import FAILURE, INTERRUPTED, INVALID_USAGE
from runner.aws.errors import translation
from runner.errors import MedLaunchError


def report(error: BaseException, *, debug: bool) -> int:
    """Print an error on standard error, in one line, or with its traceback if `debug` is set.

    Returns:
        The exit code.
    """
    if isinstance(error, BrokenPipeError):
        # The reader of the output has closed it, as `head` does. Nobody would read an error message.
        _discard_output()
        return FAILURE
    if debug:
        traceback.print_exception(error)
    message, code = describe(error)
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _discard_output()
    return code


def describe(error: BaseException) -> tuple[str, int]:
    """An error's message for people, and its exit code."""
    if isinstance(error, MedLaunchError):
        return str(error), error.exit_code
    if isinstance(error, (BotoCoreError, ClientError)):
        return str(translation(error)), FAILURE
    if isinstance(error, Boto3Error):
        return str(error), FAILURE
    if isinstance(error, TyperException):
        return _usage(error), INVALID_USAGE
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", INTERRUPTED
    if isinstance(error, OSError):
        return _operating_system(error), FAILURE
    return f"unexpected {type(error).__name__}: {error} (--debug prints where it happened)", FAILURE


def _usage(error: TyperException) -> str:
    format_message = getattr(error, "format_message", None)
    message = str(format_message() if format_message else error).rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "medlaunch"
    return f"{message}: see `{command} --help`"


def _operating_system(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename:
        return f"{error.filename}: {reason}"
    return f"standard output: {reason}" if error.errno == errno.ENOSPC else reason


def _discard_output() -> None:
    """Redirect standard output to the null device, so that Python's own flush at exit does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
