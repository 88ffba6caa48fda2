"""Heals a lake after the faults have stopped, with a fixed number of deliveries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from runner.lake import bronze_folder
from runner.settings import Settings
from runner.stage2 import expiring as stage2
from runner.tables import initialise, transform
from tests.simulator import check, dbt
from tests.simulator.deployment import Deployment
from tests.simulator.world import World

#: The number of deliveries of an event for each date after which every date must be published.
DELIVERIES = 2
#: Seconds after which everything that such a delivery starts must have ended, including the wait for a dead run's
#: lease.
DELIVERY_SECONDS = 900.0


def notification(*keys: str) -> str:
    """The message body with S3's notification of changes of some keys."""
    records: list[dict[str, Any]] = [
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "lake"}, "object": {"key": key}}}
        for key in keys
    ]
    return json.dumps({"Records": records})


def heal(world: World, deployment: Deployment, days: Sequence[date], run_date: date) -> list[str]:
    """Stop all faults, deliver an event for each date, run Stage 2, and return the remaining differences.

    If a table is missing, every run reports it. Only then an operator acts: `medlaunch init`, and `medlaunch transform
    --all`.
    """
    deployment.healing = True
    failures = len(deployment.failures)
    settings = Settings.from_environment()
    if any(table not in world.glue.tables for table in (*dbt.MODELS, *dbt.sources("lake"))):
        deployment.start("heal/init", lambda: initialise.initialise(settings, wait=600))
        world.scheduler.wait_for_all()
        deployment.start(
            "heal/all", lambda: transform.transform(settings, list(days), allow_empty=True, wait=600)
        )
        world.scheduler.wait_for_all()
    left, late = list[str](), list[str]()
    for number in range(DELIVERIES):
        began = world.scheduler.now
        for day in days:
            deployment.deliver(f"heal{number}/{day}", [notification(f"{bronze_folder(day)}a.jsonl")])
        world.scheduler.wait_for_all()
        if (took := world.scheduler.now - began) > DELIVERY_SECONDS:
            late.append(f"what delivery {number + 1} started took {took:.0f} seconds")
        left = check.tables(world, days) + check.publications(world, days)
        if not left:
            break
    deployment.start("heal/stage2", lambda: stage2.expiring(settings, run_date))
    world.scheduler.wait_for_all()
    return left + late + check.stage2(world, run_date) + deployment.failures[failures:]
