"""Reads a template for assertions: resources by type, references as readable text."""

from __future__ import annotations

from typing import Any

#: What the pipeline imports from the lake's exports, by the end of the export's name.
_IMPORTS = {"LakeKey": "<lake key>", "FnGetAttLake": "<lake>", "RefLake": "<lake name>"}
_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "<region>", "AWS::AccountId": "<account>"}


class Template:
    def __init__(self, document: dict[str, Any]) -> None:
        self.resources: dict[str, dict[str, Any]] = document["Resources"]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def named(self, kind: str, start: str) -> dict[str, Any]:
        """The properties of the only resource of a type whose logical id starts with the given text."""
        found = [value for name, value in self.of_type(kind).items() if name.startswith(start)]
        assert len(found) == 1, f"{len(found)} resources of type {kind} begin with {start}"
        return found[0]

    def statements(self, role: str) -> list[dict[str, Any]]:
        """The statements of a role's policy, with references as text and all values as lists."""
        policy = self.named("AWS::IAM::Policy", f"{role}DefaultPolicy")
        return [
            {
                "Action": _as_list(statement["Action"]),
                "Resource": [text(one) for one in _as_list(statement["Resource"])],
                **({"Condition": statement["Condition"]} if "Condition" in statement else {}),
            }
            for statement in policy["PolicyDocument"]["Statement"]
        ]


def text(value: Any) -> str:
    """A value with its references as readable text, without the hashes in logical ids."""
    match value:
        case str() | int():
            return str(value)
        case {"Ref": name}:
            return _PSEUDO.get(name, f"<{_readable(name)}>")
        case {"Fn::GetAtt": [name, _]}:
            return f"<{_readable(name)}>"
        case {"Fn::ImportValue": name}:
            return next(plain for part, plain in _IMPORTS.items() if part in name)
        case {"Fn::Join": [separator, parts]}:
            return separator.join(map(text, parts))
        # A part of an ARN stands for the whole.
        case {"Fn::Select": [_, {"Fn::Split": [_, whole]}]}:
            return text(whole)
        case {"Fn::Sub": template}:
            return template
    raise TypeError(f"{value!r} has no text")


def _readable(logical_id: str) -> str:
    return logical_id[:-8] if len(logical_id) > 8 else logical_id


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
