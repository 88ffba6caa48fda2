"""The settings, read from environment variables: the same names on a laptop and on AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runner.errors import SettingsError

#: Where dbt_project.yml lies: beside this package in a checkout and in the container image.
PROJECT_DIR = Path(__file__).resolve().parent.parent

Snapshots = Literal["all", "latest"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What one process works with.

    Attributes:
        data_bucket: the lake's bucket, `DATA_BUCKET`.
        glue_database: the Glue database of all tables, `GLUE_DATABASE`.
        athena_workgroup: the Athena workgroup, `ATHENA_WORKGROUP`.
        window_days: Stage 2's window in days, `WINDOW_DAYS`.
        snapshots: whether Stage 2 reads all date folders or the newest, `SNAPSHOTS`.
        dbt_target: the target in profiles.yml, `DBT_TARGET`.
        alert_topic_arn: where failures are told, `ALERT_TOPIC_ARN`; empty for nowhere.
        state_machine_arn: what dispatch starts, `STATE_MACHINE_ARN`; empty outside the dispatch function.
        lease_seconds: how long after a crash the tables stay locked, `LEASE_SECONDS`.
    """

    data_bucket: str
    glue_database: str = "medlaunch_db"
    athena_workgroup: str = "primary"
    window_days: int = 180
    snapshots: Snapshots = "all"
    dbt_target: str = "local"
    alert_topic_arn: str = ""
    state_machine_arn: str = ""
    lease_seconds: float = 60.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings.

        Raises:
            SettingsError: DATA_BUCKET is missing, or a value cannot be used.
        """
        bucket = environment.get("DATA_BUCKET", "")
        if not bucket:
            raise SettingsError(
                "DATA_BUCKET is not set: run inside `medlaunch local -- COMMAND`, or name the lake's bucket"
            )
        window = environment.get("WINDOW_DAYS", "180")
        if not window.isascii() or not window.isdigit():
            raise SettingsError(f"WINDOW_DAYS is {window!r}: it takes a whole number of days, 0 or more")
        lease = environment.get("LEASE_SECONDS", "60")
        if not lease.isascii() or not lease.isdigit() or lease == "0":
            raise SettingsError(f"LEASE_SECONDS is {lease!r}: it takes a whole number of seconds, 1 or more")
        snapshots = environment.get("SNAPSHOTS", "all")
        if snapshots not in ("all", "latest"):
            raise SettingsError(f"SNAPSHOTS is {snapshots!r}: it takes all or latest")
        return cls(
            data_bucket=bucket,
            glue_database=environment.get("GLUE_DATABASE", cls.glue_database),
            athena_workgroup=environment.get("ATHENA_WORKGROUP", cls.athena_workgroup),
            window_days=int(window),
            snapshots=snapshots,
            dbt_target=environment.get("DBT_TARGET", cls.dbt_target),
            alert_topic_arn=environment.get("ALERT_TOPIC_ARN", ""),
            state_machine_arn=environment.get("STATE_MACHINE_ARN", ""),
            lease_seconds=float(lease),
        )
