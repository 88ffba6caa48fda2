"""The monthly cost."""

from __future__ import annotations

from infra.cost import month, table
from runner.settings import PROJECT_DIR


def test_documented_table_is_what_the_script_prints() -> None:
    assert table() in (PROJECT_DIR / "docs" / "cost.md").read_text("utf-8")


def test_small_runs_pay_athenas_least_bytes_for_each_query() -> None:
    assert month(2).athena == 2 * month(1).athena


def test_runs_are_bounded_by_the_batch_window() -> None:
    assert month(10_000, 300).runs_a_day == 288
    assert month(100, 300).runs_a_day == 100
