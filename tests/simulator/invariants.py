"""Checks the invariants that must hold at every moment of a simulation. docs/runs.md explains them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runner.lake import parse_date, prefix
from tests.simulator import lake_model
from tests.simulator.lake_model import STAGE1, STAGE1_REJECTS, STAGE3, STAGE3_REJECTS, STAGED

if TYPE_CHECKING:
    from tests.simulator.s3 import Stored
    from tests.simulator.world import World


class Invariants:
    """Checks every write to S3 and every commit of a table.

    Attributes:
        violations: the violations found.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._lines: dict[tuple[str, str], tuple[bytes, ...]] = {}
        self.violations: list[str] = []

    def written(self, key: str, before: Stored | None, now: Stored) -> None:
        """Check a write of an object."""
        if key.startswith(f"{prefix('bronze')}/"):
            self._lines[key, now.etag] = lake_model.lines_of(now.body)
        elif key.startswith(f"{prefix('pipeline_state')}/lease/"):
            self._add(key, self._lease(before, now))
        elif key.startswith(f"{prefix('pipeline_state')}/fingerprints/"):
            self._add(key, self._state(key, now))
        elif key.startswith(f"{prefix('prod_current')}/"):
            self._add(key, self._manifest(before, now))

    def committed(self) -> None:
        """Check a commit of a table."""
        head = f"{prefix('pipeline_state')}/fingerprints/"
        for key in self._world.s3.keys(head):
            self._add(key, self._state(key, self._world.s3.objects[key]))

    def _add(self, key: str, violations: Iterator[str]) -> None:
        self.violations += [f"{key}: {violation}" for violation in violations]

    def _lease(self, before: Stored | None, now: Stored) -> Iterator[str]:
        """A lease passes to another run only after it was released or has expired, and its serial number only grows."""
        old, new = _json(before), _json(now)
        if not old or not new:
            return
        if new["serial"] <= old["serial"]:
            yield f"serial {new['serial']} after {old['serial']}"
        held, holds = old["holder"], new["holder"]
        if held and holds and held["id"] != holds["id"] and before is not None:
            age = now.modified - before.modified
            if age <= old["seconds_to_live"]:
                yield f"{holds['id']} took the lease from {held['id']} after {age:.1f} s"
            if held["id"] not in {one["id"] for one in new["unfenced"]}:
                yield f"{holds['id']} forgets that {held['id']} may have queries running"

    def _state(self, key: str, now: Stored) -> Iterator[str]:
        """The state may be behind the tables but never ahead: what it calls built is what the tables hold."""
        state = _json(now)
        if not state or state.get("result") is None or state.get("pending") or state.get("files") is None:
            return
        day = parse_date(key.rpartition("/")[2].removesuffix(".json"))
        assert day is not None
        if state["basis"] != self._world.basis():
            return
        files = {
            f"s3://lake/{name}": self._lines.get((name, etag), ()) for name, etag in state["files"].items()
        }
        staged = {
            key[0]: row[0] for key, row in self._world.athena.table(STAGED).get(day, {}).items() if row[0]
        }
        if staged != {path: lines for path, lines in files.items() if lines}:
            yield f"{STAGED} is not of the files that the state names"
        for table in (STAGE1, STAGE1_REJECTS, STAGE3, STAGE3_REJECTS):
            if self._world.athena.table(table).get(day, {}) != lake_model.stage_rows(table, day, files):
                yield f"{table} is not of the files that the state names"

    def _manifest(self, before: Stored | None, now: Stored) -> Iterator[str]:
        """A manifest never goes back to an earlier run, and it names CSVs that exist."""
        old, new = _json(before), _json(now)
        if old and new and new["run_ts"] <= str(old.get("run_ts", "")):
            yield f"{new['run_ts']} after {old['run_ts']}"
        for name in ("processed_key", "rejects_key"):
            if new and name in new and new[name] not in self._world.s3.objects:
                yield f"{new[name]} is not there"


def _json(stored: Stored | None) -> dict[str, Any] | None:
    try:
        content = json.loads(stored.body) if stored else None
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
