"""Tests that rows come out sorted, whether they fit in memory or not."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.stage2.sorted_rows import SortedRows


def in_order(batches: list[list[str]], max_held: int) -> list[str]:
    with closing(SortedRows(max_held)) as rows:
        for batch in batches:
            rows.add(batch)
        text = b"".join(rows.pieces()).decode()
    assert text == "" or text.endswith("\n")
    return text.split("\n")[:-1]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=6)


@given(st.lists(st.lists(texts, max_size=6), max_size=40), st.sampled_from([0, 20, 10_000]))
def test_rows_are_in_the_order_of_their_bytes(batches: list[list[str]], max_held: int) -> None:
    expected = sorted((row for batch in batches for row in batch), key=lambda row: row.encode())
    assert in_order(batches, max_held) == expected


@pytest.mark.parametrize("step", [1, -1, 7919])
def test_many_rows_in_order_or_not(step: int) -> None:
    rows = [f"{number * step % 50_021:06}" for number in range(50_021)]
    batches = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    assert in_order(batches, max_held=5000) == sorted(rows)
