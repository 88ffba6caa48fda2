"""Tests reading objects as numbered lines: line ends, limits, gzip, and reads that break."""

from __future__ import annotations

import base64
import gzip
import json
import random
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.aws.clients import s3_client
from runner.stage2.gzip_members import CorruptGzip, inflate
from runner.stage2.lines import (
    HEAD_BYTES,
    LINE_ENDS,
    Lines,
    LongLine,
    OverlongLine,
    read_lines,
    split_lines,
)
from runner.stage2.reading import (
    MAX_FAILURES_IN_A_ROW,
    READ_SIZE,
    ObjectChanged,
    ObjectGone,
    ObjectNotRead,
    read_object,
)
from tests.runner.stage2.faulty_s3 import Fault, FaultyS3

if TYPE_CHECKING:
    from tests.runner.stage2.conftest import Lake

CASES_FILE = Path(__file__).parents[2] / "cases" / "line_cases.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in CASES_FILE.read_text("utf-8").splitlines()]


def numbered(blocks: Any) -> list[tuple[int, bytes | int]]:
    """The lines without line ends, with their numbers; for a line that is too long, its length."""
    found: list[tuple[int, bytes | int]] = []
    for block in blocks:
        if isinstance(block, OverlongLine):
            found.append((block.number, block.length))
        elif isinstance(block, LongLine):
            found.append((block.number, bytes(block.line)))
        else:
            found += enumerate((line.rstrip(LINE_ENDS) for line in block.lines), block.first)
    return found


def cut(content: bytes, sizes: list[int]) -> list[bytes]:
    pieces, position = [], 0
    for size in sizes:
        pieces.append(content[position : position + size])
        position += size
    return [piece for piece in [*pieces, content[position:]] if piece]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_file_has_the_records_that_every_reader_must_find(case: dict[str, Any], size: int) -> None:
    if "content_base64" in case:
        content = base64.b64decode(case["content_base64"])
        records = [base64.b64decode(record) for record in case["records_base64"]]
    else:
        content = case["content"].encode("utf-8")
        records = [record.encode("utf-8") for record in case["records"]]
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    assert [
        line for _, line in numbered(split_lines(pieces)) if isinstance(line, int) or line.strip()
    ] == records


@given(
    content=st.lists(st.sampled_from([b"a", b"bc", b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b" "])).map(
        b"".join
    ),
    sizes=st.lists(st.integers(1, 5)),
)
def test_lines_are_those_of_splitlines_however_the_file_is_cut(content: bytes, sizes: list[int]) -> None:
    expected = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    assert numbered(split_lines(cut(content, sizes))) == list(enumerate(expected, 1))


@given(
    lines=st.lists(st.integers(0, 30)),
    end=st.sampled_from([b"\n", b"\r", b"\r\n"]),
    sizes=st.lists(st.integers(1, 8)),
)
def test_a_line_over_the_limit_is_counted_and_not_held(
    lines: list[int], end: bytes, sizes: list[int]
) -> None:
    content = b"".join(b"x" * length + end for length in lines)
    pieces = [small for piece in cut(content, sizes) for small in cut(piece, [8] * (len(piece) // 8))]
    expected = [b"x" * length if length <= 10 else length for length in lines]
    assert numbered(split_lines(pieces, limit=10, usual=8)) == list(enumerate(expected, 1))


def test_of_a_line_over_the_limit_only_its_start_is_kept() -> None:
    pieces = [b"start"] + [b"x" * READ_SIZE] * 200 + [b"\nnext"]
    overlong, after = list(split_lines(pieces))
    assert overlong == OverlongLine(1, b"start" + b"x" * (HEAD_BYTES - 5), 5 + 200 * READ_SIZE)
    assert after == Lines(2, [b"next"])


def test_a_line_of_exactly_the_limit_is_a_line() -> None:
    assert numbered(split_lines([b"12345678", b"90\n", b"12345678", b"901"], limit=10, usual=8)) == [
        (1, b"1234567890"),
        (2, 11),
    ]


def raw_deflate() -> bytes:
    return zlib.compress(b"not gzip")


@pytest.mark.parametrize(
    "zipped",
    [
        pytest.param(b'{"facility_id":"FAC1"}\n', id="plain text"),
        pytest.param(gzip.compress(b"a" * 1000)[:-1], id="a byte short"),
        pytest.param(gzip.compress(b"a" * 1000)[:-8], id="without its trailer"),
        pytest.param(gzip.compress(b"a" * 1000)[:5], id="half a header"),
        pytest.param(gzip.compress(b"a" * 1000) + gzip.compress(b"b")[:12], id="second member cut"),
        pytest.param(gzip.compress(b"a" * 1000)[:-8] + b"\1" * 8, id="wrong checksum"),
        pytest.param(raw_deflate(), id="zlib data"),
    ],
)
def test_what_is_not_whole_sound_gzip_is_refused(zipped: bytes) -> None:
    for sizes in ([], [1] * len(zipped)):
        with pytest.raises(CorruptGzip):
            list(inflate(cut(zipped, sizes)))


def random_bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def test_a_read_that_breaks_goes_on_where_it_broke(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    content = random_bytes(3 * READ_SIZE)
    key = stage2_lake.put("2025-08-10", "a.jsonl", content)
    faulty_s3.faults = [
        Fault("GET", "a.jsonl", cut_after=READ_SIZE + 1000),
        Fault("GET", "a.jsonl", cut_after=0),
        Fault("GET", "a.jsonl", cut_after=READ_SIZE),
    ]
    assert b"".join(read_object(s3_client(), stage2_lake.bucket, key)) == content
    assert faulty_s3.ranges_of("a.jsonl")[0] == ""
    assert all(wanted for wanted in faulty_s3.ranges_of("a.jsonl")[1:])
    assert len(faulty_s3.ranges_of("a.jsonl")) == 4


def test_a_gzip_file_survives_a_broken_read(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    lines = [base64.b64encode(random_bytes(1000 + n)) for n in range(500)]
    key = stage2_lake.put("2025-08-10", "a.jsonl.gz", gzip.compress(b"\n".join(lines)))
    faulty_s3.faults = [Fault("GET", "a.jsonl.gz", cut_after=READ_SIZE + 5, times=2)]
    found = numbered(read_lines(read_object(s3_client(), stage2_lake.bucket, key), key))
    assert found == list(enumerate(lines, 1))


def test_a_read_that_keeps_breaking_fails_and_names_the_object(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    key = stage2_lake.put("2025-08-10", "a.jsonl", b"x" * 1000)
    faulty_s3.faults = [Fault("GET", "a.jsonl", cut_after=0, times=100)]
    with pytest.raises(ObjectNotRead, match=r"2025-08-10/a.jsonl kept breaking at byte 0"):
        list(read_object(s3_client(), stage2_lake.bucket, key))
    assert len(faulty_s3.ranges_of("a.jsonl")) == MAX_FAILURES_IN_A_ROW + 1


def test_an_object_replaced_after_a_break_is_not_mixed_with_the_old_one(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    key = stage2_lake.put("2025-08-10", "a.jsonl", b"a" * 2 * READ_SIZE)
    faulty_s3.faults = [
        Fault("GET", "a.jsonl", cut_after=READ_SIZE),
        Fault(
            "GET", "a.jsonl", before=lambda: stage2_lake.put("2025-08-10", "a.jsonl", b"b" * 2 * READ_SIZE)
        ),
    ]
    pieces = read_object(s3_client(), stage2_lake.bucket, key)
    assert next(pieces) == b"a" * READ_SIZE
    with pytest.raises(ObjectChanged, match="replaced while it was read"):
        list(pieces)


def test_an_object_that_is_not_there_is_gone(stage2_lake: Lake) -> None:
    with pytest.raises(ObjectGone, match=r"none\.jsonl is not there"):
        list(read_object(s3_client(), stage2_lake.bucket, "none.jsonl"))


def test_an_object_one_may_not_read_fails_and_says_so(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    key = stage2_lake.put("2025-08-10", "a.jsonl", b"x")
    faulty_s3.faults = [Fault("GET", "a.jsonl", status=403, code="AccessDenied")]
    with pytest.raises(ObjectNotRead, match=r"a.jsonl could not be read: .*AccessDenied.*rights"):
        list(read_object(s3_client(), stage2_lake.bucket, key))


def test_access_denied_to_a_deleted_object_means_that_it_is_gone(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    faulty_s3.faults = [Fault("GET", "a.jsonl", status=403, code="AccessDenied")]
    with pytest.raises(ObjectGone):
        list(read_object(s3_client(), stage2_lake.bucket, "a.jsonl"))


def test_throttling_is_waited_out(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    key = stage2_lake.put("2025-08-10", "a.jsonl", b"x\ny")
    faulty_s3.faults = [Fault("GET", "a.jsonl", status=503, code="SlowDown", times=2)]
    assert numbered(read_lines(read_object(s3_client(), stage2_lake.bucket, key), key)) == [
        (1, b"x"),
        (2, b"y"),
    ]


def test_an_empty_object_has_no_lines(stage2_lake: Lake) -> None:
    for name in ("a.jsonl", "a.jsonl.gz"):
        key = stage2_lake.put("2025-08-10", name, b"")
        assert list(read_lines(read_object(s3_client(), stage2_lake.bucket, key), key)) == []
