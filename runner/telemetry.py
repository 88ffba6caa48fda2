"""The logger and the metrics of the runner.

Log lines go to standard error, so that standard output stays free for results and for EMF metrics. In Lambda
they are JSON from INFO on. On a command line they are plain lines from WARNING on. `POWERTOOLS_LOG_LEVEL`
overrides the level.
"""

from __future__ import annotations

import os
import sys

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.logging.types import LogRecord

#: This variable belongs to Powertools. A second deployment in an account has its own name.
SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "medlaunch-elt")
NAMESPACE = "MedLaunchELT"

_IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
#: What Powertools adds to each line, and what a person at a terminal has no use for.
_FOR_MACHINES = frozenset(
    {
        *("level", "location", "message", "timestamp", "service", "correlation_id", "cold_start"),
        *("function_name", "function_memory_size", "function_arn", "function_request_id", "xray_trace_id"),
    }
)


class PlainFormatter(LambdaPowertoolsFormatter):
    """Log lines as `warning: MESSAGE (NAME: VALUE, ...)`."""

    def serialize(self, log: LogRecord) -> str:
        """One line of the message and the fields that its writer gave it."""
        fields = {str(name): value for name, value in log.items() if name not in _FOR_MACHINES}
        details = ", ".join(f"{name}: {value}" for name, value in fields.items())
        return f"{str(log['level']).lower()}: {log['message']}{f' ({details})' if details else ''}"


def _level() -> str:
    return os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO" if _IN_LAMBDA else "WARNING")


logger = Logger(
    service=SERVICE,
    level=_level(),
    stream=sys.stderr,
    logger_formatter=None if _IN_LAMBDA else PlainFormatter(),
)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
