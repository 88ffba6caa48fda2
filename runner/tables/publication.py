"""Publishes to `prod/`: each snapshot date has one manifest, which is written last and as one object.

    prod/current/accredited_facilities_per_state/<YYYY-MM-DD>.json
    {"snapshot_date": …, "run_ts": …, "facilities": …, "processed_key": …, "rejects_key": …}

A reader opens the manifest of a date, and then the two CSVs that it names. A date has a manifest with 0
facilities if its files are gone or no facility counts any more. The `run_ts=` folders stay as history. A
manifest never goes back to an earlier run, no matter how late an execution ends.

A run announces its exports at `pipeline-state/unpublished/<run_ts>.json` before it counts as a success. Each
publication handles all announcements. If an execution dies before it publishes, the next execution of any
date publishes its exports.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from botocore.exceptions import ClientError

from runner.aws.errors import get_or_none, is_conflict
from runner.aws.listing import list_objects
from runner.errors import MedLaunchError
from runner.lake import prefix
from runner.tables.exports import metadata
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: How often a manifest is read again after another execution wrote it in between.
_MAX_CONFLICTS = 10


class ManifestContended(MedLaunchError):
    """Other executions kept changing a date's manifest. Try again."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A run's exports, to be shown for its dates.

    Attributes:
        run_ts: the run's name.
        dates: the dates, each written YYYY-MM-DD.
        exports: by name (`processed`, `rejects`): bucket, key and URL-encoded copy source.
        prod: `processed_key` and `rejects_key`, the keys of the published exports.
    """

    run_ts: str
    dates: list[str]
    exports: dict[str, dict[str, str]]
    prod: dict[str, str]


def announce(s3: S3Client, bucket: str, publication: Publication) -> None:
    """Announce a run's exports. The next execution that publishes anything publishes them."""
    body = json.dumps(asdict(publication)).encode()
    s3.put_object(
        Bucket=bucket, Key=_announcement_key(publication.run_ts), Body=body, ContentType="application/json"
    )


def announced(s3: S3Client, bucket: str) -> list[str]:
    """The names of the runs whose exports wait for their publication, in order."""
    keys = [item["Key"] for item in list_objects(s3, bucket, f"{_announcements()}/")]
    return sorted(key.removeprefix(f"{_announcements()}/").removesuffix(".json") for key in keys)


def announced_for(s3: S3Client, bucket: str, dates: Sequence[date]) -> list[str]:
    """The names of the runs of some dates whose exports wait for their publication."""
    names: list[str] = []
    for run_ts in announced(s3, bucket):
        content, _ = _read(s3, bucket, _announcement_key(run_ts))
        told: Any = (content or {}).get("dates")
        if isinstance(told, list) and any(one.isoformat() in told for one in dates):
            names.append(run_ts)
    return names


def shown_runs(s3: S3Client, bucket: str, dates: Sequence[date]) -> dict[date, str]:
    """The run that `prod/` shows for each date, by the date's manifest; "" where it shows none."""
    run_of_date: dict[date, str] = {}
    for snapshot_date in dates:
        manifest, _ = _read(s3, bucket, _manifest_key(snapshot_date.isoformat()))
        run_of_date[snapshot_date] = str((manifest or {}).get("run_ts", ""))
    return run_of_date


def all_shown_runs(s3: S3Client, bucket: str) -> set[str]:
    """The runs that the manifests of all dates name."""
    manifests = [
        _read(s3, bucket, item["Key"])[0] for item in list_objects(s3, bucket, f"{prefix('prod_current')}/")
    ]
    return {str((manifest or {}).get("run_ts", "")) for manifest in manifests}


def publish_announced(s3: S3Client, bucket: str) -> list[str]:
    """Publish what runs have announced: copy the missing exports to `prod/`, then write the manifests.

    Returns:
        The names of the runs that were published.

    Raises:
        ManifestContended: another execution kept writing the same manifest.
    """
    published: list[str] = []
    for run_ts in announced(s3, bucket):
        key = _announcement_key(run_ts)
        announcement, _ = _read(s3, bucket, key)
        publication = _publication(announcement, key)
        if publication is not None and _copy(s3, bucket, publication):
            for manifest in _manifests(s3, bucket, publication):
                _show(s3, bucket, manifest)
            published.append(run_ts)
        # Another publisher may have deleted the announcement by now. Its copies and manifests are the same.
        s3.delete_object(Bucket=bucket, Key=key)
    return published


def _publication(announcement: dict[str, Any] | None, key: str) -> Publication | None:
    if announcement is None:
        return None
    try:
        return Publication(**announcement)
    except TypeError:
        logger.error("the announcement %s is not one of ours and is dropped", key)
        return None


def _copy(s3: S3Client, bucket: str, publication: Publication) -> bool:
    """Copy the exports that are not in `prod/` yet; False if they are gone."""
    for name, source, target in _copies(publication):
        exported = metadata(s3, bucket, source)
        if exported is None:
            # The date's next run finds nothing published, and builds the date again.
            logger.error("run %s cannot be published: its export %s is gone", publication.run_ts, name)
            return False
        if metadata(s3, bucket, target) != exported:
            s3.copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": source})
    return True


def _copies(publication: Publication) -> Iterator[tuple[str, str, str]]:
    for name, export in publication.exports.items():
        source = unquote(export["copy_source"]).partition("/")[2]
        yield name, source, publication.prod[f"{name}_key"]


def _manifests(s3: S3Client, bucket: str, publication: Publication) -> Iterator[dict[str, Any]]:
    """The manifest of each date, with the facilities that the published CSV counts for it."""
    body = s3.get_object(Bucket=bucket, Key=publication.prod["processed_key"])["Body"].read()
    facilities: Counter[str] = Counter()
    for row in csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")):
        facilities[row["snapshot_date"]] += int(row["facility_count"])
    for snapshot_date in publication.dates:
        yield {
            "snapshot_date": snapshot_date,
            "run_ts": publication.run_ts,
            "facilities": facilities[snapshot_date],
            **publication.prod,
        }


def _show(s3: S3Client, bucket: str, manifest: dict[str, Any]) -> None:
    """Write a date's manifest, unless it already shows this run or a later run."""
    key = _manifest_key(manifest["snapshot_date"])
    for _ in range(_MAX_CONFLICTS):
        current, etag = _read(s3, bucket, key)
        if current is not None and str(current.get("run_ts", "")) >= manifest["run_ts"]:
            return
        condition: Any = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=json.dumps(manifest).encode(),
                ContentType="application/json",
                **condition,
            )
        except ClientError as error:
            if not is_conflict(error):
                raise
        else:
            return
    raise ManifestContended(f"s3://{bucket}/{key} keeps being written by other executions: try again")


def _read(s3: S3Client, bucket: str, key: str) -> tuple[dict[str, Any] | None, str]:
    """The JSON and ETag of an object; None and "" without an object; None and its ETag for other content."""
    response = get_or_none(lambda: s3.get_object(Bucket=bucket, Key=key))
    if response is None:
        return None, ""
    try:
        content: Any = json.loads(response["Body"].read())
    except ValueError:
        content = None
    if not isinstance(content, dict):
        logger.error("s3://%s/%s is not a JSON object and is taken for missing", bucket, key)
        return None, response["ETag"]
    return cast("dict[str, Any]", content), response["ETag"]


def _manifest_key(snapshot_date: str) -> str:
    return f"{prefix('prod_current')}/{snapshot_date}.json"


def _announcements() -> str:
    return f"{prefix('pipeline_state')}/unpublished"


def _announcement_key(run_ts: str) -> str:
    return f"{_announcements()}/{run_ts}.json"
