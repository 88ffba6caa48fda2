"""The state of a date's tables: the files that they were built from, and whether a run is changing them.

One object a date, `pipeline-state/fingerprints/<YYYY-MM-DD>.json`. It may lag behind the tables but never
runs ahead of them. Before a run writes a table, it writes here which files it is about to read. It writes
what it has built only when files, project, tables and exports agree. Each write has the condition that the
object is the one that the run has seen (If-Match), so that a run that sleeps and wakes up cannot write an old
state.

Any other content of the object (nothing, broken JSON, another format) counts as an empty state: the date is
then built from all its files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from runner.aws.errors import get_or_none, is_conflict
from runner.aws.listing import list_objects
from runner.dbt.project import project_version
from runner.errors import MedLaunchError, Retry
from runner.lake import parse_date, prefix
from runner.tables.bronze_folders import Folder
from runner.tables.result import is_run_ts
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The version of the object's format. An object in another format is ignored.
_FORMAT = 2


class StateTakenOver(MedLaunchError):
    """Another run has written a date's state meanwhile. Try again later."""

    retry = Retry.SOON


@dataclass(frozen=True, slots=True)
class DateState:
    """One date's state.

    Attributes:
        basis: digest of what its tables depend on besides the files, see `basis_of`.
        files: ETags by key of the files that int_judged_lines holds; None when they are not known.
        pending: keys of files that a run has begun to read and not finished. The tables may hold any part of
            these files.
        attempt: the run that wrote this state.
        run_ts: the greatest name that a run of this date has given to its exports; "" without one.
        result: the result of the run that built the date; None while a run is active or after it failed.
        etag: the ETag of the object; "" without an object.
    """

    basis: str = ""
    files: dict[str, str] | None = None
    pending: list[str] = field(default_factory=list[str])
    attempt: str = ""
    run_ts: str = ""
    result: dict[str, Any] | None = None
    etag: str = ""

    def is_current(self, folder: Folder, basis: str) -> bool:
        """Whether the tables hold what the folder holds."""
        known = self.result is not None and not self.pending and self.basis == basis
        return known and self.files == folder.etags

    def changed_files(self, folder: Folder, basis: str) -> set[str] | None:
        """Keys of the files to read again: new, replaced, deleted or unfinished. None means all files."""
        if self.files is None or self.basis != basis:
            return None
        now = folder.etags
        changed = {key for key in self.files.keys() | now.keys() if self.files.get(key) != now.get(key)}
        return changed | set(self.pending)

    def begun(self, changed: Iterable[str] | None, attempt: str, run_ts: str) -> DateState:
        """The state while a run reads these files; None for all files."""
        run_ts = max(self.run_ts, run_ts)
        if changed is None:
            return DateState(attempt=attempt, run_ts=run_ts, etag=self.etag)
        pending = sorted({*self.pending, *changed})
        return replace(self, pending=pending, attempt=attempt, run_ts=run_ts, result=None)

    def built(
        self, folder: Folder, basis: str, result: dict[str, Any], unsettled: Iterable[str] = ()
    ) -> DateState:
        """The state after the active run has ended. `unsettled` files changed while they were read."""
        return replace(self, basis=basis, files=folder.etags, pending=sorted(unsettled), result=result)


def basis_of(table_locations: list[str]) -> str:
    """SHA-256 of the dbt project and the locations of the tables, on which all dates depend.

    A table that was created again has another location.
    """
    parts = [project_version(), sorted(table_locations)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def read_state(s3: S3Client, bucket: str, snapshot_date: date) -> DateState:
    """A date's state. It is empty if no object exists or the object cannot be read."""
    key = _key(snapshot_date)
    answer = get_or_none(lambda: s3.get_object(Bucket=bucket, Key=key))
    if answer is None:
        return DateState()
    etag = answer["ETag"]
    try:
        return _parsed(json.loads(answer["Body"].read()), etag)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        logger.warning(
            "s3://%s/%s is not a date's state (%s): the date is built from all its files", bucket, key, error
        )
        return DateState(etag=etag)


def list_states(s3: S3Client, bucket: str) -> dict[date, str]:
    """The ETag of the state of every date that has one."""
    head = f"{prefix('pipeline_state')}/fingerprints/"
    return {
        snapshot_date: item["ETag"]
        for item in list_objects(s3, bucket, head)
        if (snapshot_date := parse_date(item["Key"].removeprefix(head).removesuffix(".json")))
    }


def write_state(s3: S3Client, bucket: str, snapshot_date: date, state: DateState) -> DateState:
    """Write a date's state in place of the one that was read.

    Returns:
        The state with its new ETag.

    Raises:
        StateTakenOver: another run has written it meanwhile.
    """
    key = _key(snapshot_date)
    content = {"format": _FORMAT, **asdict(state)}
    del content["etag"]
    body = json.dumps(content).encode()
    condition: Any = {"IfMatch": state.etag} if state.etag else {"IfNoneMatch": "*"}
    try:
        answer = s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json", **condition)
        return replace(state, etag=answer["ETag"])
    except ClientError as error:
        if not is_conflict(error):
            raise
        # A write whose answer was lost is repeated, and then finds its own object.
        standing = get_or_none(lambda: s3.get_object(Bucket=bucket, Key=key))
        if standing is not None and standing["Body"].read() == body:
            return replace(state, etag=standing["ETag"])
        raise StateTakenOver(f"s3://{bucket}/{key} was written by another run: try again") from error


def _parsed(content: object, etag: str) -> DateState:
    """The state that a JSON text describes.

    Raises:
        ValueError, TypeError, KeyError: the text is not a state.
    """
    if not isinstance(content, dict):
        raise TypeError("no object")
    fields = cast("dict[str, Any]", content)
    if fields.pop("format", None) != _FORMAT:
        raise ValueError("another format")
    state = DateState(**fields, etag=etag)
    texts: list[Any] = [state.basis, state.attempt, state.run_ts, *state.pending]
    if state.files is not None:
        texts += [*state.files.keys(), *state.files.values()]
    if not all(isinstance(text, str) for text in texts) or not (
        state.run_ts == "" or is_run_ts(state.run_ts)
    ):
        raise TypeError("a field is not of its form")
    if not isinstance(cast("object", state.pending), list) or not isinstance(
        cast("object", state.result), dict | None
    ):
        raise TypeError("a field has another type")
    return state


def _key(snapshot_date: date) -> str:
    return f"{prefix('pipeline_state')}/fingerprints/{snapshot_date.isoformat()}.json"
