"""Tests every kind of fault at every request of every program, and checks that the lake heals.

    python -m tests.simulator.crashes [--report docs/crashtest.md] [--jobs 2] [--kept crashtest.jsonl]

A point is one request of one program and one kind of fault (see `cloud.Kind`). For each point, a lake is built, its
bronze changes, and the program runs with the fault. Then faults stop, and `healing.heal` must bring the lake into the
state that bronze requires.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from runner.lake import bronze_folder
from runner.settings import Settings
from runner.stage2 import expiring as stage2
from runner.tables import initialise, maintain, transform
from runner.telemetry import logger
from tests.simulator import dbt, virtual
from tests.simulator.cloud import KINDS, Fault, Kind
from tests.simulator.deployment import Deployment, Luck
from tests.simulator.healing import heal, notification
from tests.simulator.histories import LINES, RUN_DATE, initialised, simulated
from tests.simulator.scheduler import WaitsForEver
from tests.simulator.world import World

DAY = date(2025, 8, 10)
FOLDER = bronze_folder(DAY)


def _deliver(_: World, deployment: Deployment) -> None:
    deployment.deliver("event", [notification(f"{FOLDER}a.jsonl")])


def _command(name: str, function: Callable[[Settings], object]) -> Callable[[World, Deployment], None]:
    def start(_: World, deployment: Deployment) -> None:
        deployment.start(name, lambda: function(Settings.from_environment()))

    return start


def _without_tables(world: World, deployment: Deployment) -> None:
    for model in dbt.MODELS[2:]:
        del world.glue.tables[model]
    _command("init", lambda settings: initialise.initialise(settings, wait=90))(world, deployment)


#: The programs that are tested: how the name of the program with the faults ends, and what starts it.
PROGRAMS: dict[str, tuple[str, Callable[[World, Deployment], None]]] = {
    "transform (event)": ("/transform#0", _deliver),
    "publish": ("/publish#0", _deliver),
    "dispatch": ("/dispatch#0", _deliver),
    "transform (command)": (
        "transform#0",
        _command("transform", lambda settings: transform.transform(settings, [DAY], wait=90)),
    ),
    "full refresh": (
        "refresh#0",
        _command(
            "refresh", lambda settings: transform.transform(settings, [DAY], full_refresh=True, wait=90)
        ),
    ),
    "expiring": ("stage2#0", _command("stage2", lambda settings: stage2.expiring(settings, RUN_DATE))),
    "maintain": ("maintain#0", _command("maintain", lambda settings: maintain.maintain(settings, wait=90))),
    "init": ("init#0", _without_tables),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a point: the request with the fault ("" if there were fewer requests), and what did not heal."""

    request: str
    differences: list[str]


def requests(program: str) -> list[str]:
    """A program's requests without faults. Call it within `histories.simulated()`."""
    world, deployment, name = _made(program, Luck())
    with virtual.entered(world):
        _build(world, deployment)
        earlier = set(world.cloud.networks)
        PROGRAMS[program][1](world, deployment)
        world.scheduler.wait_for_all()
    return next(
        network.calls
        for process, network in world.cloud.networks.items()
        if process not in earlier and process.name.endswith(name)
    )


def try_point(program: str, kind: Kind, call: int) -> Outcome:
    """Apply a fault to one request. Call it within `histories.simulated()`."""
    world, deployment, _ = _made(program, Luck(faults=(Fault(call, kind),)))
    start = PROGRAMS[program][1]
    with virtual.entered(world):
        try:
            _build(world, deployment)
            start(world, deployment)
            world.scheduler.wait_for_all()
            hit = [one for network in world.cloud.networks.values() for one in network.hit]
            if not hit:
                return Outcome("", [])
            return Outcome(hit[0], heal(world, deployment, [DAY], RUN_DATE) + world.invariants.violations)
        except WaitsForEver as error:
            return Outcome(str(error), [str(error)])
        finally:
            world.scheduler.close()


def _made(program: str, luck: Luck) -> tuple[World, Deployment, str]:
    """A lake, its programs (with the fault for the tested one), and how the tested program's name ends."""
    name = PROGRAMS[program][0]
    # With a fixed seed, the requests before the fault are the same for each point.
    world = initialised(1)
    return world, Deployment(world, lambda started: luck if started.endswith(name) else Luck()), name


def _build(world: World, deployment: Deployment) -> None:
    """Build and publish a date, and then change it: one file is replaced, one deleted, one added.

    Stage 2 runs before the change, so that in the quarantine one object must be deleted and another changed.
    """
    deployment.healing = True
    world.s3.put(f"{FOLDER}a.jsonl", b"\n".join(LINES[:6]))
    world.s3.put(f"{FOLDER}b.jsonl", b"\n".join(LINES[3:]))
    deployment.deliver("before", [notification(f"{FOLDER}a.jsonl")])
    _command("before", lambda settings: stage2.expiring(settings, RUN_DATE))(world, deployment)
    world.scheduler.wait_for_all()
    world.s3.put(f"{FOLDER}a.jsonl", b"\n".join(LINES[1:4]))
    world.s3.delete(f"{FOLDER}b.jsonl")
    world.s3.put(f"{FOLDER}c.jsonl", b"\n".join(LINES[5:9]))
    world.scheduler.sleep(5)
    deployment.healing = False


def calls(kind: Kind, stride: int) -> Iterator[int]:
    """The indexes of the requests to test: the first, then each `stride`-th one, with another offset for each kind."""
    return itertools.chain([0], itertools.count(1 + KINDS.index(kind) % stride, stride))


@dataclass(frozen=True, slots=True)
class Sweep:
    """All points of one program and one kind of fault: their number, and those that did not heal."""

    program: str
    kind: Kind
    stride: int
    points: int
    wrong: list[str]


def sweep(program: str, kind: Kind, stride: int) -> Sweep:
    """Test one kind of fault at a program's requests in turn."""
    logger.setLevel(logging.CRITICAL)
    points, wrong = 0, list[str]()
    with simulated():
        for call in calls(kind, stride):
            outcome = try_point(program, kind, call)
            if not outcome.request:
                break
            points += 1
            if outcome.differences:
                wrong.append(f"{program}, call {call}, {outcome.request}: {outcome.differences}")
    return Sweep(program, kind, stride, points, wrong)


def report(counts: dict[tuple[str, Kind], int], wrong: Iterable[str], stride: int) -> str:
    """The text of the page docs/crashtest.md."""
    wrong = list(wrong)
    lines = [
        "# Crash test: every kind of fault at every request",
        "",
        "`make crashtest` writes this page. Each point is a run of one program with one kind of fault at one of its requests.",
        "Afterwards an event of the date is delivered. Then the tables, the exports, `prod/` and the quarantine must be what",
        "bronze requires. `tests/simulator/cloud.py` describes the kinds of faults.",
        "",
        f"{sum(counts.values())} points, of which {len(wrong)} did not heal."
        + (f" Every {stride}th request of each program was tested." if stride > 1 else ""),
        "",
        "| | " + " | ".join(kind.replace("_", " ") for kind in KINDS) + " |",
        "| --- |" + " ---: |" * len(KINDS),
    ]
    lines += [
        f"| {program} | " + " | ".join(str(counts.get((program, kind), 0)) for kind in KINDS) + " |"
        for program in PROGRAMS
    ]
    return "\n".join([*lines, *(["", *(f"- {one}" for one in wrong)] if wrong else [])]) + "\n"


def _sweeps(jobs: int, stride: int, kept: Path | None) -> Iterator[Sweep]:
    """All sweeps. Those kept in the file are read from it, and each new one is added to it when it ends."""
    known = (
        [json.loads(line) for line in kept.read_text("utf-8").splitlines()] if kept and kept.exists() else []
    )
    done = {(one["program"], one["kind"]) for one in known if one["stride"] == stride}
    yield from (Sweep(**one) for one in known if one["stride"] == stride)
    left = [pair for pair in itertools.product(PROGRAMS, KINDS) if pair not in done]
    if not left:
        return
    with ProcessPoolExecutor(jobs) as pool:
        for one in pool.map(sweep, *zip(*left, strict=True), itertools.repeat(stride)):
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(dataclasses.asdict(one)) + "\n")
            yield one


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--report", type=Path, help="where to write the page with the counts")
    parser.add_argument("--stride", type=int, default=1, help="test every n-th request")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="number of parallel processes")
    parser.add_argument(
        "--kept", type=Path, help="a file that keeps the results; the same command continues from them"
    )
    options = parser.parse_args()
    counts: Counter[tuple[str, Kind]] = Counter()
    wrong: list[str] = []
    for one in _sweeps(options.jobs, options.stride, options.kept):
        counts[one.program, one.kind] = one.points
        wrong += one.wrong
        print(f"{one.program}: {one.kind}: {one.points} points, {len(one.wrong)} wrong", flush=True)
        for text in one.wrong:
            print(f"  {text}", flush=True)
    print(f"{sum(counts.values())} points, {len(wrong)} wrong")
    if options.report:
        options.report.write_text(report(counts, wrong, options.stride), "utf-8")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
