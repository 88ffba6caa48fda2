"""Tests how the report's data is gathered: what is read, what is kept, and two publications at once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from runner.lake import prefix
from runner.report import gather
from runner.report.page import render
from runner.report.publish import publish, report_key
from runner.report.snapshots import MOST_FILES
from runner.stage2.expiring import expiring
from sandbox.generate import Spec, generate

from .conftest import FIRST, ReportLake, fill, states_of

#: Shown in the table for a reason that a stage does not check: an en dash.
NOT_ASKED = "\u2013"


def gathered(lake: ReportLake) -> gather.Summary:
    return gather.gather(lake.lake.s3, lake.bucket, None)


def test_an_empty_lake_has_nothing(report_lake: ReportLake) -> None:
    summary = gathered(report_lake)
    assert (summary.snapshots, summary.runs, summary.expirations, summary.waiting) == ({}, {}, None, [])


def test_a_date_shows_the_counts_and_rejects_of_its_last_run(report_lake: ReportLake) -> None:
    report_lake.add_run(FIRST, facilities=10)
    report_lake.add_run(FIRST, facilities=60, rejects=5, hour=6)
    snapshot = gathered(report_lake).snapshots["2025-08-10"]
    assert snapshot.states == states_of(FIRST, 60)
    assert (snapshot.facilities, snapshot.rejected, snapshot.published) == (60, 5, True)
    assert snapshot.reasons == {
        "malformed_json": 1,
        "bad_state": 2,
        "duplicate_facility": 1,
        "undecided_accreditation": 1,
        "bad_facility_id": 1,
    }
    assert snapshot.files["facilities_0002.jsonl"] == {"bad_state": 2, "bad_facility_id": 1}
    assert len(snapshot.files) <= MOST_FILES


def test_a_run_of_several_dates_is_split_by_date_and_read_once(report_lake: ReportLake) -> None:
    days = [FIRST + timedelta(number) for number in range(3)]
    report_lake.add_run(*days, facilities=30)
    calls = report_lake.calls()
    summary = gathered(report_lake)
    assert [one.states for one in summary.snapshots.values()] == [states_of(day, 30) for day in days]
    assert len(summary.runs) == 1
    assert calls["GetObject"] == 3 + 2


def test_dates_without_a_successful_run_are_waiting(report_lake: ReportLake) -> None:
    report_lake.add_run(FIRST)
    report_lake.put(f"{prefix('bronze')}/2025-08-12/a.jsonl", b"{}\n")
    assert gathered(report_lake).waiting == ["2025-08-12"]


def test_what_is_not_published_yet_is_read_from_the_export_until_it_is(report_lake: ReportLake) -> None:
    result = report_lake.add_run(FIRST, published=False)
    before = gathered(report_lake)
    assert not before.snapshots["2025-08-10"].published
    assert before.snapshots["2025-08-10"].facilities == 60
    for name, key in result["prod"].items():
        export = result["exports"][name.removesuffix("_key")]["key"]
        report_lake.put(key, report_lake.lake.read(export))
    after = gather.gather(report_lake.lake.s3, report_lake.bucket, before)
    assert after.snapshots["2025-08-10"].published


def test_a_date_whose_csvs_have_expired_is_left_out(report_lake: ReportLake) -> None:
    result = report_lake.add_run(FIRST, published=False)
    report_lake.lake.delete(result["exports"]["rejects"]["key"])
    assert gathered(report_lake).snapshots == {}


def test_each_accreditation_is_counted_once_as_its_newest_snapshot_has_it(report_lake: ReportLake) -> None:
    for day in (FIRST, FIRST + timedelta(1)):
        report_lake.run_stage2(day, facilities=200)
    soon = gathered(report_lake).expirations
    assert soon is not None
    assert soon.run_date == "2025-08-11"
    assert soon.rows > soon.total == sum(soon.weeks) == len(soon.next)
    assert [one.days for one in soon.next] == sorted(one.days for one in soon.next)
    assert len({(one.facility_id, one.body, one.accreditation_id) for one in soon.next}) == soon.total


@pytest.mark.parametrize("snapshots", [2, 40])
def test_one_new_run_costs_the_same_reads_after_any_history(report_lake: ReportLake, snapshots: int) -> None:
    lake = report_lake
    fill(lake, snapshots)
    publish(lake.lake.s3, lake.bucket)
    lake.add_run(FIRST + timedelta(snapshots))
    calls = lake.calls()
    publish(lake.lake.s3, lake.bucket)
    # The kept summary, the new date's kept result, and its two CSVs.
    assert calls == {"GetObject": 4, "ListObjectsV2": 4, "PutObject": 2, "HeadObject": 1}


def test_what_stage_2_did_not_use_is_told_of_the_newest_snapshot_and_read_once(
    report_lake: ReportLake,
) -> None:
    report_lake.add_run(FIRST)
    day = FIRST + timedelta(1)
    report_lake.add_run(day)
    generate(f"s3://{report_lake.bucket}", Spec(FIRST, n=5, bad=6))
    generate(f"s3://{report_lake.bucket}", Spec(day, n=5, bad=13))
    told = expiring(replace(report_lake.lake.settings, snapshots="latest"), day)
    summary = gathered(report_lake)
    assert summary.quarantined
    assert (summary.quarantined.snapshot_date, summary.quarantined.rejects) == (day.isoformat(), told.rejects)
    assert summary.quarantined.reasons == told.rejects_by_code
    calls = report_lake.calls()
    assert gather.gather(report_lake.lake.s3, report_lake.bucket, summary).quarantined == summary.quarantined
    assert calls["GetObject"] == 0


def test_the_page_tells_the_rejects_of_every_stage(report_lake: ReportLake) -> None:
    report_lake.add_run(FIRST, rejects=0)
    report_lake.put(
        f"{prefix('quarantine')}/{FIRST}/a_rejects.jsonl",
        b'{"reject_reason": "bad_valid_until"}\n{"reject_reason": "bad_valid_until;bad_facility_id", "raw_line": "x"}\n',
    )
    report_lake.put(f"{prefix('expiring_soon')}/run_date={FIRST}/expiring_soon.csv", b"")
    page = render(gathered(report_lake), report_lake.bucket, made_at=datetime(2025, 8, 11, tzinfo=UTC))
    table = page.partition('<table id="stages">')[2].partition("</table>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in table.split("</tr>")]
    assert ["malformed_json", "1", "0", "0"] in rows
    assert ["bad_facility_id", "0", "1", "0"] in rows
    assert ["bad_valid_until", NOT_ASKED, "2", NOT_ASKED] in rows
    assert ["bad_state", NOT_ASKED, NOT_ASKED, "1"] in rows


def test_the_page_uses_the_singular_for_one(report_lake: ReportLake) -> None:
    report_lake.add_run(FIRST, facilities=1, rejects=0)

    page = render(gathered(report_lake), report_lake.bucket, made_at=datetime(2025, 8, 11, tzinfo=UTC))

    assert "in 1 state or territory" in page
    assert "of 1 line<" in page


def test_a_summary_of_another_form_is_read_anew(report_lake: ReportLake) -> None:
    report_lake.add_run(FIRST)
    for other in (
        b"not JSON",
        b'{"format": 0}',
        b'{"snapshots":{},"runs":{},"expirations":null,"waiting":[],"format":0}',
    ):
        report_lake.put(gather.summary_key(), other)
        publish(report_lake.lake.s3, report_lake.bucket)
        kept = gather.read_kept(report_lake.lake.s3, report_lake.bucket)
        assert kept.summary == gathered(report_lake)


@pytest.mark.parametrize("key", [gather.summary_key(), report_key()])
def test_of_two_publications_at_once_the_newer_lake_is_shown(report_lake: ReportLake, key: str) -> None:
    """Just before the first publication writes, a run ends and its publication is completed."""
    report_lake.add_run(FIRST)
    s3 = report_lake.lake.s3
    meddled: list[str] = []

    def meddle(params: dict[str, object], **_: object) -> None:
        if key in str(params["url"]) and not meddled:
            meddled.append(key)
            report_lake.add_run(date(2025, 8, 11))
            publish(s3, report_lake.bucket)

    s3.meta.events.register("before-call.s3.PutObject", meddle)
    publish(s3, report_lake.bucket)
    assert meddled
    assert "2025-08-11" in report_lake.lake.read(report_key()).decode()
    assert set(gather.read_kept(s3, report_lake.bucket).summary.snapshots) == {"2025-08-10", "2025-08-11"}


def test_a_summary_that_is_deleted_during_a_publication_is_written_again(report_lake: ReportLake) -> None:
    report_lake.add_run(FIRST)
    s3 = report_lake.lake.s3
    publish(s3, report_lake.bucket)
    report_lake.add_run(date(2025, 8, 11))
    deleted: list[str] = []

    def delete(params: dict[str, object], **_: object) -> None:
        if gather.summary_key() in str(params["url"]) and not deleted:
            deleted.append(gather.summary_key())
            s3.delete_object(Bucket=report_lake.bucket, Key=gather.summary_key())

    s3.meta.events.register("before-call.s3.PutObject", delete)
    publish(s3, report_lake.bucket)
    assert deleted
    assert set(gather.read_kept(s3, report_lake.bucket).summary.snapshots) == {"2025-08-10", "2025-08-11"}


def test_what_a_record_says_is_text_and_never_markup(report_lake: ReportLake) -> None:
    line = '{"facility_id":"FAC1","facility_name":"<img src=x onerror=alert(1)>","location":{"state":"</script>"},"employee_count":1,"accreditations":[{"accreditation_body":"\\"\'><b>","accreditation_id":"1","valid_until":"2025-08-20"}]}'
    report_lake.lake.put_bronze("2025-08-10", "<b>.jsonl", [line])
    expiring(report_lake.lake.settings, FIRST)
    page = render(gathered(report_lake), report_lake.bucket, made_at=datetime.now(UTC))
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in page
    assert page.count("</script>") == page.count("<script") == 1
