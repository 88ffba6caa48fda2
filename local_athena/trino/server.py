"""Runs a Trino server with one node on 127.0.0.1, which uses an S3 and Glue endpoint.

The catalog `awsdatacatalog` is the Hive connector. It redirects Iceberg tables to the catalog `iceberg`, which
redirects Hive tables back. Every table of the Glue catalog therefore has the same name as in Athena.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from local_athena.tables.limits import MAX_OPEN_PARTITIONS
from local_athena.trino.client import TrinoClient, TrinoError
from local_athena.trino.glue import GlueProxy
from local_athena.trino.install import TrinoUnavailableError, find_java, install_trino

_START_SECONDS = 180
_HEAP = "1500m"

_CONFIG = """\
coordinator=true
node-scheduler.include-coordinator=true
node.bind-ip=127.0.0.1
node.internal-address=127.0.0.1
http-server.http.port={port}
http-server.log.enabled=false
query.max-memory=600MB
query.max-memory-per-node=600MB
memory.heap-headroom-per-node=300MB
plugin.dir={plugins}
catalog.config-dir={catalogs}
"""

_STORAGE = """\
hive.metastore.glue.endpoint-url={glue}
hive.metastore.glue.region={region}
hive.metastore.glue.aws-access-key={access_key}
hive.metastore.glue.aws-secret-key={secret_key}
fs.native-s3.enabled=true
s3.endpoint={s3}
s3.region={region}
s3.path-style-access=true
s3.aws-access-key={access_key}
s3.aws-secret-key={secret_key}
"""

_HIVE = """\
connector.name=hive
hive.metastore=glue
hive.iceberg-catalog-name=iceberg
hive.partition-projection-enabled=true
hive.non-managed-table-writes-enabled=true
hive.recursive-directories=true
hive.text.max-line-length=32MB
hive.table-statistics-enabled=false
hive.collect-column-statistics-on-write=false
hive.max-partitions-per-writers={partitions}
"""

_ICEBERG = """\
connector.name=iceberg
iceberg.catalog.type=glue
iceberg.hive-catalog-name=awsdatacatalog
iceberg.max-partitions-per-writer={partitions}
"""

#: The serial garbage collector and the first compiler tier suit a server that runs for minutes on two cores.
_JVM = [
    f"-Xmx{_HEAP}",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+EnableDynamicAgentLoading",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "-Dfile.encoding=UTF-8",
    "-Djdk.attach.allowAttachSelf=true",
    "-Duser.timezone=UTC",
]


class TrinoServer:
    """One server process. Use it as a context manager, or call start() and stop().

    Args:
        aws_endpoint_url: the S3 and Glue endpoint of the tables.
        region: the region of S3 and Glue.

    Attributes:
        url: the server's address; empty before the start.
        client: a client of the server, available after the start.
    """

    def __init__(self, aws_endpoint_url: str, *, region: str = "us-east-1") -> None:
        self._glue = GlueProxy(aws_endpoint_url)
        self._endpoint = aws_endpoint_url
        self._region = region
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self.url = ""

    def start(self) -> None:
        """Download the server if it is missing, start it, and wait until it answers queries.

        Raises:
            TrinoUnavailableError: Java is missing, or the server cannot be downloaded or does not start.
        """
        java, home = find_java(), install_trino()
        self._folder = Path(tempfile.mkdtemp(prefix="trino-"))
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.client = TrinoClient(self.url)
        command = [
            str(java),
            *_JVM,
            "-cp",
            f"{home}/lib/*",
            "-Dnode.environment=local",
            "-Dnode.id=local",
            f"-Dnode.data-dir={self._folder}",
            f"-Dconfig={self._folder}/config.properties",
            "io.trino.server.TrinoServer",
        ]
        atexit.register(self.stop)
        try:
            self._glue.start()
            self._write_configuration(home, port)
            with (self._folder / "server.log").open("wb") as log:
                self._process = subprocess.Popen(
                    command, stdout=log, stderr=subprocess.STDOUT, cwd=self._folder
                )
            self._wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server process and remove its folder."""
        atexit.unregister(self.stop)
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._glue.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> TrinoServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _write_configuration(self, home: Path, port: int) -> None:
        assert self._folder is not None
        catalogs = self._folder / "catalogs"
        catalogs.mkdir()
        storage = _STORAGE.format(
            glue=self._glue.url,
            s3=self._endpoint,
            region=self._region,
            access_key=os.environ.get("AWS_ACCESS_KEY_ID", "local"),
            secret_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "local"),
        )
        config = _CONFIG.format(port=port, plugins=home / "plugin", catalogs=catalogs)
        (self._folder / "config.properties").write_text(config, "utf-8")
        for name, connector in (("awsdatacatalog", _HIVE), ("iceberg", _ICEBERG)):
            properties = connector.format(partitions=MAX_OPEN_PARTITIONS) + storage
            (catalogs / f"{name}.properties").write_text(properties, "utf-8")

    def _wait(self) -> None:
        """Wait until a query succeeds, because the port opens before the node counts itself as a worker."""
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        port = urlsplit(self.url).port
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise TrinoUnavailableError(f"Trino ended while starting: {self._last_words()}")
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    self.client.execute("select 1")
                return
            except (OSError, TrinoError):
                time.sleep(0.25)
        raise TrinoUnavailableError(f"Trino did not start within {_START_SECONDS} s: {self._last_words()}")

    def _last_words(self) -> str:
        assert self._folder is not None
        lines = (self._folder / "server.log").read_text("utf-8", "replace").splitlines()
        return " | ".join(lines[-5:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
