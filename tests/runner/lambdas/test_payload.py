"""Tests the limits of an execution's data: 262,144 bytes, and 32,768 characters for an error's cause."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runner.lambdas.payload import MAX_RESULT_BYTES, bounded, short

#: A result in the format of a run.
RESULT: dict[str, Any] = {
    "snapshot_dates": ["2025-08-10"],
    "run_ts": "20250810T060000Z-0a1b2c3d",
    "changed": True,
    "counts": {"stage3": {"processed": 2, "rejected": 1}},
    "tests": {"passed": ["a", "b"], "failed": []},
    "hidden": [],
    "exports": {"processed": {"key": "k" * 900, "copy_source": "s" * 900}},
}


class Stored(list[bytes]):
    def __call__(self, whole: bytes) -> str:
        self.append(whole)
        return "s3://lake/pipeline-state/results/x.json"


def test_a_small_result_stays_as_it_is_and_nothing_is_stored() -> None:
    stored = Stored()

    assert bounded(RESULT, stored) == RESULT
    assert stored == []


def test_three_hundred_hidden_long_names_become_a_count_and_samples_and_the_rest_is_kept() -> None:
    stored = Stored()
    long_name = "\u4e2d" * 330
    hidden = [f"bronze/2025-08-10/_{n:03}{long_name}.jsonl" for n in range(300)]
    whole = RESULT | {"hidden": hidden}
    assert len(json.dumps(whole)) > 262_144

    result = bounded(whole, stored)

    assert len(json.dumps(result)) < MAX_RESULT_BYTES
    assert result["counts_of_lists"] == {"hidden": 300}
    assert len(result["hidden"]) == 10
    assert result["complete"] == "s3://lake/pipeline-state/results/x.json"
    assert [json.loads(one) for one in stored] == [whole]
    # The members that the state machine uses for decisions and copies are unchanged.
    for name in ("run_ts", "changed", "counts", "exports"):
        assert result[name] == RESULT[name]


texts = st.text(max_size=2_000)


@given(st.lists(texts, max_size=300), st.lists(texts, max_size=300))
def test_any_lists_of_texts_fit(hidden: list[str], failed: list[str]) -> None:
    whole = RESULT | {"hidden": hidden * 20, "tests": {"failed": failed * 20}}

    assert len(json.dumps(bounded(whole, Stored()))) <= MAX_RESULT_BYTES


@given(st.text(max_size=10_000))
def test_a_message_fits_into_a_cause_with_its_end(message: str) -> None:
    told = short(message)

    assert len(json.dumps(told)) < 13_000
    assert told == message or (told.startswith(message[:900]) and told.endswith(message[-900:]))
