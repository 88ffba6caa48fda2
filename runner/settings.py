"""The settings, read from environment variables: the same names on a laptop and on AWS."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runner.errors import SettingsError

#: The folder of dbt_project.yml. It is beside this package in a checkout and in the container image.
PROJECT_DIR = Path(__file__).resolve().parent.parent

#: What S3's API takes: a name, or the ARN of an access point.
_BUCKET = re.compile(r"[a-zA-Z0-9._-]{1,255}|arn:[^\s]+")

Snapshots = Literal["all", "latest"]
Stage2Engine = Literal["stream", "athena", "auto"]


@dataclass(frozen=True, slots=True)
class FileCaps:
    """Stage 2's limits for one bronze file. A file over a limit is quarantined whole.

    The defaults are far above what a file of a million facilities needs.

    Attributes:
        rows: rows of the CSV, `STAGE2_MAX_ROWS`.
        rejects: rejects in the quarantine, `STAGE2_MAX_REJECTS`.
        bytes_out: bytes of the CSV and of the quarantine together, `STAGE2_MAX_BYTES_OUT`.
        seconds: how long the file may take, `STAGE2_MAX_SECONDS`.
    """

    rows: int = 2_000_000
    rejects: int = 250_000
    bytes_out: int = 256 * 1024 * 1024
    seconds: int = 300


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process.

    Attributes:
        data_bucket: the lake's bucket, `DATA_BUCKET`.
        glue_database: the Glue database of all tables, `GLUE_DATABASE`.
        athena_workgroup: the Athena workgroup, `ATHENA_WORKGROUP`.
        window_days: Stage 2's window in days, `WINDOW_DAYS`.
        snapshots: whether Stage 2 reads all date folders or the newest, `SNAPSHOTS`.
        dbt_target: the target in profiles.yml, `DBT_TARGET`.
        state_machine_arn: the state machine that dispatch starts, `STATE_MACHINE_ARN`; empty in other
            functions.
        lease_seconds: how long after a crash the tables stay locked, `LEASE_SECONDS`.
        file_caps: Stage 2's limits for one file.
        stage2_processes: processes in which Stage 2 judges files, `STAGE2_PROCESSES`; 0 for one per vCPU.
        stage2_engine: the source of Stage 2, `STAGE2_ENGINE`. `stream` reads the files, `athena` reads the
            table of judged lines, and `auto` reads the files up to `stage2_auto_bytes` and the table beyond.
        stage2_auto_bytes: bytes of files beyond which `auto` reads the table, `STAGE2_AUTO_BYTES`.
        csv_bom: whether Stage 2's CSV starts with a byte order mark, `CSV_BOM`; Excel needs it to see UTF-8.
    """

    data_bucket: str
    glue_database: str = "medlaunch_db"
    athena_workgroup: str = "primary"
    window_days: int = 180
    snapshots: Snapshots = "all"
    dbt_target: str = "local"
    state_machine_arn: str = ""
    lease_seconds: float = 60.0
    file_caps: FileCaps = FileCaps()
    stage2_processes: int = 0
    stage2_engine: Stage2Engine = "stream"
    stage2_auto_bytes: int = 10 * 1024**3
    csv_bom: bool = False

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
        if not _BUCKET.fullmatch(bucket):
            raise SettingsError(
                f"DATA_BUCKET is {bucket!r}: it takes the name of a bucket alone, without s3://"
            )
        defaults = cls(bucket)
        caps, lease = defaults.file_caps, int(defaults.lease_seconds)
        snapshots = environment.get("SNAPSHOTS", "all")
        if snapshots not in ("all", "latest"):
            raise SettingsError(f"SNAPSHOTS is {snapshots!r}: it takes all or latest")
        engine = environment.get("STAGE2_ENGINE", defaults.stage2_engine)
        if engine not in ("stream", "athena", "auto"):
            raise SettingsError(f"STAGE2_ENGINE is {engine!r}: it takes stream, athena or auto")
        return cls(
            data_bucket=bucket,
            glue_database=environment.get("GLUE_DATABASE", defaults.glue_database),
            athena_workgroup=environment.get("ATHENA_WORKGROUP", defaults.athena_workgroup),
            window_days=_whole_number(environment, "WINDOW_DAYS", defaults.window_days, "days", at_least=0),
            snapshots=snapshots,
            dbt_target=environment.get("DBT_TARGET", defaults.dbt_target),
            state_machine_arn=environment.get("STATE_MACHINE_ARN", ""),
            lease_seconds=float(_whole_number(environment, "LEASE_SECONDS", lease, "seconds", at_least=1)),
            file_caps=FileCaps(
                rows=_whole_number(environment, "STAGE2_MAX_ROWS", caps.rows, "rows"),
                rejects=_whole_number(environment, "STAGE2_MAX_REJECTS", caps.rejects, "rejects"),
                bytes_out=_whole_number(environment, "STAGE2_MAX_BYTES_OUT", caps.bytes_out, "bytes"),
                seconds=_whole_number(environment, "STAGE2_MAX_SECONDS", caps.seconds, "seconds"),
            ),
            stage2_processes=_whole_number(
                environment, "STAGE2_PROCESSES", defaults.stage2_processes, "processes", at_least=0
            ),
            stage2_engine=engine,
            stage2_auto_bytes=_whole_number(
                environment, "STAGE2_AUTO_BYTES", defaults.stage2_auto_bytes, "bytes", at_least=0
            ),
            csv_bom=_switch(environment, "CSV_BOM"),
        )


def _whole_number(
    environment: Mapping[str, str], name: str, default: int, of_what: str, *, at_least: int = 1
) -> int:
    text = environment.get(name, str(default))
    if not text.isascii() or not text.isdigit() or int(text) < at_least:
        raise SettingsError(f"{name} is {text!r}: it takes a whole number of {of_what}, {at_least} or more")
    return int(text)


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name, "false")
    if text not in ("true", "false"):
        raise SettingsError(f"{name} is {text!r}: it takes true or false")
    return text == "true"
