"""Implements the Trino engine: it runs statements on a real Trino server that uses the same S3 and Glue endpoints."""

from __future__ import annotations

import re
import time

import pyarrow as pa

from local_athena.errors import SYSTEM, USER, QueryFailed, QueryStopped, Refused
from local_athena.sql.explain import plan_outcome, valid_outcome
from local_athena.sql.kinds import keywords
from local_athena.sql.parameters import as_sql
from local_athena.sql.statements import Control, Outcome, Statement
from local_athena.trino.client import TrinoClient, TrinoError, TrinoResult
from local_athena.trino.server import TrinoServer
from local_athena.trino.statements import to_trino
from local_athena.values.arrow_types import to_arrow
from local_athena.values.columns import Column
from local_athena.values.trino_types import from_trino
from local_athena.values.trino_values import from_json

#: Seconds during which a statement is retried that finds no worker. A new server answers queries before it counts
#: itself as a worker of each catalog. Such a statement has read and written nothing, so a retry is safe.
_NODE_SECONDS = 30
#: Matches the name of a catalog of S3 Tables.
_S3_TABLES = re.compile(r"[\"`]s3tablescatalog[/\"`]", re.IGNORECASE)
_AGAIN_SECONDS = 0.2


class TrinoEngine:
    """Runs statements on a Trino server: on a running one, or on one that it starts and that close() stops.

    Args:
        aws_endpoint_url: the S3 and Glue endpoint.
        region: the region of S3 and Glue.
        url: the address of a running Trino cluster; None to start a server. The cluster needs the catalogs
            `awsdatacatalog` (Hive) and `iceberg` on that S3 and Glue, and each must redirect to the other's tables.

    Raises:
        TrinoUnavailableError: Java is missing, or the server cannot be downloaded or does not start.
    """

    def __init__(self, aws_endpoint_url: str, *, region: str, url: str | None = None) -> None:
        self._server: TrinoServer | None = None
        if url is None:
            self._server = TrinoServer(aws_endpoint_url, region=region)
            self._server.start()
            self._client = self._server.client
        else:
            self._client = TrinoClient(url.rstrip("/"))

    def close(self) -> None:
        """Stop the server if this engine started it."""
        if self._server is not None:
            self._server.stop()

    def check(self, statement: Statement) -> None:
        """Check nothing, because Trino checks each statement when it runs."""

    def run(self, statement: Statement, control: Control) -> Outcome:
        """Run one statement to its end.

        Raises:
            QueryFailed: the statement failed on Trino.
            QueryStopped: the statement was stopped.
        """
        if _S3_TABLES.search(statement.sql):
            raise Refused("S3 Tables (a catalog s3tablescatalog)")
        translated = to_trino(statement.sql, statement.database)
        result = TrinoResult()
        scanned = 0
        for sql in translated.sql:
            result = self._execute(_with_parameters(sql, statement), statement, control, translated.session)
            scanned += result.scanned_bytes
        if result.update_type is not None or not result.columns or statement.kind.statement_type == "DDL":
            return Outcome(update_count=result.update_count, scanned_bytes=scanned)
        columns = tuple(Column(name, from_trino(kind)) for name, kind in result.columns)
        if statement.kind.name == "EXPLAIN":
            shown = result.rows[0][0]
            return valid_outcome() if shown is True else plan_outcome(shown, scanned_bytes=scanned)
        return Outcome(columns, _arrow(result, columns), scanned_bytes=scanned)

    def _execute(
        self, sql: str, statement: Statement, control: Control, session: dict[str, str]
    ) -> TrinoResult:
        deadline = time.monotonic() + _NODE_SECONDS
        while True:
            try:
                result = self._client.execute(
                    sql, schema=statement.database, session=session, stopped=lambda: control.stopped
                )
            except TrinoError as error:
                if _finds_no_worker(error) and time.monotonic() < deadline:
                    control.check()
                    time.sleep(_AGAIN_SECONDS)
                    continue
                category = USER if error.kind == "USER_ERROR" else SYSTEM
                raise QueryFailed(error.name, str(error), category=category) from error
            if result is None:
                raise QueryStopped
            return result


def _finds_no_worker(error: TrinoError) -> bool:
    """Whether a statement failed because there is no worker yet. For bucketed tables Trino words it otherwise."""
    return error.name == "NO_NODES_AVAILABLE" or str(error) == "nodes is empty"


def _with_parameters(sql: str, statement: Statement) -> str:
    # As on Athena, parameters are ignored if the statement has no question mark.
    if not statement.parameters or "?" not in keywords(sql):
        return sql
    quoted = sql.replace("'", "''")
    return f"execute immediate '{quoted}' using {', '.join(map(as_sql, statement.parameters))}"


def _arrow(result: TrinoResult, columns: tuple[Column, ...]) -> pa.Table:
    arrays = [
        pa.array([from_json(row[index], column.type) for row in result.rows], to_arrow(column.type))
        for index, column in enumerate(columns)
    ]
    return pa.table(arrays, schema=pa.schema([(c.name, to_arrow(c.type)) for c in columns]))
