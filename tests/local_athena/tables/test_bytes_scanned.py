"""Tests that bytes scanned are what Trino reads: by path, by statistics, by constants, and once for each reader."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow

LINE = b"x" * 99 + b"\n"


@pytest.fixture
def files(house: House) -> House:
    """Three files with 1, 2 and 4 lines of 100 bytes in one folder, and a view of them."""
    house.text_table()
    for number, name in enumerate(("a", "b", "c")):
        house.put(f"lines/2025-08-10/{name}.txt", LINE * 2**number)
    house.run('create view seen as select line, "$path" as source_file, day as folder from lines')
    return house


def address(house: House, name: str) -> str:
    return f"s3://{house.bucket}/lines/2025-08-10/{name}.txt"


def test_tables_in_parentheses_are_read_as_without_them(files: House) -> None:
    first = f"\"$path\" = '{address(files, 'a')}'"
    for tables in ("(lines)", "((lines))", "(lines) as lines", "(lines join (select 1 as one) as o on true)"):
        counted = f"select count(line) from {tables} where {first}"
        assert files.rows(counted) == [("1",)], tables
        assert files.scanned(counted) == 100, tables


@pytest.mark.parametrize("false", ["false", "1 = 0", "'a' = 'b'", "null", "not true and 1 = 1"])
def test_a_condition_that_is_false_by_itself_reads_nothing(files: House, false: str) -> None:
    assert files.scanned(f"select count(line) from seen where folder = '2025-08-10' and {false}") == 0
    assert files.rows(f"select count(line) from seen where {false}") == [("0",)]


def test_a_condition_that_is_true_by_itself_reads_all(files: House) -> None:
    assert files.scanned("select count(line) from seen where folder = '2025-08-10' and 1 = 1") == 700


def test_paths_by_literals_leave_other_files_unread(files: House) -> None:
    where = "select count(*) from seen where folder = '2025-08-10' and source_file"
    assert files.scanned(f"{where} in ('{address(files, 'a')}', '{address(files, 'c')}')") == 500
    assert files.rows(f"{where} = '{address(files, 'b')}'") == [("2",)]
    assert files.scanned(f"{where} = '{address(files, 'gone')}'") == 0
    # A LIKE pattern is not a list of values, so every file is read.
    assert files.scanned(f"{where} like '%/a.txt'") == 700


def test_each_reader_of_a_with_query_reads_for_itself(files: House) -> None:
    query = "with all_lines as (select line, source_file from seen where folder = '2025-08-10') "
    count = "select count(line) from all_lines"
    assert files.scanned(f"{query}{count}") == 700
    assert files.scanned(f"{query}{count} union all {count} union all {count}") == 2100
    one = f"{count} where source_file = '{address(files, 'a')}'"
    assert files.scanned(f"{query}{count} union all {one}") == 800


def test_statistics_leave_row_groups_unread(house: House) -> None:
    body = io.BytesIO()
    rows = pa.table({"n": pa.array(range(1000), pa.int64()), "text": [f"line {n:04}" for n in range(1000)]})
    pq.write_table(rows, body, row_group_size=100)
    house.put("numbers/part.parquet", body.getvalue())
    house.run(
        "create external table numbers (`n` bigint, `text` string) stored as parquet "
        f"location 's3://{house.bucket}/numbers/'"
    )
    whole = house.scanned("select count(text) from numbers")
    one = house.scanned("select count(text) from numbers where text = 'line 0150'")
    assert whole / 11 < one < whole / 9
    assert house.scanned("select count(text) from numbers where text > 'line 9'") == 0
    assert house.rows("select count(text) from numbers where text between 'line 0150' and 'line 0249'") == [
        ("100",)
    ]


def test_a_merge_reads_what_its_condition_and_values_name(house: House) -> None:
    """Athena writes delete files. The columns that are only copied within the target's files are therefore not read."""
    house.iceberg(
        "t",
        "select n as k, to_hex(sha256(to_utf8(cast(n as varchar)))) as text from unnest(sequence(1, 1000)) as s (n)",
    )
    house.iceberg("s", "select 1 as k, 'new' as text")
    keys, source = (
        house.scanned("select count(k) from t"),
        house.scanned("select count(k), count(text) from s"),
    )
    merge = "merge into t using s on (t.k = s.k {}) when matched then update set text = s.text"
    assert house.scanned(merge.format("and false")) == source
    assert house.scanned(merge.format("")) == keys + source
    assert house.rows("select text from t where k = 1") == [("new",)]
    assert house.rows("select count(*) from t where text <> 'new'") == [("999",)]


def test_each_reader_pays_for_the_columns_that_it_needs(house: House) -> None:
    """Trino reads only the columns that a reader needs, however many subqueries are between the table and the reader."""
    house.iceberg(
        "t", "select n, cast(n as varchar) as text, n % 7 as k from unnest(sequence(1, 1000)) as s (n)"
    )
    n, text, k = (house.scanned(f"select count({column}) from t") for column in ("n", "text", "k"))
    assert min(n, text, k) > 0
    rows = "with rows_of_t as (select * from (select n, upper(text) as loud, k from t)) "
    one, two = "select sum(n) from rows_of_t", "select count(loud) from rows_of_t where k > 3"
    for query, read in {
        "select count(*) from (select * from t)": 0,
        "select count(*) from (select * from t) where n > 0": n,
        f"{rows}{one}": n,
        f"{rows}{two}": text + k,
        f"{rows}{one} union all {two}": n + text + k,
        "select count(*) from (select n, text from t union all select k, text from t)": 0,
        "select count(*) from (select n, text from t union select k, text from t)": n + k + 2 * text,
        "select count(*) from (select distinct n, text from t)": n + text,
        "select count(*) from (select k, count(*) as c, max(text) as t from t group by k)": k,
        "select sum(n) from (select n, text, row_number() over (partition by k order by text) as place from t)": n,
        "select count(*) from (select *, row_number() over (order by text) as place from t) where place = 1": text,
        "select sum(n) from (select n from t order by k limit 5)": n + k,
        "select count(*) from (select a.n, b.text from t as a join t as b on a.k = b.n)": k + n,
        "select count(*) from (select * from t as a join t as b using (k))": 2 * k,
        "select count(*) from t where n in (select k from (select k, text from t))": n + k,
    }.items():
        assert house.scanned(query) == read, query


def test_statistics_tell_where_nulls_are(house: House) -> None:
    """A condition that nulls satisfy reads files whose statistics show nulls, unless an outer join makes the nulls."""
    house.iceberg(
        "t",
        "select n as k, if(n = 3, null, n) as x, cast(n as varchar) as text from unnest(sequence(1, 9)) as s (n)",
    )
    house.iceberg("s", "select 1 as k, 2 as y")
    null_in_x, text = (
        "select text from t where x is null",
        house.scanned("select text from t where text is null"),
    )
    assert text == 0
    assert house.scanned(null_in_x) == house.scanned("select text, x from t")
    assert house.rows(null_in_x) == [("3",)]
    assert house.scanned("select count(*) from (select text as renamed from t) where renamed is null") == 0
    assert house.scanned("select x from t where x is null and text is null") == 0
    for query in (
        "select count(*) from t left join s on t.k = s.k where y is null",
        "select count(*) from s right join t on t.k = s.k where s.k is null",
        "select count(*) from t full join s on t.k = s.k where s.y is null",
        "select count(*) from (t left join s on t.k = s.k) where y is null",
        "select count(*) from (s) as u right join (t left join s on t.k = s.k) on u.k = s.k where s.y is null",
        "select count(*) from (select t.k, s.y from t left join s on t.k = s.k) where y is null",
        "select count(*) from (select y from (select k, s.y from t left join s using (k))) where y is null",
        "with j as (select t.k, s.k as found from t left join s on t.k = s.k) select count(*) from j where found is null",
    ):
        assert house.rows(query) == [("8",)], query
    assert house.rows("select count(*) from t left join s on t.k = s.k and s.y is null where y is null") == [
        ("9",)
    ]
    assert house.rows("select x, count(*) from t group by x having x is null") == [(None, "1")]


@pytest.mark.truth
@pytest.mark.parametrize(
    "properties",
    [
        "format = 'parquet', external_location = '{}', partitioned_by = array['b']",
        "format = 'parquet', external_location = '{}'",
        "table_type = 'iceberg', is_external = false, location = '{}', partitioning = array['b']",
        "table_type = 'iceberg', is_external = false, location = '{}'",
    ],
)
def test_booleans_and_negative_numbers_leave_no_row_out(house: House, properties: str) -> None:
    location = f"s3://{house.bucket}/t/"
    house.run(
        f"create table t with ({properties.format(location)}) as "
        "select n, b from (values (-7, true), (-1, false), (3, true), (null, null)) as v (n, b)"
    )

    for where, wanted in {
        "b = true": ["-7", "3"],
        "b < true": ["-1"],
        "b in (true, false)": ["-7", "-1", "3"],
        "b = false or b = true": ["-7", "-1", "3"],
        "b is null": [None],
        "n = -7": ["-7"],
        "n in (-1, 3) and b = true": ["3"],
        "n between -7 and -1": ["-7", "-1"],
        "n > -1 and true = b": ["3"],
    }.items():
        assert house.rows(f"select n from t where {where} order by n") == [(n,) for n in wanted], where
