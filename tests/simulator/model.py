"""Explores a model of lease, fence and state completely: every order in which the steps of some runs may happen.

    python -m tests.simulator.model [--runs 2] [--writes 2]

The simulator runs the real code, and can therefore play only a sample of all orders. In this model, a run is the list
of its requests (`STEPS`; test_model.py compares them with those of the real code), a date has one file, and there are
two tables, the second of which is computed from the first. Between any two steps anything may happen: another run takes
a step, the file is written, the lease expires, a query commits (even one that was stopped), the time for late commits
ends, a run fails. A run that dies or sleeps takes no further step. Every reachable state is visited, and in each the
invariants of docs/runs.md must hold:

* The state object may be behind the tables but never ahead: what it calls built is what the tables hold.
* Everything heals: if all runs die in this state, two further runs bring the tables into the state that the file
  requires.

The guards in `GUARDS` can be removed one by one, and without any one of them an invariant must break. A run also
verifies its own commits. This is not in `GUARDS`, because it is only a second protection, for engines that detect no
conflict and for writers that ignore the lease.
"""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

NOBODY = -1
UNKNOWN = -1

#: A run's steps, each with the request that the real code sends in it.
STEPS = {
    "read lease": r"s3.GET pipeline-state/lease/lease.json",
    "take lease": r"s3.PUT pipeline-state/lease/lease.json",
    "fence": "",
    "say fenced": "",
    "list": r"s3.GET$",
    "read state": r"s3.GET pipeline-state/fingerprints/",
    # The lease is checked before a request is sent, and not when it arrives.
    "may begin": "",
    "begin": r"s3.PUT pipeline-state/fingerprints/",
    "look": r"glue.GetTable",
    "merge 1": r"athena.StartQueryExecution merge into int_judged_lines",
    "wait 1": r"athena.GetQueryExecution",
    "merge 2": r"athena.StartQueryExecution merge into accredited_facilities_per_state ",
    "wait 2": r"athena.GetQueryExecution",
    "prove own": r"glue.GetTable",
    "list again": r"s3.GET$",
    "prove unchanged": r"glue.GetTable",
    "may record": "",
    "record": r"s3.PUT pipeline-state/fingerprints/",
    "release": r"s3.PUT pipeline-state/lease/lease.json",
    # The steps of a run that fails.
    "stop own": "",
    "give up": "",
    "may distrust": "",
    "distrust": "",
    "end": "",
}
_NAMES = list(STEPS)
_PLACES = {name: place for place, name in enumerate(STEPS)}

GUARDS = {
    "lease in merge": "a MERGE of a run that does not hold the lease writes nothing",
    "fence": "a run that takes over a lease stops the earlier run's queries",
    "begun": "before a run writes a table, it records what it is going to read",
    "state condition": "the state object is written only if it is still the one that was read",
    "late after takeover": "for some time after a takeover, no date counts as built",
    "late after failure": "for some time after a run that failed and stopped its query, no date counts as built",
    "asked first": "a run checks before the build, and not after it, whether a late commit is possible",
    "second listing": "a file that was written since it was listed is read again",
}


class Lease(NamedTuple):
    """The lease object. `late`: queries were stopped recently, so they may still commit."""

    holder: int = NOBODY
    serial: int = 0
    unfenced: tuple[int, ...] = ()
    late: bool = False
    expired: bool = False


class Date(NamedTuple):
    """The date's state object."""

    serial: int = 0
    files: int = UNKNOWN
    pending: bool = False
    built: bool = False


class Table(NamedTuple):
    """The content of a table, and the number of commits it has had."""

    content: int = 0
    commits: int = 0


class Query(NamedTuple):
    """A running MERGE: what it has read, from which table, and whether it was stopped."""

    run: int
    table: int
    content: int
    commits: int
    stopped: bool = False


class Run(NamedTuple):
    """A run: its next step, and what it knows."""

    step: int = 0
    lease: int = 0
    unfenced: tuple[int, ...] = ()
    late: bool = False
    listed: tuple[int, int] = (0, 0)
    date: Date = Date()
    commits: tuple[int, int] = (0, 0)
    unsettled: bool = False
    stopped: bool = False
    answer: str = ""


class State(NamedTuple):
    """The state of the whole model. `file` is the file's content: how often it was written."""

    file: tuple[int, int]
    lease: Lease
    date: Date
    tables: tuple[Table, Table]
    queries: tuple[Query, ...]
    runs: tuple[Run, ...]


def first(runs: int) -> State:
    """The initial state: the tables hold content 0 of the file, and the state object says so."""
    return State((0, 0), Lease(), Date(1, 0, False, True), (Table(), Table()), (), (Run(),) * runs)


class Model:
    """Computes how one state follows from another.

    Args:
        writes: how often the file may be written.
        without: the guards that are removed.
    """

    def __init__(self, writes: int, without: Iterable[str] = ()) -> None:
        self._writes = writes
        self._without = frozenset(without)
        assert self._without <= GUARDS.keys()

    def successors(self, state: State) -> Iterator[tuple[str, State]]:
        """All events that may happen in a state, and the state after each."""
        yield from self._world_goes_on(state)
        for number, run in enumerate(state.runs):
            step = _NAMES[run.step]
            for after in self.step(state, number):
                yield f"run {number}: {step}", after
            if step.startswith("wait") and not run.answer:
                yield f"run {number} fails", _goes(state, number, run, "stop own")

    def _world_goes_on(self, state: State) -> Iterator[tuple[str, State]]:
        writes = state.file[1]
        if writes < self._writes:
            for new in (0, 1):
                yield f"the file is written with {new}", state._replace(file=(new, writes + 1))
        lease = state.lease
        if lease.holder != NOBODY and not lease.expired:
            yield "the lease expires", state._replace(lease=lease._replace(expired=True))
        for query in state.queries:
            yield f"{query} commits", _committed(state, query)
        if lease.late or any(query.stopped for query in state.queries):
            yield "the time of late commits ends", self.late_commits_end(state)

    def late_commits_end(self, state: State) -> State:
        """The state after the time in which stopped queries may commit."""
        asked = len(STEPS) if "asked first" in self._without else _PLACES["begin"]
        return state._replace(
            queries=tuple(query for query in state.queries if not query.stopped),
            lease=state.lease._replace(late=False),
            runs=tuple(run._replace(late=run.late and run.step > asked) for run in state.runs),
        )

    def _holds(self, state: State, number: int) -> bool:
        """Whether a run believes that it holds the lease, by its own clock and its renewals."""
        return state.lease.holder == number and not state.lease.expired

    def step(self, state: State, number: int) -> Iterator[State]:
        """The next step of a run, if it can take it."""
        run = state.runs[number]
        step, lease, date = _NAMES[run.step], state.lease, state.date
        if step == "read lease":
            if lease.holder == NOBODY or lease.expired:
                dead = () if lease.holder == NOBODY else (lease.holder,)
                known = run._replace(lease=lease.serial, unfenced=(*lease.unfenced, *dead), late=lease.late)
                yield _goes(state, number, known, "take lease")
        elif step == "take lease":
            if lease.serial != run.lease:
                yield _goes(state, number, run, "read lease")
                return
            taken = Lease(number, lease.serial + 1, run.unfenced, run.late)
            known = run._replace(lease=taken.serial)
            yield _goes(state._replace(lease=taken), number, known, "fence" if run.unfenced else "list")
        elif step == "fence":
            yield _goes(
                state if "fence" in self._without else _stopped(state, run.unfenced),
                number,
                run,
                "say fenced",
            )
        elif step == "say fenced":
            late = "late after takeover" not in self._without
            yield from self._write_lease(
                state, number, run._replace(unfenced=(), late=late), number, "list", late=late
            )
        elif step == "list":
            yield _goes(state, number, run._replace(listed=state.file), "read state")
        elif step == "read state":
            current = date.built and not date.pending and date.files == run.listed[0]
            yield _goes(state, number, run._replace(date=date), "release" if current else "may begin")
        elif step.startswith("may "):
            sound = self._holds(state, number)
            yield _goes(state, number, run, step.removeprefix("may ") if sound else "stop own")
        elif step == "begin":
            begun = run.date._replace(pending=True, built=False)
            if "begun" in self._without:
                yield _goes(state, number, run, "look")
            else:
                yield from self._write_date(state, number, run, begun, "look")
        elif step in ("look", "wait 1") and (step == "look" or run.answer):
            known = run._replace(commits=_commits(state)) if step == "look" else run
            sound = self._holds(state, number) and run.answer != "failed"
            following = "merge 1" if step == "look" else "merge 2"
            yield _goes(state, number, known._replace(answer=""), following if sound else "stop own")
        elif step in ("merge 1", "merge 2"):
            yield self._merge(state, number, run, int(step[-1]) - 1)
        elif step == "wait 2" and run.answer:
            sound = run.answer == "done"
            yield _goes(state, number, run._replace(answer=""), "prove own" if sound else "stop own")
        elif step == "prove own":
            proven = all(now - before <= 1 for now, before in zip(_commits(state), run.commits, strict=True))
            known = run._replace(commits=_commits(state))
            yield _goes(state, number, known, "list again" if proven else "may distrust")
        elif step == "list again":
            unsettled = state.file != run.listed and "second listing" not in self._without
            yield _goes(state, number, run._replace(unsettled=unsettled), "prove unchanged")
        elif step == "prove unchanged":
            proven = _commits(state) == run.commits
            yield _goes(state, number, run, "may record" if proven else "may distrust")
        elif step == "record":
            if run.late:
                yield from self._write_date(state, number, run, Date(), "release")
            else:
                built = Date(0, run.listed[0], run.unsettled, built=True)
                yield from self._write_date(state, number, run, built, "release")
        elif step == "distrust":
            yield from self._write_date(state, number, run, Date(), "stop own")
        elif step == "release":
            yield from self._write_lease(state, number, run, NOBODY, "end", late=run.late)
        elif step == "stop own":
            had = any(query.run == number for query in state.queries) or run.stopped
            known = run._replace(stopped=had, answer="")
            yield _goes(_stopped(state, (number,)), number, known, "give up")
        elif step == "give up":
            late = run.late or (run.stopped and "late after failure" not in self._without)
            yield from self._write_lease(state, number, run, NOBODY, "end", late=late)

    def _merge(self, state: State, number: int, run: Run, table: int) -> State:
        """A MERGE starts. It reads the tables, unless another run holds the lease."""
        if state.lease.holder != number and "lease in merge" not in self._without:
            return _goes(state, number, run, "stop own")
        content = state.file[0] if table == 0 else state.tables[0].content
        query = Query(number, table, content, state.tables[table].commits)
        return _goes(
            state._replace(queries=tuple(sorted((*state.queries, query)))), number, run, f"wait {table + 1}"
        )

    def _write_lease(
        self, state: State, number: int, run: Run, holder: int, step: str, *, late: bool
    ) -> Iterator[State]:
        if state.lease.serial != run.lease:
            yield _goes(state, number, run, "end")
            return
        written = Lease(holder, run.lease + 1, run.unfenced, late)
        yield _goes(state._replace(lease=written), number, run._replace(lease=written.serial), step)

    def _write_date(self, state: State, number: int, run: Run, date: Date, step: str) -> Iterator[State]:
        if state.date.serial != run.date.serial and "state condition" not in self._without:
            yield _goes(state, number, run, "stop own")
            return
        written = date._replace(serial=state.date.serial + 1)
        yield _goes(state._replace(date=written), number, run._replace(date=written), step)


def _goes(state: State, number: int, run: Run, step: str) -> State:
    """The state after a step of a run."""
    runs = (*state.runs[:number], run._replace(step=_PLACES[step]), *state.runs[number + 1 :])
    return state._replace(runs=runs)


def _commits(state: State) -> tuple[int, int]:
    return state.tables[0].commits, state.tables[1].commits


def _stopped(state: State, runs: tuple[int, ...]) -> State:
    """The state after the queries of some runs were told to stop, and Athena says that they have stopped."""
    queries = tuple(
        sorted(query._replace(stopped=query.stopped or query.run in runs) for query in state.queries)
    )
    for query in state.queries:
        if query.run in runs:
            state = _answered(state, query, "failed")
    return state._replace(queries=queries)


def _answered(state: State, query: Query, answer: str) -> State:
    run = state.runs[query.run]
    if query.stopped or run.step != _PLACES[f"wait {query.table + 1}"]:
        return state
    runs = (*state.runs[: query.run], run._replace(answer=answer), *state.runs[query.run + 1 :])
    return state._replace(runs=runs)


def _committed(state: State, query: Query) -> State:
    """The state after a query. One without changes commits nothing, and Iceberg refuses a conflicting commit."""
    left = list(state.queries)
    left.remove(query)
    table, answer = state.tables[query.table], "done"
    if query.content != table.content or query.commits != table.commits:
        if query.commits == table.commits:
            tables = list(state.tables)
            tables[query.table] = Table(query.content, table.commits + 1)
            state = state._replace(tables=(tables[0], tables[1]))
        else:
            answer = "failed"
    return _answered(state._replace(queries=tuple(left)), query, answer)


def leads(state: State) -> str:
    """A claim of the state object that the tables do not fulfil; "" if there is none."""
    date = state.date
    if date.built and not date.pending and any(table.content != date.files for table in state.tables):
        return f"{date} leads: the tables hold {[table.content for table in state.tables]}"
    return ""


def heals(model: Model, state: State) -> str:
    """What is wrong after all runs have died and two more have run without faults; "" if nothing is."""
    state = state._replace(runs=(Run(_PLACES["end"]),) * len(state.runs))
    for _ in range(2):
        state = state._replace(runs=(*state.runs, Run()))
        number = len(state.runs) - 1
        if state.lease.holder != NOBODY:
            state = state._replace(lease=state.lease._replace(expired=True))
        while state.runs[number].step != _PLACES["end"]:
            own = [query for query in state.queries if query.run == number and not query.stopped]
            if own:
                state = _committed(state, own[0])
                continue
            run = state.runs[number]
            steps = list(model.step(state, number))
            if not steps:
                return f"waits forever at {_NAMES[run.step]}: {state}"
            (state,) = steps
        state = model.late_commits_end(state)
    content = state.file[0]
    if any(table.content != content for table in state.tables) or state.date[1:] != (content, False, True):
        return f"does not heal: {state}"
    return ""


@dataclass(frozen=True)
class Explored:
    """The outcome of an exploration: the number of states and steps, and the path to the first wrong state."""

    states: int
    steps: int
    wrong: str = ""
    way: tuple[str, ...] = ()


def explore(runs: int, writes: int, without: Iterable[str] = ()) -> Explored:
    """Visit every reachable state in breadth-first order, and stop at the first wrong one."""
    model = Model(writes, without)
    start = first(runs)
    come_from: dict[State, tuple[State, str] | None] = {start: None}
    healing: dict[tuple[object, ...], str] = {}
    waiting, steps = deque([start]), 0
    while waiting:
        state = waiting.popleft()
        # The knowledge of dead runs is lost.
        if (lake := state[:-1]) not in healing:
            healing[lake] = heals(model, state)
        if wrong := leads(state) or healing[lake]:
            return Explored(len(come_from), steps, wrong, _way(come_from, state))
        for name, after in model.successors(state):
            steps += 1
            if after not in come_from:
                come_from[after] = state, name
                waiting.append(after)
    return Explored(len(come_from), steps)


def _way(come_from: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    names: list[str] = []
    while (before := come_from[state]) is not None:
        state, name = before
        names.append(name)
    return tuple(reversed(names))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=2, help="how many runs meet")
    parser.add_argument("--writes", type=int, default=2, help="how often the file is written")
    parser.add_argument("--without", choices=GUARDS, action="append", default=[], help="remove a guard")
    options = parser.parse_args()
    explored = explore(options.runs, options.writes, options.without)
    print(f"{explored.states} states, {explored.steps} steps")
    if explored.wrong:
        print("\n".join([*explored.way, explored.wrong]))
    sys.exit(bool(explored.wrong))


if __name__ == "__main__":
    main()
