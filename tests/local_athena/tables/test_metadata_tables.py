"""Tests `"t$files"`, `"t$partitions"`, `"t$manifests"` and `"t$refs"` of an Iceberg table, on both engines."""

from __future__ import annotations

import json

import pytest

from tests.local_athena.conftest import House

pytestmark = pytest.mark.truth

_ROWS = """
    select * from (values
        (1, 'a', date '2020-01-01', 1.5e0),
        (2, null, date '2020-01-02', 2.5e0),
        (3, 'ccccccccccccccccccccccccc', null, null)
    ) as v (id, s, d, x)
"""


def test_partitions_count_rows_and_bound_the_other_columns(house: House) -> None:
    house.iceberg("t", _ROWS, "'d', 'bucket(id, 4)'")
    house.run("insert into t values (5, 'b', date '2020-01-01', 0.5e0)")

    rows = house.rows(
        'select "partition", record_count, file_count, data from "t$partitions" order by data.id.min'
    )

    a_or_b = "s={min=a, max=a, null_count=0, nan_count=null}"
    assert rows == [
        ("{d=2020-01-01, id_bucket=0}", "1", "1", f"{{id={{min=1, max=1, null_count=0, nan_count=null}}, {a_or_b}, "
         "x={min=1.5, max=1.5, null_count=0, nan_count=null}}"),
        ("{d=2020-01-02, id_bucket=0}", "1", "1", "{id={min=2, max=2, null_count=0, nan_count=null}, "
         "s={min=null, max=null, null_count=1, nan_count=null}, x={min=2.5, max=2.5, null_count=0, nan_count=null}}"),
        ("{d=null, id_bucket=3}", "1", "1", "{id={min=3, max=3, null_count=0, nan_count=null}, "
         "s={min=cccccccccccccccc, max=cccccccccccccccd, null_count=0, nan_count=null}, "
         "x={min=null, max=null, null_count=1, nan_count=null}}"),
        ("{d=2020-01-01, id_bucket=3}", "1", "1", "{id={min=5, max=5, null_count=0, nan_count=null}, "
         "s={min=b, max=b, null_count=0, nan_count=null}, x={min=0.5, max=0.5, null_count=0, nan_count=null}}"),
    ]  # fmt: skip


def test_partitions_of_transforms(house: House) -> None:
    moment = "timestamp '2021-03-04 05:06:07'"
    house.iceberg("t", f"select 'abcdef' as s, {moment} as a, {moment} as b, {moment} as c, {moment} as e",
                  "'truncate(s, 2)', 'year(a)', 'month(b)', 'day(c)', 'hour(e)'")  # fmt: skip

    assert house.rows('select "partition" from "t$partitions"') == [
        ("{s_trunc=ab, a_year=51, b_month=614, c_day=2021-03-04, e_hour=448565}",)
    ]
    assert house.rows('select partition_summaries from "t$manifests"') == [
        (
            "[{contains_null=false, contains_nan=false, lower_bound=ab, upper_bound=ab}, "
            "{contains_null=false, contains_nan=false, lower_bound=2021, upper_bound=2021}, "
            "{contains_null=false, contains_nan=false, lower_bound=2021-03, upper_bound=2021-03}, "
            "{contains_null=false, contains_nan=false, lower_bound=2021-03-04, upper_bound=2021-03-04}, "
            "{contains_null=false, contains_nan=false, lower_bound=2021-03-04-05, upper_bound=2021-03-04-05}]",
        )
    ]


def test_a_table_without_partitions_has_one_line(house: House) -> None:
    house.iceberg("t", "select 1 as a, array[1, 2] as l, timestamp '2020-01-01 00:00:00.000001' as ts")
    house.run("insert into t values (2, array[3], timestamp '2021-01-01 00:00:00')")

    assert house.rows('select record_count, file_count, data from "t$partitions"') == [
        ("2", "2", "{a={min=1, max=2, null_count=0, nan_count=null}, "
         "ts={min=2020-01-01 00:00:00.000001, max=2021-01-01 00:00:00.000000, null_count=0, nan_count=null}}")
    ]  # fmt: skip


def test_files_show_the_metrics_of_the_current_snapshot(house: House) -> None:
    house.iceberg("t", _ROWS, "'d'")
    house.run("delete from t where d = date '2020-01-02'")

    found = house.rows(
        'select content, file_format, "partition", record_count, value_counts, null_value_counts, lower_bounds, '
        'upper_bounds, readable_metrics, file_path from "t$files"'
    )
    rows = sorted(found, key=lambda row: str(row[6]))

    assert [row[:8] for row in rows] == [
        ("0", "PARQUET", "{d=2020-01-01}", "1", "{1=1, 2=1, 3=1, 4=1}", "{1=0, 2=0, 3=0, 4=0}",
         "{1=1, 2=a, 3=2020-01-01, 4=1.5}", "{1=1, 2=a, 3=2020-01-01, 4=1.5}"),
        ("0", "PARQUET", "{d=null}", "1", "{1=1, 2=1, 3=1, 4=1}", "{1=0, 2=0, 3=1, 4=1}",
         "{1=3, 2=cccccccccccccccc}", "{1=3, 2=cccccccccccccccd}"),
    ]  # fmt: skip
    metrics = json.loads(rows[0][8] or "")
    assert list(metrics) == ["d", "id", "s", "x"]
    assert metrics["x"]["lower_bound"] == 1.5
    assert metrics["d"]["upper_bound"] == "2020-01-01"
    assert house.read(rows[0][9] or "").startswith(b"PAR1")


def test_files_show_times_decimals_and_numbers_as_iceberg_writes_them(house: House) -> None:
    house.iceberg(
        "t",
        "select cast(decimal '1.50' as decimal(5, 2)) as a, true as b, cast(1e10 as double) as c, cast(0.1e0 as real) as e, "
        "timestamp '2021-01-01 10:20:30.5' as f, timestamp '2021-01-01 10:20:30.25 UTC' as g, bigint '5' as h",
    )

    assert house.rows('select lower_bounds from "t$files"') == [
        ("{1=1.50, 2=true, 3=1.0E10, 4=0.1, 5=2021-01-01T10:20:30.5, 6=2021-01-01T10:20:30.25+00:00, 7=5}",)
    ]


def test_refs_name_the_current_snapshot(house: House) -> None:
    house.iceberg("t", "select 1 as a")

    assert house.rows('select name, type, max_reference_age_in_ms from "t$refs"') == [
        ("main", "BRANCH", None)
    ]
    assert house.rows('select r.snapshot_id = s.snapshot_id from "t$refs" r cross join "t$snapshots" s') == [
        ("true",)
    ]


def test_manifests_count_files_and_rows(house: House) -> None:
    house.iceberg("t", "select a from (values 1, 2) as v (a)")

    assert house.rows(
        "select added_data_files_count, added_rows_count, existing_data_files_count, deleted_rows_count, "
        'partition_summaries from "t$manifests"'
    ) == [("1", "2", "0", "0", "[]")]
