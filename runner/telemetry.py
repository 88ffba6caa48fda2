"""The logger and the metrics of the runner.

Log lines are JSON on standard error, so that standard output stays free for results and for EMF
metrics. In Lambda every line counts from INFO; on a command line from WARNING, unless
`POWERTOOLS_LOG_LEVEL` says otherwise.
"""

from __future__ import annotations

import os
import sys

from aws_lambda_powertools import Logger, Metrics

#: Powertools' own variable: a second deployment in an account has its own name.
SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "medlaunch-elt")
NAMESPACE = "MedLaunchELT"


def _level() -> str:
    default = "INFO" if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else "WARNING"
    return os.environ.get("POWERTOOLS_LOG_LEVEL", default)


logger = Logger(service=SERVICE, level=_level(), stream=sys.stderr)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
