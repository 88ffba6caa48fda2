"""moto's server, which takes any Host and any Origin, for this machine only.

`python -m local_athena.guarded_moto -H HOST -p PORT` takes the arguments of `python -m moto.server`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from local_athena.api.local_only import for_this_machine


def main(arguments: list[str]) -> None:
    """Serve until terminated."""
    # By name: moto is an optional companion, and nothing of local Athena is built on it.
    server: Any = import_module("moto.server")
    serve = server.run_simple

    def serve_this_machine(host: str, port: int, application: Any, **options: Any) -> None:
        serve(host, port, for_this_machine(application), **options)

    server.run_simple = serve_this_machine
    server.main(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
