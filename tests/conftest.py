"""Fixtures for all tests: one sandbox per test process, and a new lake in it for each test that needs one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pyathena
import pytest
from pyathena.cursor import DictCursor

from local_athena.server import EngineName
from runner import lake as lake_keys
from runner.settings import Settings
from sandbox.local import Sandbox

# A busy machine must not fail an example. pytest-timeout stops tests that hang.
hypothesis.settings.register_profile("no-deadline", deadline=None)
hypothesis.settings.load_profile("no-deadline")


#: The engine that runs the sandbox's queries; LOCAL_ATHENA_ENGINE=trino selects a real Trino.
ENGINE: EngineName = "trino" if os.environ.get("LOCAL_ATHENA_ENGINE") == "trino" else "duckdb"


class Lake:
    """A bucket and a Glue database in the sandbox."""

    def __init__(self, sandbox: Sandbox, environment: dict[str, str]) -> None:
        self.environment = environment
        self.settings = Settings.from_environment(environment)
        self.s3: Any = sandbox.client("s3")
        self.glue: Any = sandbox.client("glue")
        self._athena_url = environment["AWS_ENDPOINT_URL_ATHENA"]

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Point the environment of the process at this lake."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def put_bronze(self, snapshot_date: str, name: str, content: bytes | list[str]) -> str:
        """Put a raw file (bytes or lines) into a date folder, and return its key."""
        body = content if isinstance(content, bytes) else "".join(f"{line}\n" for line in content).encode()
        key = f"{lake_keys.prefix('bronze')}/{snapshot_date}/{name}"
        self.s3.put_object(Bucket=self.settings.data_bucket, Key=key, Body=body)
        return key

    def delete(self, key: str) -> None:
        """Delete one object."""
        self.s3.delete_object(Bucket=self.settings.data_bucket, Key=key)

    def forget_stopped_queries(self) -> None:
        """Remove the lease object: for 15 minutes after a stopped query no date counts as built."""
        self.delete(f"{lake_keys.prefix('pipeline_state')}/lease/lease.json")

    def read(self, key: str) -> bytes:
        """The bytes of an object."""
        return self.s3.get_object(Bucket=self.settings.data_bucket, Key=key)["Body"].read()

    def keys(self, prefix: str = "") -> list[str]:
        """All keys under a prefix, sorted."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.settings.data_bucket, Prefix=prefix
        )
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Run a query through Athena's API, and return its rows."""
        with pyathena.connect(
            s3_staging_dir=f"s3://{self.settings.data_bucket}/{lake_keys.prefix('stage1_query_results')}/",
            schema_name=self.settings.glue_database,
            work_group=self.settings.athena_workgroup,
            endpoint_url=self._athena_url,
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            poll_interval=0.02,
        ).cursor(DictCursor) as cursor:
            return list(cursor.execute(sql).fetchall())


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """S3, Glue, Athena and the rest, shared by the tests of one process."""
    with Sandbox(engine=ENGINE) as running:
        yield running


_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def new_lake(sandbox: Sandbox) -> Callable[[], Lake]:
    """Creates another empty bucket and database. `Lake.use` points the environment at them."""

    def make() -> Lake:
        number = next(_numbers)
        return Lake(sandbox, sandbox.create_lake(f"lake-{number}", f"lake_{number}"))

    return make


@pytest.fixture
def lake(new_lake: Callable[[], Lake], monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A new, empty bucket and database. The environment of the process points at them."""
    made = new_lake()
    made.use(monkeypatch)
    return made
