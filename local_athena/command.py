"""The command `local-athena`: serve until interrupted, or compare another endpoint with what is known of Athena."""

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

from local_athena.api.local_only import is_loopback_address
from local_athena.kit import KitError, LocalAws
from local_athena.server import LocalAthena


def main() -> None:
    """Run the command; exit code 2 for a wrong use, 1 for a failure."""
    if sys.argv[1:2] == ["conformance"]:
        # Only this command compares: the server need not load what does.
        from local_athena.conformance.command import main as compare

        sys.exit(compare(sys.argv[2:]))
    parser = _parser()
    options = parser.parse_args()
    if bool(options.aws_endpoint_url) == options.moto:
        parser.error("either --moto, or --aws-endpoint-url with where S3 and Glue answer")
    if options.trino_url and options.moto:
        parser.error(
            "a Trino cluster reads an S3 and Glue of its own: --trino-url goes with --aws-endpoint-url"
        )
    if not (is_loopback_address(options.host) or options.in_container):
        parser.error(
            f"--host {options.host}: other machines could reach it, and it checks no permissions; in a container "
            "say --in-container too"
        )
    if options.command and not options.moto:
        parser.error("a command is run with --moto only")
    try:
        sys.exit(_serve(options))
    except KitError as error:
        sys.exit(f"local-athena: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-athena",
        description="Athena's API on a laptop. With a command behind `--`, runs it with the environment set. "
        "`local-athena conformance` compares any endpoint with what is known of Athena.",
    )
    parser.add_argument("--moto", action="store_true", help="bring S3 and Glue along, from moto's server")
    parser.add_argument("--aws-endpoint-url", help="where S3 and Glue answer")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen: an address of this machine")
    parser.add_argument(
        "--in-container",
        action="store_true",
        help="take a --host that others can reach, such as 0.0.0.0: only where the container decides who can",
    )
    parser.add_argument("--port", type=int, default=0, help="where Athena listens; 0 takes a free port")
    parser.add_argument("--aws-port", type=int, default=0, help="where S3 and Glue listen, with --moto")
    parser.add_argument("--region", default="us-east-1", help="only without --moto")
    parser.add_argument("--engine", choices=("duckdb", "trino"), default="duckdb")
    parser.add_argument(
        "--trino-url", metavar="URL", help="run statements on this Trino cluster (not with --moto)"
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="append one line of JSON for each statement")
    parser.add_argument("command", nargs="*", help="run this command, then end with its exit code")
    return parser


def _serve(options: argparse.Namespace) -> int:
    with _server(options) as server:
        variables = (
            server.environment if isinstance(server, LocalAws) else {"AWS_ENDPOINT_URL_ATHENA": server.url}
        )
        if options.command:
            return subprocess.run(options.command, env={**environ, **variables}, check=False).returncode
        for name, value in variables.items():
            # With moto it is a whole environment, to be read by a shell; otherwise it is one line for programs.
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
    return LocalAthena(
        options.aws_endpoint_url,
        host=options.host,
        port=options.port,
        region=options.region,
        engine="trino" if options.trino_url else options.engine,
        trino_url=options.trino_url,
        log=options.log,
    )
