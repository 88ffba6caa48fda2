"""Trino's client protocol: one statement in, its columns and rows out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import urllib3


class TrinoError(Exception):
    """Trino failed a statement.

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
    """What one statement gave.

    Attributes:
        columns: name and Trino type of each column.
        rows: the values as Trino's JSON writes them (dates, timestamps and decimals are text).
        update_type: such as "MERGE" or "CREATE TABLE"; None for a query.
        update_count: the rows written, when it wrote any.
        scanned_bytes: the bytes that the connectors read physically.
    """

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    update_type: str | None = None
    update_count: int | None = None
    scanned_bytes: int = 0


class TrinoClient:
    """Speaks to one Trino server; safe to use from several threads."""

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
        """Run one statement to its end; None when `stopped` told to cancel it.

        Raises:
            TrinoError: Trino failed it.
        """
        headers = {
            "X-Trino-User": self._user,
            "X-Trino-Catalog": self._catalog,
            "X-Trino-Time-Zone": "UTC",
            # Without it Trino shows all timestamps in milliseconds.
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
        # Trino sends a text that is not UTF-8 (a bad line of a text table) as its bytes.
        return json.loads(response.data.decode("utf-8", "replace"))
