"""S3's clock, the only one that all runs share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any


def answered_at(response: Mapping[str, Any]) -> datetime:
    """The time at which AWS sent an answer, by the clock of AWS, in whole seconds."""
    return parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"])
