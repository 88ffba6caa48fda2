"""Fixtures that run local Athena over moto's S3 and Glue. Tests use it through boto3, as any client would."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from local_athena.server import EngineName, LocalAthena

REGION = "us-east-1"
#: The engine that runs the queries. `make conformance` sets `trino` and runs the tests marked `truth`.
ENGINE: EngineName = "trino" if os.environ.get("LOCAL_ATHENA_ENGINE") == "trino" else "duckdb"
_CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": REGION}
#: A query that takes far too long to wait for; tests stop it.
ENDLESS = """
    with digits as (select d from (values 0, 1, 2, 3, 4, 5, 6, 7, 8, 9) as t (d)),
    many as (
        select a.d
        from digits a cross join digits b cross join digits c cross join digits d cross join digits e
    )
    select count(*) from many a cross join many b cross join many c where a.d + b.d + c.d = 28
"""


@dataclass
class Servers:
    """The endpoint of S3 and Glue, and the local Athena that uses it."""

    aws_url: str
    athena: LocalAthena

    def client(self, service: str) -> Any:
        url = self.athena.url if service == "athena" else self.aws_url
        return boto3.client(service, endpoint_url=url, **_CREDENTIALS)


@dataclass
class House:
    """A database and a bucket for one test.

    Attributes:
        athena, s3, glue: clients.
        server: the server itself, to change its limits.
    """

    database: str
    bucket: str
    server: LocalAthena
    athena: Any
    s3: Any
    glue: Any
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, sql: str, **request: Any) -> str:
        """Start a statement and return its id."""
        return self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.database, "Catalog": "awsdatacatalog"},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/results/"},
            **request,
        )["QueryExecutionId"]

    def execution(self, query_id: str) -> dict[str, Any]:
        return self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]

    def wait(self, query_id: str, *states: str) -> dict[str, Any]:
        """Wait until an execution is in one of the states (by default a final one), and return it."""
        wanted = states or ("SUCCEEDED", "FAILED", "CANCELLED")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            execution = self.execution(query_id)
            if execution["Status"]["State"] in wanted:
                return execution
            time.sleep(0.01)
        raise AssertionError(f"{query_id} is {execution['Status']} after a minute, not {wanted}")

    def run(self, sql: str, **request: Any) -> dict[str, Any]:
        """Run a statement that must succeed, and return its execution."""
        execution = self.wait(self.start(sql, **request))
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    def rows(self, sql: str, **request: Any) -> list[tuple[str | None, ...]]:
        """The rows of a query as strings, without the header."""
        return self.rows_of(self.run(sql, **request))[1:]

    def rows_of(self, execution: dict[str, Any]) -> list[tuple[str | None, ...]]:
        """All rows of a result, including the header."""
        pages = self.athena.get_paginator("get_query_results").paginate(
            QueryExecutionId=execution["QueryExecutionId"]
        )
        return [
            tuple(datum.get("VarCharValue") for datum in row["Data"])
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]

    def fails(self, sql: str) -> str:
        """Run a statement that must fail, and return its reason."""
        execution = self.wait(self.start(sql))
        assert execution["Status"]["State"] == "FAILED", execution["Status"]
        return execution["Status"]["StateChangeReason"]

    def scanned(self, sql: str) -> int:
        """Run a statement, and return the bytes that it scanned."""
        return self.run(sql)["Statistics"]["DataScannedInBytes"]

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def read(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def text_table(self, name: str = "lines", **properties: str) -> None:
        """Create an external table of raw lines, with one folder per day and date projection."""
        location = f"s3://{self.bucket}/{name}/"
        settings = {
            "projection.enabled": "true",
            "projection.day.type": "date",
            "projection.day.format": "yyyy-MM-dd",
            "projection.day.range": "2020-01-01,2029-12-31",
            "storage.location.template": location + "${day}",
            **properties,
        }
        listed = ", ".join(f"'{key}' = '{value}'" for key, value in settings.items())
        self.run(
            f"create external table `{name}` (`line` string) partitioned by (`day` string) "
            "row format delimited fields terminated by '\\n' null defined as '\\n' stored as textfile "
            f"location '{location}' tblproperties ({listed})"
        )

    def iceberg(self, name: str, select: str, partitioning: str = "") -> None:
        """Create an Iceberg table from a query."""
        parts = f"partitioning = array[{partitioning}], " if partitioning else ""
        self.run(
            f"create table {name} with (table_type = 'iceberg', is_external = false, {parts}"
            f"location = 's3://{self.bucket}/iceberg/{name}/', format = 'parquet') as {select}"
        )


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    if ENGINE == "trino":
        # Like Ctrl-C, which lets pytest end its fixtures and thereby Java.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    aws_url = f"http://{host}:{port}"
    try:
        with LocalAthena(aws_url, engine=ENGINE) as athena:
            yield Servers(aws_url, athena)
    finally:
        moto.stop()


_numbers = itertools.count(1)


def make_house(servers: Servers, name: str) -> House:
    bucket, database = f"{name}-bucket", f"{name}_db".replace("-", "_")
    house = House(
        database,
        bucket,
        servers.athena,
        servers.client("athena"),
        servers.client("s3"),
        servers.client("glue"),
        {
            "AWS_ENDPOINT_URL": servers.aws_url,
            "AWS_ENDPOINT_URL_ATHENA": servers.athena.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    )
    house.s3.create_bucket(Bucket=bucket)
    house.glue.create_database(DatabaseInput={"Name": database})
    return house


@pytest.fixture
def house(servers: Servers) -> House:
    """A new, empty database and bucket."""
    return make_house(servers, f"house-{next(_numbers)}")
