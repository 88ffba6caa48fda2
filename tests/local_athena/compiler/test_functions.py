"""Tests functions for which Trino's answer is random."""

from __future__ import annotations

import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow


def test_a_map_of_one_key_twice_is_refused(house: House) -> None:
    twice = "select map_agg(k, v) from (values ('a', 1), ('a', 2)) as t (k, v)"

    assert "does not support map_agg of 'one key twice'" in house.fails(twice)


def test_percentiles_of_many_values_are_exact(house: House) -> None:
    numbers = "from unnest(sequence(1, 10000)) as t (n)"

    assert house.rows(f"select approx_percentile(n, array[0.0, 0.5, 1.0]) {numbers}") == [
        ("[1, 5001, 10000]",)
    ]
