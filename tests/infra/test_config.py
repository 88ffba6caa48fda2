"""Tests the settings of a deployment."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest

from infra.config import Config, ConfigError, default_context
from runner.settings import PROJECT_DIR


def test_defaults_are_usable() -> None:
    assert Config.from_context(default_context()).removal_policy == "retain"


def test_values_from_the_command_line_are_text() -> None:
    config = Config.from_context(
        {**default_context(), "batch_window_seconds": "30", "reject_ratio_alarm": "0.5"}
    )

    assert (config.batch_window_seconds, config.reject_ratio_alarm) == (30, 0.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bucket_name", "Upper"),
        ("glue_database", "has-hyphen"),
        ("athena_workgroup", "has space"),
        ("window_days", -1),
        ("snapshots", "some"),
        ("stage2_engine", "duckdb"),
        ("batch_window_seconds", 301),
        ("batch_window_seconds", "soon"),
        ("bytes_scanned_cutoff", 9_999_999),
        ("query_results_days", 6),
        ("query_results_days", 15),
        ("noncurrent_versions_days", 0),
        ("log_retention_days", 8),
        ("reject_ratio_alarm", 1.5),
        ("staleness_hours", 169),
        ("alarm_email", "nobody"),
        ("removal_policy", "maybe"),
        ("stack_prefix", "1st"),
        ("stack_prefix", "A" * 18),
        ("bucket_name", "a" * 59),
        ("lake_key_arn", "alias/lake"),
        ("architecture", "riscv"),
        ("base_image", "python"),
        ("base_image", "public.ecr.aws/lambda/python:3.12@sha256:short"),
        ("revision", "main"),
        ("transform_concurrency", -1),
        ("release_minutes", -1),
        ("release_minutes", 31),
        ("stack_prefix", None),
    ],
)
def test_unusable_values_are_named(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_context({**default_context(), name: value})


def test_every_choice_is_documented() -> None:
    operations = (PROJECT_DIR / "docs" / "operations.md").read_text("utf-8")
    chosen = set(
        re.findall(r"`([a-z0-9_]+)`", "\n".join(re.findall(r"^\| (`[^|]*) \|", operations, re.MULTILINE)))
    )

    assert {field.name for field in fields(Config)} <= chosen
