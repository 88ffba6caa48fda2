"""Makes a run's AWS calls fail, one chosen call at a time, in a layer below the runner and dbt."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError

from runner.aws import clients
from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError
from runner.lake import bronze_folder
from runner.tables.result import TransformResult, make_run_ts
from runner.tables.transform import transform
from tests.pipeline.facts import export, facility, tables, temporary_tables

if TYPE_CHECKING:
    from tests.conftest import Lake

#: refused: the call fails. lost: the call is done, but its answer never arrives.
#: crash: like lost, and the process makes no further call, not even to clean up.
Mode = Literal["refused", "lost", "crash"]


class Faults:
    """Counts the calls of all clients that a run creates, and makes one of them fail.

    The polls of a query count as one call, and renewals of the lease do not count, because their number depends on the
    machine's speed.

    Attributes:
        calls: the calls so far, as `service.Operation`, with the first words of a query's SQL.
        failed: the call that failed; "" so far.
    """

    def __init__(self, mode: Mode = "lost", at: int | None = None) -> None:
        self.calls: list[str] = []
        self.failed = ""
        self._mode = mode
        self._at = at
        self._polled: set[str] = set()
        self._dead = False
        self._lock = threading.Lock()

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Watch every client that is created from now on."""
        watch, make_client = Invocation.watch, clients.make_client

        def watch_and_listen(invocation: Invocation, client: Any) -> None:
            watch(invocation, client)
            self._listen(client)

        def make_and_listen(service: str, *options: Any) -> Any:
            client = make_client(service, *options)
            # An invocation creates its clients with options, and watches them itself.
            if not options:
                self._listen(client)
            return client

        patch.setattr(Invocation, "watch", watch_and_listen)
        patch.setattr(clients, "make_client", make_and_listen)

    def _listen(self, client: Any) -> None:
        client.meta.events.register("provide-client-params.*.*", self._remember_params)
        client.meta.events.register("before-call.*.*", self._before)
        client.meta.events.register("after-call.*.*", self._after)

    def _remember_params(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["params"] = params

    def _before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        with self._lock:
            if self._dead:
                raise ConnectionClosedError(endpoint_url="a process that is gone")
            if threading.current_thread().name == "lease renewal":
                return None
            params = context.get("params", {})
            if model.name == "GetQueryExecution":
                if params["QueryExecutionId"] in self._polled:
                    return None
                self._polled.add(params["QueryExecutionId"])
            name = f"{model.service_model.service_name}.{model.name}"
            if "QueryString" in params:
                name += f" {' '.join(_without_comment(params['QueryString']).split()[:4])}"
            context["fails"] = len(self.calls) == self._at
            self.calls.append(name)
            if not context["fails"]:
                return None
            self.failed = name
        if self._mode == "refused":
            error = {
                "Error": {"Code": "AccessDeniedException", "Message": "injected"},
                "ResponseMetadata": {},
            }
            return AWSResponse("", 403, {}, None), error
        return None

    def _after(self, context: dict[str, Any], **_: Any) -> None:
        if context.get("fails") and self._mode != "refused":
            self._dead = self._mode == "crash"
            raise ConnectionClosedError(endpoint_url="an answer that was lost")


def _without_comment(sql: str) -> str:
    return "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))


class Sweep:
    """A lake with one date that switches between two contents, in which any call of the run after a switch can fail.

    Args:
        lake: a lake after `medlaunch init`, with a short lease.
    """

    DAY = date(2025, 8, 10)
    CONTENTS = (
        {
            "a.jsonl": [facility(1), facility(2), facility(3, location={"state": "??"}), "bad", "bad"],
            "b.jsonl": [facility(2, facility_name="Twin"), facility(4, accreditations=[])],
        },
        {"a.jsonl": [facility(2, employee_count=99), facility(5), '{"facility_id": 1}', "bad"]},
    )

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._number = 0
        self._clean = [self._run_cleanly(), self._run_cleanly()]

    def calls(self, patch: pytest.MonkeyPatch) -> list[str]:
        """The calls of a run without faults, in order."""
        faults = Faults()
        self._land_next()
        with patch.context() as installed:
            faults.install(installed)
            self._transform()
        return faults.calls

    def fail(self, patch: pytest.MonkeyPatch, mode: Mode, at: int) -> str:
        """Make one call of a run fail, run again as a retry would, and compare the lake with the result of a run
        without faults.

        Returns:
            The call that failed; "" if the run made fewer calls.
        """
        faults = Faults(mode, at)
        self._land_next()
        with patch.context() as installed:
            faults.install(installed)
            with contextlib.suppress(MedLaunchError):
                self._transform()
        assert self._state(self._transform()) == self._clean[(self._number - 1) % 2], (
            f"{mode} {at}: {faults.failed}"
        )
        assert temporary_tables(self._lake) == [], f"{mode} {at}: {faults.failed}"
        return faults.failed

    def _run_cleanly(self) -> Any:
        self._land_next()
        return self._state(self._transform())

    def _land_next(self) -> None:
        self._number += 1
        for name in ("a.jsonl", "b.jsonl"):
            if lines := self.CONTENTS[(self._number - 1) % 2].get(name):
                self._lake.put_bronze(self.DAY.isoformat(), name, lines)
            else:
                self._lake.delete(f"{bronze_folder(self.DAY)}{name}")

    def _transform(self) -> TransformResult:
        run_ts = make_run_ts(datetime(2025, 8, 10, tzinfo=UTC), f"execution {self._number}")
        return transform(self._lake.settings, [self.DAY], run_ts=run_ts, wait=60)

    def _state(self, result: TransformResult) -> Any:
        exported = [export(self._lake, result, name) for name in ("processed", "rejects")]
        return tables(self._lake), exported, result.counts, result.rejects_by_reason
