"""Speaks Trino's client protocol: sends a statement and receives its columns and rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import urllib3


class TrinoError(Exception):
    """A statement failed on Trino.

    Attributes:
        name: Trino's error name, such as TYPE_MISMATCH.
        kind: USER_ERROR, INTERNAL_ERROR, INSUFFICIENT_RESOURCES or EXTERNAL.
    """

    def __init__(self, name: str, kind: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.kind = kind


@dataclass
class TrinoResult:
    """The result of one statement.

    Attributes:
        columns: the name and Trino type of each column.
        rows: the values as in Trino's JSON, where dates, timestamps and decimals are strings.
        update_type: the kind of a statement that writes, such as "MERGE" or "CREATE TABLE"; None for a query.
        update_count: the number of rows written; None if the statement writes no rows.
        scanned_bytes: the bytes that the connectors physically read.
    """

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    update_type: str | None = None
    update_count: int | None = None
    scanned_bytes: int = 0


class TrinoClient:
    """A client of one Trino server. Several threads may use it.

    Args:
        url: the server's address.
        catalog: the catalog of names without a catalog.
        user: the user name that the server sees.
    """

    def __init__(self, url: str, *, catalog: str = "awsdatacatalog", user: str = "local") -> None:
        self._url = url
        self._catalog = catalog
        self._user = user
        self._http = urllib3.PoolManager(maxsize=16)

    def execute(
        self,
        sql: str,
        *,
        schema: str | None = None,
        session: dict[str, str] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> TrinoResult | None:
        """Run one statement to its end.

        Args:
            sql: the statement.
            schema: the database of names without a database.
            session: session properties.
            stopped: called between pages of the result; the statement is cancelled if it returns true.

        Returns:
            The result; None if the statement was cancelled.

        Raises:
            TrinoError: the statement failed.
        """
        headers = {
            "X-Trino-User": self._user,
            "X-Trino-Catalog": self._catalog,
            "X-Trino-Time-Zone": "UTC",
            # Without this capability, Trino returns all timestamps with milliseconds only.
            "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
        }
        if schema:
            headers["X-Trino-Schema"] = schema
        if session:
            headers["X-Trino-Session"] = ",".join(f"{name}={value}" for name, value in session.items())
        result = TrinoResult()
        page = self._request("POST", f"{self._url}/v1/statement", sql.encode(), headers)
        while True:
            if "columns" in page:
                result.columns = [(column["name"], column["type"]) for column in page["columns"]]
            result.rows.extend(page.get("data") or [])
            following = page.get("nextUri")
            if following is None:
                break
            if stopped():
                self._http.request("DELETE", following)
                return None
            page = self._request("GET", following)
        if "error" in page:
            error = page["error"]
            raise TrinoError(error["errorName"], error["errorType"], error.get("message", ""))
        result.update_type = page.get("updateType")
        result.update_count = page.get("updateCount")
        result.scanned_bytes = int(page["stats"].get("physicalInputBytes", 0))
        return result

    def _request(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        response = self._http.request(method, url, body=body, headers=headers)
        if response.status != 200:
            raise TrinoError(
                "SERVER_ERROR", "INTERNAL_ERROR", f"Trino answered HTTP {response.status} to {method} {url}"
            )
        # A value of a text table may contain bytes that are not UTF-8. Trino sends them unchanged.
        return json.loads(response.data.decode("utf-8", "replace"))
