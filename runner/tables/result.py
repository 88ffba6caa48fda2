"""The result of a run, in JSON types. `--json` prints it and the state machine reads it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

_RUN_TS_TIME = "%Y%m%dT%H%M%SZ"
_RUN_TS = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TransformResult:
    """What a run did.

    Attributes:
        snapshot_dates: the dates that the run was asked for.
        run_ts: names the exports.
        built: the dates that were rebuilt. The other dates had not changed since their last successful run.
        changed: whether there are exports that are not in `prod/` yet.
        counts: `stage1` with `curated` and `rejected` lines, `stage3` with `processed` and `rejected`.
        rejects_by_reason: rejects by stage and reject code; one reject may have several codes.
        tests: names of the data tests `passed`, `warned`, `failed`; `details` of the tests that did not pass.
        hidden: keys that Athena does not read, because their names begin with an underscore or a dot.
        exports: by name (`processed`, `rejects`): bucket, key and URL-encoded copy source.
        prod: `processed_key` and `rejects_key`, the keys under which Stage 4 publishes them.
        queries, bytes_scanned, engine_milliseconds: sums over all Athena queries of the run.
    """

    snapshot_dates: list[str]
    run_ts: str
    built: list[str]
    changed: bool
    counts: dict[str, dict[str, int]]
    rejects_by_reason: dict[str, dict[str, int]]
    tests: dict[str, Any]
    hidden: list[str]
    exports: dict[str, dict[str, str]]
    prod: dict[str, str]
    queries: int
    bytes_scanned: int
    engine_milliseconds: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_kept(cls, kept: dict[str, Any] | None) -> TransformResult | None:
        """The result in a date's state; None if the state has no result in this format."""
        names = {one.name for one in fields(cls)}
        if kept is None or set(kept) != names:
            return None
        lists = (kept["snapshot_dates"], kept["built"], kept["hidden"])
        if not all(isinstance(one, list) for one in lists) or not is_run_ts(kept["run_ts"]):
            return None
        return cls(**kept)


def is_run_ts(value: object) -> bool:
    """Whether a value has the form of a run_ts."""
    return isinstance(value, str) and _RUN_TS.fullmatch(value) is not None


def make_run_ts(started_at: datetime, name: str) -> str:
    """A run's folder name: `YYYYMMDDTHHMMSSZ-<8 hex>`, the same for every retry of one execution."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{started_at.astimezone(UTC).strftime(_RUN_TS_TIME)}-{digest}"


def start_of_run(run_ts: str) -> datetime:
    """The start time in a run's folder name, in UTC and whole seconds."""
    return datetime.strptime(run_ts.partition("-")[0], _RUN_TS_TIME).replace(tzinfo=UTC)


def later_than(latest: str, run_ts: str) -> str:
    """The run's name, or a later name if the names of earlier runs are not all smaller.

    An execution may wait for the lease while an execution that started later builds the date. A machine's
    clock may also be ahead. This run then has newer data but a smaller name, and `prod/` shows the run with
    the greatest name. A retry takes a new name, because the attempt before it may still wake up and write its
    exports.
    """
    if latest < run_ts:
        return run_ts
    after = start_of_run(latest) + timedelta(seconds=1)
    return f"{after.strftime(_RUN_TS_TIME)}-{run_ts.split('-')[1]}"
