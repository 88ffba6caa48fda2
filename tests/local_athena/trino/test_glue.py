"""Tests the proxy between Trino and a Glue emulator."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError

from local_athena.trino.glue import GlueProxy
from tests.local_athena.conftest import REGION, House, Servers


def test_of_two_updates_from_one_version_the_second_is_refused(house: House, servers: Servers) -> None:
    house.glue.create_table(DatabaseName=house.database, TableInput={"Name": "t", "Parameters": {"n": "0"}})
    proxy = GlueProxy(servers.aws_url)
    proxy.start()
    try:
        glue = boto3.client(
            "glue",
            endpoint_url=proxy.url,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        version = glue.get_table(DatabaseName=house.database, Name="t")["Table"]["VersionId"]

        def update(n: str) -> None:
            table = {"Name": "t", "Parameters": {"n": n}}
            glue.update_table(DatabaseName=house.database, TableInput=table, VersionId=version)

        update("1")
        with pytest.raises(ClientError, match="ConcurrentModificationException"):
            update("2")
    finally:
        proxy.stop()

    found = house.glue.get_table(DatabaseName=house.database, Name="t")["Table"]
    assert found["Parameters"] == {"n": "1"}
