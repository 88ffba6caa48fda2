"""Tests every expression of the table: the DuckDB engine gives Trino's recorded answer or refuses the expression by
name.

The engine's allow-list contains exactly the constructs for which it gives Trino's answers.
"""

from __future__ import annotations

import pytest

from local_athena.compiler import functions, proven
from local_athena.compiler.analyzer import Analyzer
from local_athena.errors import Refused
from local_athena.sql.parsing import parse
from tests.local_athena import conformance_page, expression_table, proof
from tests.local_athena.proof import Outcome, Verdict

pytestmark = pytest.mark.xdist_group("expressions")

#: The largest share of refusals in the topics that our own SQL uses most. Other topics may have more.
REFUSED_AT_MOST = {"casts": 0.2, "comparison": 0.15, "json": 0.15, "records": 0.02, "statements": 0.15}


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return proof.judge()


@pytest.mark.parametrize("topic", expression_table.topics())
def test_the_answers_are_recorded_for_the_expressions(topic: str) -> None:
    recorded = [answer["sql"] for answer in expression_table.read_answers(topic)]
    expressions = expression_table.read_expressions(topic)
    if topic == "records":
        # New reject cases may lack an answer until a Trino server is run, but most must have one.
        assert len(set(expressions) - set(recorded)) <= 0.1 * len(expressions), "run `make expressions`"
    else:
        assert recorded == expressions, "run `make expressions`"


@pytest.mark.parametrize("topic", expression_table.topics())
def test_every_expression_is_equal_or_refused(topic: str, verdicts: list[Verdict]) -> None:
    own = [verdict for verdict in verdicts if verdict.topic == topic]
    different = [f"{each.sql}: {each.difference}" for each in own if each.outcome is Outcome.DIFFERENT]
    assert not different, f"{len(different)} of them:\n" + "\n".join(different)
    refused = sum(proof.gated(verdict, proven.signatures()) is Outcome.REFUSED for verdict in own)
    # A table in which most entries are refused would prove nothing.
    assert refused <= REFUSED_AT_MOST.get(topic, 0.6) * len(own)


def test_every_listed_exception_is_still_one(verdicts: list[Verdict]) -> None:
    excepted = {verdict.sql for verdict in verdicts if verdict.outcome is Outcome.EXCEPTED}
    assert excepted == proof.ANSWERED | set(proof.OTHER_CODES)


def test_the_allow_list_is_what_the_table_proves(verdicts: list[Verdict]) -> None:
    assert proof.ALLOW_LIST.read_text("utf-8").splitlines() == proof.proven(verdicts), (
        "run `python -m tests.local_athena.proof`"
    )


def test_the_conformance_page_says_what_was_compared(verdicts: list[Verdict]) -> None:
    assert conformance_page.PAGE.read_text("utf-8") == conformance_page.page(verdicts), (
        "run `make conformance-page`"
    )


def test_every_registered_function_is_proven() -> None:
    named = {signature.partition("(")[0] for signature in proven.signatures()}
    windowed = {s.partition("(")[0] for s in proven.signatures() if s.endswith(" over")}
    unproven = (set(functions.FUNCTIONS) | set(functions.AGGREGATES)) - named
    assert unproven | (set(functions.WINDOW_FUNCTIONS) - windowed) == set()
    assert [each for each in functions.DECLARED if each not in proven.signatures()] == []


def test_what_is_not_proven_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = proven.signatures() - {"lpad(varchar, bigint, varchar)"}
    monkeypatch.setattr(proven, "signatures", lambda: rest)
    with pytest.raises(Refused, match=r"does not support lpad\(varchar, bigint, varchar\), which is not"):
        Analyzer(proof.NoTables(), "default").compile(parse("select lpad('5', 3, '0')"))
