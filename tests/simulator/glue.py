"""Simulates the Glue catalog in memory. As in AWS, tables have versions, and an update may require a certain version."""

from __future__ import annotations

import json
from typing import Any

from tests.simulator.cloud import Answer, Call, ServiceError


class Glue:
    """One catalog.

    Attributes:
        tables: the tables of the one database, by name, as GetTable describes them.
    """

    def __init__(self) -> None:
        self.databases: set[str] = set()
        self.tables: dict[str, dict[str, Any]] = {}
        self._version = 0

    def handle(self, call: Call) -> Answer:
        serve = getattr(self, f"_{call.operation.lower()}", None)
        if serve is None:
            raise NotImplementedError(f"Glue {call.operation}")
        return Answer(json.dumps(serve(call.input)).encode())

    def put(self, name: str, described: dict[str, Any]) -> None:
        """Create or replace a table."""
        self._version += 1
        self.tables[name] = {**described, "Name": name, "VersionId": str(self._version)}

    def _getdatabase(self, given: dict[str, Any]) -> Any:
        if given["Name"] not in self.databases:
            raise ServiceError("EntityNotFoundException", given["Name"])
        return {"Database": {"Name": given["Name"]}}

    def _createdatabase(self, given: dict[str, Any]) -> Any:
        name = given["DatabaseInput"]["Name"]
        if name in self.databases:
            raise ServiceError("AlreadyExistsException", name)
        self.databases.add(name)
        return {}

    def _gettable(self, given: dict[str, Any]) -> Any:
        return {"Table": self._found(given["Name"])}

    def _gettables(self, given: dict[str, Any]) -> Any:
        return {"TableList": [self.tables[name] for name in sorted(self.tables)]}

    def _createtable(self, given: dict[str, Any]) -> Any:
        described = given["TableInput"]
        if described["Name"] in self.tables:
            raise ServiceError("AlreadyExistsException", described["Name"])
        self.put(described["Name"], described)
        return {}

    def _updatetable(self, given: dict[str, Any]) -> Any:
        described = given["TableInput"]
        found = self._found(described["Name"])
        if given.get("VersionId") not in (None, found["VersionId"]):
            raise ServiceError("ConcurrentModificationException", "the version differs")
        self.put(described["Name"], described)
        return {}

    def _gettableversions(self, given: dict[str, Any]) -> Any:
        found = self._found(given["TableName"])
        return {"TableVersions": [{"Table": found, "VersionId": found["VersionId"]}]}

    def _deletetable(self, given: dict[str, Any]) -> Any:
        self._found(given["Name"])
        del self.tables[given["Name"]]
        return {}

    def _found(self, name: str) -> dict[str, Any]:
        if name not in self.tables:
            raise ServiceError("EntityNotFoundException", name)
        return self.tables[name]
