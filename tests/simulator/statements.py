"""Answers the runner's own statements, which are recognised by their text, from the tables in memory."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from runner.replay.rejected_lines import line_hash
from tests.simulator.athena import Query, QueryFails, dates_in
from tests.simulator.lake_model import (
    STAGE1,
    STAGE1_REJECTS,
    STAGE3,
    STAGE3_REJECTS,
    STAGED,
    Rows,
)

if TYPE_CHECKING:
    from tests.simulator.world import World

_UPKEEP = re.compile(r"\s*(optimize|vacuum) (\w+)")


class Statements:
    """Answers statements that have no `simulated` comment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, query: Query) -> None:
        """Compute the rows of a statement.

        Raises:
            QueryFails: the statement fails on Athena too.
            NotImplementedError: the statement is not known here.
        """
        sql = " ".join(query.sql.split())
        days = dates_in(sql)
        if upkeep := _UPKEEP.match(sql):
            self._of(upkeep[2], [])
        elif sql.startswith("select distinct snapshot_date, source_file"):
            query.columns = ("snapshot_date", "source_file")
            query.rows = sorted(
                (day.isoformat(), key[0])
                for day, files in self._of(STAGED, days).items()
                for key, row in files.items()
                if row[0]
            )
        elif "'curated' as part" in sql:
            self._count(query, days)
        elif sql.startswith("select snapshot_date, state, facility_count"):
            query.columns = (
                "snapshot_date",
                "state",
                "facility_count",
                "accredited_facility_count",
                "run_ts",
            )
            query.rows = sorted(
                (day.isoformat(), key[0], str(row[0]), str(row[1]), "")
                for day, rows in self._of(STAGE3, days).items()
                for key, row in rows.items()
            )
        elif sql.startswith("select snapshot_date, source_file, reject_reason"):
            query.columns = ("snapshot_date", "source_file", "reject_reason", "raw_line")
            query.rows = sorted(
                (day.isoformat(), key[0], row[0], key[1].decode(errors="replace"))
                for day, rows in self._of(STAGE3_REJECTS, days).items()
                for key, row in rows.items()
            )
        elif sql.startswith("select 1 as stage, source_file, line_hash"):
            query.columns = ("stage", "source_file", "line_hash", "occurrence", "reject_reason", "raw_line")
            query.rows = sorted(
                (stage, key[0], line_hash(key[1]), str(key[2]), row[0], key[1].decode())
                for stage, table in (("1", STAGE1_REJECTS), ("3", STAGE3_REJECTS))
                for rows in self._of(table, days).values()
                for key, row in rows.items()
            )
        elif sql.startswith("select snapshot_date from"):
            found = {day for name in re.findall(r"from (\w+)", sql) for day in self._all(name)}
            query.columns, query.rows = ("snapshot_date",), [(day.isoformat(),) for day in sorted(found)]
        else:
            raise NotImplementedError(sql)

    def _count(self, query: Query, days: list[date]) -> None:
        def reasons(table: str) -> Counter[str]:
            return Counter(row[0] for rows in self._of(table, days).values() for row in rows.values())

        curated = sum(len(rows) for rows in self._of(STAGE1, days).values())
        processed = sum(row[0] for rows in self._of(STAGE3, days).values() for row in rows.values())
        query.columns = ("part", "reason", "amount")
        query.rows = [("curated", "", str(curated)), ("processed", "", str(processed))]
        for part, table in (("stage1", STAGE1_REJECTS), ("stage3", STAGE3_REJECTS)):
            query.rows += [(part, reason, str(number)) for reason, number in sorted(reasons(table).items())]
        judged = self._of(STAGED, days)
        for day, files in judged.items():
            query.rows.append(("date", day.isoformat(), str(sum(len(row[0]) for row in files.values()))))
        named = set(re.findall(r"'(s3://[^']*)'", query.sql))
        query.rows += [
            ("file", key[0], str(len(row[0])))
            for files in judged.values()
            for key, row in files.items()
            if key[0] in named and row[0]
        ]

    def _of(self, table: str, days: list[date]) -> dict[date, Rows]:
        found = self._all(table)
        return {day: found[day] for day in days if day in found}

    def _all(self, table: str) -> dict[date, Rows]:
        if table not in self._world.glue.tables:
            raise QueryFails(f"TABLE_NOT_FOUND: {table}")
        return self._world.athena.table(table)
