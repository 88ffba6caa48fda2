"""Tests `local-athena conformance`, which compares an endpoint's answers with those of Athena and of Trino."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from local_athena.conformance.cases import Case, measured, recorded
from local_athena.conformance.command import main, write_differences
from local_athena.conformance.comparing import Endpoint, Outcome
from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow


def endpoint(house: House) -> Endpoint:
    return Endpoint(house.athena, f"s3://{house.bucket}/results/", house.database)


def test_local_athena_answers_as_athena_was_measured_to_answer(house: House) -> None:
    verdicts = list(endpoint(house).compare(list(measured())))

    assert len(verdicts) > 50
    assert [v for v in verdicts if v.outcome not in (Outcome.EQUAL, Outcome.SAME_FAILURE)] == []


def test_local_athena_answers_as_trino_or_refuses(house: House) -> None:
    cases = [case for case in recorded() if case.topic in ("arrays", "literals")]
    verdicts = list(endpoint(house).compare(cases))
    counts = Counter(verdict.outcome for verdict in verdicts)

    assert counts[Outcome.DIFFERENT] == 0, [v for v in verdicts if v.outcome is Outcome.DIFFERENT]
    assert counts[Outcome.EQUAL] > 0.5 * len(cases)


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (Case("x", "x", "select 1", types=("integer",), rows=(("1",),)), Outcome.EQUAL),
        (Case("x", "x", "select 1", types=("bigint",), rows=(("1",),)), Outcome.DIFFERENT),
        (Case("x", "x", "select 1", types=("integer",), rows=(("2",),)), Outcome.DIFFERENT),
        (Case("x", "x", "select 1", error="DIVISION_BY_ZERO"), Outcome.DIFFERENT),
        (Case("x", "x", "select 1", refused="MALFORMED_QUERY"), Outcome.DIFFERENT),
        (Case("x", "x", "select 1 / 0", types=("integer",), rows=(("1",),)), Outcome.REFUSED),
        (Case("x", "x", "select 1 / 0", error="DIVISION_BY_ZERO"), Outcome.SAME_FAILURE),
        (Case("x", "x", "select 1 / 0", error="DIVISION_BY_ZERO", error_type=7), Outcome.OTHER_FAILURE),
        (Case("x", "x", "select 1 / 0", error="TYPE_MISMATCH"), Outcome.OTHER_FAILURE),
        (Case("x", "x", "selec 1", refused="MALFORMED_QUERY"), Outcome.SAME_FAILURE),
        (Case("x", "x", "selec 1", refused="INVALID_INPUT"), Outcome.OTHER_FAILURE),
    ],
)
def test_an_answer_is_judged_by_types_rows_and_codes(house: House, case: Case, outcome: Outcome) -> None:
    (verdict,) = endpoint(house).compare([case])

    assert verdict.outcome is outcome


def test_the_differences_are_written_with_both_answers(house: House, tmp_path: Path) -> None:
    differences = tmp_path / "differences.jsonl"
    cases = [
        Case("x", "x", "select 1", types=("integer",), rows=(("1",),)),
        Case("x", "x", "select 1 / 0", error="TYPE_MISMATCH"),
    ]

    write_differences(differences, list(endpoint(house).compare(cases)))

    (line,) = map(json.loads, differences.read_text("utf-8").splitlines())
    assert (line["sql"], line["outcome"]) == ("select 1 / 0", "fails with another code")
    assert "DIVISION_BY_ZERO" in json.dumps(line)


def test_the_command_prints_counts_and_writes_the_differences(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in house.environment.items():
        monkeypatch.setenv(name, value)
    differences = tmp_path / "differences.jsonl"

    code = main(
        [
            "--endpoint", house.environment["AWS_ENDPOINT_URL_ATHENA"], "--output", f"s3://{house.bucket}/r/",
            "--database", house.database, "--against", "measured", "--differences", str(differences),
        ]
    )  # fmt: skip

    assert code == 0
    assert "Athena, measured  values" in capsys.readouterr().out
    assert differences.read_text("utf-8") == "", "there are none"


def test_an_endpoint_that_does_not_answer_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    assert main(["--endpoint", "http://127.0.0.1:9", "--against", "measured"]) == 1
    assert "http://127.0.0.1:9 does not answer" in capsys.readouterr().err
