"""Implements the command `local-athena`: serve until interrupted, or compare an endpoint with Athena's known answers."""

from __future__ import annotations

import argparse
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import AbstractContextManager
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING

from local_athena.api.local_only import is_loopback_address
from local_athena.kit import KitError, LocalAws

if TYPE_CHECKING:
    from local_athena.server import LocalAthena


def main() -> None:
    """Run the command. Exit code 2 means invalid usage, and 1 means failure."""
    if sys.argv[1:2] == ["conformance"]:
        # Imported here, so that starting the server does not load the comparison.
        from local_athena.conformance.command import main as compare

        sys.exit(compare(sys.argv[2:]))
    parser = _parser()
    options = parser.parse_args()
    if bool(options.aws_endpoint_url) == options.moto:
        parser.error("give either --moto, or --aws-endpoint-url with the address of S3 and Glue")
    if options.trino_url and options.moto:
        parser.error(
            "--trino-url needs --aws-endpoint-url with the S3 and Glue of the Trino cluster, and excludes --moto"
        )
    if not (is_loopback_address(options.host) or options.in_container):
        parser.error(
            f"--host {options.host} is reachable from other machines, and local Athena checks no permissions; "
            "add --in-container only if a container limits who can connect"
        )
    if options.command and not options.moto:
        parser.error("a command after -- needs --moto")
    try:
        sys.exit(_serve(options))
    except KitError as error:
        sys.exit(f"local-athena: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-athena",
        description="Serve Athena's API on this machine. With a command after `--`, run the command with the AWS "
        "environment variables set, then stop. `local-athena conformance` compares any endpoint with the known answers "
        "of Athena and Trino.",
    )
    parser.add_argument("--moto", action="store_true", help="also start S3 and Glue (moto's server)")
    parser.add_argument("--aws-endpoint-url", metavar="URL", help="the address of a running S3 and Glue")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument(
        "--in-container",
        action="store_true",
        help="allow a --host that other machines can reach, such as 0.0.0.0; use it only in a container that limits "
        "who can connect",
    )
    parser.add_argument("--port", type=int, default=0, help="Athena's port; 0 chooses a free port (default)")
    parser.add_argument(
        "--aws-port",
        type=int,
        default=0,
        help="the port of S3 and Glue with --moto; 0 chooses a free port (default)",
    )
    parser.add_argument(
        "--region",
        default="us-east-1",
        help="the region of S3 and Glue, without --moto (default: %(default)s)",
    )
    parser.add_argument(
        "--engine",
        choices=("duckdb", "trino"),
        default="duckdb",
        help="the engine that runs statements (default: %(default)s)",
    )
    parser.add_argument(
        "--trino-url", metavar="URL", help="run statements on this Trino cluster (not with --moto)"
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="append one line of JSON for each statement")
    parser.add_argument("command", nargs="*", help="run this command, then exit with its exit code")
    return parser


def _serve(options: argparse.Namespace) -> int:
    with _server(options) as server:
        variables = (
            server.environment if isinstance(server, LocalAws) else {"AWS_ENDPOINT_URL_ATHENA": server.url}
        )
        if options.command:
            return subprocess.run(options.command, env={**environ, **variables}, check=False).returncode
        for name, value in variables.items():
            # With moto, a shell can evaluate the output. Without moto, programs read the one line.
            print(f"export {name}={shlex.quote(value)}" if options.moto else f"{name}={value}", flush=True)
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        stopped.wait()
    return 0


def _server(options: argparse.Namespace) -> AbstractContextManager[LocalAws | LocalAthena]:
    if options.moto:
        return LocalAws(
            host=options.host,
            port=options.port,
            aws_port=options.aws_port,
            engine=options.engine,
            log=options.log,
        )
    # Imported here, because the kit imports it while moto starts.
    from local_athena.server import LocalAthena

    return LocalAthena(
        options.aws_endpoint_url,
        host=options.host,
        port=options.port,
        region=options.region,
        engine="trino" if options.trino_url else options.engine,
        trino_url=options.trino_url,
        log=options.log,
    )
