"""Ends the queries that an earlier run may have left running, so that they cannot change the tables.

Every MERGE of a run reads the lease object and fails if another run holds it (`lease_is_held` in macros/).
A MERGE that starts after the takeover therefore writes nothing. A query that started before is found by its
output location and stopped here. The new run reads nothing before that query has ended.
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

#: How long Athena may take to end queries after it was asked to stop them.
_STOP_SECONDS = 120.0
_POLL_SECONDS = 0.2


class QueriesStillRunning(MedLaunchError):
    """Athena was asked to stop queries and has not ended them."""


def fence(settings: Settings, holder: Holder) -> bool:
    """End the queries of a run. Call it while holding the lease.

    Returns:
        Whether a query was stopped, now or by the run itself. Athena may still commit a stopped query.

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
