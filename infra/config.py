"""The settings of a deployment: the context in cdk.json. `-c name=value` overrides each value.

Every name that must be unique in an account or region is derived from `stack_prefix`. A second deployment in
the same account therefore needs only another prefix.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

from runner.settings import Stage2Engine

CDK_JSON = Path(__file__).with_name("cdk.json")

#: CloudWatch Logs accepts only these retentions (PutRetentionPolicy).
LOG_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)

#: The bucket of the access logs has this name plus `-logs`. A bucket's name has at most 63 characters.
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,56}[a-z0-9]")
#: `<prefix>-elt-datalake-<12 digits>-<region of 14 characters at most>-logs` is a bucket's name.
_STACK_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,16}")
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+")
_GLUE_DATABASE = re.compile(r"[a-z0-9_]{1,255}")
_IMAGE = re.compile(r"[a-z0-9.-]+(/[a-z0-9._-]+)+:[A-Za-z0-9._-]+(@sha256:[0-9a-f]{64})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class ConfigError(ValueError):
    """A value in the CDK context cannot be used."""


@dataclass(frozen=True, slots=True)
class Config:
    """One deployment.

    Attributes:
        stack_prefix: the start of the stacks' names, at most 17 characters.
        bucket_name: the lake's bucket; empty for `<prefix>-elt-datalake-<account>-<region>`, in lower case.
        glue_database: the Glue database of all tables; empty for `<prefix>_db`.
        athena_workgroup: the Athena workgroup that the functions query in; empty for `<prefix>-elt`.
        lake_key_arn: the KMS key of an earlier deployment, whose bucket is adopted; empty for a new key.
        architecture: the image's processor, `arm64` or `x86_64`. Building for a foreign processor needs
            emulation.
        base_image: the base image. A deployment workflow names it by its digest.
        revision: the commit that the image is built from, for its label; empty if unknown.
        transform_concurrency: the part of the account's concurrent executions that is reserved for the
            transform function. 0 reserves nothing, because the lease admits only one writer anyway.
        release_minutes: how long only most calls go to a new version, 0 to 30. In this time an alarm rolls
            the version back. With 0 all calls go to it at once, and no alarm rolls it back.
        window_days: Stage 2's window in days.
        snapshots: whether Stage 2 reads `all` date folders or the `latest`.
        stage2_engine: the source of Stage 2: `stream` reads the files, `athena` reads the table of judged
            lines, `auto` reads the table if the files are too large.
        batch_window_seconds: how long the queue gathers events before dispatch gets them, 0 to 300.
        bytes_scanned_cutoff: the scanned bytes at which Athena cancels a query, 10 MB or more.
        query_results_days: the days after which Athena's own result files expire, 7 to 14.
        noncurrent_versions_days: the days after which overwritten and deleted objects are removed.
        log_retention_days: how long CloudWatch Logs keeps the functions' and the state machine's logs.
        reject_ratio_alarm: the share of rejected lines in one run that raises the alarm, 0 to 1.
        staleness_hours: hours without a publication or a file of Stage 2 that raise an alarm, 1 to 168.
        bytes_scanned_alarm: the bytes that Athena scans in a day before an alarm is raised.
        monthly_budget: US dollars a month. The topic alerts at 80% spent and at 100% forecast. 0 for no
            budget.
        alarm_email: the address for alerts. If it is empty, the topic has no e-mail subscription.
        removal_policy: whether `cdk destroy` retains (`retain`) or destroys (`destroy`) the lake.
    """

    stack_prefix: str
    bucket_name: str
    glue_database: str
    athena_workgroup: str
    lake_key_arn: str
    architecture: str
    base_image: str
    revision: str
    transform_concurrency: int
    release_minutes: int
    window_days: int
    snapshots: str
    stage2_engine: str
    batch_window_seconds: int
    bytes_scanned_cutoff: int
    query_results_days: int
    noncurrent_versions_days: int
    log_retention_days: int
    reject_ratio_alarm: float
    staleness_hours: int
    bytes_scanned_alarm: int
    monthly_budget: int
    alarm_email: str
    removal_policy: str

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Config:
        """Read and check the context; values from the command line are text.

        Raises:
            ConfigError: a value is missing or unusable; the message names it.
        """
        readers = {"str": str, "int": int, "float": float}
        values: dict[str, Any] = {}
        for field in fields(cls):
            value = context.get(field.name)
            if value is None:
                raise ConfigError(f"{field.name} is missing from the context in {CDK_JSON.name}")
            try:
                values[field.name] = readers[str(field.type)](value)
            except ValueError:
                raise ConfigError(
                    f"{field.name} is {value!r}: it takes a value of type {field.type}"
                ) from None
        config = cls(**values)
        config._check()
        return config._named()

    @property
    def service(self) -> str:
        """The name that distinguishes the logs and metrics of this deployment."""
        return f"{self.stack_prefix.lower()}-elt"

    def _named(self) -> Config:
        """The configuration with the names derived from the prefix.

        The bucket's name also needs account and region.
        """
        return replace(
            self,
            glue_database=self.glue_database or f"{self.stack_prefix.lower().replace('-', '_')}_db",
            athena_workgroup=self.athena_workgroup or self.service,
        )

    def _check(self) -> None:
        allowed = {
            "stack_prefix": (
                _STACK_PREFIX.fullmatch(self.stack_prefix),
                "1 to 17 letters, digits, hyphens, the first a letter",
            ),
            "bucket_name": (
                not self.bucket_name or _BUCKET_NAME.fullmatch(self.bucket_name),
                "3 to 58 lower-case letters, digits, hyphens",
            ),
            "glue_database": (
                not self.glue_database or _GLUE_DATABASE.fullmatch(self.glue_database),
                "lower-case letters, digits, underscores",
            ),
            "athena_workgroup": (
                not self.athena_workgroup or re.fullmatch(r"[A-Za-z0-9._-]{1,128}", self.athena_workgroup),
                "a workgroup name",
            ),
            "lake_key_arn": (
                not self.lake_key_arn or _KEY_ARN.fullmatch(self.lake_key_arn),
                "a KMS key's ARN",
            ),
            "architecture": (self.architecture in ("arm64", "x86_64"), "arm64 or x86_64"),
            "base_image": (_IMAGE.fullmatch(self.base_image), "an image with a tag or a digest"),
            "revision": (re.fullmatch(r"[0-9a-f]{0,64}", self.revision), "a commit's hash or nothing"),
            "transform_concurrency": (self.transform_concurrency >= 0, "0 or more"),
            "release_minutes": (0 <= self.release_minutes <= 30, "0 to 30 minutes"),
            "window_days": (self.window_days >= 0, "0 or more days"),
            "snapshots": (self.snapshots in ("all", "latest"), "all or latest"),
            "stage2_engine": (self.stage2_engine in get_args(Stage2Engine), "stream, athena or auto"),
            "batch_window_seconds": (0 <= self.batch_window_seconds <= 300, "0 to 300 seconds"),
            "bytes_scanned_cutoff": (self.bytes_scanned_cutoff >= 10_000_000, "10000000 bytes or more"),
            "query_results_days": (7 <= self.query_results_days <= 14, "7 to 14 days"),
            "noncurrent_versions_days": (self.noncurrent_versions_days >= 1, "1 day or more"),
            "log_retention_days": (
                self.log_retention_days in LOG_RETENTION_DAYS,
                f"one of {LOG_RETENTION_DAYS}",
            ),
            "reject_ratio_alarm": (0 < self.reject_ratio_alarm <= 1, "more than 0, at most 1"),
            "staleness_hours": (1 <= self.staleness_hours <= 168, "1 to 168 hours"),
            "bytes_scanned_alarm": (self.bytes_scanned_alarm > 0, "1 byte or more"),
            "monthly_budget": (self.monthly_budget >= 0, "0 or more dollars"),
            "alarm_email": (
                not self.alarm_email or _EMAIL.fullmatch(self.alarm_email),
                "an e-mail address or nothing",
            ),
            "removal_policy": (self.removal_policy in ("retain", "destroy"), "retain or destroy"),
        }
        for name, (good, wanted) in allowed.items():
            if not good:
                raise ConfigError(f"{name} is {getattr(self, name)!r}: it takes {wanted}")


def default_context() -> dict[str, Any]:
    """The context in cdk.json, for tests and scripts. The CDK command line reads it by itself."""
    context: dict[str, Any] = json.loads(CDK_JSON.read_text("utf-8"))["context"]
    return context
