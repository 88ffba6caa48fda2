"""Workgroups, in memory."""

from __future__ import annotations

from typing import Any

from local_athena.api.requests import invalid, page, required

#: What GetQueryExecution and GetWorkGroup show as the engine's version.
ENGINE_VERSION = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}


class WorkGroups:
    """The workgroups of one server; `primary` is there from the start."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, Any]] = {"primary": _new("primary")}

    def get(self, name: str) -> dict[str, Any]:
        """A workgroup by name.

        Raises:
            ApiError: there is none.
        """
        if name not in self._groups:
            raise invalid(f"WorkGroup {name} is not found.")
        return self._groups[name]

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer CreateWorkGroup."""
        name = required(request, "Name")
        if name in self._groups:
            raise invalid("WorkGroup is already created")
        made = _new(name)
        made["Configuration"] |= request.get("Configuration") or {}
        made["Description"] = request.get("Description") or ""
        self._groups[name] = made
        return {}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer UpdateWorkGroup."""
        configuration = self.get(required(request, "WorkGroup"))["Configuration"]
        updates = dict(request.get("ConfigurationUpdates") or {})
        result = updates.pop("ResultConfigurationUpdates", None) or {}
        configuration |= {key: value for key, value in updates.items() if key in configuration}
        if "OutputLocation" in result:
            configuration["ResultConfiguration"] = {"OutputLocation": result["OutputLocation"]}
        if result.get("RemoveOutputLocation"):
            configuration.pop("ResultConfiguration", None)
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer DeleteWorkGroup."""
        name = required(request, "WorkGroup")
        if name == "primary":
            raise invalid("The primary workgroup cannot be deleted")
        self.get(name)
        del self._groups[name]
        return {}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer GetWorkGroup."""
        return {"WorkGroup": self.get(required(request, "WorkGroup"))}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer ListWorkGroups."""
        part, token = page([*self._groups.values()], request, 50)
        shown = [{key: group[key] for key in ("Name", "State", "Description")} for group in part]
        return {"WorkGroups": shown, **token}


def _new(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "State": "ENABLED",
        "Description": "",
        "Configuration": {
            "ResultConfiguration": {},
            "EnforceWorkGroupConfiguration": False,
            "PublishCloudWatchMetricsEnabled": False,
            "RequesterPaysEnabled": False,
            "EngineVersion": ENGINE_VERSION,
        },
    }
