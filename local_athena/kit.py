"""Starts everything that a client of Athena needs: S3 and Glue from moto's server, and local Athena on top of them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import urllib3

from local_athena.tables import s3

if TYPE_CHECKING:
    from local_athena.server import EngineName

REGION = "us-east-1"
BUCKET = "local-athena"
_START_SECONDS = 60
_POLL_SECONDS = 0.02


class KitError(Exception):
    """The servers cannot start. The message says what to do."""


class LocalAws:
    """S3, Glue and Athena as a context manager. They start with one bucket and the database `default`.

    Args:
        host: the address that both servers listen on; 0.0.0.0 in a container.
        port: Athena's port; 0 chooses a free port.
        aws_port: the port of S3 and Glue; 0 chooses a free port.
        engine: the engine that runs statements.
        log: a file that receives one line of JSON for each statement that has ended.

    Attributes:
        aws_url: the address of S3 and Glue.
        bucket: the bucket's name.
        athena: local Athena; available in the context.

    Raises:
        KitError: moto is not installed, or does not start.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        aws_port: int = 0,
        engine: EngineName = "duckdb",
        log: Path | None = None,
    ) -> None:
        if find_spec("moto") is None:
            raise KitError("moto is not installed: pip install 'local-athena[moto]'")
        self._host, self._port, self._log = host, port, log
        self._engine: EngineName = engine
        self._aws_port = aws_port or _free_port()
        self.aws_url = f"http://127.0.0.1:{self._aws_port}"
        self.bucket = BUCKET

    def __enter__(self) -> LocalAws:
        self._moto = subprocess.Popen(
            [sys.executable, "-m", "local_athena.guarded_moto", "-H", self._host, "-p", str(self._aws_port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            # Imported here, because moto starts in the meantime: both take about a second.
            from local_athena.server import LocalAthena

            self.athena = LocalAthena(
                self.aws_url,
                host=self._host,
                port=self._port,
                engine=self._engine,
                output_location=f"s3://{self.bucket}/results/",
                log=self._log,
            )
            self._wait_for_moto()
            self.client("s3").create_bucket(Bucket=self.bucket)
            self.client("glue").create_database(DatabaseInput={"Name": "default"})
            self.athena.start()
        except BaseException:
            self._moto.kill()
            raise
        return self

    def _wait_for_moto(self) -> None:
        pool = urllib3.PoolManager(retries=False)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._moto.poll() is not None:
                raise KitError(
                    "moto's server did not start: its dependencies come with pip install 'local-athena[moto]'"
                )
            try:
                pool.request("GET", f"{self.aws_url}/moto-api/", timeout=1)
            except urllib3.exceptions.HTTPError:
                time.sleep(_POLL_SECONDS)
            else:
                return
        raise KitError(f"moto's server did not answer within {_START_SECONDS} seconds")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.athena.stop()
        self._moto.terminate()
        self._moto.wait()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make every AWS client use these servers instead of AWS."""
        return {
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ENDPOINT_URL_S3": self.aws_url,
            "AWS_ENDPOINT_URL_GLUE": self.aws_url,
            "AWS_ENDPOINT_URL_ATHENA": self.athena.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    def client(self, service: str) -> Any:
        """A boto3 client of a service, such as `s3`, `glue` or `athena`."""
        return s3.client(service, self.athena.url if service == "athena" else self.aws_url, REGION)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
