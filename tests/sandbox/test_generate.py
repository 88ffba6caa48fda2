"""Tests the generator: equal seeds give equal bytes, chunks, and bad lines among the good ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from typer.testing import CliRunner

from cli.main import app
from runner.aws.clients import s3_client
from runner.lake import bronze_folder
from sandbox.generate import Facilities, Spec, chunk_name, facility_lines, generate

SNAPSHOT = date(2025, 8, 10)


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*.jsonl")))


def test_same_arguments_give_the_same_bytes_whatever_the_chunk(tmp_path: Path) -> None:
    spec = Spec(SNAPSHOT, n=50, bad=8, seed=3)
    generate(str(tmp_path / "a"), spec, chunk=7)
    generate(str(tmp_path / "b"), spec, chunk=1000)
    assert content(tmp_path / "a") == content(tmp_path / "b") == b"".join(facility_lines(spec))
    assert b"".join(facility_lines(Spec(SNAPSHOT, n=50, bad=8, seed=4))) != content(tmp_path / "a")


def test_chunks_are_named_in_the_order_of_their_lines(tmp_path: Path) -> None:
    written = generate(str(tmp_path), Spec(SNAPSHOT, n=20), chunk=8)
    names = [path.name for path in sorted((tmp_path / "batch" / "2025-08-10").iterdir())]
    assert names == ["facilities_0001.jsonl", "facilities_0002.jsonl", "facilities_0003.jsonl"]
    assert (written.files, written.records) == (3, 20)
    ids = [json.loads(line)["facility_id"] for line in content(tmp_path).splitlines()]
    assert ids == [f"FAC{index:05d}" for index in range(1, 21)]


@pytest.mark.parametrize("files", [1, 9_999, 10_000, 123_456])
def test_names_sort_as_their_chunks_do(files: int) -> None:
    names = [chunk_name(number, files, gzip=False) for number in range(1, files + 1)]
    assert names == sorted(names)
    assert len({len(name) for name in names}) == 1


def test_a_facility_keeps_its_name_and_address_in_every_snapshot() -> None:
    first = Facilities(0, SNAPSHOT).record(21)
    second = Facilities(0, date(2025, 8, 11)).record(21)
    same = ("facility_id", "facility_name", "location", "employee_count")
    assert [first[field] for field in same] == [second[field] for field in same]
    assert (first["snapshot_date"], second["snapshot_date"]) == ("2025-08-10", "2025-08-11")


def test_records_have_labs_and_accreditations_in_the_contract_s_ranges() -> None:
    records = [json.loads(line) for line in facility_lines(Spec(SNAPSHOT, n=300))]
    assert {len(record["labs"]) for record in records} == {0, 1, 2}
    assert {len(record["accreditations"]) for record in records} == {1, 2}
    assert all(len(record["location"]["zip"]) == 5 for record in records)


def test_gzip_holds_the_same_lines_and_is_repeatable(tmp_path: Path) -> None:
    spec = Spec(SNAPSHOT, n=20)
    for name in ("a", "b"):
        generate(str(tmp_path / name), spec, gzip=True)
    first, second = sorted(tmp_path.rglob("*.gz"))
    assert first.name == "facilities_0001.jsonl.gz"
    assert first.read_bytes() == second.read_bytes()
    assert gzip.decompress(first.read_bytes()) == b"".join(facility_lines(spec))


def test_bad_lines_are_spread_among_the_good_ones() -> None:
    lines = list(facility_lines(Spec(SNAPSHOT, n=90, bad=10)))
    good = list(facility_lines(Spec(SNAPSHOT, n=90)))
    assert len(lines) == 100
    assert [line for line in lines if line in set(good)] == good
    assert [position for position, line in enumerate(lines) if line not in set(good)] == list(
        range(9, 100, 10)
    )


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_the_command_writes_into_the_lake(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3_client.cache_clear()
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="generated")
    arguments = ["generate", "--n", "3", "--bad", "6", "--chunk", "5", "--snapshot", "2025-08-10"]
    result = CliRunner().invoke(app, [*arguments, "--out", "s3://generated"], catch_exceptions=False)
    s3_client.cache_clear()
    folder = bronze_folder(SNAPSHOT)
    assert result.output == f"9 records in 2 files: s3://generated/{folder}\n"
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="generated")["Contents"]]
    assert keys == [f"{folder}facilities_0001.jsonl", f"{folder}facilities_0002.jsonl"]
    lines = b"".join(s3.get_object(Bucket="generated", Key=key)["Body"].read() for key in keys)
    assert lines == b"".join(facility_lines(Spec(SNAPSHOT, n=3, bad=6)))


def test_a_chunk_of_no_lines_is_refused() -> None:
    result = CliRunner().invoke(app, ["generate", "--snapshot", "2025-08-10", "--chunk", "0"])
    assert result.exit_code == 2
