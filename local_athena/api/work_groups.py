"""Keeps workgroups in memory and answers their API actions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from local_athena.api.requests import invalid, page

#: The engine version that GetQueryExecution and GetWorkGroup show.
ENGINE_VERSION = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}


class WorkGroups:
    """Workgroups by name. A method that takes a `request` answers an API action (see `saved.Saved`)."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, Any]] = {"primary": _work_group("primary")}

    def find(self, name: str) -> dict[str, Any]:
        """The members of a workgroup.

        Raises:
            ApiError: the name is unknown.
        """
        if name not in self._groups:
            raise invalid("WorkGroup is not found.")
        return self._groups[name]

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["Name"]
        if name in self._groups:
            raise invalid("WorkGroup is already created")
        made = _work_group(name)
        made["Configuration"] |= request.get("Configuration") or {}
        made["Configuration"]["EngineVersion"] = dict(ENGINE_VERSION)
        made["Description"] = request.get("Description") or ""
        self._groups[name] = made
        return {}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        group = self.find(request["WorkGroup"])
        if "Description" in request:
            group["Description"] = request["Description"]
        if "State" in request:
            group["State"] = request["State"]
        configuration = group["Configuration"]
        updates = dict(request.get("ConfigurationUpdates") or {})
        result = updates.pop("ResultConfigurationUpdates", None) or {}
        if updates.pop("RemoveBytesScannedCutoffPerQuery", False):
            configuration.pop("BytesScannedCutoffPerQuery", None)
        updates.pop("EngineVersion", None)
        configuration |= updates
        kept = dict(configuration.get("ResultConfiguration") or {})
        for member in (
            "OutputLocation",
            "EncryptionConfiguration",
            "ExpectedBucketOwner",
            "AclConfiguration",
        ):
            if member in result:
                kept[member] = result[member]
            elif result.get(f"Remove{member}"):
                kept.pop(member, None)
        configuration["ResultConfiguration"] = kept
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["WorkGroup"]
        if name == "primary":
            raise invalid("The primary workgroup cannot be deleted")
        self.find(name)
        del self._groups[name]
        return {}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        shown = dict(self.find(request["WorkGroup"]))
        if not shown["Description"]:
            del shown["Description"]
        return {"WorkGroup": shown}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        groups = [self._groups[name] for name in sorted(self._groups)]
        listed, token = page(groups, request)
        shown = [
            {key: group[key] for key in ("Name", "State", "Description", "CreationTime")}
            | {"EngineVersion": group["Configuration"]["EngineVersion"]}
            for group in listed
        ]
        return {"WorkGroups": shown, **token}


def _work_group(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "State": "ENABLED",
        "Description": "",
        "CreationTime": dt.datetime.now(dt.UTC).timestamp(),
        "Configuration": {
            "ResultConfiguration": {},
            "EnforceWorkGroupConfiguration": False,
            "PublishCloudWatchMetricsEnabled": False,
            "RequesterPaysEnabled": False,
            "EnableMinimumEncryptionConfiguration": False,
            "EngineVersion": dict(ENGINE_VERSION),
        },
    }
