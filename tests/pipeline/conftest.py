"""The dbt project, run by dbt itself, in this process, against one test's lake."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner import lake as lake_keys
from runner.settings import PROJECT_DIR

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

TABLES = (
    "stage1_facility_metrics",
    "stage1_facility_metrics_rejects",
    "accredited_facilities_per_state",
    "accredited_facilities_per_state_rejects",
)


class Dbt:
    """dbt commands on one lake, all with the manifest of its first command, as in a Lambda that stays warm."""

    def __init__(self, lake: Any, folder: Path) -> None:
        self.lake = lake
        self._folder = folder
        parsed = self._invoke(None, ["parse"])
        assert parsed.success, parsed.exception
        self._manifest = parsed.result

    def invoke(
        self, *arguments: str, dates: Sequence[str] | None = None, **variables: Any
    ) -> dbtRunnerResult:
        """Run a dbt command whether it succeeds or not.

        Args:
            arguments: the command and its options.
            dates: the var snapshot_dates.
            variables: further vars.
        """
        if dates is not None:
            variables["snapshot_dates"] = list(dates)
        return self._invoke(self._manifest, [*arguments, "--vars", json.dumps(variables)])

    def __call__(
        self, *arguments: str, dates: Sequence[str] | None = None, **variables: Any
    ) -> dict[str, str]:
        """Run a dbt command that must succeed; the status of each node by its name."""
        outcome = self.invoke(*arguments, dates=dates, **variables)
        statuses = self.statuses(outcome)
        assert outcome.success, outcome.exception or {
            result.node.name: result.message
            for result in outcome.result
            if result.status not in ("success", "pass", "warn")
        }
        return statuses

    @staticmethod
    def statuses(outcome: dbtRunnerResult) -> dict[str, str]:
        """The status of each node by its name."""
        results = getattr(outcome.result, "results", [])
        return {one.node.name: str(one.status) for one in results if hasattr(one, "node")}

    def initialise(self) -> None:
        """The source table, the seed and the view, which every run needs."""
        self("run-operation", "create_source_tables")
        self("seed")
        self("run", "--select", "stg_facilities")

    def build_tables(self, dates: Sequence[str] | None = None, *options: str) -> dict[str, str]:
        """Build the four tables, without tests."""
        return self("run", "--select", *TABLES, *options, dates=dates)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of the four tables, sorted, without run_ts."""
        return {
            table: sorted(
                tuple(repr(value) for name, value in row.items() if name != "run_ts")
                for row in self.lake.query(f"select * from {table}")
            )
            for table in TABLES
        }

    def assert_equals_full_rebuild(self) -> None:
        """The four tables are what a full refresh makes of the bronze that lies there now."""
        built = self.tables()
        self.build_tables(None, "--full-refresh")
        assert built == self.tables()

    def _invoke(self, manifest: Any, arguments: list[str]) -> dbtRunnerResult:
        from dbt.cli.main import dbtRunner  # takes seconds: not while tests are collected

        return dbtRunner(manifest=manifest).invoke(
            [
                *arguments,
                *("--project-dir", str(PROJECT_DIR)),
                *("--target-path", str(self._folder / "target")),
                *("--log-path", str(self._folder / "logs")),
                *("--log-level", "none"),
                "--no-send-anonymous-usage-stats",
                "--no-version-check",
            ]
        )

    def clear(self) -> None:
        """Take away bronze and the four tables; source table, seed and view stay."""
        for key in [*self.lake.keys(lake_keys.prefix("bronze")), *self.lake.keys("stage")]:
            self.lake.delete(key)
        for table in TABLES:
            with contextlib.suppress(self.lake.glue.exceptions.EntityNotFoundException):
                self.lake.glue.delete_table(DatabaseName=self.lake.settings.glue_database, Name=table)


@pytest.fixture(scope="module")
def module_dbt(module_lake: Any, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """dbt on a lake that has its source table, seed and view."""
    project = Dbt(module_lake, tmp_path_factory.mktemp("dbt"))
    project.initialise()
    return project


@pytest.fixture
def dbt(module_dbt: Dbt) -> Iterator[Dbt]:
    """dbt on a lake that has its source table, seed and view, an empty bronze and no tables yet."""
    yield module_dbt
    module_dbt.clear()
