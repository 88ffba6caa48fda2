"""Keeps the results of functions far below the size at which an execution fails.

Step Functions fails a state whose input or result is over 262,144 bytes, and a Catch does not handle it:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
It cuts an error's cause at 32,768 characters, and a cut JSON object cannot be parsed:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskFailedEventDetails.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

#: A result is kept beside the execution's input in each state, and in the alert. SNS accepts 262,144 bytes
#: too.
MAX_RESULT_BYTES = 65_536
#: A character of an error's message may take 6 bytes in JSON. Lambda adds its stack trace to the message.
MAX_MESSAGE_LENGTH = 2_000
_SAMPLES = 10
_SAMPLE_LENGTH = 200


def bounded(result: dict[str, Any], store: Callable[[bytes], str]) -> dict[str, Any]:
    """A result that an execution can carry.

    Args:
        result: what the function did, in JSON types.
        store: stores the whole result and returns its location.

    Returns:
        The result itself if it is small. Otherwise each list has a few samples, each long text is cut, and
        two more fields describe what was cut: `counts_of_lists` (how long each list was, by its path) and
        `complete` (where the whole result is).
    """
    whole = json.dumps(result).encode()
    if len(whole) <= MAX_RESULT_BYTES:
        return result
    counts: dict[str, int] = {}
    cut: dict[str, Any] = _cut(result, "", counts)
    return cut | {"counts_of_lists": counts, "complete": store(whole)}


def short(message: str) -> str:
    """An error's message, cut so that it fits into a cause."""
    if len(message) <= MAX_MESSAGE_LENGTH:
        return message
    half = MAX_MESSAGE_LENGTH // 2 - 10
    return f"{message[:half]} [...] {message[-half:]}"


def _cut(value: Any, path: str, counts: dict[str, int]) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _cut(inner, f"{path}.{key}".lstrip("."), counts) for key, inner in items}
    if isinstance(value, list):
        values = cast("list[Any]", value)
        if len(values) > _SAMPLES:
            counts[path] = len(values)
        return [_cut(inner, path, counts) for inner in values[:_SAMPLES]]
    if isinstance(value, str) and len(value) > _SAMPLE_LENGTH and not path.endswith(_WHOLE):
        return f"{value[:_SAMPLE_LENGTH]}..."
    return value


#: The state machine copies exports by these fields, so they are never cut.
_WHOLE = ("copy_source", "key", "bucket")
