"""Ends what an earlier run may have left running, so that it cannot change the tables any more.

Every MERGE of a run reads the lease object and fails if another run holds it (`lease_is_held` in macros/).
One that started after the takeover therefore writes nothing. One that started before is found by its output
location and stopped here, and the new run reads nothing before it has ended.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runner.aws import clients, queries
from runner.errors import MedLaunchError
from runner.lease.lease import Holder
from runner.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

#: How long Athena may take to end queries that it was told to stop.
_STOP_SECONDS = 120.0
_POLL_SECONDS = 0.2


class QueriesStillRunning(MedLaunchError):
    """Athena has not ended queries that it was told to stop."""


def fence(settings: Settings, holder: Holder) -> bool:
    """End the queries of a run. To be called under the lease.

    Returns:
        Whether a query was stopped, now or by the run itself: Athena may still commit it.

    Raises:
        QueriesStillRunning: Athena did not end them in time.
    """
    client: AthenaClient = clients.make_client("athena")
    give_up = time.monotonic() + _STOP_SECONDS
    while True:
        states = queries.states_of_run(client, settings, holder.id, holder.acquired_at)
        running = [query_id for query_id, state in states.items() if state in queries.RUNNING]
        if not running:
            return queries.STOPPED in states.values()
        if time.monotonic() > give_up:
            raise QueriesStillRunning(f"Athena queries {', '.join(running)} of run {holder.id} do not end")
        queries.stop_queries(client, running)
        time.sleep(_POLL_SECONDS)
