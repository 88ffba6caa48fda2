"""Runs dbt in this process. Only this module calls dbtRunner.

It works in Lambda, which has no `/dev/shm`, no HOME and a read-only project folder. dbt is imported when it
is first needed, because Lambda's init phase is short. The parsed project is kept (see `runner.dbt.manifest`).
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import multiprocessing
import multiprocessing.context
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runner.aws.errors import AthenaThrottled, is_throttle
from runner.aws.invocation import Invocation
from runner.aws.queries import raise_if_failed
from runner.dbt.data_tests import CompiledTest, Tests, outcomes, queries
from runner.dbt.manifest import kept_manifest
from runner.errors import MedLaunchError, Retry
from runner.settings import PROJECT_DIR, Settings
from runner.telemetry import logger

if TYPE_CHECKING:
    import boto3
    from dbt.artifacts.schemas.results import NodeResult
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest


class DbtFailed(MedLaunchError):
    """dbt could not run at all: the project does not parse, or the profile is missing."""


class DbtNodeFailed(MedLaunchError):
    """A dbt node failed without a failed Athena query. The message names it."""


class DataTestsFailed(MedLaunchError):
    """Data tests of severity error failed. The message names them and gives their descriptions."""

    retry = Retry.NEVER

    def __init__(self, tests: Tests) -> None:
        told = [f"{name} ({tests.details[name]})" if name in tests.details else name for name in tests.failed]
        warned = f"; warnings: {', '.join(tests.warned)}" if tests.warned else ""
        super().__init__(f"data tests failed: {', '.join(told)}{warned}; nothing was exported or published")
        self.names = list(tests.failed)


#: Seconds between polls of a query. The first pauses are short, because most queries of a run are short.
_FIRST_PAUSE, _PAUSE_GROWTH, _LONGEST_PAUSE = 0.03, 1.6, 1.0
#: dbt keeps its adapter and flags in module globals, so a process can have only one run at a time.
_one_run_at_a_time = threading.Lock()


def run_dbt(
    settings: Settings,
    arguments: Sequence[str],
    invocation: Invocation,
    variables: dict[str, Any] | None = None,
) -> Tests:
    """Run one dbt command for an invocation.

    Args:
        settings: which lake, and dbt's target.
        arguments: the command and its own options, such as `["build", "--select", "stage1"]`.
        invocation: the run whose clients dbt uses. It records each query with the node that asked for it.
        variables: dbt vars of this run.

    Returns:
        The data tests' outcomes.

    Raises:
        DbtFailed: dbt could not run.
        AthenaQueryFailed, AthenaThrottled: a node's query failed.
        DbtNodeFailed: a node failed otherwise.
        DataTestsFailed: every node ran, and data tests of severity error failed.
        LeaseHeld, DeadlineReached: the run had to stop.
    """
    tests = _tests(_run(settings, arguments, invocation, variables))
    if tests.failed:
        raise DataTestsFailed(tests)
    return tests


def build_tables(
    settings: Settings,
    tables: Sequence[str],
    invocation: Invocation,
    variables: dict[str, Any],
    *,
    full_refresh: bool = False,
) -> None:
    """Build some models, without tests.

    Raises:
        DbtFailed: dbt could not run, or did not build each of the tables.
        AthenaQueryFailed, AthenaThrottled, DbtNodeFailed, LeaseHeld, DeadlineReached: see `run_dbt`.
    """
    refresh = ["--full-refresh"] if full_refresh else []
    results = _run(settings, ["run", "--select", *tables, *refresh], invocation, variables)
    built = {_unique_id(one).split(".")[2] for one in results if str(one.status) == "success"}
    if missing := sorted(set(tables) - built):
        raise DbtFailed(f"dbt did not build {', '.join(missing)}: the parsed project is not this one")


def run_data_tests(
    settings: Settings, tables: Sequence[str], invocation: Invocation, variables: dict[str, Any]
) -> Tests:
    """Run the data tests of some models in one query, except the tests that read bronze again.

    A test that reads bronze again would judge files that the run has not read.

    Raises:
        DataTestsFailed: tests of severity error failed.
        DbtFailed: dbt could not compile the tests, or a table has none.
        AthenaQueryFailed, AthenaThrottled, LeaseHeld, DeadlineReached: see `run_dbt`.
    """
    selected = [f"{table}+,test_type:data" for table in tables]
    command = [
        "compile",
        "--select",
        *selected,
        "--exclude",
        "tag:reads_bronze",
        "--no-introspect",
        "--quiet",
    ]
    nodes: list[Any] = [one.node for one in _run(settings, command, invocation, variables)]
    tested = {parent.split(".")[2] for node in nodes for parent in node.depends_on.nodes}
    if missing := sorted(set(tables) - tested):
        raise DbtFailed(f"dbt has no data test of {', '.join(missing)}: the parsed project is not this one")
    compiled = sorted(map(CompiledTest.of, nodes), key=lambda test: test.name)
    tests = outcomes(compiled, [row for query in queries(compiled) for row in invocation.rows(query)])
    # The result names the tests, and the error of those that fail has the details.
    for name in tests.warned:
        logger.info("data test %s warns of %s", name, tests.details[name])
    if tests.failed:
        raise DataTestsFailed(tests)
    return tests


def _run(
    settings: Settings,
    arguments: Sequence[str],
    invocation: Invocation,
    variables: dict[str, Any] | None,
) -> list[NodeResult]:
    """Run one dbt command and return the results of its nodes. Only tests among them may have failed."""
    _prepare_process()
    command = [*arguments, "--vars", json.dumps(variables or {}), *_options(settings)]
    with _one_run_at_a_time, _DbtClients(invocation):
        manifest = kept_manifest(settings, lambda: parse_project(settings))
        outcome = _invoke(command, manifest)
    if invocation.ended_by is not None:
        raise invocation.ended_by
    _raise_if_interrupted(outcome)
    results = cast("list[NodeResult]", getattr(outcome.result, "results", []))
    _raise_node_error(results, invocation)
    if outcome.exception is not None:
        raise DbtFailed(
            f"dbt {arguments[0]} failed: {_one_line(str(outcome.exception))}"
        ) from outcome.exception
    if not outcome.success and not _tests(results).failed:
        raise DbtFailed(f"dbt {arguments[0]} failed without naming a node")
    return results


def _invoke(command: list[str], manifest: Manifest | None = None) -> dbtRunnerResult:
    from dbt.cli.main import dbtRunner

    return cast("Any", dbtRunner(manifest=manifest)).invoke(command)


def _raise_if_interrupted(outcome: dbtRunnerResult) -> None:
    """dbt catches an interruption and returns it like a failure of its own. Raise it again."""
    if isinstance(outcome.exception, (KeyboardInterrupt, SystemExit)):
        raise outcome.exception


def parse_project(settings: Settings) -> Manifest:
    """Parse the dbt project.

    Raises:
        DbtFailed: it does not parse.
    """
    _prepare_process()
    outcome = _invoke(["parse", *_options(settings)])
    _raise_if_interrupted(outcome)
    if outcome.exception is not None or not outcome.success:
        raise DbtFailed(f"the dbt project does not parse: {_one_line(str(outcome.exception))}")
    return cast("Manifest", outcome.result)


def _options(settings: Settings) -> list[str]:
    folder = _scratch_folder()
    return [
        *("--project-dir", str(PROJECT_DIR)),
        *("--target", settings.dbt_target),
        *("--target-path", str(folder / "target")),
        *("--log-path", str(folder / "logs")),
        *("--log-level", "none"),
        *("--log-level-file", "none"),
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
        # The manifest is kept by content. dbt's own cache is keyed by folder and would mix up two projects.
        "--no-partial-parse",
        "--no-write-json",
    ]


@cache
def _scratch_folder() -> Path:
    """The folder for files of dbt that nobody reads. Each process has one, which is deleted when it ends."""
    folder = tempfile.mkdtemp(prefix="medlaunch-dbt-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def _prepare_process() -> None:
    """Make dbt importable and runnable in Lambda. Call it before the first `import dbt`."""
    try:
        multiprocessing.get_context("spawn").RLock()
    except (ImportError, OSError):
        # Lambda has no /dev/shm, so locks between processes are not possible. dbt shares its locks only among
        # threads. SimpleQueue is not replaced, because ThreadPool.join waits on it.
        base: Any = cast("Any", multiprocessing.context).BaseContext
        base.Lock, base.RLock = _thread_lock, _thread_rlock
    os.environ.setdefault("HOME", tempfile.gettempdir())
    _import_dbt()

    from dbt.adapters.athena import connections

    class RunConnection(connections.AthenaConnection):
        """dbt-athena's connection, with the clients of the current run."""

        def __init__(self, credentials: Any) -> None:
            super().__init__(credentials, boto_session_factory=_DbtClients.session_for)

        def cursor(self) -> Any:
            """dbt-athena's cursor. It polls a query often at first and less often later."""
            cursor = connections.AthenaCursor(
                cast("Any", self._client), self._athena_credentials, poll_delay=_Pauses()
            )
            cast("Any", self)._cursors.add(cursor)
            return cursor

    connections.AthenaConnection = RunConnection


def _import_dbt() -> None:
    """Import dbt without the garbage collector.

    The collector would scan the new modules and classes a hundred times and find nothing. That takes a tenth
    of the time. Its later rounds leave them out too, except the last round: DuckDB's wheel would report as
    leaked what that round cannot free.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        for name in ("dbt.cli.main", "dbt.adapters.athena"):
            importlib.import_module(name)
    finally:
        gc.freeze()
        atexit.register(gc.unfreeze)
        if collecting:
            gc.enable()


class _Pauses:
    """Growing pauses between the polls of one query, up to the profile's poll interval or one second."""

    def __init__(self) -> None:
        self._next = _FIRST_PAUSE

    def __call__(self, poll_interval: float) -> None:
        time.sleep(self._next)
        self._next = min(self._next * _PAUSE_GROWTH, max(poll_interval, _LONGEST_PAUSE))


def _thread_lock(_: Any) -> threading.Lock:
    return threading.Lock()


def _thread_rlock(_: Any) -> threading.RLock:
    return threading.RLock()


class _DbtClients:
    """Replaces dbt-athena's boto3 session and returns the invocation's clients.

    As a context manager, it makes dbt's connections use an invocation.
    """

    _current: _DbtClients | None = None

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._session: boto3.Session | None = None
        self._resources = threading.local()

    def __enter__(self) -> None:
        from dbt_common.events.contextvars import get_node_info

        self._invocation.node_of_thread = lambda: str(get_node_info().get("unique_id", ""))
        _DbtClients._current = self

    def __exit__(self, *_: object) -> None:
        _DbtClients._current = None
        self._invocation.node_of_thread = lambda: ""

    @staticmethod
    def session_for(connection: Any) -> Any:
        from dbt.adapters.athena.session import get_boto3_session

        current = _DbtClients._current
        if current is None:
            return get_boto3_session(connection)
        # The profile may name other credentials. They are the same for every connection of a run.
        current._session = current._session or get_boto3_session(connection)
        return current

    def client(self, service: str, region_name: str | None = None, **_: Any) -> Any:
        return self._invocation.client(service, region_name, self._session)

    def resource(self, service: str, region_name: str | None = None, config: Any = None) -> Any:
        """A new resource, because boto3's resources must not be shared between threads."""
        made = self._resources.__dict__
        if service not in made:
            resource = cast("Any", self._session).resource(service, region_name=region_name, config=config)
            self._invocation.watch(resource.meta.client)
            made[service] = resource
        return made[service]


def _raise_node_error(results: Sequence[NodeResult], invocation: Invocation) -> None:
    failed = [result for result in results if result.status in ("error", "runtime error")]
    if failed:
        # A MERGE of a run that has lost its lease fails. Then the lost lease is the reason to report.
        invocation.check()
    for result in failed:
        node, message = _unique_id(result), _one_line(result.message or "")
        query = invocation.failed_query(node)
        # A macro that examined a failed query may have stated its cause better than Athena.
        if query is not None and not message.startswith("Compilation Error"):
            raise_if_failed(query, node)
        if is_throttle(message):
            raise AthenaThrottled(f"dbt node {node} failed: {message}")
        raise DbtNodeFailed(f"dbt node {node} failed: {message}")


def _tests(results: Sequence[NodeResult]) -> Tests:
    by_status: dict[str, list[str]] = {"pass": [], "warn": [], "fail": []}
    for result in results:
        kind, _, name = _unique_id(result).split(".")[:3]
        if kind in ("test", "unit_test") and result.status in by_status:
            by_status[result.status].append(name)
    return Tests(passed=by_status["pass"], warned=by_status["warn"], failed=by_status["fail"])


def _unique_id(result: Any) -> str:
    """The id such as `model.medlaunch_elt.name`. An operation's result has no node."""
    return result.node.unique_id if hasattr(result, "node") else result.unique_id


def _one_line(text: str) -> str:
    return " ".join(text.split())
