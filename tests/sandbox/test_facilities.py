"""Tests the register of facilities: real places, sizes and services by kind, and changes between snapshots."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import zipcodes
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.settings import PROJECT_DIR
from sandbox.facilities import REGISTER_BEGINS, Facilities, Record, vocabulary

DAY = date(2025, 8, 10)


def snapshot(day: date, count: int = 1000) -> dict[str, Record]:
    """The facilities of one day, by their id."""
    facilities = Facilities(0, day)
    records = [facilities.record(number) for number in range(1, count + 1)]
    by_id = {record["facility_id"]: record for record in records}
    assert len(by_id) == count
    return by_id


def kind_of(record: Record) -> str:
    return next(kind.name for kind in vocabulary().kinds if record["facility_name"].endswith(kind.name))


def test_city_state_and_zip_belong_together() -> None:
    for record in snapshot(DAY).values():
        location = record["location"]
        [known] = zipcodes.matching(location["zip"])
        assert (known["city"], known["state"]) == (location["city"], location["state"])


def test_states_have_facilities_by_their_population() -> None:
    with (PROJECT_DIR / "sandbox" / "state_populations.csv").open(encoding="utf-8") as file:
        populations = {row["state"]: int(row["population"]) for row in csv.DictReader(file)}
    with (PROJECT_DIR / "seeds" / "us_states.csv").open(encoding="utf-8") as file:
        assert {row["state"] for row in csv.DictReader(file)} == set(populations)
    found = Counter(record["location"]["state"] for record in snapshot(DAY, 20_000).values())
    for state, population in populations.items():
        expected = 20_000 * population / sum(populations.values())
        assert abs(found[state] - expected) < 5 * expected**0.5 + 1, state


def test_the_kind_decides_size_and_services() -> None:
    kinds = {kind.name: kind for kind in vocabulary().kinds}
    sizes = defaultdict(list)
    for record in snapshot(DAY, 5000).values():
        kind = kinds[kind_of(record)]
        sizes[kind.name].append(record["employee_count"])
        assert kind.employees[0] <= record["employee_count"] <= kind.employees[1]
        assert record["services"][: len(kind.services)] == kind.services
        assert len(set(record["services"])) == len(record["services"])
        assert {one["accreditation_body"] for one in record["accreditations"]} <= {
            vocabulary().bodies[body] for body in kind.bodies
        }
    assert set(sizes) == set(kinds)
    assert median(sizes["Medical Center"]) > 20 * median(sizes["Family Clinic"])


def test_a_year_brings_new_closed_renamed_and_renewed_facilities() -> None:
    before, after = snapshot(DAY), snapshot(DAY + timedelta(365))
    closed, new = before.keys() - after.keys(), after.keys() - before.keys()
    stayed = before.keys() & after.keys()
    renamed = [one for one in stayed if before[one]["facility_name"] != after[one]["facility_name"]]
    renewed = [one for one in stayed if before[one]["accreditations"] != after[one]["accreditations"]]
    assert 30 < len(closed) == len(new) < 100
    assert 20 < len(renamed) < 100
    assert 200 < len(renewed) < 600
    for one in stayed:
        assert before[one]["location"] == after[one]["location"]
        assert kind_of(before[one]) == kind_of(after[one])


def test_some_facilities_have_no_valid_accreditation_and_some_are_about_to_lose_it() -> None:
    day = DAY.isoformat()
    soon = (DAY + timedelta(180)).isoformat()
    best = [max(one["valid_until"] for one in record["accreditations"]) for record in snapshot(DAY).values()]
    assert 30 < sum(end < day for end in best) < 150
    assert 30 < sum(day <= end < soon for end in best) < 200


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 3), number=st.integers(1, 10**7), year=st.integers(-3, 12))
def test_an_accreditation_s_end_is_fixed_until_it_is_renewed_by_a_period(
    seed: int, number: int, year: int
) -> None:
    first = REGISTER_BEGINS + timedelta(365 * year)
    days = [Facilities(seed, first + timedelta(7 * week)).record(number) for week in range(52 * 4)]
    for earlier, later in pairwise(days):
        if earlier["facility_id"] != later["facility_id"]:
            assert all(one["valid_until"] > later["snapshot_date"] for one in later["accreditations"])
            continue
        for before, after in zip(earlier["accreditations"], later["accreditations"], strict=True):
            assert before["accreditation_id"] == after["accreditation_id"]
            grown = date.fromisoformat(after["valid_until"]) - date.fromisoformat(before["valid_until"])
            assert grown in (timedelta(0), timedelta(3 * 365))


@settings(deadline=None, max_examples=50)
@given(number=st.integers(1, 10**7), years=st.lists(st.integers(0, 200), min_size=2, max_size=2).map(sorted))
def test_a_closed_facility_does_not_come_back(number: int, years: list[int]) -> None:
    ids = [
        Facilities(0, REGISTER_BEGINS + timedelta(365 * year)).record(number)["facility_id"] for year in years
    ]
    generation = [int(one.partition("-")[2] or 1) for one in ids]
    assert generation == sorted(generation)
