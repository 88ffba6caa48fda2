"""Writes the page docs/athena-conformance.md: what local Athena was compared with, and what it refuses.

`python -m tests.local_athena.conformance_page` writes the page from the recorded answers. It needs no Trino server.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from local_athena.compiler import proven
from local_athena.conformance.cases import Case, measured
from tests.local_athena import proof
from tests.local_athena.proof import Outcome, Verdict

PAGE = Path(__file__).parents[2] / "docs/athena-conformance.md"
_INTRODUCTION = """\
# What local Athena was compared with

This page is generated (`make conformance-page`), and a test fails if it is not up to date. It has three parts: what was
compared with Trino, what was compared with measurements of Athena, and what local Athena refuses by name.

The same statements can be compared with any endpoint that has Athena's API, such as another emulator or Athena itself:

```sh
local-athena conformance --endpoint http://127.0.0.1:5000 --output s3://bucket/folder/ --differences found.jsonl
```

The command prints the counts by topic, and writes each statement with a different answer to the file. Its exit code is 1
if there is any difference.
"""
_OUTCOMES = (Outcome.EQUAL, Outcome.SAME_ERROR, Outcome.EXCEPTED, Outcome.REFUSED, Outcome.DIFFERENT)


def page(verdicts: list[Verdict]) -> str:
    """The text of the page, in Markdown."""
    parts = [_INTRODUCTION, *_trino(verdicts), *_functions(), *_measured(), *_refused(verdicts)]
    return "\n".join(parts).rstrip("\n") + "\n"


def _trino(verdicts: list[Verdict]) -> Iterator[str]:
    allowed = proven.signatures()
    yield "## Compared with Trino 476\n"
    yield (
        "`tests/local_athena/expressions/` holds the statements, and `answers/` Trino's answers. "
        "`tests/local_athena/proof.py` gives the reason of each listed exception.\n"
    )
    yield from _table(
        ["topic", "statements", *(each.value for each in _OUTCOMES)], _counts(verdicts, allowed)
    )
    yield (
        f"\nThese statements prove {len(allowed)} constructs (`local_athena/compiler/proven.txt`). In addition, the tests "
        "marked `truth` and `make conformance` compare tables, partitions, changes of rows and the whole dbt project on both "
        "engines.\n"
    )


def _counts(verdicts: list[Verdict], allowed: Iterable[str]) -> Iterator[list[str]]:
    topics = sorted({verdict.topic for verdict in verdicts})
    total: Counter[Outcome] = Counter()
    for topic in topics:
        found = Counter(proof.gated(verdict, allowed) for verdict in verdicts if verdict.topic == topic)
        total += found
        yield [topic, str(found.total()), *(str(found[each]) for each in _OUTCOMES)]
    yield ["all", str(total.total()), *(str(total[each]) for each in _OUTCOMES)]


def _functions() -> Iterator[str]:
    """The supported functions, each with its signatures."""
    found: dict[str, set[str]] = {}
    for signature in sorted(proven.signatures()):
        named = re.fullmatch(r"([a-z_0-9]+)\((.*)\)( over)?", signature)
        if named and named[1] not in ("cast", "try_cast"):
            found.setdefault(named[1], set()).add(f"({named[2]}){named[3] or ''}")
    yield "### Functions\n"
    rows = ([f"`{name}`", ", ".join(f"`{each}`" for each in sorted(found[name]))] for name in sorted(found))
    yield from _table(["function", "parameters"], rows)
    yield ""


def _measured() -> Iterator[str]:
    yield "## Compared with measurements of Athena\n"
    yield (
        "These answers of real Athena come from the public repository `aoyagikouhei/athena-local`. "
        "[athena-measured.md](athena-measured.md) lists more of them, and the differences. "
        "`tests/local_athena/conformance/` runs each of these statements on local Athena.\n"
    )
    rows = (
        [case.topic, f"`{_shown(case)}`", f"`{_answer(case)}`", case.source, case.date] for case in measured()
    )
    yield from _table(["about", "statement", "Athena's answer", "source", "date"], rows)
    yield ""


def _shown(case: Case) -> str:
    with_parameters = f" with {', '.join(case.parameters)}" if case.parameters else ""
    return case.sql.replace("\n", " ⏎ ") + with_parameters


def _answer(case: Case) -> str:
    if case.refused:
        return f"not started: {case.refused}"
    if case.error:
        return f"{case.error} {case.error_type or ''}".strip()
    return f"{case.rows[0][0]} ({case.types[0]})"


def _refused(verdicts: list[Verdict]) -> Iterator[str]:
    yield "## Refused by name\n"
    yield (
        "Local Athena refuses these parts of the statements above, because DuckDB was not shown to agree with Trino. A refused "
        "statement fails with `NOT_SUPPORTED`. [The README](../local_athena/README.md) lists the clauses, formats and "
        "statements that are refused as well.\n"
    )
    reasons = Counter(
        re.sub(r"^NOT_SUPPORTED: local Athena does not support ", "", verdict.refusal)
        for verdict in verdicts
        if verdict.outcome is Outcome.REFUSED
    )
    rows = ([f"`{reason}`", str(count)] for reason, count in sorted(reasons.items()))
    yield from _table(["refused", "statements"], rows)


def _table(heading: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield f"|{'|'.join(' --- ' for _ in heading)}|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    PAGE.write_text(page(proof.judge()), "utf-8")
