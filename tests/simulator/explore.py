"""Explores two writers that meet at every pair of requests: a bounded exploration of lease, fence and state.

    python -m tests.simulator.explore [--stride 1] [--jobs 2]

The exploration runs the runner's own code, not a model of it. One run is stopped (or dies) at each of its requests in
turn. Then bronze changes. A second run waits, takes over the lease, and is itself stopped or dies at each of its
requests in turn, or at none. A stopped run wakes up while the other is running.
Of all interleavings of two runs, these are the ones with at most two unforced switches, which is where such faults are
found (context bounding: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded
programs", 2007). The invariants of `invariants` must hold at every write, and in the end the lake must heal.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from runner.settings import Settings
from runner.tables import transform
from runner.telemetry import logger
from tests.simulator import virtual
from tests.simulator.cloud import Fault, Kind
from tests.simulator.crashes import DAY, FOLDER
from tests.simulator.deployment import Deployment, Luck
from tests.simulator.healing import heal
from tests.simulator.histories import LINES, RUN_DATE, initialised, simulated
from tests.simulator.scheduler import WaitsForEver
from tests.simulator.world import World

#: At least as many requests as a run makes here. The second run also asks for the lease until it gets it.
_MOST_CALLS = {"first": 100, "second": 200}
_FIRST: tuple[Kind, ...] = ("freeze_before", "freeze_after", "crash_late")
_SECOND: tuple[Kind, ...] = ("freeze_before", "freeze_after", "crash_before")
#: How long the first run is stopped, in seconds. The second run takes over after 60 seconds, and then works for a
#: while.
_SLEEPS = (63.0, 66.0, 100.0)


@dataclass(frozen=True, slots=True)
class Meeting:
    """The faults of two runs: one fault of the first run, and one fault or none of the second."""

    first: Fault
    second: Fault | None
    sleep: float


def meetings(stride: int = 1, offset: int = 0) -> Iterator[Meeting]:
    """All meetings, or every `stride`-th one starting at `offset`."""
    seconds = [None, *(Fault(call, kind) for call in range(_MOST_CALLS["second"]) for kind in _SECOND)]
    firsts = [Fault(call, kind) for call in range(_MOST_CALLS["first"]) for kind in _FIRST]
    everything = itertools.product(firsts, seconds, _SLEEPS)
    for first, second, sleep in itertools.islice(everything, offset, None, stride):
        yield Meeting(first, second, sleep)


def meet(meeting: Meeting) -> list[str]:
    """Run two runs that meet, and return the differences. Call it within `histories.simulated()`."""
    world = initialised(meeting.first.call)
    world.freeze_seconds = meeting.sleep
    luck = {
        "first#0": Luck((meeting.first,)),
        "second#0": Luck((meeting.second,) if meeting.second else ()),
    }
    deployment = Deployment(world, lambda name: luck.get(name, Luck()))
    settings = Settings.from_environment
    with virtual.entered(world):
        try:
            world.s3.put(f"{FOLDER}a.jsonl", b"\n".join(LINES[:6]))
            world.scheduler.sleep(5)
            deployment.start("first", lambda: transform.transform(settings(), [DAY], wait=300))
            world.scheduler.sleep(8)
            world.s3.put(f"{FOLDER}a.jsonl", b"\n".join(LINES[2:9]))
            deployment.start("second", lambda: transform.transform(settings(), [DAY], wait=300))
            world.scheduler.wait_for_all()
            beyond = _requests_beyond(world)
            return beyond + heal(world, deployment, [DAY], RUN_DATE) + world.invariants.violations
        except WaitsForEver as error:
            return [str(error), *world.invariants.violations]
        finally:
            world.scheduler.close()


def _requests_beyond(world: World) -> list[str]:
    """The runs with requests that no meeting spoils, because they make more than `_MOST_CALLS`."""
    return [
        f"the {name} run makes {len(network.calls)} requests: explore them all"
        for name, most in _MOST_CALLS.items()
        for process, network in world.cloud.networks.items()
        if process.name == f"{name}#0" and not network.hit and len(network.calls) > most
    ]


def meet_all(some: Sequence[Meeting]) -> list[str]:
    """Run some meetings, and return the differences."""
    logger.setLevel(logging.CRITICAL)
    with simulated():
        return [f"{one}: {wrong}" for one in some if (wrong := meet(one))]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stride", type=int, default=1, help="play every n-th meeting")
    parser.add_argument("--offset", type=int, default=0, help="index of the first meeting")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="number of parallel processes")
    options = parser.parse_args()
    everything = list(meetings(options.stride, options.offset))
    chunks = [everything[start : start + 50] for start in range(0, len(everything), 50)]
    played = failed = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for chunk, wrong in zip(chunks, pool.map(meet_all, chunks), strict=True):
            played, failed = played + len(chunk), failed + len(wrong)
            print(f"{played} of {len(everything)} meetings, {failed} wrong", flush=True)
            for one in wrong:
                print(f"  {one}", flush=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
