"""Ends what an earlier run may have left running, so that it cannot change the tables any more.

A MERGE reads its rows from a temporary table of its own run. Dropping the temporary tables first and stopping
the run's queries then leaves no gap: a MERGE that started before the drop is found and stopped, and one that
a sleeping process sends later finds no table to read. A CREATE TABLE may end in between; what it made is
dropped last.
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
    from mypy_boto3_glue import GlueClient

#: dbt's mark in the names of temporary tables.
_TEMPORARY = "__dbt_tmp"
#: How long Athena may take to end queries that it was told to stop.
_STOP_SECONDS = 120.0
_POLL_SECONDS = 0.2


class QueriesStillRunning(MedLaunchError):
    """Athena has not ended queries that it was told to stop."""


def fence(settings: Settings, holder: Holder) -> None:
    """Drop all temporary tables and end the queries of a run. To be called under the lease.

    Raises:
        QueriesStillRunning: Athena did not end them in time.
    """
    glue: GlueClient = clients.make_client("glue")
    client: AthenaClient = clients.make_client("athena")
    _drop_temporary_tables(glue, settings.glue_database)
    give_up = time.monotonic() + _STOP_SECONDS
    while running := queries.running_queries(client, settings, holder.id, holder.acquired_at):
        if time.monotonic() > give_up:
            raise QueriesStillRunning(f"Athena queries {', '.join(running)} of run {holder.id} do not end")
        queries.stop_queries(client, running)
        time.sleep(_POLL_SECONDS)
    _drop_temporary_tables(glue, settings.glue_database)


def _drop_temporary_tables(glue: GlueClient, database: str) -> None:
    for page in glue.get_paginator("get_tables").paginate(DatabaseName=database):
        for table in page["TableList"]:
            if _TEMPORARY in table["Name"]:
                try:
                    glue.delete_table(DatabaseName=database, Name=table["Name"])
                except glue.exceptions.EntityNotFoundException:
                    continue
