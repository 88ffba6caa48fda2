"""Tests result reuse, and results that the work group manages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow

REUSE: dict[str, Any] = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 5}}


def test_a_query_asked_again_has_the_rows_of_then(house: House) -> None:
    first = house.run("select random() as n", ResultReuseConfiguration=REUSE)
    again = house.run("select random() as n", ResultReuseConfiguration=REUSE)
    anew = house.run("select random() as n")

    reused = [
        one["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"] for one in (first, again, anew)
    ]
    assert reused == [False, True, False]
    assert again["ResultReuseConfiguration"] == REUSE
    assert house.rows_of(first) == house.rows_of(again) != house.rows_of(anew)
    locations = [one["ResultConfiguration"]["OutputLocation"] for one in (first, again)]
    assert house.read(locations[0]) == house.read(locations[1])


def test_other_words_another_database_or_too_old_a_result_is_run(house: House) -> None:
    house.run("select random() as n")
    never = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 0}}

    for sql, configuration in (("select random() as m", REUSE), ("select random() as n", never)):
        execution = house.run(sql, ResultReuseConfiguration=configuration)
        assert not execution["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]


def test_a_work_group_that_manages_results_stores_none(house: House) -> None:
    house.athena.create_work_group(
        Name=f"{house.database}_managed",
        Configuration={"ManagedQueryResultsConfiguration": {"Enabled": True}},
    )

    def run(sql: str) -> dict[str, Any]:
        request = {"QueryString": sql, "QueryExecutionContext": {"Database": f"`{house.database}`"}}
        started = house.athena.start_query_execution(WorkGroup=f"{house.database}_managed", **request)
        return house.wait(started["QueryExecutionId"])

    execution = run("select 1 as n")

    assert house.rows_of(execution) == [("n",), ("1",)]
    assert "ResultConfiguration" not in execution
    assert execution["ManagedQueryResultsConfiguration"] == {"Enabled": True}
    assert house.keys("") == []
    assert (
        "must name the location of the table"
        in run("create table t as select 1 as n")["Status"]["StateChangeReason"]
    )
    assert run("drop table nope")["Status"]["State"] == "FAILED"
