"""The ledger of corrected lines. It tells which rejected line each line of a replayed file corrects.

A replay lands as one more bronze file of its snapshot date. The same rules therefore judge a corrected line
as any other line. The rejected line remains a reject of its own file. The ledger connects the two lines. It
is stored at `pipeline-state/replays/<date>/<file>.json`, and is written before the file lands. An entry
without its file corrects nothing. A file without its entry cannot occur.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from runner.aws.errors import get_or_none
from runner.aws.invocation import Invocation
from runner.aws.listing import list_objects
from runner.lake import bronze_folder, prefix
from runner.replay.rejected_lines import LineId, RejectedLine, line_hash


@dataclass(frozen=True, slots=True)
class Correction:
    """A rejected line, and the corrected line that lands for it."""

    rejected: LineId
    line: bytes


@dataclass(frozen=True, slots=True)
class Balance:
    """How many rejected lines of a date were corrected. `rejected` is the sum of the other three figures.

    Attributes:
        rejected: lines of the date that some stage rejects, without the lines of replayed files.
        corrected: the rejected lines whose correction every stage uses.
        rejected_again: the rejected lines whose correction some stage rejects too.
        open: the rejected lines without a correction.
    """

    rejected: int
    corrected: int
    rejected_again: int
    open: int

    def to_dict(self) -> dict[str, int]:
        return asdict(self)


def write_replay(invocation: Invocation, snapshot_date: date, corrections: Sequence[Correction]) -> str:
    """Land corrected lines as a bronze file of their date and return its key.

    The file's name is computed from the corrections, so that a repeated replay writes the same file.
    """
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    body = b"".join(correction.line + b"\n" for correction in corrections)
    ledger = json.dumps(_entries(corrections), indent=1).encode()
    name = f"replay-{line_hash(ledger + body)[:16].lower()}.jsonl"
    s3.put_object(
        Bucket=bucket, Key=_ledger_key(snapshot_date, name), Body=ledger, ContentType="application/json"
    )
    key = bronze_folder(snapshot_date) + name
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return key


def open_lines(
    invocation: Invocation, snapshot_date: date, lines: Sequence[RejectedLine]
) -> list[RejectedLine]:
    """The rejected lines of a date that have no correction."""
    corrected = {line_id for _, entries in _landed(invocation, snapshot_date) for line_id in entries}
    return [line for line in lines if line.id not in corrected]


def balance(invocation: Invocation, snapshot_date: date, lines: Sequence[RejectedLine]) -> Balance:
    """The balance of a date. `lines` must hold all rejected lines of the date."""
    rejected = {line.id for line in lines}
    corrections: dict[LineId, list[LineId]] = defaultdict(list)
    replayed_keys: set[str] = set()
    for key, entries in _landed(invocation, snapshot_date):
        replayed_keys.add(key)
        for line_id, corrected_id in entries.items():
            corrections[line_id].append(corrected_id)

    def used(line_id: LineId) -> bool:
        """Whether every stage uses a correction of the line, or a correction of that correction."""
        return any(each not in rejected or used(each) for each in corrections[line_id])

    originals = [line_id for line_id in rejected if line_id.key not in replayed_keys]
    tried = [line_id for line_id in originals if line_id in corrections]
    corrected = sum(used(line_id) for line_id in tried)
    return Balance(
        rejected=len(originals),
        corrected=corrected,
        rejected_again=len(tried) - corrected,
        open=len(originals) - len(tried),
    )


def _entries(corrections: Sequence[Correction]) -> list[dict[str, Any]]:
    """The ledger's content. An entry is a rejected line, and hash and occurrence of the corrected line."""
    seen: Counter[bytes] = Counter()
    entries: list[dict[str, Any]] = []
    for correction in corrections:
        seen[correction.line] += 1
        entries.append(
            {
                "rejected": asdict(correction.rejected),
                "corrected": {
                    "line_hash": line_hash(correction.line),
                    "occurrence": seen[correction.line],
                },
            }
        )
    return entries


def _landed(invocation: Invocation, snapshot_date: date) -> Iterator[tuple[str, dict[LineId, LineId]]]:
    """Each replayed file of a date in bronze: its key, and the corrected line for each rejected line."""
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    folder = _ledger_key(snapshot_date, "").removesuffix(".json")
    for listed in list_objects(s3, bucket, folder):
        ledger_key = listed["Key"]
        key = bronze_folder(snapshot_date) + ledger_key.rpartition("/")[2].removesuffix(".json")
        if get_or_none(lambda key=key: s3.head_object(Bucket=bucket, Key=key)) is None:
            continue
        body = s3.get_object(Bucket=bucket, Key=ledger_key)["Body"].read()
        entries: list[dict[str, Any]] = json.loads(body)
        yield key, {LineId(**each["rejected"]): LineId(key, **each["corrected"]) for each in entries}


def _ledger_key(snapshot_date: date, name: str) -> str:
    return f"{prefix('pipeline_state')}/replays/{snapshot_date.isoformat()}/{name}.json"
