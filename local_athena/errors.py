"""The failures of a statement, worded and numbered as Athena does.

QueryFailed         the statement ends FAILED with this reason
└── Refused         local Athena does not do this as Athena would, so it does not do it at all
QueryStopped        the statement ends CANCELLED
ApiError            the request itself is answered with an HTTP error
"""

from __future__ import annotations

#: Athena's error categories (AthenaError.ErrorCategory): 1 system, 2 user, 3 other.
SYSTEM, USER, OTHER = 1, 2, 3

#: AthenaError.ErrorType by the code's prefix; the first that fits counts. From "Athena error catalog"
#: in Athena's user guide: 233 Iceberg, 1006 read error, 1100 syntax and user errors of the engine.
_ERROR_TYPES = (("ICEBERG_", 233), ("HIVE_", 1006), ("", 1100))


class QueryFailed(Exception):
    """A statement that ends FAILED.

    Attributes:
        code: Trino's error code, such as `COLUMN_NOT_FOUND`; empty for errors of Hive DDL.
        reason: what GetQueryExecution shows as StateChangeReason.
    """

    def __init__(self, code: str, message: str, *, category: int = USER) -> None:
        self.code = code
        self.reason = f"{code}: {message}" if code else message
        self.category = category
        super().__init__(self.reason)

    @property
    def error_type(self) -> int:
        """Athena's number for the kind of error."""
        return next(number for prefix, number in _ERROR_TYPES if self.code.startswith(prefix))


class Refused(QueryFailed):
    """What local Athena does not support: the reason names the function, type or clause."""

    def __init__(self, what: str) -> None:
        super().__init__("NOT_SUPPORTED", f"local Athena does not support {what}")


class QueryStopped(Exception):
    """A statement that StopQueryExecution interrupted."""


class ApiError(Exception):
    """A request that is answered with an error instead of a result.

    Attributes:
        kind: the exception's name in Athena's API, such as `InvalidRequestException`.
        details: further members of the exception's shape.
    """

    def __init__(self, kind: str, message: str, **details: object) -> None:
        self.kind = kind
        self.details = details
        super().__init__(message)
