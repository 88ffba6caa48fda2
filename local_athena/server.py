"""Assembles local Athena from storage, engine and API, and runs it as a server."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Literal

from local_athena.api.actions import Api
from local_athena.api.http_server import HttpServer
from local_athena.api.queries import Limits, Queries
from local_athena.api.saved import Saved
from local_athena.api.statement_log import StatementLog
from local_athena.duckdb_engine.engine import DuckDBEngine
from local_athena.sql.statements import Engine
from local_athena.tables import s3
from local_athena.tables.catalog import Catalog
from local_athena.tables.ddl.runner import HiveDdl
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.s3 import ObjectStore
from local_athena.trino.engine import TrinoEngine

EngineName = Literal["duckdb", "trino"]


class LocalAthena:
    """A local Athena server that uses the S3 and Glue of one endpoint.

    Use it as a context manager, or call `start` and `stop`.

    Args:
        aws_endpoint_url: the address of S3 and Glue.
        host: the address to listen on.
        port: the port to listen on; 0 chooses a free port.
        region: the region of S3 and Glue.
        engine: the engine that runs statements. With "trino", a Trino server is started and stopped.
        trino_url: the address of a running Trino cluster, which the engine "trino" uses instead.
        output_location: the output location of the workgroup `primary`; empty for none.
        log: a file that receives one line of JSON for each statement that has ended.

    Raises:
        TrinoUnavailableError: the engine "trino" cannot run on this machine.
    """

    def __init__(
        self,
        aws_endpoint_url: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        region: str = "us-east-1",
        engine: EngineName = "duckdb",
        trino_url: str | None = None,
        output_location: str = "",
        log: Path | None = None,
    ) -> None:
        self._scratch = s3.scratch_folder()
        mirror, results = Path(self._scratch.name, "mirror"), Path(self._scratch.name, "results")
        mirror.mkdir()
        results.mkdir()
        self._store = ObjectStore(s3.client("s3", aws_endpoint_url, region), mirror)
        catalog = Catalog(s3.client("glue", aws_endpoint_url, region))
        tables = IcebergTables(catalog, self._store)
        self._engine: Engine = (
            TrinoEngine(aws_endpoint_url, region=region, url=trino_url)
            if engine == "trino"
            else DuckDBEngine(catalog, self._store, tables)
        )
        saved = Saved(region)
        if output_location:
            updates = {"ResultConfigurationUpdates": {"OutputLocation": output_location}}
            saved.work_groups.update({"WorkGroup": "primary", "ConfigurationUpdates": updates})
        self._queries = Queries(
            self._engine,
            HiveDdl(catalog, self._store, tables),
            self._store,
            saved.prepared,
            results,
            StatementLog(log).write if log is not None else None,
        )
        self._server = HttpServer((host, port), Api(self._queries, catalog, saved))
        self._thread = threading.Thread(target=self._server.serve_forever, name="local-athena", daemon=True)

    @property
    def url(self) -> str:
        """The server's address."""
        host, port = self._server.server_address[:2]
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host!s}:{port}"  # noqa: S104 - compared only

    @property
    def limits(self) -> Limits:
        """The limits and faults that tests can switch on. Change them with `set_limits`."""
        return self._queries.limits

    def set_limits(self, **values: Any) -> None:
        """Change limits. Queued statements notice the change at once.

        Args:
            values: new values of the members of `Limits`.

        Raises:
            ValueError: a limit does not exist.
        """
        for name, value in values.items():
            if not hasattr(self._queries.limits, name):
                raise ValueError(f"the limit {name!r} does not exist")
            setattr(self._queries.limits, name, value)
        self._queries.release()

    def start(self) -> LocalAthena:
        """Start to serve in a thread, and return the server."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, stop every query, and delete the temporary files."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.close_connections()
        self._server.server_close()
        self._queries.close()
        self._engine.close()
        self._store.close()
        self._scratch.cleanup()

    def __enter__(self) -> LocalAthena:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
