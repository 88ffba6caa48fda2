"""Runs the data tests as one Athena query, with dbt's meaning of severity, warn_if and error_if.

dbt would send one query for each compiled test. Here the compiled tests become one UNION. Each part has the
expressions of dbt's own test query: the number of failures, and whether they warn or fail.
https://docs.getdbt.com/reference/resource-configs/severity
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Athena takes at most 262,144 bytes per query:
#: https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
MAX_QUERY_BYTES = 250_000


@dataclass(frozen=True, slots=True)
class CompiledTest:
    """One data test with its compiled SQL.

    Attributes:
        name, description: as documented.
        sql: yields the rows that fail.
        severity: `error` or `warn`.
        failures: the aggregate that counts failures (dbt's fail_calc).
        warn_if, error_if: the condition on that count, such as `!= 0`.
        limit: the largest number of failures to count; None for all.
    """

    name: str
    description: str
    sql: str
    severity: str = "error"
    failures: str = "count(*)"
    warn_if: str = "!= 0"
    error_if: str = "!= 0"
    limit: int | None = None

    @classmethod
    def of(cls, node: Any) -> CompiledTest:
        """Make the test from a compiled test node of dbt."""
        config = node.config
        return cls(
            name=node.name,
            description=" ".join(node.description.split()),
            sql=node.compiled_code,
            severity=config.severity.lower(),
            failures=config.fail_calc,
            warn_if=config.warn_if,
            error_if=config.error_if,
            limit=config.limit,
        )

    def query(self) -> str:
        """The SQL that returns one row: the test's name, its failures, and whether they warn and fail."""
        limit = f"\nlimit {self.limit}" if self.limit is not None else ""
        return (
            f"select\n'{self.name}' as test,\n{self.failures} as failures,\n"
            f"{self.failures} {self.warn_if} as should_warn,\n"
            f"{self.failures} {self.error_if} as should_error\n"
            f"from (\n{self.sql}{limit}\n) as failing_rows"
        )


@dataclass(frozen=True, slots=True)
class Tests:
    """Names of the data tests by outcome, and details of the tests that did not pass.

    Attributes:
        details: for each test that warned or failed: the number of failures and its description.
    """

    passed: list[str] = field(default_factory=list[str])
    warned: list[str] = field(default_factory=list[str])
    failed: list[str] = field(default_factory=list[str])
    details: dict[str, str] = field(default_factory=dict[str, str])

    def merged(self, other: Tests) -> Tests:
        """The outcomes of two runs: a test has passed if it passed in both."""
        failed = {*self.failed, *other.failed}
        warned = {*self.warned, *other.warned} - failed
        passed = {*self.passed, *other.passed} - warned - failed
        return Tests(sorted(passed), sorted(warned), sorted(failed), {**self.details, **other.details})


def queries(tests: Sequence[CompiledTest]) -> Iterator[str]:
    """The tests' queries, joined into as few queries as Athena's limit on a query's length allows."""
    united = ""
    for test in tests:
        query = test.query()
        if united and len(united.encode()) + len(query.encode()) > MAX_QUERY_BYTES:
            yield united
            united = ""
        united = f"{united}\nunion all\n{query}" if united else query
    if united:
        yield united


def outcomes(tests: Sequence[CompiledTest], rows: Sequence[Sequence[str | None]]) -> Tests:
    """The tests' outcomes according to the rows of the queries.

    Raises:
        KeyError: a test has no row.
    """
    answers = {row[0]: row[1:] for row in rows}
    judged = Tests()
    for test in tests:
        failures, should_warn, should_error = answers[test.name]
        if test.severity == "error" and should_error == "true":
            judged.failed.append(test.name)
        elif should_warn == "true":
            judged.warned.append(test.name)
        else:
            judged.passed.append(test.name)
            continue
        judged.details[test.name] = f"{failures} failures: {test.description}"
    return Tests(sorted(judged.passed), sorted(judged.warned), sorted(judged.failed), judged.details)
