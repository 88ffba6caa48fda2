"""Tests the S3 writer: an object is written as a whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from runner.aws.clients import s3_client
from runner.stage2.objects import ObjectTakenOver, ObjectWriter, OutputNotWritten
from tests.runner.stage2.faulty_s3 import Fault, FaultyS3

if TYPE_CHECKING:
    from tests.runner.stage2.conftest import Lake

PIECE = bytes(range(256)) * 4096  # 1 MiB


def write(lake: Lake, key: str, pieces: list[bytes], then: Callable[[], object] = lambda: None) -> None:
    with ObjectWriter(s3_client(), lake.bucket, key, content_type="text/csv") as writer:
        for piece in pieces:
            writer.write(piece)
        then()


def fail() -> None:
    raise ZeroDivisionError


def uploads(lake: Lake) -> list[str]:
    """The keys of multipart uploads that were neither completed nor aborted."""
    return [upload["Key"] for upload in lake.s3.list_multipart_uploads(Bucket=lake.bucket).get("Uploads", [])]


@pytest.mark.parametrize("pieces", [0, 1, 5, 12])
def test_an_object_of_any_size_is_what_was_written(stage2_lake: Lake, pieces: int) -> None:
    write(stage2_lake, "a", [PIECE] * pieces)
    answer = stage2_lake.s3.get_object(Bucket=stage2_lake.bucket, Key="a")
    assert answer["Body"].read() == PIECE * pieces
    assert answer["ContentType"] == "text/csv"
    assert uploads(stage2_lake) == []


@pytest.mark.parametrize("pieces", [1, 12])
def test_an_exception_leaves_the_object_as_it_was(stage2_lake: Lake, pieces: int) -> None:
    write(stage2_lake, "a", [b"before"])
    with pytest.raises(ZeroDivisionError):
        write(stage2_lake, "a", [PIECE] * pieces, then=fail)
    assert stage2_lake.read("a") == b"before"
    assert uploads(stage2_lake) == []


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_refusal_names_the_object_and_aborts(stage2_lake: Lake, faulty_s3: FaultyS3, method: str) -> None:
    write(stage2_lake, "a", [b"before"])
    faulty_s3.faults = [Fault(method, "/a", status=403, code="AccessDenied")]
    with pytest.raises(
        OutputNotWritten, match=f"s3://{stage2_lake.bucket}/a could not be written: .*AccessDenied"
    ):
        write(stage2_lake, "a", [PIECE] * 12)
    assert stage2_lake.read("a") == b"before"
    assert uploads(stage2_lake) == []


def test_the_last_call_of_an_upload_failing_aborts_it(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    def deny_completion() -> None:
        faulty_s3.faults = [Fault("POST", "/a", status=403, code="AccessDenied")]

    with pytest.raises(OutputNotWritten):
        write(stage2_lake, "a", [PIECE] * 12, then=deny_completion)
    assert uploads(stage2_lake) == []
    assert stage2_lake.s3.list_objects_v2(Bucket=stage2_lake.bucket)["KeyCount"] == 0


def test_an_object_appears_only_in_place_of_the_one_that_it_replaces(stage2_lake: Lake) -> None:
    def replace(expected: str, content: bytes) -> str:
        with ObjectWriter(s3_client(), stage2_lake.bucket, "a", replaces=expected) as writer:
            writer.write(content)
        return str(stage2_lake.s3.head_object(Bucket=stage2_lake.bucket, Key="a")["ETag"])

    first = replace("", b"first")
    second = replace(first, b"second")

    for gone in ("", first):
        with pytest.raises(ObjectTakenOver, match="/a was written by another run meanwhile"):
            replace(gone, b"late")
    assert stage2_lake.read("a") == b"second"
    assert replace(second, b"third") != second


def test_a_failing_abort_does_not_hide_why(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    faulty_s3.faults = [Fault("DELETE", "/a", status=403, code="AccessDenied")]
    with pytest.raises(ZeroDivisionError):
        write(stage2_lake, "a", [PIECE] * 12, then=fail)


def test_an_upload_is_aborted_after_the_part_on_its_way(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    done: list[str] = []

    def part() -> None:
        time.sleep(0.5)
        done.append("part")

    faulty_s3.faults = [
        Fault("PUT", "/a", before=part),
        Fault("DELETE", "/a", before=lambda: done.append("abort")),
    ]
    with pytest.raises(ZeroDivisionError):
        write(stage2_lake, "a", [PIECE] * 6, then=fail)
    assert done == ["part", "abort"]


def test_a_part_refused_while_the_next_is_written_fails_the_object(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    def deny() -> None:
        faulty_s3.faults = [Fault("PUT", "/a", status=403, code="AccessDenied")]

    with pytest.raises(OutputNotWritten, match="AccessDenied"):
        write(stage2_lake, "a", [PIECE] * 6, then=deny)
    assert uploads(stage2_lake) == []
    assert stage2_lake.s3.list_objects_v2(Bucket=stage2_lake.bucket)["KeyCount"] == 0


def test_nothing_written_leaves_no_object_where_that_is_asked(stage2_lake: Lake) -> None:
    with ObjectWriter(s3_client(), stage2_lake.bucket, "a", skip_empty=True):
        pass
    assert stage2_lake.s3.list_objects_v2(Bucket=stage2_lake.bucket)["KeyCount"] == 0
    assert uploads(stage2_lake) == []
