"""The lake on a laptop, in this process: moto serves AWS, and local Athena runs queries."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from moto.server import ThreadedMotoServer

from local_athena.api.local_only import for_this_machine
from local_athena.server import EngineName, LocalAthena
from runner.errors import UsageError
from runner.settings import PROJECT_DIR

REGION = "us-east-1"
BUCKET = "medlaunch-elt-datalake"
DATABASE = "medlaunch_db"

# moto's server logs every request, and dbt sends all loggers to its own output.
logging.getLogger("werkzeug").setLevel(logging.WARNING)

#: These are not real credentials. A client with them can only reach the sandbox.
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
#: How long an interrupted command may take to end.
_SECONDS_TO_END = 10.0


class Sandbox:
    """A context manager around the servers. `environment` directs any AWS client to them.

    Within it, this process's environment has none of the caller's own AWS variables.

    Args:
        port: where S3, Glue, SNS, SQS and Step Functions answer on 127.0.0.1, and Athena one above;
            0 takes free ports.
        engine: what runs local Athena's queries, duckdb or trino.
        bucket: the lake's bucket, made empty at the start.
        database: the Glue database, made empty at the start.
    """

    def __init__(
        self, *, port: int = 0, engine: EngineName = "duckdb", bucket: str = BUCKET, database: str = DATABASE
    ) -> None:
        self._port = port
        self.engine: EngineName = engine
        self._bucket = bucket
        self._database = database
        self._cleanup = contextlib.ExitStack()
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_without_account())
            if self._port:
                _require_free_ports(self._port, self._port + 1)
            moto = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
            moto.start()
            stack.callback(moto.stop)
            host, port = moto.get_host_and_port()
            server = moto._server
            assert server is not None
            server.app = for_this_machine(server.app)
            self._aws_url = f"http://{host}:{port}"
            athena = LocalAthena(
                self._aws_url, port=self._port and self._port + 1, region=REGION, engine=self.engine
            )
            stack.enter_context(athena)
            self._athena_url = athena.url
            self._profiles = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="medlaunch-")))
            shutil.copy(PROJECT_DIR / "profiles.example.yml", self._profiles / "profiles.yml")
            self.environment = self.create_lake(self._bucket, self._database)
            self._cleanup = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def create_lake(self, bucket: str, database: str) -> dict[str, str]:
        """One more empty bucket and Glue database, and the environment that names them."""
        self.client("s3").create_bucket(Bucket=bucket)
        self.client("glue").create_database(DatabaseInput={"Name": database})
        return {
            **_CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self._aws_url,
            "AWS_ENDPOINT_URL_ATHENA": self._athena_url,
            "DATA_BUCKET": bucket,
            "GLUE_DATABASE": database,
            "ATHENA_WORKGROUP": "primary",
            "DBT_PROFILES_DIR": str(self._profiles),
            "DBT_TARGET": "local",
        }

    def client(self, service: str) -> Any:
        """A boto3 client of this sandbox."""
        return boto3.client(
            service,  # pyright: ignore[reportArgumentType, reportCallIssue] - the stubs know literals only
            endpoint_url=self._athena_url if service == "athena" else self._aws_url,
            region_name=REGION,
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def run(self, command: list[str], environment: Mapping[str, str] | None = None) -> int:
        """Run a command in the sandbox, with this process's input and output.

        Args:
            command: the command and its arguments.
            environment: the lake's environment, if it has more variables than this sandbox's own.

        Returns:
            The command's exit code.
        """
        return subprocess.run(
            command, env=command_environment(os.environ, environment or self.environment), check=False
        ).returncode

    def initialise(self) -> int:
        """Create source table, seeds, view and empty tables, with the same command as on AWS.

        Its output goes to standard error, because standard output belongs to the command that follows.

        Returns:
            The command's exit code.
        """
        environment = command_environment(os.environ, self.environment)
        with subprocess.Popen(
            [sys.executable, "-m", "cli", "init"], env=environment, stdout=sys.stderr
        ) as command:
            try:
                return command.wait()
            except BaseException:
                # Ctrl-C reaches the command, too. It says so, and cleans up what a killed process leaves.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    command.wait(_SECONDS_TO_END)
                command.kill()
                raise


@contextlib.contextmanager
def _without_account() -> Iterator[None]:
    """Remove AWS accounts, profiles and endpoints from the environment within the block."""
    account = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in account:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(account)


def _require_free_ports(*ports: int) -> None:
    """Raise if something listens on one of the ports. A server that starts there would wait forever.

    Raises:
        UsageError: a port is in use. The message names it.
    """
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise UsageError(
                    f"port {port} of 127.0.0.1 cannot be used ({error.strerror}): "
                    "take another with --port, or a free one with --port 0"
                ) from error


def exit_on_signals() -> None:
    """Make SIGINT, SIGTERM and SIGHUP raise an exception, so that every server is stopped, Java included."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


def command_environment(caller: Mapping[str, str], sandbox: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without the caller's AWS account, plus the sandbox's variables."""
    inherited = {name: value for name, value in caller.items() if not name.startswith("AWS_")}
    no_proxy = ",".join(filter(None, [inherited.get("NO_PROXY", ""), "127.0.0.1", "localhost"]))
    return {**inherited, "NO_PROXY": no_proxy, "PATH": scripts_path(inherited.get("PATH", "")), **sandbox}


def scripts_path(path: str | None = None) -> str:
    """A PATH with this virtual environment's scripts first; by default from this process's PATH."""
    path = os.environ.get("PATH", "") if path is None else path
    return os.pathsep.join([str(Path(sys.executable).parent), path])
