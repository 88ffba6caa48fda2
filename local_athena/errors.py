"""Defines the failures of statements and requests, with Athena's messages and error numbers.

QueryFailed         the statement ends FAILED with this reason
└── Refused         local Athena cannot run the statement as Athena does, so the statement ends FAILED
QueryStopped        the statement ends CANCELLED
ApiError            the client receives an HTTP error
"""

from __future__ import annotations

#: Athena's error categories (AthenaError.ErrorCategory). Category 3, "other", is not used here.
SYSTEM, USER = 1, 2

#: AthenaError.ErrorType by Trino's error code, as recorded from Athena (docs/athena-measured.md).
_ERROR_TYPES = {
    "DIVISION_BY_ZERO": 1001,
    "TYPE_MISMATCH": 1002,
    "SYNTAX_ERROR": 1006,
    "COLUMN_NOT_FOUND": 1006,
    "CATALOG_NOT_FOUND": 1006,
    "INVALID_CAST_ARGUMENT": 1100,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1100,
    "INVALID_PARAMETER_USAGE": 1100,
    "MISSING_COLUMN_NAME": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "TABLE_ALREADY_EXISTS": 1110,
    "NOT_SUPPORTED": 1200,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
}
#: AthenaError.ErrorType by the start of the reason, for codes that were not recorded. The first match counts. The
#: numbers come from "Athena error catalog" in Athena's user guide: 233 is an Iceberg error, 1001 a data error, 1003 a
#: failed DDL task, 1000 a user error. AWS does not say which failure has which number, but dbt-athena relies on 233.
_OTHER_ERROR_TYPES = (
    ("ICEBERG_", 233),
    ("HIVE_", 1001),
    ("FAILED: ", 1003),
    ("", 1000),
)
#: "Query engine had an internal error".
_INTERNAL_ERROR_TYPE = 200


class QueryFailed(Exception):
    """A statement that ends FAILED.

    Attributes:
        code: Trino's error code, such as `COLUMN_NOT_FOUND`; empty for errors of Hive DDL.
        reason: the StateChangeReason of GetQueryExecution. It begins with the code, unless `bare` is set.
        category: Athena's error category, SYSTEM or USER.
        error_message: the AthenaError.ErrorMessage of GetQueryExecution; the reason, except for some errors of Hive DDL.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        category: int = USER,
        bare: bool = False,
        error_type: int | None = None,
        error_message: str | None = None,
    ) -> None:
        self.code = code
        self.reason = f"{code}: {message}" if code and not bare else message
        self.category = category
        self.error_message = error_message or self.reason
        self._error_type = error_type
        super().__init__(self.reason)

    @property
    def is_hive(self) -> bool:
        """Whether Hive reports the failure: such a reason begins with `FAILED: `."""
        return self.reason.startswith("FAILED: ")

    @property
    def error_type(self) -> int:
        """The AthenaError.ErrorType of GetQueryExecution."""
        if self._error_type is not None:
            return self._error_type
        if self.category == SYSTEM and not self.is_hive:
            return _INTERNAL_ERROR_TYPE
        if self.code in _ERROR_TYPES:
            return _ERROR_TYPES[self.code]
        return next(number for start, number in _OTHER_ERROR_TYPES if self.reason.startswith(start))


class Refused(QueryFailed):
    """A statement that local Athena does not support. The reason names the function, type or clause."""

    def __init__(self, what: str) -> None:
        super().__init__("NOT_SUPPORTED", f"local Athena does not support {what}")


class QueryStopped(Exception):
    """StopQueryExecution stopped the statement."""


class ApiError(Exception):
    """A request that receives an error instead of a result.

    Attributes:
        kind: the exception's name in Athena's API, such as `InvalidRequestException`.
        details: further members of the exception's shape.
    """

    def __init__(self, kind: str, message: str, **details: object) -> None:
        self.kind = kind
        self.details = details
        super().__init__(message)
