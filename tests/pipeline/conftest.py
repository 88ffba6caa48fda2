"""Fixtures that run the dbt project on a test's lake as a warm Lambda does: dbt in this process, parsed once."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from runner import lake as lake_keys
from runner.aws.invocation import Invocation
from runner.dbt.dbt_run import Tests, run_dbt
from runner.settings import PROJECT_DIR
from runner.tables.stage_tables import TABLES


class Dbt:
    """Runs dbt commands on one lake."""

    def __init__(self, lake: Any) -> None:
        self.lake = lake

    def __call__(self, *arguments: str, dates: Sequence[str] = (), **variables: Any) -> Invocation:
        """Run a dbt command with the dates as the var snapshot_dates, and return the queries that it ran.

        Raises:
            MedLaunchError: a node or a test failed.
        """
        return self._run(arguments, {"snapshot_dates": list(dates), **variables})[0]

    def tests(self, *arguments: str, dates: Sequence[str] = ()) -> Tests:
        """Run a dbt command, and return the outcomes of its tests."""
        return self._run(arguments, {"snapshot_dates": list(dates)})[1]

    def _run(self, arguments: Sequence[str], variables: dict[str, Any]) -> tuple[Invocation, Tests]:
        invocation = Invocation(self.lake.settings, uuid.uuid4().hex)
        return invocation, run_dbt(self.lake.settings, arguments, invocation, variables)

    @staticmethod
    def plain(*arguments: str) -> Any:
        """Run a dbt command as dbt's command line does, and return dbt's result, even if it failed."""
        from dbt.cli.main import (
            dbtRunner,
        )  # The import takes seconds, so it is not done while tests are collected.

        with tempfile.TemporaryDirectory() as folder:
            options = ["--project-dir", str(PROJECT_DIR), "--target-path", folder, "--log-path", folder]
            return dbtRunner().invoke(
                [*arguments, *(options if "--target-path" not in arguments else options[:2])]
            )

    def build_tables(
        self, dates: Sequence[str] = (), *options: str, only: Sequence[str] = TABLES
    ) -> Invocation:
        """Build all or some of the four tables, without tests."""
        return self("run", "--select", *only, *options, dates=dates)

    def tables(self, only: Sequence[str] = TABLES) -> dict[str, list[list[str]]]:
        """The rows of the tables, sorted, without run_ts."""
        return {
            table: sorted(
                [repr(value) for name, value in row.items() if name != "run_ts"]
                for row in self.lake.query(f"select * from {table}")
            )
            for table in only
        }

    def assert_equals_full_rebuild(self, only: Sequence[str] = TABLES) -> None:
        """Check that the tables are what a full refresh builds from the current bronze."""
        built = self.tables(only)
        self.build_tables((), "--full-refresh", only=only)
        assert built == self.tables(only)

    def clear(self) -> None:
        """Delete bronze and the four tables. The source table, the seed and the view stay."""
        bucket = self.lake.settings.data_bucket
        keys = [*self.lake.keys(lake_keys.prefix("bronze")), *self.lake.keys("stage")]
        for start in range(0, len(keys), 1000):
            doomed = [{"Key": key} for key in keys[start : start + 1000]]
            self.lake.s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed})
        for table in TABLES:
            with contextlib.suppress(self.lake.glue.exceptions.EntityNotFoundException):
                self.lake.glue.delete_table(DatabaseName=self.lake.settings.glue_database, Name=table)


@pytest.fixture(scope="session")
def initialised_dbt(new_lake: Callable[[], Any]) -> Dbt:
    """dbt on a lake that has its source table, seed and view, shared by the tests of one process."""
    project = Dbt(new_lake())
    with pytest.MonkeyPatch.context() as monkeypatch:
        project.lake.use(monkeypatch)
        project("run-operation", "create_source_tables")
        project("seed")
        project("run", "--select", "stg_facilities")
    return project


@pytest.fixture
def dbt(initialised_dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dbt]:
    """dbt on a lake that has its source table, seed and view, an empty bronze and no tables yet."""
    initialised_dbt.lake.use(monkeypatch)
    yield initialised_dbt
    initialised_dbt.clear()
