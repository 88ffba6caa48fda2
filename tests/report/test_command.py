"""Tests `medlaunch report`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.main import run
from runner.report.publish import report_key

from .conftest import FIRST, ReportLake


def test_it_writes_a_file(
    report_lake: ReportLake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report_lake.add_run(FIRST)
    out = tmp_path / "page.html"
    assert run(["report", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"report: {out}\n"
    assert "2025-08-10" in out.read_text("utf-8")
    assert report_key() not in report_lake.lake.keys("prod/")


def test_it_publishes(report_lake: ReportLake, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "--publish"]) == 0
    assert capsys.readouterr().out == f"report: s3://{report_lake.bucket}/prod/report/index.html\n"
    assert b"No snapshot has been built yet" in report_lake.lake.read(report_key())


def test_a_file_that_cannot_be_written_is_one_line(
    report_lake: ReportLake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", "--out", str(tmp_path / "nowhere" / "page.html")]) != 0
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert len(told.splitlines()) == 1
