"""Tests a date's state with a real S3 API: it is never ahead of the tables, and heals when it is broken."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runner.bronze import RecordFile
from runner.tables import state as state_module
from runner.tables.bronze_folders import Folder, list_folder
from runner.tables.state import DateState, StateTakenOver, basis_of, list_states, read_state, write_state

DAY = date(2025, 8, 10)
KEY = "pipeline-state/fingerprints/2025-08-10.json"
NOON = datetime(2025, 8, 10, 12, tzinfo=UTC)
RESULT = {"run_ts": "20250810T120000Z-0000000a"}


def folder(**etags: str) -> Folder:
    """A folder of files with these ETags, by name."""
    return Folder(DAY, [RecordFile(name, etag, 10, NOON) for name, etag in sorted(etags.items())])


def built(**etags: str) -> DateState:
    begun = DateState().begun(None, "run", RESULT["run_ts"])
    return begun.built(folder(**etags), "basis", RESULT)


def test_new_replaced_and_deleted_files_are_read_again_and_others_are_not() -> None:
    state = built(same="1", replaced="1", deleted="1")
    now = folder(same="1", replaced="2", new="1")
    assert state.changed_files(now, "basis") == {"replaced", "deleted", "new"}
    assert not state.is_current(now, "basis")
    assert state.is_current(folder(same="1", replaced="1", deleted="1"), "basis")


def test_another_project_or_another_table_reads_all_files() -> None:
    state = built(a="1")
    assert state.changed_files(folder(a="1"), "other basis") is None
    assert not state.is_current(folder(a="1"), "other basis")


def test_a_run_that_died_leaves_its_files_to_be_read_though_the_folder_is_as_before() -> None:
    """The tables may hold the file that was added and deleted again."""
    died = built(a="1").begun({"b"}, "run 2", "20250810T120001Z-0000000b")
    assert not died.is_current(folder(a="1"), "basis")
    assert died.changed_files(folder(a="1"), "basis") == {"b"}
    died_again = died.begun({"c", "b"}, "run 3", "20250810T120000Z-0000000c")
    assert died_again.changed_files(folder(a="1"), "basis") == {"b", "c"}
    # The names of exports only increase.
    assert died_again.run_ts == "20250810T120001Z-0000000b"


def test_a_run_that_read_everything_and_died_leaves_everything_to_be_read() -> None:
    begun = built(a="1").begun(None, "run 2", "20250810T120001Z-0000000b")
    assert begun.changed_files(folder(a="1"), "basis") is None
    assert (begun.attempt, begun.run_ts) == ("run 2", "20250810T120001Z-0000000b")


def test_a_run_that_has_begun_counts_as_unfinished_even_if_no_file_changed() -> None:
    """Such a run may be running because a table was lost or an export is missing."""
    begun = built(a="1").begun(set(), "run 2", "")
    assert not begun.is_current(folder(a="1"), "basis")
    assert begun.changed_files(folder(a="1"), "basis") == set()
    assert begun.built(folder(a="1"), "basis", RESULT).is_current(folder(a="1"), "basis")
    assert (begun.attempt, begun.run_ts) == ("run 2", RESULT["run_ts"])


def test_what_is_written_does_not_depend_on_the_order_in_which_files_were_found() -> None:
    """A write whose answer was lost is recognised by its bytes."""
    begun = built(a="1").begun(["c", "b"], "run 2", "")
    assert begun.pending == ["b", "c"]
    assert begun.built(folder(a="1"), "basis", RESULT, unsettled=["c", "b"]).pending == ["b", "c"]


def test_the_basis_changes_with_the_project_and_with_each_tables_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    basis = basis_of(["s3://lake/a", "s3://lake/b"])
    assert basis == basis_of(["s3://lake/b", "s3://lake/a"])
    assert basis != basis_of(["s3://lake/a", "s3://lake/c"])
    assert len(basis) == 64
    monkeypatch.setattr(state_module, "project_version", lambda: "another")
    assert basis != basis_of(["s3://lake/a", "s3://lake/b"])


def test_files_that_changed_while_they_were_read_are_read_again() -> None:
    begun = DateState().begun(None, "run", "")
    state = begun.built(folder(a="1", b="1"), "basis", RESULT, unsettled={"b"})
    assert not state.is_current(folder(a="1", b="1"), "basis")
    assert state.changed_files(folder(a="1", b="1"), "basis") == {"b"}


def test_a_file_that_changed_and_changed_back_is_told_by_its_time() -> None:
    before = folder(a="1", b="1")
    later = replace(before.files[1], modified=NOON + timedelta(seconds=1))
    assert before.differences(replace(before, files=[before.files[0], later])) == {"b"}
    assert before.differences(before) == set()


def test_a_folder_settles_when_the_second_of_its_last_write_is_over(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="bronze-raw-ingested-data/batch/2025-08-10/a.jsonl", Body=b"{}")
    listed = list_folder(s3, bucket, DAY)
    assert 0 <= listed.seconds_until_settled() <= 1
    assert replace(listed, listed_at=listed.listed_at + timedelta(seconds=2)).seconds_until_settled() == 0
    assert Folder(DAY).seconds_until_settled() == 0


def test_it_is_read_back_as_it_was_written(s3: Any, bucket: str) -> None:
    assert read_state(s3, bucket, DAY) == DateState()
    written = write_state(s3, bucket, DAY, built(a="1"))
    assert read_state(s3, bucket, DAY) == written
    assert write_state(s3, bucket, DAY, written.begun({"b"}, "run 2", "")) == read_state(s3, bucket, DAY)
    unnamed = replace(DateState().begun(None, "run", ""), etag=read_state(s3, bucket, DAY).etag)
    assert write_state(s3, bucket, DAY, unnamed) == read_state(s3, bucket, DAY)


def test_a_run_that_slept_does_not_set_back_what_another_wrote(s3: Any, bucket: str) -> None:
    asleep = write_state(s3, bucket, DAY, built(a="1"))
    awake = write_state(s3, bucket, DAY, asleep.begun({"b"}, "run 2", ""))
    with pytest.raises(StateTakenOver, match="fingerprints/2025-08-10"):
        write_state(s3, bucket, DAY, asleep.begun({"c"}, "run 1", ""))
    assert read_state(s3, bucket, DAY) == awake
    with pytest.raises(StateTakenOver):
        write_state(s3, bucket, DAY, built(b="1"))


def test_a_state_that_was_deleted_meanwhile_was_taken_over(s3: Any, bucket: str) -> None:
    written = write_state(s3, bucket, DAY, built(a="1"))
    s3.delete_object(Bucket=bucket, Key=KEY)
    with pytest.raises(StateTakenOver):
        write_state(s3, bucket, DAY, written.begun({"b"}, "run 1", ""))
    assert read_state(s3, bucket, DAY) == DateState()


def test_a_bucket_that_does_not_answer_is_told_as_that(s3: Any, bucket: str) -> None:
    for ask in (
        lambda: write_state(s3, f"{bucket}-gone", DAY, built(a="1")),
        lambda: list_states(s3, f"{bucket}-gone"),
    ):
        with pytest.raises(ClientError, match="NoSuchBucket"):
            ask()


def test_the_states_of_all_dates_are_listed_and_nothing_else(s3: Any, bucket: str) -> None:
    assert list_states(s3, bucket) == {}
    days = [DAY, date(2024, 2, 29)]
    etags = {day: write_state(s3, bucket, day, built(a=str(day))).etag for day in days}
    for stranger in ("2025-02-30.json", "notes.txt", "2025-08-12.json.bak", "old/2025-08-13.json"):
        s3.put_object(Bucket=bucket, Key=f"pipeline-state/fingerprints/{stranger}", Body=b"{}")
    s3.put_object(Bucket=bucket, Key="pipeline-state/lease/2025-08-14.json", Body=b"{}")

    assert list_states(s3, bucket) == etags


def test_a_write_whose_answer_was_lost_is_taken_for_its_own(s3: Any, bucket: str) -> None:
    first = write_state(s3, bucket, DAY, built(a="1"))
    second = write_state(s3, bucket, DAY, first.begun({"b"}, "run 2", ""))
    assert write_state(s3, bucket, DAY, first.begun({"b"}, "run 2", "")) == second


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b'{"fingerprint": "abc", "result": {}}',
        b'{"format": 2}' + b" " * 10 + b"{",
        b'{"format": 2, "files": {"a": 1}}',
        b'{"format": 2, "files": [], "pending": {}}',
        b'{"format": 2, "pending": "a"}',
        b'{"format": 2, "result": []}',
        b'{"format": 2, "run_ts": "zzz"}',
        b'{"format": 2, "basis": 1}',
        b'{"format": 2, "basis": 1, "files": {"a": "1"}}',
        b'{"format": 2, "attempt": null}',
        b'{"format": 2, "run_ts": 7}',
        b'{"format": 2, "pending": [1]}',
        b'{"format": 2, "pending": null}',
        b'{"format": 2, "files": ["a"]}',
        b'{"format": 2, "files": {"a": null}}',
        b'{"format": 2, "result": "done"}',
        b'{"format": 1, "basis": "", "files": {}}',
        b'{"basis": "", "files": {}}',
        b'{"format": 2, "etag": "x"}',
        b'{"format": 2, "unknown": 1}',
        b"[" * 100_000,
    ],
)
def test_whatever_else_stands_there_counts_as_nothing_and_is_replaced(
    s3: Any, bucket: str, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    s3.put_object(Bucket=bucket, Key=KEY, Body=content)
    with caplog.at_level(logging.WARNING, logger="medlaunch-elt"):
        state = read_state(s3, bucket, DAY)
    assert "is not a date's state" in caplog.text
    assert replace(state, etag="") == DateState()
    assert state.changed_files(folder(a="1"), "") is None
    write_state(s3, bucket, DAY, state.begun(None, "run", "").built(folder(a="1"), "basis", RESULT))
    assert json.loads(s3.get_object(Bucket=bucket, Key=KEY)["Body"].read())["files"] == {"a": "1"}
