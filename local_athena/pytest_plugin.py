"""Provides pytest fixtures for tests that use Athena.

local_aws       S3, Glue and Athena; they start once for each test session
local_athena    a new database and folder for each test, with the AWS environment variables set during the test

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
    """The database and the folder of one test.

    Attributes:
        aws: the servers.
        database: the database's name.
        bucket: the bucket that the test may use.
        prefix: the folder in the bucket. The objects under it are deleted after the test.
    """

    aws: LocalAws
    database: str
    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        """Athena's address."""
        return self.aws.athena.url

    @property
    def aws_url(self) -> str:
        """The address of S3 and Glue."""
        return self.aws.aws_url

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that are set during the test."""
        return {
            **self.aws.environment,
            "LOCAL_ATHENA_BUCKET": self.bucket,
            "LOCAL_ATHENA_PREFIX": self.prefix,
            "LOCAL_ATHENA_DATABASE": self.database,
        }

    def client(self, service: str) -> Any:
        """A boto3 client of a service, such as `s3`, `glue` or `athena`."""
        return self.aws.client(service)

    def run(self, sql: str) -> str:
        """Run a statement to its end and return the query execution's id.

        Raises:
            AssertionError: the statement failed. The message is the reason.
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
        """Run a query and return its rows as strings, without the header. Null is None.

        Raises:
            AssertionError: the query failed. The message is the reason.
        """
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
    """S3, Glue and Athena for the whole test session."""
    # Imported at the first use, because pytest loads this plugin in every project where the package is installed.
    from local_athena.kit import LocalAws

    with LocalAws() as aws:
        yield aws


@pytest.fixture
def local_athena(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[AthenaDatabase]:
    """A new database and folder for one test, with the AWS environment variables set."""
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
