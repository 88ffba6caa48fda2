"""The exit codes of `medlaunch`."""

from __future__ import annotations

#: Something failed.
FAILURE = 1
#: An option, an argument or a setting is invalid.
INVALID_USAGE = 2
#: Interrupted, as shells number it: 128 and the number of SIGINT.
INTERRUPTED = 130
