"""Tests behaviour in which the engines differ, with the expectation for the engine that runs: Trino, or the stricter
DuckDB.

`make conformance` runs this module on Trino, with the other tests marked `truth`.
"""

from __future__ import annotations

import re

import pytest

from tests.local_athena.conftest import ENGINE, House

pytestmark = [pytest.mark.slow, pytest.mark.truth]

IS_TRINO = ENGINE == "trino"
#: How often two MERGEs are started together. On Trino, they nearly always overlap.
ROUNDS = 10 if IS_TRINO else 2
MERGE = """
    merge into t using (select * from (values {rows}) as v (d, k, n)) as s
    on (t.d = s.d and t.k = s.k {predicate})
    when matched and s.n is null then delete
    when matched then update set n = s.n
    when not matched then insert (d, k, n) values (s.d, s.k, s.n)
"""


@pytest.fixture
def table(house: House) -> House:
    """A table `t (d date, k bigint, n bigint)` with four days of three rows."""
    house.iceberg(
        "t",
        "select d, k, k * 10 as n from (values (date '2025-08-10'), (date '2025-08-11'), (date '2025-08-12'), "
        "(date '2025-08-13')) as v (d) cross join unnest(sequence(1, 3)) as u (k)",
        "'d'",
    )
    return house


def merge(*rows: tuple[str, int, int | None], predicate: str = "") -> str:
    """A MERGE of rows (date, key, new value); a row without a value deletes."""
    written = ", ".join(f"(date '{d}', {k}, {'null' if n is None else n})" for d, k, n in rows)
    return MERGE.format(rows=written, predicate=predicate)


def both_ends(house: House, *statements: str) -> tuple[set[str], list[str]]:
    """Start statements at once. Returns the states in which they end, and the reasons of those that fail."""
    ended = [house.wait(query)["Status"] for query in [house.start(sql) for sql in statements]]
    reasons = [status["StateChangeReason"] for status in ended if status["State"] == "FAILED"]
    return {status["State"] for status in ended}, reasons


def test_two_source_rows_under_different_clauses_for_one_target_row(table: House) -> None:
    statement = merge(("2025-08-10", 1, None), ("2025-08-10", 1, 5))

    if IS_TRINO:
        table.run(statement)
        # One clause deletes the row, and the other writes it again.
        assert table.rows("select n from t where d = date '2025-08-10' and k = 1") == [("5",)]
    else:
        assert "source rows under different clauses match one target row" in table.fails(statement)


def test_of_two_merges_of_one_key_at_once_none_is_lost_in_silence(table: House) -> None:
    conflicts = []
    for number in range(ROUNDS):
        values = (100 + number, 200 + number)
        _, reasons = both_ends(table, *(merge(("2025-08-10", 1, value)) for value in values))
        conflicts += reasons
        rows = table.rows("select n from t where d = date '2025-08-10' and k = 1")
        assert rows in [[(str(value),)] for value in values]
        assert len(reasons) < 2
        if conflicts:
            break
    assert all(reason.startswith("ICEBERG_COMMIT_ERROR: ") for reason in conflicts)
    if IS_TRINO:
        assert conflicts, f"no two of {ROUNDS} pairs of MERGEs met"


def test_two_merges_of_different_partitions_at_once(table: House) -> None:
    for number in range(ROUNDS):
        values = (100 + number, 200 + number)
        days = ("2025-08-10", "2025-08-11")
        states, reasons = both_ends(
            table, *(merge((day, 1, value)) for day, value in zip(days, values, strict=True))
        )

        # In the DuckDB engine, any other commit is a conflict.
        assert states == {"SUCCEEDED"} or not IS_TRINO
        assert all(reason.startswith("ICEBERG_COMMIT_ERROR: ") for reason in reasons)
        written = table.rows(f"select n from t where n in {values} order by n")
        assert len(written) == 2 - len(reasons)


@pytest.mark.parametrize(
    ("predicate", "confined"),
    [
        ("", False),
        ("and t.d in (date '2025-08-10')", True),
        ("and t.d in (cast('2025-08-10' as date))", True),
        ("and t.d in (date('2025-08-10'))", True),
        ("and t.d between date '2025-08-10' and date '2025-08-10'", True),
        ("and s.d in (date '2025-08-10')", IS_TRINO),
    ],
)
def test_what_a_merge_reads_of_its_target(table: House, predicate: str, confined: bool) -> None:
    table.iceberg("s", "select date '2025-08-10' as d, 1 as k, 5 as n")
    statement = (
        f"merge into t using s on (t.d = s.d and t.k = s.k {predicate}) when matched then update set n = s.n"
    )

    if IS_TRINO:
        plan = "\n".join(row[0] or "" for row in table.rows(f"explain {statement}"))
        scans = re.split(r"Scan\w*\[table = ", plan)[1:]
        target = next(scan for scan in scans if scan.startswith(f"iceberg:{table.database}.t$data"))
        assert ("[[2025-08-10]]" in target) == confined, plan
    else:
        whole, source = table.scanned("select d, k from t"), table.scanned("select * from s")
        assert (table.scanned(statement) < whole + source) == confined


@pytest.mark.parametrize("kind", ["iceberg", "hive"])
def test_a_table_of_a_timestamp_of_the_other_formats_precision(house: House, kind: str) -> None:
    precision = {"iceberg": 3, "hive": 6}[kind]
    where = f"{'' if kind == 'hive' else 'is_external = false, '}{'external_location' if kind == 'hive' else 'location'}"
    statement = (
        f"create table t with (table_type = '{kind}', {where} = 's3://{house.bucket}/t/', format = 'parquet') "
        f"as select cast(timestamp '2025-08-10 01:02:03' as timestamp({precision})) as a"
    )

    if kind == "iceberg":
        house.run(statement)
        assert house.rows("select typeof(a), a from t") == [("timestamp(6)", "2025-08-10 01:02:03.000000")]
    else:
        assert "Incorrect timestamp precision" in house.fails(statement)


def test_a_delimiter_cuts_the_only_column_even_if_it_takes_the_rest(house: House) -> None:
    house.put("cut/a.txt", b"a\x01b\n\x01\n")
    house.run(
        "create external table cut (line string) row format delimited fields terminated by '\\001' "
        f"stored as textfile location 's3://{house.bucket}/cut/' "
        "tblproperties ('serialization.last.column.takes.rest' = 'true')"
    )

    assert house.rows("select line from cut") == [("a",), ("",)]
