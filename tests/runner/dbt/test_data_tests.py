"""Tests the data tests as one query: dbt's severity, warn_if and error_if, and Athena's limit on a query's length."""

from __future__ import annotations

import pytest

from runner.dbt.data_tests import MAX_QUERY_BYTES, CompiledTest, Tests, outcomes, queries

ONE = CompiledTest("one", "What it is for.", "select 1 as x", limit=500)


@pytest.mark.parametrize(
    ("severity", "should_warn", "should_error", "outcome"),
    [
        ("error", "false", "false", "passed"),
        ("error", "true", "false", "warned"),
        ("error", "true", "true", "failed"),
        # error_if may hold where warn_if does not.
        ("error", "false", "true", "failed"),
        ("warn", "true", "true", "warned"),
        ("warn", "false", "true", "passed"),
    ],
)
def test_severity_is_dbts(severity: str, should_warn: str, should_error: str, outcome: str) -> None:
    test = CompiledTest("one", "What it is for.", "select 1 as x", severity=severity)
    found = outcomes([test], [["one", "3", should_warn, should_error]])
    assert getattr(found, outcome) == ["one"]
    assert found.details == ({} if outcome == "passed" else {"one": "3 failures: What it is for."})


def test_conditions_and_limit_stand_in_the_query() -> None:
    test = CompiledTest(
        "one", "", "select 1 as x", failures="sum(x)", warn_if="> 1", error_if=">= 10", limit=5
    )
    assert " ".join(test.query().split()) == (
        "select 'one' as test, sum(x) as failures, sum(x) > 1 as should_warn, sum(x) >= 10 as should_error "
        "from ( select 1 as x limit 5 ) as failing_rows"
    )


def test_a_query_stays_below_athenas_limit_and_none_is_lost() -> None:
    tests = [CompiledTest(f"test{n}", "", f"select '{'x' * 100_000}' as x") for n in range(5)]
    united = list(queries(tests))
    assert all(len(query.encode()) <= MAX_QUERY_BYTES for query in united)
    assert sum(query.count("as should_error") for query in united) == 5
    assert len(united) == 3
    assert list(queries([])) == []


def test_a_test_without_an_answer_is_an_error() -> None:
    with pytest.raises(KeyError):
        outcomes([ONE], [])


def test_of_two_runs_the_worse_outcome_counts() -> None:
    first = Tests(passed=["a", "b", "c"])
    second = Tests(passed=["a"], warned=["b"], failed=["c"], details={"b": "1 failures: x"})
    assert first.merged(second) == Tests(["a"], ["b"], ["c"], {"b": "1 failures: x"})
