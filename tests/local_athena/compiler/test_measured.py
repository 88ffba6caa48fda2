"""Tests answers that were measured on Athena and differ from Trino's, and what the table of expressions cannot test."""

from __future__ import annotations

import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.xdist_group("measured")


def names(house: House, sql: str) -> list[str]:
    """The column names of a result."""
    query_id = house.run(sql)["QueryExecutionId"]
    answer = house.athena.get_query_results(QueryExecutionId=query_id)
    return [column["Name"] for column in answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]


def test_decimal_literals_are_doubles(house: House) -> None:
    sql = "select 1 / 0.0, 0.1 + 0.2, typeof(1.5), .5, typeof(decimal '1.5'), cast(1.005 as decimal(3, 2))"

    assert house.rows(sql) == [
        ("Infinity", "0.30000000000000004", "double", "0.5", "decimal(2,1)", "1.01"),
    ]
    assert house.rows(
        "select 1.5 between 0.5 and 1.5, 1.5 in (0.5, 1.5), max(x) from (values 1.5, 2.5) as t (x)"
    ) == [("true", "true", "2.5")]


def test_result_columns_keep_the_letters_of_the_query(house: House) -> None:
    assert names(house, "select ID, id as FooBar, T.iD from (values 1) as t (id)") == ["ID", "FooBar", "iD"]
    assert names(house, "select * from (select 1 as FooBar) as x") == ["FooBar"]
    assert names(house, "with W as (select 1 as FooBar) select FOOBAR, foobar + 1 from w") == [
        "FOOBAR",
        "_col1",
    ]


def test_tables_and_views_have_names_in_lower_case(house: House) -> None:
    house.iceberg("t", "select 1 as FooBar")
    house.run("create view v as select foobar as Shown from t")

    assert names(house, "select * from t") == ["foobar"]
    assert names(house, "select * from v") == ["shown"]


def test_inserted_values_are_coerced_to_the_columns(house: House) -> None:
    house.run(
        "create table t (i int, d date, x decimal(5, 2), r float, s string) "
        f"location 's3://{house.bucket}/t/' tblproperties ('table_type' = 'iceberg')"
    )
    house.run("insert into t values (bigint '7', timestamp '2024-01-02 03:04:05', 1.005, 1.2345, 'abc')")
    house.run("insert into t (i, x) values (decimal '2.5', 3)")

    assert house.rows("select * from t order by i desc") == [
        ("7", "2024-01-02", "1.01", "1.2345", "abc"),
        ("3", None, "3.00", None, None),
    ]
    assert "Out of range for integer" in house.fails("insert into t (i) values (3000000000)")
    assert "TYPE_MISMATCH" in house.fails("insert into t (i) values ('1')")


def test_a_text_too_long_for_its_column_is_no_value(house: House) -> None:
    house.run(f"create external table t (s varchar(3)) stored as parquet location 's3://{house.bucket}/t/'")
    house.run("insert into t values ('abc'), ('ab   '), (cast('xyz' as varchar))")

    assert house.rows("select s from t order by s") == [("ab ",), ("abc",), ("xyz",)]
    assert (
        "Cannot truncate non-space characters when casting from varchar(4) to varchar(3) on INSERT"
        in house.fails("insert into t values ('abcd')")
    )


def test_parentheses_do_not_take_a_column_its_name(house: House) -> None:
    # They are not in Trino's syntax tree.
    header, *_ = house.rows_of(
        house.run(
            "select (a), ((t.a)), (r).x, (cast(row(1) as row(y int))).y from (values (1, row(2))) as t (a, b)"
            " cross join (select cast(row(3) as row(x int)) as r)"
        )
    )

    assert header == ("a", "a", "x", "_col3")


def test_over_without_a_window_is_the_name_of_a_column(house: House) -> None:
    assert house.rows_of(house.run("select sum(a) over from (values 1, 2) as t (a)")) == [("over",), ("3",)]


def test_a_row_is_a_line_of_values(house: House) -> None:
    assert house.rows("select b from (values row(1, 'x'), (2, 'y')) as t (a, b) order by a") == [
        ("x",),
        ("y",),
    ]
