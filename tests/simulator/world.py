"""One simulation: its clock, its cloud, and the programs started in it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date
from typing import Any

from runner.lake import bronze_folder, prefix, registry
from runner.tables.stage_tables import TABLES
from runner.tables.state import basis_of
from tests.simulator import lake_model
from tests.simulator.athena import Athena, QueryFails
from tests.simulator.cloud import Answer, Call, Cloud, Fault, Network
from tests.simulator.glue import Glue
from tests.simulator.invariants import Invariants
from tests.simulator.s3 import S3
from tests.simulator.scheduler import Process, Scheduler, Task
from tests.simulator.statements import Statements

DATABASE = "medlaunch_db"


class StepFunctions:
    """Accepts executions. `World.start_execution` decides what they do."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle(self, call: Call) -> Answer:
        if call.operation != "StartExecution":
            raise NotImplementedError(call.operation)
        self._world.start_execution(json.loads(call.input["input"]))
        return Answer(json.dumps({"executionArn": "arn:execution", "startDate": 0}).encode())


class World:
    """A lake in memory and the programs that work on it.

    Args:
        seed: determines everything that is random.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.scheduler = Scheduler()
        self.invariants = Invariants(self)
        self.s3 = S3(lambda: self.scheduler.now, self.invariants.written)
        self.glue = Glue()
        self.statements = Statements(self)
        self.athena = Athena(self)
        self.cloud = Cloud(
            self,
            {
                "s3": self.s3,
                "glue": self.glue,
                "athena": self.athena,
                "stepfunctions": StepFunctions(self),
            },
        )
        #: Called by StartExecution with its input.
        self.start_execution: Callable[[dict[str, Any]], None] = lambda _: None
        #: How long a frozen process stays frozen, in seconds: longer than a lease lives.
        self.freeze_seconds = 100.0

    def start(
        self,
        name: str,
        function: Callable[[], object],
        *,
        faults: tuple[Fault, ...] = (),
        query_fates: tuple[str, ...] = (),
        clock_error: float = 0.0,
    ) -> tuple[Process, Task]:
        """Start a program.

        Args:
            name: unique in the simulation.
            function: what the program does.
            faults: the faults of its requests.
            query_fates: the faults of the statements that it starts, in order; "" for none.
            clock_error: seconds by which its wall clock is ahead.
        """
        process = Process(name, clock_error=clock_error)
        self.cloud.networks[process] = Network(faults)
        self.athena.fates[name] = list(query_fates)
        return process, self.scheduler.spawn(process, function)

    def wall_clock(self) -> float:
        """The current time by the current process's wall clock."""
        process = self.scheduler.current.process
        return self.scheduler.now + (process.clock_error if process else 0.0)

    def monotonic(self) -> float:
        """The current time by the current process's monotonic clock."""
        process = self.scheduler.current.process
        return self.scheduler.now - (process.slept if process else 0.0)

    def bronze(self, day: date) -> dict[str, tuple[bytes, ...]]:
        """One date's record files as Athena sees them: the lines of each file, by its URI."""
        return {
            f"s3://lake/{key}": lake_model.lines_of(self.s3.objects[key].body)
            for key in self.s3.keys(bronze_folder(day))
            if lake_model.holds_records(key)
        }

    def lease_holder(self) -> str:
        """The run that holds the lease according to the lease object; "" if there is none."""
        stored = self.s3.objects.get(f"{prefix('pipeline_state')}/lease/lease.json")
        try:
            holder = json.loads(stored.body)["holder"] if stored else None
        except (ValueError, KeyError, TypeError):
            return ""
        return holder["id"] if holder else ""

    def basis(self) -> str:
        """The inputs of all dates except their files, as the runner computes them."""
        described = [self.glue.tables.get(table, {}) for table in TABLES]
        return basis_of([one.get("StorageDescriptor", {}).get("Location", "") for one in described])

    def require_projected(self, day: date) -> None:
        """Fail, as Athena does, for a date outside the source table's projection."""
        first, last = registry()["bronze_dates"]
        if not first <= day.isoformat() <= last:
            raise QueryFails(f"INVALID_TABLE_PROPERTY: {day} lies outside of the projection")
