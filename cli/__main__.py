"""The console script `medlaunch`, and `python -m cli`.

It imports little, so that also an interruption of the slow imports is one line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cli.exit_codes import INTERRUPTED


def main() -> None:
    """Run the command line with the arguments of the process, and end the process with its exit code."""
    try:
        _open_closed_streams()
        from cli.main import main as run  # takes most of a second, in which people press Ctrl-C

        run()
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _open_closed_streams() -> None:
    """Let a command that was started without output (`>&-`) write to the null device."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the end


if __name__ == "__main__":
    main()
