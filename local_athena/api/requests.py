"""Members of requests: read, checked, and lists cut into pages."""

from __future__ import annotations

from typing import Any

from local_athena.errors import ApiError


def invalid(message: str, code: str = "INVALID_INPUT") -> ApiError:
    """The answer to a request that is wrong; `code` is its AthenaErrorCode."""
    return ApiError("InvalidRequestException", message, AthenaErrorCode=code)


def required(request: dict[str, Any], name: str) -> Any:
    """A member that a request must have.

    Raises:
        ApiError: it is missing or empty.
    """
    if not request.get(name):
        raise invalid(f"{name} is missing")
    return request[name]


def page(items: list[Any], request: dict[str, Any], largest: int) -> tuple[list[Any], dict[str, str]]:
    """One page of a list, and the NextToken of the page after it if there is one.

    Raises:
        ApiError: MaxResults or NextToken is wrong.
    """
    start, stop, token = page_bounds(len(items), request, largest)
    return items[start:stop], token


def page_bounds(count: int, request: dict[str, Any], largest: int) -> tuple[int, int, dict[str, str]]:
    """Where a page of `count` items starts and where it ends, and the NextToken of the page after it if any.

    A token is where its page starts.

    Raises:
        ApiError: MaxResults or NextToken is wrong.
    """
    size = request.get("MaxResults") or largest
    if not 1 <= size <= largest:
        raise invalid(f"MaxResults must be between 1 and {largest}")
    token = request.get("NextToken") or "0"
    if not token.isascii() or not token.isdigit():
        raise invalid("Invalid NextToken")
    start, stop = int(token), int(token) + size
    return start, stop, {"NextToken": str(stop)} if stop < count else {}
