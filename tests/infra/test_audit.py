"""Tests how the audit judges findings; `make audit` runs the tools."""

from __future__ import annotations

import re
import sys

import pytest

from infra.audit import STANDS, Finding, Stands, judge, lint
from runner.settings import PROJECT_DIR

REASON = Stands(r"CKV_1", r".*AccessLogs.*", "It is the bucket that takes the access logs.")


def test_a_finding_with_a_reason_stands_only_where_the_reason_holds() -> None:
    meant, other = (
        Finding("checkov", "CKV_1", "Bucket.AccessLogs"),
        Finding("checkov", "CKV_1", "Bucket.Lake"),
    )

    assert judge([meant], [REASON]) == []
    assert judge([meant, other], [REASON]) == ["checkov: CKV_1 on Bucket.Lake"]


def test_a_finding_without_a_reason_and_a_reason_without_a_finding_are_wrong() -> None:
    assert judge([Finding("checkov", "CKV_2", "x")], []) == ["checkov: CKV_2 on x"]
    assert judge([], [REASON]) == ["no finding needs this reason any more: CKV_1"]


@pytest.mark.parametrize(
    ("script", "content", "told"),
    [
        ("pass", True, "clean"),
        ("print('a finding'); raise SystemExit(1)", False, "a finding"),
        ("raise SystemExit(3)", False, "exit code 3"),
        ("print('npm error code ENOTFOUND'); raise SystemExit(1)", True, "not run: npm error code ENOTFOUND"),
    ],
)
def test_a_tool_is_content_or_not_to_be_had_or_has_findings(script: str, *, content: bool, told: str) -> None:
    assert lint([sys.executable, "-c", script]) == (content, told)


def test_ci_runs_the_audit() -> None:
    assert "make audit\n" in (PROJECT_DIR / ".ci" / "run").read_text("utf-8")


def test_workflows_call_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_DIR / "Makefile").read_text("utf-8"), re.MULTILINE))
    workflows = [*(PROJECT_DIR / ".github" / "workflows").glob("*.yml"), PROJECT_DIR / ".ci" / "run"]
    called = {name for path in workflows for name in re.findall(r"\bmake ([a-z-]+)", path.read_text("utf-8"))}

    assert called >= {"audit", "deploy", "diff", "sbom", "test"}
    assert called <= targets


def test_every_reason_says_something() -> None:
    assert not [one.rule for one in STANDS if len(one.reason) < 30]


def test_actions_are_pinned_by_digest_and_keep_no_credentials() -> None:
    for workflow in (PROJECT_DIR / ".github" / "workflows").glob("*.yml"):
        text = workflow.read_text("utf-8")
        used = re.findall(r"uses: (\S+)", text)
        assert used
        assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []
        assert text.count("actions/checkout@") == text.count("persist-credentials: false")
