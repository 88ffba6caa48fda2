"""Tests the settings that a process reads from its environment."""

from __future__ import annotations

from runner.settings import Settings


def test_a_bucket_alone_is_enough() -> None:
    assert Settings.from_environment({"DATA_BUCKET": "the-lake"}) == Settings(data_bucket="the-lake")
