"""Parses and checks requests as Athena does.

The members of each action come from Athena's service model, which botocore ships. The messages and their order
were recorded from Athena (docs/athena-measured.md): JSON types are checked first, then missing members and bounds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape

from local_athena.errors import ApiError

#: Maxima that differ from the model. The action GetQueryResults itself rejects pages that are too large, with
#: another message.
_MAXIMA = {"GetQueryResults": {"MaxResults": 100_000}}
#: Matches the model's patterns that mean the same in Java and Python. The other patterns contain surrogates.
_PLAIN_PATTERN = re.compile(r"[A-Za-z0-9_.@:\-\[\]{},+*^$]+")
_NAMES = {"integer": "an Integer", "long": "a Long", "string": "a String", "boolean": "a Boolean"}


@cache
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("athena")


def parsed(action: str, body: bytes) -> dict[str, Any]:
    """The members of a request, without those that are null or unknown.

    Args:
        action: the action's name, for example StartQueryExecution.
        body: the request as JSON.

    Raises:
        ApiError: the action is unknown, the body is not a JSON object, or Athena rejects a member.
    """
    model = _model()
    if action not in model.operation_names:
        raise ApiError("UnknownOperationException", "")
    try:
        given = json.loads(body or b"null")
    except ValueError as error:
        raise ApiError("SerializationException", "") from error
    if not isinstance(given, dict):
        raise ApiError(
            "SerializationException",
            "Start of list found where not expected" if isinstance(given, list) else "",
        )
    shape = model.operation_model(action).input_shape
    if shape is None:
        return {}
    request = _converted(given, shape)
    problems = list(_problems(request, shape, "", _MAXIMA.get(action, {})))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise invalid(f"{count}: {'; '.join(problems)}")
    return request


def invalid(message: str, code: str = "INVALID_INPUT") -> ApiError:
    """An InvalidRequestException."""
    return ApiError("InvalidRequestException", message, AthenaErrorCode=code, ErrorCode=code)


def _converted(value: Any, shape: Shape) -> Any:
    """A value in the JSON type that the model requires.

    Raises:
        ApiError: the value has another type (SerializationException).
    """
    wanted = shape.type_name
    if isinstance(value, list):
        if wanted != "list":
            raise ApiError("SerializationException", "Start of list found where not expected")
        return [_converted(item, shape.member) for item in value if item is not None]  # type: ignore[attr-defined]
    if isinstance(value, dict):
        return _converted_object(value, shape)
    if wanted == "list":
        raise ApiError("SerializationException", "Expected list or null")
    if wanted in ("structure", "map"):
        raise ApiError("SerializationException", "Expected null")
    if isinstance(value, bool):
        fits, kind = wanted == "boolean", str(value).upper()
    elif isinstance(value, str):
        fits, kind = wanted == "string", "STRING"
    else:
        fits, kind = wanted in ("integer", "long", "timestamp", "double"), "NUMBER"
    if not fits:
        raise ApiError(
            "SerializationException",
            f"{kind}_VALUE can not be converted to {_NAMES.get(wanted, wanted)}",
        )
    # Athena cuts off a fraction.
    return int(value) if wanted in ("integer", "long") else value


def _converted_object(value: dict[str, Any], shape: Shape) -> dict[str, Any]:
    if shape.type_name == "map":
        return {key: item for key, item in value.items() if item is not None}
    if shape.type_name != "structure":
        raise ApiError("SerializationException", "Start of structure or map found where not expected.")
    members = shape.members  # type: ignore[attr-defined]
    return {
        name: _converted(item, members[name])
        for name, item in value.items()
        if name in members and item is not None
    }


def _problems(value: Any, shape: Shape, path: str, maxima: dict[str, int]) -> Iterator[str]:
    """A message for each member that is missing or out of bounds, in the order of the model."""
    if shape.type_name != "structure":
        yield from _bounds(value, shape, path, maxima.get(path))
        return
    for name, member in shape.members.items():  # type: ignore[attr-defined]
        inner = f"{path}.{name}" if path else name
        if name in value:
            yield from _problems(value[name], member, inner, maxima)
        elif name in shape.required_members:  # type: ignore[attr-defined]
            yield f"Value null at '{_shown(inner)}' failed to satisfy constraint: Member must not be null"


def _bounds(value: Any, shape: Shape, path: str, maximum: int | None) -> Iterator[str]:
    start = f"Value at '{_shown(path)}' failed to satisfy constraint: Member must"
    least, most = shape.metadata.get("min"), maximum or shape.metadata.get("max")
    if shape.type_name in ("string", "list", "integer", "long"):
        size, what = (value, "value") if shape.type_name in ("integer", "long") else (len(value), "length")
        if least is not None and size < least:
            yield f"{start} have {what} greater than or equal to {least}"
        elif most is not None and size > most:
            yield f"{start} have {what} less than or equal to {most}"
    if shape.type_name != "string":
        return
    pattern, values = shape.metadata.get("pattern", ""), getattr(shape, "enum", [])
    if _PLAIN_PATTERN.fullmatch(pattern) and not re.fullmatch(pattern, value, re.ASCII):
        yield f"{start} satisfy regular expression pattern: {pattern}"
    if values and value not in values:
        yield f"{start} satisfy enum value set: [{', '.join(values)}]"


def _shown(path: str) -> str:
    return ".".join(part[0].lower() + part[1:] for part in path.split("."))


def page(items: list[Any], request: dict[str, Any], largest: int = 50) -> tuple[list[Any], dict[str, str]]:
    """One page of a list, and the response member with the token of the next page.

    A token is the index of the page's first item.

    Args:
        items: the whole list.
        request: the request, with MaxResults and NextToken.
        largest: the size of a page if the request has no MaxResults.

    Raises:
        ApiError: this function never returned such a token.
    """
    size = request.get("MaxResults") or largest
    token = request.get("NextToken") or "0"
    if not token.isascii() or not token.isdigit() or int(token) > len(items):
        raise invalid(f"The nextPageToken is malformed: {token}")
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return items[start : start + size], more
