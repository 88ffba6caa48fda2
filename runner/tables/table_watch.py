"""Proves that only the run itself has changed the tables during the run.

The lease keeps other runs away, but not every commit. A stopped query may still commit, because Athena ends
it some time after it reports the end. A plain `dbt build` takes no lease. Each Iceberg commit records the
metadata that it followed. Glue has both, as `metadata_location` and `previous_metadata_location`.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError, Retry
from runner.tables.stage_tables import TABLES, described


class TablesChanged(MedLaunchError):
    """Something other than this run changed a table. A retry builds the dates from all their files."""

    retry = Retry.SOON


@dataclass(frozen=True, slots=True)
class _Snapshot:
    location: str
    metadata: str
    previous: str


class TableWatch:
    """A run's record of the tables' commits.

    Args:
        invocation: the run.
    """

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._seen: dict[str, _Snapshot] = {}

    def look(self) -> None:
        """Remember the tables as they are now. Call it before a build.

        Raises:
            TablesChanged: there was another commit since the build before.
        """
        now = self._snapshots()
        if self._seen:
            self._require_same(now)
        self._seen = now

    def require_own_commits(self) -> None:
        """Prove that each table has at most one commit since `look`, the build's commit, and remember it.

        A table that the build has created again has only the build's commits.

        Raises:
            TablesChanged: another commit has come in between.
        """
        now = self._snapshots()
        for table, snapshot in now.items():
            before = self._seen[table]
            same_table = snapshot.location == before.location
            if same_table and before.metadata not in (snapshot.metadata, snapshot.previous):
                raise _changed(table)
        self._seen = now

    def require_unchanged(self) -> None:
        """Prove that the tables have not changed since the build.

        Raises:
            TablesChanged: there was another commit since then.
        """
        self._require_same(self._snapshots())

    def _require_same(self, now: dict[str, _Snapshot]) -> None:
        for table, snapshot in now.items():
            if snapshot.metadata != self._seen[table].metadata:
                raise _changed(table)

    def _snapshots(self) -> dict[str, _Snapshot]:
        snapshots: dict[str, _Snapshot] = {}
        for table in TABLES:
            parameters = (entry := described(self._invocation, table)).get("Parameters", {})
            snapshots[table] = _Snapshot(
                entry.get("StorageDescriptor", {}).get("Location", ""),
                parameters.get("metadata_location", ""),
                parameters.get("previous_metadata_location", ""),
            )
        return snapshots


def _changed(table: str) -> TablesChanged:
    return TablesChanged(
        f"table {table} was changed by something else while this run was at work: try again, "
        "and the dates are built from all their files"
    )
