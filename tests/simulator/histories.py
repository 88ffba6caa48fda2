"""Plays histories: random sequences of events in a lake from a seed, checks how they end, and shrinks those that fail.

    python -m tests.simulator.histories --count 1000 [--start 0] [--jobs 2]
    python -m tests.simulator.histories --replay 4711

A history is a list of moves and the luck of every program that they start (see `deployment.Luck`). In a move, files are
added, changed or deleted; events are lost, repeated or late; commands run beside the functions. At the end faults stop.
Then one or two deliveries of an event for each date must bring the lake into the state that bronze requires.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from unittest import mock

from runner.aws.errors import translated_errors
from runner.aws.invocation import Invocation
from runner.lake import bronze_folder
from runner.lambdas import handlers
from runner.replay.ledger import Correction, open_lines, write_replay
from runner.replay.rejected_lines import rejected_lines
from runner.settings import Settings
from runner.stage2 import expiring as stage2
from runner.tables import initialise, maintain, transform
from runner.telemetry import logger
from tests.simulator import check, dbt, virtual
from tests.simulator.athena import QUERY_KINDS
from tests.simulator.cloud import KINDS, Fault
from tests.simulator.deployment import Deployment, Luck
from tests.simulator.healing import heal, notification
from tests.simulator.scheduler import WaitsForEver
from tests.simulator.world import DATABASE, World

DAYS = (date(2025, 8, 9), date(2025, 8, 10))
FILES = ("a.jsonl", "b.jsonl", "_hidden.jsonl")
RUN_DATE = date(2025, 8, 10)
Kind = Literal[
    "put",
    "append",
    "shrink",
    "empty",
    "delete",
    "rename",
    "replay",
    "transform",
    "force",
    "all",
    "full_refresh",
    "init",
    "maintain",
    "stage2",
    "correct",
]
_WEIGHTS: dict[Kind, int] = {
    "put": 20,
    "append": 10,
    "shrink": 8,
    "empty": 4,
    "delete": 10,
    "rename": 5,
    "replay": 6,
    "transform": 8,
    "force": 4,
    "all": 4,
    "full_refresh": 2,
    "init": 2,
    "maintain": 2,
    "stage2": 6,
    "correct": 4,
}
_BRONZE_MOVES = ("put", "append", "shrink", "empty", "delete", "rename")
_CHUNK = 50
_PAUSES = (0.0, 0.0, 0.5, 2.0, 8.0, 30.0, 80.0, 400.0)


def _facility(number: int, state: str = "OR", valid_until: str = "2026-01-31", **more: Any) -> bytes:
    record = {
        "facility_id": f"FAC{number}",
        "facility_name": f"Clinic {number}",
        "location": {"state": state},
        "employee_count": number,
        "services": ["ER"],
        "accreditations": [{"accreditation_body": "JC", "valid_until": valid_until}],
        **more,
    }
    return json.dumps(record).encode()


#: The lines that files consist of: good lines of few facilities, so that there are duplicates, and one line for each
#: kind of reject.
LINES = (
    _facility(1),
    _facility(1, state="CA"),
    _facility(2, valid_until="2020-01-01"),
    _facility(2, facility_name="Twin"),
    _facility(3, valid_until="2025-09-01"),
    _facility(4, state="??"),
    _facility(5, valid_until="soon"),
    _facility(6, services="ER"),
    _facility(7, accreditations=[]),
    b'{"facility_id": 1}',
    b"not JSON",
    b" ",
)


@dataclass(frozen=True, slots=True)
class Move:
    """One event of a history.

    Attributes:
        name: unique in its history; the programs that the move starts are named after it.
        pause: seconds since the previous move.
        kind: what happens.
        day, file: the date and the file that the move concerns.
        lines: the content of a put; the lines that a shrink keeps or an append adds.
        deliveries: the delays, in seconds, of the deliveries of the move's event; empty if the event is lost.
    """

    name: str
    pause: float
    kind: Kind
    day: date
    file: str
    lines: tuple[int, ...]
    deliveries: tuple[float, ...]


@dataclass(frozen=True)
class History:
    """Moves, and the luck of the programs that they start: given by name, and otherwise drawn from the seed."""

    seed: int
    moves: tuple[Move, ...]
    luck: dict[str, Luck] | None = None


@dataclass
class Report:
    """How a history ended. `differences` is empty if the lake is as it should be."""

    differences: list[str] = field(default_factory=list[str])
    luck: dict[str, Luck] = field(default_factory=dict[str, Luck])
    calls: int = 0
    runs: int = 0
    faults: list[str] = field(default_factory=list[str])


def make(seed: int) -> History:
    """Create the history of a seed."""
    chance = random.Random(seed)
    moves: list[Move] = []
    for number in range(chance.randint(2, 9)):
        deliveries = [chance.choice((0.5, 1.0, 5.0))]
        match chance.randrange(10):
            case 0:
                deliveries = []
            case 1:
                deliveries.append(chance.choice((2.0, 60.0, 600.0)))
            case 2 | 3:
                deliveries = [chance.choice((40.0, 300.0, 3000.0))]
        moves.append(
            Move(
                name=f"move{number}",
                pause=chance.choice(_PAUSES),
                kind=chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0] if number else "put",
                day=chance.choice(DAYS),
                file=chance.choices(FILES, (5, 4, 1))[0],
                lines=tuple(chance.randrange(len(LINES)) for _ in range(chance.randint(0, 4))),
                deliveries=tuple(deliveries),
            )
        )
    return History(seed, tuple(moves))


def luck_of(seed: int, program: str) -> Luck:
    """The faults of a program in the history of a seed. Half of the programs have none."""
    chance = random.Random(f"{seed}:{program}")
    if chance.random() < 0.5:
        return Luck()
    faults = tuple(
        Fault(chance.randrange(chance.choice((8, 40, 80))), chance.choice(KINDS))
        for _ in range(chance.choice((0, 1, 1, 1, 2)))
    )
    fates: list[str] = []
    if chance.random() < 0.4:
        fates = [""] * chance.randrange(8) + [chance.choice(QUERY_KINDS)]
    clock_error = chance.choice((0.0, 0.0, 0.0, -3600.0, 3600.0))
    return Luck(faults, tuple(fates), clock_error)


@contextmanager
def simulated() -> Iterator[None]:
    """Put the runner into virtual time with the stand-in for dbt. Enter this context once for many histories."""
    with virtual.installed(), _dbt_replaced():
        yield


@contextmanager
def _dbt_replaced() -> Iterator[None]:
    with (
        mock.patch.object(transform, "build_tables", dbt.build_tables),
        mock.patch.object(transform, "run_data_tests", dbt.run_data_tests),
        mock.patch.object(initialise, "run_dbt", dbt.run_dbt),
        # Metrics are printed, and kept for the whole life of the process.
        mock.patch.object(handlers, "metrics", mock.MagicMock()),
    ):
        yield


def initialised(seed: int) -> World:
    """A world with a lake in the state after `medlaunch init`."""
    world = World(seed)
    world.glue.databases.add(DATABASE)
    for source, described in dbt.sources("lake").items():
        world.glue.put(source, described)
    for model in dbt.MODELS:
        world.athena.create(model, {}, f"s3://lake/tables/{model}/first")
    return world


def play(history: History) -> Report:
    """Play a history, and check how it ends. Call it within `simulated()`."""
    world, report = initialised(history.seed), Report()

    def luck(program: str) -> Luck:
        drawn = luck_of(history.seed, program) if history.luck is None else history.luck.get(program, Luck())
        if drawn != Luck():
            report.luck[program] = drawn
        return drawn

    deployment = Deployment(world, luck)
    with virtual.entered(world):
        try:
            for move in history.moves:
                world.scheduler.sleep(move.pause)
                _make_move(world, deployment, move)
            world.scheduler.wait_for_all()
            report.differences += check.alarms(deployment)
            report.differences += heal(world, deployment, DAYS, RUN_DATE)
        except WaitsForEver as error:
            report.differences.append(str(error))
        finally:
            report.differences += world.invariants.violations
            report.calls = sum(len(network.calls) for network in world.cloud.networks.values())
            report.runs = sum("transform" in process.name for process in world.cloud.networks)
            report.faults = [
                f"{process.name}: {hit}"
                for process, network in world.cloud.networks.items()
                for hit in network.hit
            ]
            world.scheduler.close()
    return report


def _make_move(world: World, deployment: Deployment, move: Move) -> None:
    settings = Settings.from_environment()
    commands: dict[str, Callable[[], object]] = {
        "transform": lambda: transform.transform(settings, [move.day], allow_empty=True, wait=90),
        "force": lambda: transform.transform(settings, [move.day], force=True, allow_empty=True, wait=90),
        "all": lambda: transform.transform(settings, list(DAYS), allow_empty=True, wait=90),
        "full_refresh": lambda: transform.transform(
            settings, list(DAYS), full_refresh=True, allow_empty=True, wait=90
        ),
        "init": lambda: initialise.initialise(settings, wait=90),
        "maintain": lambda: maintain.maintain(settings, wait=90),
        "stage2": lambda: stage2.expiring(settings, RUN_DATE, seconds_left=800),
        "correct": lambda: _correct(settings, move),
    }
    if move.kind in commands:
        deployment.start(f"{move.name}/{move.kind}", commands[move.kind])
        if move.kind != "correct":
            return
    keys = [f"{bronze_folder(move.day)}{move.file}"]
    if move.kind in _BRONZE_MOVES:
        keys += _change_bronze(world, move, keys[0])
    body = notification(*keys)
    for number, delay in enumerate(move.deliveries):
        world.scheduler.at(
            world.scheduler.now + delay,
            lambda number=number: deployment.deliver(f"{move.name}/{number}", [body]),
        )


def _correct(settings: Settings, move: Move) -> None:
    """Do what `medlaunch replay` does: some of a date's rejected lines land again, corrected."""
    invocation = Invocation(settings, "replay")
    with translated_errors():
        rejected = open_lines(invocation, move.day, rejected_lines(invocation, move.day))
        lines = [LINES[number] for number in move.lines if LINES[number].strip()]
        if corrections := [Correction(one.id, line) for one, line in zip(rejected, lines, strict=False)]:
            write_replay(invocation, move.day, corrections)


def _change_bronze(world: World, move: Move, key: str) -> list[str]:
    """Change bronze as the move says, and return the keys of other files that also changed."""
    s3 = world.s3
    content = b"".join(LINES[number] + b"\n" for number in move.lines)
    stands = s3.objects[key].body if key in s3.objects else b""
    lines = stands.splitlines(keepends=True)
    match move.kind:
        case "put":
            s3.put(key, content)
        case "append":
            s3.put(key, stands + content)
        case "shrink":
            s3.put(key, b"".join(lines[: len(lines) // 2]))
        case "empty":
            s3.put(key, b"")
        case "delete":
            s3.delete(key)
        case "rename" if key in s3.objects:
            other = f"{key.removesuffix('.jsonl')}-renamed.jsonl"
            s3.put(other, stands)
            s3.delete(key)
            return [other]
    return []


def shrink(history: History, fails: Callable[[History], bool]) -> History:
    """Find a shorter history that still fails: no single move and no single fault can be removed from it.

    Args:
        history: a history that fails, with its luck as `play` reported it.
        fails: tells whether a history fails.
    """
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(history):
            if fails(candidate):
                history, smaller = candidate, True
                break
    return history


def _smaller(history: History) -> Iterator[History]:
    moves, luck = history.moves, history.luck or {}
    for width in (4, 2, 1):
        for start in range(0, len(moves), width):
            if kept := moves[:start] + moves[start + width :]:
                yield dataclasses.replace(history, moves=kept)
    for program in luck:
        yield dataclasses.replace(history, luck={name: of for name, of in luck.items() if name != program})
    for program, drawn in luck.items():
        for part in ("faults", "query_fates", "clock_error"):
            if getattr(drawn, part):
                plain = dataclasses.replace(drawn, **{part: getattr(Luck(), part)})
                yield dataclasses.replace(history, luck={**luck, program: plain})
    for place, move in enumerate(moves):
        for change in ({"lines": move.lines[:1]}, {"deliveries": move.deliveries[:1]}):
            simpler = dataclasses.replace(move, **change)
            if simpler != move:
                yield dataclasses.replace(history, moves=(*moves[:place], simpler, *moves[place + 1 :]))


def describe(seed: int) -> str:
    """The differences of a failing seed, and the shortest history that shows them."""
    history = make(seed)
    report = play(history)
    shrunk = shrink(dataclasses.replace(history, luck=report.luck), lambda one: bool(play(one).differences))
    ended = play(shrunk)
    lines = [f"history {seed} ends wrong:", *report.differences, "the shortest that does:"]
    lines += [f"  {move}" for move in shrunk.moves]
    lines += [f"  {program}: {luck}" for program, luck in (shrunk.luck or {}).items()]
    lines += [f"  hit: {fault}" for fault in ended.faults]
    return "\n".join([*lines, *ended.differences])


def _play_some(seeds: Sequence[int]) -> tuple[int, list[str]]:
    """Play the histories of some seeds. Returns the number of requests, and a text about each history that ends wrong."""
    calls, wrong = 0, list[str]()
    logger.setLevel(logging.CRITICAL)
    with simulated():
        for seed in seeds:
            report = play(make(seed))
            calls += report.calls
            if report.differences:
                wrong.append(describe(seed))
    return calls, wrong


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1000, help="number of histories")
    parser.add_argument("--start", type=int, default=0, help="seed of the first history")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="number of parallel processes")
    parser.add_argument("--replay", type=int, help="play one seed's history, and shrink it if it ends wrong")
    options = parser.parse_args()
    if options.replay is not None:
        _, wrong = _play_some([options.replay])
        print("\n".join(wrong) or "all is well")
        sys.exit(bool(wrong))
    started = time.monotonic()
    seeds = range(options.start, options.start + options.count)
    chunks = [seeds[start : start + _CHUNK] for start in range(0, len(seeds), _CHUNK)]
    played = calls = failed = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for chunk, (made, wrong) in zip(chunks, pool.map(_play_some, chunks), strict=True):
            played, calls, failed = played + len(chunk), calls + made, failed + len(wrong)
            for text in wrong:
                print(text, flush=True)
            seconds = time.monotonic() - started
            print(
                f"seeds {options.start} to {chunk[-1]}: {played} histories, {calls} calls, {failed} wrong, "
                f"{seconds:.0f} s; go on with --start {chunk[-1] + 1}",
                flush=True,
            )
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
