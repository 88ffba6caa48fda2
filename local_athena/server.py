"""Local Athena as one server: storage, engine and API put together."""

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
    """Athena at a local address, over the S3 and Glue of one endpoint.

    Args:
        aws_endpoint_url: where S3 and Glue answer.
        host, port: where to listen; port 0 takes a free one.
        region: the region of the clients.
        engine: what runs the statements; trino starts a Trino server and stops it.
        trino_url: a Trino cluster that runs already, for the engine trino to use.
        log: a file that gets one line of JSON for each statement that has ended.

    Use it as a context manager, or call `start` and `stop`.
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
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host!s}:{port}"  # noqa: S104 - compared only

    @property
    def limits(self) -> Limits:
        """Queue limit and throttling, to be changed while it runs."""
        return self._queries.limits

    def set_limits(self, **values: Any) -> None:
        """Change limits; statements that wait look at them at once."""
        for name, value in values.items():
            if not hasattr(self._queries.limits, name):
                raise ValueError(f"there is no limit {name!r}")
            setattr(self._queries.limits, name, value)
        self._queries.release()

    def start(self) -> LocalAthena:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, stop every query, and remove the mirror."""
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
