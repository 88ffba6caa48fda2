"""A small model of IAM: whether a template's policies allow a call, by AWS's evaluation logic within one account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

An explicit deny in any policy wins. Otherwise one allow is enough. The model supports the operators that the templates
use, and fails on any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.template import text


@dataclass(frozen=True)
class Call:
    """A request as IAM sees it.

    Attributes:
        action: the action, such as `s3:PutObject`.
        resource: the resource's ARN, in the form of `tests.infra.template.text`.
        context: the values of condition keys.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def allows(identity: Iterable[dict[str, Any]], resource: Iterable[dict[str, Any]], call: Call) -> bool:
    """Whether a principal's statements and those of a resource's policy allow a call."""
    statements = [*identity, *resource]
    matching = [one for one in statements if _matches(one, call)]
    if any(one["Effect"] == "Deny" for one in matching):
        return False
    return any(one["Effect"] == "Allow" for one in matching)


def _matches(statement: dict[str, Any], call: Call) -> bool:
    return (
        any(fnmatchcase(call.action.lower(), pattern.lower()) for pattern in _list(statement["Action"]))
        and any(_like(call.resource, text(pattern)) for pattern in _list(statement["Resource"]))
        and all(
            _holds(operator, key, [_plain(one) for one in _list(values)], call.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool:
    value = context.get(key)
    if operator == "Null":
        return (value is None) == (values == ["true"])
    negated = {"StringNotEquals", "StringNotLike", "ArnNotLike"}
    if value is None:
        # If the request lacks the key, only negated operators hold.
        return operator in negated
    match operator:
        case "StringEquals" | "Bool":
            return value in values
        case "StringNotEquals":
            return value not in values
        case "StringLike" | "ArnLike":
            return any(_like(value, pattern) for pattern in values)
        case "StringNotLike" | "ArnNotLike":
            return not any(_like(value, pattern) for pattern in values)
        case "NumericLessThan":
            return float(value) < float(values[0])
        case _:
            raise NotImplementedError(f"the condition operator {operator} is not known here")


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, float) else text(value)


def _like(value: str, pattern: str) -> bool:
    # IAM takes brackets literally.
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
