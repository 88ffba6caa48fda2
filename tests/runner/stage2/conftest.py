"""Fixtures with a separate bucket for each test, also behind a proxy that injects faults."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from runner import lake
from runner.aws.clients import s3_client
from runner.settings import Settings
from tests.runner.stage2.faulty_s3 import FaultyS3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_numbers = count()


@dataclass
class Lake:
    """One bucket."""

    s3: S3Client
    endpoint: str
    settings: Settings

    @property
    def bucket(self) -> str:
        return self.settings.data_bucket

    def put(self, snapshot_date: str, name: str, content: bytes) -> str:
        key = f"{lake.bronze_folder(date.fromisoformat(snapshot_date))}{name}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return key

    def keys(self, prefix: str) -> list[str]:
        answer = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=lake.prefix(prefix))
        return [entry["Key"] for entry in answer.get("Contents", [])]

    def read(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def csv_rows(self, run_date: date) -> list[dict[str, str]]:
        text = self.read(lake.expiring_soon_key(run_date)).decode("utf-8")
        return list(csv.DictReader(io.StringIO(text)))

    def quarantine(self) -> dict[str, list[dict[str, Any]]]:
        """The rejects of each quarantine object, by its key without the prefix."""
        cut = len(lake.prefix("quarantine")) + 1
        return {
            key[cut:]: [json.loads(line) for line in self.read(key).splitlines()]
            for key in self.keys("quarantine")
        }


@pytest.fixture
def stage2_lake(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    bucket = f"stage2-{next(_numbers)}"
    for name, value in {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DATA_BUCKET": bucket,
    }.items():
        monkeypatch.setenv(name, value)
    s3_client.cache_clear()
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    yield Lake(s3, s3_endpoint, Settings(data_bucket=bucket))
    s3_client.cache_clear()


@pytest.fixture
def faulty_s3(stage2_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyS3]:
    """A proxy in front of the lake's S3. Clients created from the environment from now on use it."""
    with FaultyS3(stage2_lake.endpoint) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        monkeypatch.setattr("runner.stage2.reading.FIRST_PAUSE_SECONDS", 0.001)
        s3_client.cache_clear()
        yield proxy
