"""Tests that the simulator's stand-in for dbt sends the statements of real dbt, on the same tables, in order."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml

from runner.lake import bronze_folder
from runner.settings import PROJECT_DIR, Settings
from runner.tables.transform import transform
from tests.pipeline.facts import initialised_lake
from tests.pipeline.faults import Faults
from tests.simulator import dbt as stand_in
from tests.simulator import histories, virtual

if TYPE_CHECKING:
    from sandbox.local import Sandbox

DAY = date(2025, 8, 10)
_ON_A_TABLE = re.compile(r"(merge into|create table) (?:\S*\.)?\"?(\w+)")


def statements(calls: list[str]) -> list[str]:
    """The statements among some calls: what each does, and to which table."""
    found: list[str] = []
    for call in calls:
        service, _, sql = call.partition(" ")
        if service != "athena.StartQueryExecution":
            continue
        if on_a_table := _ON_A_TABLE.match(sql):
            found.append(" ".join(on_a_table.groups()))
        elif sql == "select data tests" or re.match(r"select '\w+' as test", sql):
            found.append("data tests")
        else:
            found.append(" ".join(sql.split()[:4]))
    return found


def test_the_models_are_those_of_the_project_and_none_comes_before_what_it_reads() -> None:
    sources = {path.stem: path.read_text("utf-8") for path in (PROJECT_DIR / "models").rglob("*.sql")}
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))
    folders = {
        folder
        for folder, config in project["models"]["medlaunch_elt"].items()
        if isinstance(config, dict) and config.get("+materialized") == "incremental"
    }
    incremental = {
        path.stem for folder in folders for path in (PROJECT_DIR / "models" / folder).glob("*.sql")
    }

    assert set(stand_in.MODELS) == incremental
    for place, model in enumerate(stand_in.MODELS):
        read = set(re.findall(r"ref\('(\w+)'\)", sources[model])) & incremental
        assert read <= set(stand_in.MODELS[:place])


def test_each_table_that_is_created_has_a_place_of_its_own() -> None:
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))
    with histories.simulated(), virtual.entered(histories.initialised(1)):
        places = {stand_in.new_location(stand_in.MODELS[0]) for _ in range(10)}

    assert project["models"]["medlaunch_elt"]["intermediate"]["+s3_data_naming"] == "table_unique"
    assert len(places) == 10


@pytest.mark.slow
@pytest.mark.xdist_group("stand_in")
def test_a_run_sends_the_same_statements(sandbox: Sandbox) -> None:
    with pytest.MonkeyPatch.context() as patch:
        lake = initialised_lake(sandbox, patch, "stand-in")
        lake.put_bronze(str(DAY), "a.jsonl", [line.decode() for line in histories.LINES[:4]])
        faults = Faults()
        faults.install(patch)
        transform(lake.settings, [DAY])
        real = statements(faults.calls)

    world = histories.initialised(1)
    with histories.simulated(), virtual.entered(world):
        world.s3.put(f"{bronze_folder(DAY)}a.jsonl", b"\n".join(histories.LINES[:4]))
        process, _ = world.start("run", lambda: transform(Settings.from_environment(), [DAY]))
        world.scheduler.wait_for_all()
        simulated = statements(world.cloud.networks[process].calls)

    # dbt builds the tables of the stages in parallel.
    assert simulated[0] == real[0] == "merge into int_judged_lines"
    assert sorted(simulated[1:5]) == sorted(real[1:5])
    assert simulated[5:] == real[5:]
