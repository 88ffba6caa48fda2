"""Fixtures for tests that talk to Athena.

local_aws       one server a test session: its address, its bucket, its environment
local_athena    one database a test, with the environment set for the test

    def test_report(local_athena):
        subprocess.run(["dbt", "build"], check=True)
        assert local_athena.rows("select count(*) from orders") == [("3",)]
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from local_athena.kit import LocalAws

_POLL_SECONDS = 0.01


@dataclass
class AthenaDatabase:
    """A database of its own, and a folder of its own in the bucket.

    Attributes:
        url: where Athena listens.
        aws_url: where S3 and Glue listen.
        bucket, prefix: where the test may put objects; everything under the prefix is deleted at its end.
        database: the database's name.
        environment: what AWS clients read; it is set while the test runs.
    """

    aws: LocalAws
    database: str
    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        return self.aws.athena.url

    @property
    def aws_url(self) -> str:
        return self.aws.aws_url

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.aws.environment,
            "LOCAL_ATHENA_BUCKET": self.bucket,
            "LOCAL_ATHENA_PREFIX": self.prefix,
            "LOCAL_ATHENA_DATABASE": self.database,
        }

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return self.aws.client(service)

    def run(self, sql: str) -> str:
        """Run a statement to its end; its id.

        Raises:
            AssertionError: it failed; the message is its reason.
        """
        athena = self.client("athena")
        query_id = athena.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": self.database}
        )["QueryExecutionId"]
        while True:
            status = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(_POLL_SECONDS)
        assert status["State"] == "SUCCEEDED", status.get("StateChangeReason")
        return query_id

    def rows(self, sql: str) -> list[tuple[str | None, ...]]:
        """A query's rows as texts, without the header."""
        pages = (
            self.client("athena").get_paginator("get_query_results").paginate(QueryExecutionId=self.run(sql))
        )
        with_header = [
            tuple(datum.get("VarCharValue") for datum in row["Data"])
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        return with_header[1:]


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """S3, Glue and Athena for the whole session."""
    # Loaded when a test first asks for it: pytest loads this plugin in every project that has the package.
    from local_athena.kit import LocalAws

    with LocalAws() as aws:
        yield aws


@pytest.fixture
def local_athena(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[AthenaDatabase]:
    """A database and a folder for one test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    database = AthenaDatabase(local_aws, name, local_aws.bucket, f"{name}/")
    database.client("glue").create_database(DatabaseInput={"Name": name})
    for variable, value in database.environment.items():
        monkeypatch.setenv(variable, value)
    yield database
    database.client("glue").delete_database(Name=name)
    s3 = database.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=database.bucket, Prefix=database.prefix):
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=database.bucket, Key=item["Key"])
