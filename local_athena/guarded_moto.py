"""Runs moto's server, but rejects requests from other machines and from web pages of other sites.

moto's server itself accepts any Host and Origin header. `python -m local_athena.guarded_moto -H HOST -p PORT` takes the
arguments of `python -m moto.server`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from local_athena.api.local_only import for_this_machine


def main(arguments: list[str]) -> None:
    """Serve until the process is terminated.

    Args:
        arguments: the arguments of moto's server.
    """
    # Imported by name, because moto is an optional dependency that type checkers may not find.
    server: Any = import_module("moto.server")
    # moto would import them for the first request, which waits for them.
    for service in ("s3", "glue"):
        import_module(f"moto.{service}.responses")
    serve = server.run_simple

    def serve_this_machine(host: str, port: int, application: Any, **options: Any) -> None:
        serve(host, port, for_this_machine(application), **options)

    server.run_simple = serve_this_machine
    server.main(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
