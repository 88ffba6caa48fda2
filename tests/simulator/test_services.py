"""Tests that the services in memory answer as the sandbox's services do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import botocore.signers
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.simulator import virtual
from tests.simulator.world import World

Ask = Callable[[Any], Any]


def listing(s3: Any, **options: Any) -> Any:
    answer = s3.list_objects_v2(Bucket="lake", **options)
    return (
        [(item["Key"], item["ETag"], item["Size"]) for item in answer.get("Contents", [])],
        [item["Prefix"] for item in answer.get("CommonPrefixes", [])],
        answer["IsTruncated"],
    )


def read(s3: Any, key: str, **options: Any) -> Any:
    answer = s3.get_object(Bucket="lake", Key=key, **options)
    return answer["Body"].read(), answer["ETag"], answer["Metadata"], answer["ContentLength"]


def put(s3: Any, key: str, body: bytes, **options: Any) -> Any:
    return s3.put_object(Bucket="lake", Key=key, Body=body, **options)["ETag"]


def multipart(s3: Any, key: str, parts: list[bytes]) -> None:
    upload = s3.create_multipart_upload(Bucket="lake", Key=key)["UploadId"]
    tags = [
        s3.upload_part(Bucket="lake", Key=key, UploadId=upload, PartNumber=number, Body=part)["ETag"]
        for number, part in enumerate(parts, 1)
    ]
    s3.complete_multipart_upload(
        Bucket="lake",
        Key=key,
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, 1)]},
    )


ETAG = '"0cc175b9c0f1b6a831c399e269772661"'  # of b"a"
CONVERSATION: list[Ask] = [
    lambda s3: put(s3, "a/b c.jsonl", b"a", Metadata={"attempt": "1"}),
    lambda s3: put(s3, "a/b c.jsonl", b"b", IfNoneMatch="*"),
    lambda s3: put(s3, "a/new", b"b", IfNoneMatch="*"),
    lambda s3: put(s3, "a/new", b"c", IfMatch=ETAG),
    lambda s3: put(s3, "a/b c.jsonl", b"a", IfMatch=ETAG),
    lambda s3: put(s3, "a/nothing", b"a", IfMatch=ETAG),
    lambda s3: read(s3, "a/b c.jsonl"),
    lambda s3: read(s3, "a/none"),
    lambda s3: read(s3, "a/new", IfMatch=ETAG),
    lambda s3: put(s3, "long", b"0123456789"),
    lambda s3: read(s3, "long", Range="bytes=3-"),
    lambda s3: read(s3, "long", Range="bytes=3-5"),
    lambda s3: read(s3, "long", Range="bytes=10-"),
    lambda s3: s3.head_object(Bucket="lake", Key="long")["ContentLength"],
    lambda s3: s3.head_object(Bucket="lake", Key="none"),
    lambda s3: s3.copy_object(Bucket="lake", Key="copy", CopySource={"Bucket": "lake", "Key": "a/b c.jsonl"})[
        "CopyObjectResult"
    ]["ETag"],
    lambda s3: read(s3, "copy"),
    lambda s3: s3.copy_object(
        Bucket="lake",
        Key="copy",
        CopySource="lake/long",
        Metadata={"attempt": "2"},
        MetadataDirective="REPLACE",
    )["CopyObjectResult"]["ETag"],
    lambda s3: read(s3, "copy"),
    lambda s3: s3.copy_object(Bucket="lake", Key="copy", CopySource="lake/none"),
    lambda s3: multipart(s3, "parts", [b"x" * 5 * 1024 * 1024, b"y"]),
    lambda s3: s3.head_object(Bucket="lake", Key="parts")["ContentLength"],
    lambda s3: listing(s3, Prefix="a/"),
    lambda s3: listing(s3, Delimiter="/")[1],
    lambda s3: listing(s3, Prefix="nothing"),
    lambda s3: s3.delete_object(Bucket="lake", Key="none") and None,
    lambda s3: s3.delete_objects(Bucket="lake", Delete={"Objects": [{"Key": "copy"}, {"Key": "x"}]}) and None,
    lambda s3: listing(s3, Prefix="c"),
]


def answer(ask: Ask, s3: Any) -> Any:
    """The result of a call, or its error code."""
    try:
        return ask(s3)
    except ClientError as error:
        return error.response["Error"]["Code"]


def simulated_answers() -> list[Any]:
    world, answers = World(1), list[Any]()
    with virtual.entered(world):
        world.start("client", lambda: answers.extend(answer(one, boto3.client("s3")) for one in CONVERSATION))
        world.scheduler.wait_for_all()
    return answers


def test_s3_answers_as_moto_does(simulated: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = simulated_answers()
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setattr(boto3.session.Session, "client", virtual.real_client)
    monkeypatch.setattr(botocore.signers.RequestSigner, "sign", virtual.real_sign)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="lake")
        theirs = [answer(one, s3) for one in CONVERSATION]

    assert len(ours) == len(theirs)
    for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        assert one == other, place


def test_listings_have_pages() -> None:
    world, keys = World(1), list[str]()
    for number in range(2500):
        world.s3.put(f"many/{number:05}", b"")

    def list_all() -> None:
        pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="lake", Prefix="many/")
        keys.extend(item["Key"] for page in pages for item in page["Contents"])

    with virtual.entered(world):
        world.start("client", list_all)
        world.scheduler.wait_for_all()

    assert keys == [f"many/{number:05}" for number in range(2500)]


def test_glue_refuses_an_update_of_a_version_that_is_gone() -> None:
    world, codes = World(1), list[str]()
    world.glue.put("table", {"Parameters": {}})

    def update() -> None:
        glue = boto3.client("glue")
        version = glue.get_table(DatabaseName="d", Name="table")["Table"]["VersionId"]
        for _ in range(2):
            try:
                glue.update_table(DatabaseName="d", TableInput={"Name": "table"}, VersionId=version)
                codes.append("")
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])

    with virtual.entered(world):
        world.start("client", update)
        world.scheduler.wait_for_all()

    assert codes == ["", "ConcurrentModificationException"]
