"""Tests Iceberg tables: what is written, what is read for a write, and concurrent commits."""

from __future__ import annotations

import threading

import pytest

from local_athena.server import LocalAthena
from local_athena.tables.catalog import Catalog
from local_athena.tables.iceberg import IcebergTables, Scan
from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow

#: Twelve rows: three for each of four days.
DAYS = """
    select day, id, id * 10 as n from (values
        (date '2025-08-10'), (date '2025-08-11'), (date '2025-08-12'), (date '2025-08-13')) as d (day)
    cross join unnest(sequence(1, 3)) as i (id)
"""
MERGE = """
    merge into t as target using s as src
    on (target.day = src.day and target.id = src.id {predicate})
    when matched and (src.n is null) then delete
    when matched then update set "n" = src."n"
    when not matched and src.n is not null
        then insert ("day", "id", "n") values (src."day", src."id", src."n")
"""


def test_create_table_as_is_one_commit_of_typed_columns(house: House) -> None:
    execution = house.run(f"""
        create table typed with (
            table_type = 'iceberg', is_external = false, format = 'parquet',
            location = 's3://{house.bucket}/typed'
        ) as select
            tinyint '1' as a, 2 as b, bigint '3' as c, decimal '1.5' as d, double '2.5' as e, 'text' as f,
            date '2025-08-10' as g,
            cast('2025-08-10 01:02:03.123456' as timestamp(6)) as h, true as i, array[1, 2] as j,
            cast(row(1, 'x') as row(k integer, l varchar)) as m, to_utf8('bytes') as o
    """)

    columns = [
        (column["Name"], column["Type"])
        for column in house.glue.get_table(DatabaseName=house.database, Name="typed")["Table"][
            "StorageDescriptor"
        ]["Columns"]
    ]
    assert execution["SubstatementType"] == "CREATE_TABLE_AS_SELECT"
    assert columns == [
        ("a", "int"), ("b", "int"), ("c", "bigint"), ("d", "decimal(2,1)"), ("e", "double"), ("f", "string"),
        ("g", "date"), ("h", "timestamp"), ("i", "boolean"), ("j", "array<int>"),
        ("m", "struct<k:int,l:string>"), ("o", "binary"),
    ]  # fmt: skip
    assert house.rows("select * from typed") == [
        ("1", "2", "3", "1.5", "2.5", "text", "2025-08-10", "2025-08-10 01:02:03.123456", "true", "[1, 2]",
         "{k=1, l=x}", "62 79 74 65 73")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select json_parse('1') as a", "Type not supported for Iceberg: json"),
        ("select 1 as a, (select 1/0) as b", "DIVISION_BY_ZERO"),
    ],
)
def test_a_create_table_as_that_fails_leaves_no_table(house: House, sql: str, reason: str) -> None:
    found = house.fails(
        "create table t with (table_type = 'iceberg', is_external = false, "
        f"location = 's3://{house.bucket}/t') as {sql}"
    )

    assert reason in found
    assert house.fails("select * from t").startswith("TABLE_NOT_FOUND: ")


def test_merge_deletes_updates_and_inserts_in_one_commit(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")
    house.iceberg(
        "s",
        """
        select * from (values
            (date '2025-08-10', 1, null), (date '2025-08-10', 2, 200), (date '2025-08-10', 9, 900),
            (date '2025-08-11', 8, null)) as v (day, id, n)
    """,
    )
    before = len(_snapshots(house, "t"))

    execution = house.run(
        MERGE.format(predicate="and (target.day in (date '2025-08-10', date '2025-08-11'))")
    )

    result = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert execution["SubstatementType"] == "MERGE"
    assert result["UpdateCount"] == 3
    assert len(_snapshots(house, "t")) == before + 1
    assert house.rows("select day, id, n from t where day < date '2025-08-12' order by day, id") == [
        ("2025-08-10", "2", "200"), ("2025-08-10", "3", "30"), ("2025-08-10", "9", "900"),
        ("2025-08-11", "1", "10"), ("2025-08-11", "2", "20"), ("2025-08-11", "3", "30"),
    ]  # fmt: skip
    assert house.rows("select count(*), sum(n) from t") == [("12", "1310")]


def test_a_merge_reads_and_writes_the_partitions_that_it_names(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")
    house.iceberg("s", "select date '2025-08-10' as day, 1 as id, 5 as n")
    files = set(house.keys("iceberg/t/data/"))
    one_day = house.scanned("select day, id from t where day = date '2025-08-10'")
    source = house.scanned("select * from s")

    named = house.scanned(MERGE.format(predicate="and (target.day in (date '2025-08-10'))"))
    written = set(house.keys("iceberg/t/data/")) - files
    unnamed = house.scanned(MERGE.format(predicate=""))

    assert named == one_day + source
    assert len(written) == 1
    assert "day=2025-08-10" in written.pop()
    assert unnamed >= 3 * one_day + source


@pytest.mark.truth
def test_a_source_with_equal_keys_fails_the_merge(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")
    house.iceberg("s", "select date '2025-08-10' as day, 1 as id, n from unnest(sequence(1, 2)) as v (n)")

    reason = house.fails(MERGE.format(predicate=""))

    assert reason == (
        "MERGE_TARGET_ROW_MULTIPLE_MATCHES: One MERGE target table row matched more than one source row"
    )
    assert house.rows("select count(*), sum(n) from t") == [("12", "240")]


@pytest.mark.truth
def test_equal_keys_that_match_nothing_are_both_inserted(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")
    house.iceberg("s", "select date '2025-08-10' as day, 99 as id, n from unnest(sequence(1, 2)) as v (n)")

    house.run(MERGE.format(predicate=""))

    assert house.rows("select n from t where id = 99 order by n") == [("1",), ("2",)]


def test_a_merge_may_use_a_subquery_and_insert_fewer_columns(house: House) -> None:
    house.iceberg("t", DAYS)

    house.run("""
        merge into t using (select day, max(id) + 1 as id from t group by day) as src
        on t.day = src.day and t.id = src.id and src.day < date '2025-08-12'
        when not matched then insert (id) values (src.id)
    """)

    assert house.rows("select day, id, n, count(*) from t where id = 4 group by 1, 2, 3") == [
        (None, "4", None, "4")
    ]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("merge into t using s on t.id = s.id when matched then update set nothing = 1", "COLUMN_NOT_FOUND"),
        ("merge into t using s on t.id = s.id when matched then update set n = 'x'", "TYPE_MISMATCH"),
        (
            "merge into t using s on t.id = s.id when not matched then insert (id) values (1, 2)",
            "TYPE_MISMATCH",
        ),
        (
            "merge into t using s on t.id = 'x' when matched then delete",
            "Cannot apply operator: bigint = varchar(1)",
        ),
        ("merge into nothing using s on 1 = 1 when matched then delete", "TABLE_NOT_FOUND"),
        ("update t set id = 'x'", "TYPE_MISMATCH"),
        ("delete from t where nothing = 1", "COLUMN_NOT_FOUND"),
        ("insert into t select 'x', 1, 1", "Insert query has mismatched column types"),
        ("insert into t (nothing) select 1", "COLUMN_NOT_FOUND"),
        ("alter table t add columns (id int)", "Duplicate column name: id"),
        (
            "alter table t replace columns (a string)",
            "Query type not supported by Athena Iceberg at this time",
        ),
        ("vacuum nothing", "TABLE_NOT_FOUND"),
        (
            "optimize t rewrite data using bin_pack where n = 1",
            "OPTIMIZE with a WHERE other than partition columns",
        ),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(house: House, sql: str, reason: str) -> None:
    house.iceberg("t", DAYS, "'day'")
    house.iceberg("s", "select 1 as id")

    assert reason in house.fails(sql)
    assert house.rows("select count(*), sum(n) from t") == [("12", "240")]


def test_rows_are_inserted_updated_and_deleted(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")

    house.run("insert into t (id, day) (select 4, date '2025-08-10')")
    house.run("update t set n = id, id = 0 where day = date '2025-08-10' and id > 2")
    house.run("delete from t where id = 1 or n is null")

    assert house.rows("select day, id, n from t where day = date '2025-08-10' order by n") == [
        ("2025-08-10", "0", "3"), ("2025-08-10", "0", "4"), ("2025-08-10", "2", "20"),
    ]  # fmt: skip
    assert house.rows("select count(*) from t") == [("9",)]
    house.run("delete from t")
    assert house.rows("select count(*) from t") == [("0",)]


def test_literals_on_a_column_decide_which_files_are_read(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")
    everything = house.scanned("select * from t")

    assert house.scanned("select * from t where day = date '2025-08-10'") * 4 == everything
    assert house.scanned("select * from t where day >= date '2025-08-12'") * 2 == everything
    assert house.scanned("select * from t where day = cast('2025-08-10' as date)") * 4 == everything
    assert (
        house.scanned("select * from (select day as d, id from t) where d = date '2025-08-10'")
        < everything / 4
    )
    assert house.scanned("select * from t where id = 77") == 0
    assert house.scanned("select count(*) from t") == 0
    assert house.scanned("select id from t") < everything


def test_hidden_partitioning_is_pruned_too(house: House) -> None:
    house.iceberg("t", "select id, cast(day as timestamp(6)) as at, cast(id as varchar) as s from ("
                  f"{DAYS})", "'day(at)', 'bucket(s, 2)'")  # fmt: skip

    assert house.rows("select count(*) from t where s = '2'") == [("4",)]
    assert house.scanned("select * from t where s = '2'") < house.scanned("select * from t")


def test_the_path_of_a_row_is_its_data_file(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")

    (path,) = house.rows("select distinct \"$path\" from t where day = date '2025-08-10'")[0]

    assert path is not None
    assert path.startswith(f"s3://{house.bucket}/iceberg/t/data/day=2025-08-10/")
    assert house.read(path)[:4] == b"PAR1"


def test_at_most_100_partitions_are_written_at_once(house: House) -> None:
    many = "select id, id as p from unnest(sequence(1, {})) as v (id)"
    reason = house.fails(
        "create table t with (table_type = 'iceberg', is_external = false, partitioning = array['p'], "
        f"location = 's3://{house.bucket}/t') as {many.format(101)}"
    )
    house.iceberg("t", many.format(100), "'p'")

    assert reason == "ICEBERG_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions"
    assert house.fails(f"insert into t {many.format(101)}").startswith("ICEBERG_TOO_MANY_OPEN_PARTITIONS: ")
    assert house.rows("select count(*) from t") == [("100",)]


def _tables(server: LocalAthena, house: House) -> tuple[Catalog, IcebergTables]:
    catalog = Catalog(house.glue)
    return catalog, IcebergTables(catalog, server._store)


def _scan(tables: IcebergTables, catalog: Catalog, house: House, name: str) -> Scan:
    table = catalog.find_table(house.database, name)
    assert table is not None
    loaded = tables.load(table)
    return Scan(loaded, list(loaded.scan().plan_files()))


def _snapshots(house: House, name: str) -> list[object]:
    catalog, tables = _tables(house.server, house)
    return list(_scan(tables, catalog, house, name).table.metadata.snapshots)


def test_of_two_commits_that_race_one_fails(house: House) -> None:
    """The MERGE below reads its target and then waits in Python until another commit has been made."""
    house.iceberg("t", DAYS, "'day'")
    house.iceberg("s", "select date '2025-08-10' as day, 1 as id, 5 as n")
    engine = house.server._engine
    read = engine.iceberg.read  # type: ignore[attr-defined]
    has_read, may_go_on = threading.Event(), threading.Event()

    def read_slowly(scan, columns):
        found = read(scan, columns)
        if "$file" in columns and threading.current_thread() is not threading.main_thread():
            has_read.set()
            assert may_go_on.wait(30)
        return found

    engine.iceberg.read = read_slowly  # type: ignore[attr-defined]
    try:
        merge = house.start(MERGE.format(predicate="and target.day = date '2025-08-10'"))
        assert has_read.wait(30)
        house.run("insert into t select date '2025-08-12', 50, 500")
        may_go_on.set()
        execution = house.wait(merge)
    finally:
        may_go_on.set()
        engine.iceberg.read = read  # type: ignore[attr-defined]

    status = execution["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("ICEBERG_COMMIT_ERROR: ")
    assert status["AthenaError"]["ErrorType"] == 233
    assert house.rows("select count(*), sum(n) from t") == [("13", "740")]
    house.run(MERGE.format(predicate="and target.day = date '2025-08-10'"))
    assert house.rows("select count(*), sum(n) from t") == [("13", "735")]


def test_commits_pile_up_no_manifests(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")
    house.iceberg("s", "select date '2025-08-10' as day, 1 as id, 5 as n")
    catalog, tables = _tables(house.server, house)
    counts = []
    for _ in range(4):
        house.run(MERGE.format(predicate="and target.day = date '2025-08-10'"))
        table = _scan(tables, catalog, house, "t").table
        snapshot = table.current_snapshot()
        assert snapshot is not None
        counts.append(len(snapshot.manifests(table.io)))

    # The unchanged days, the day's new file, and the files that the last commit deleted.
    assert counts == [3, 3, 3, 3]


def test_inserts_at_the_same_time_all_count(house: House) -> None:
    house.iceberg("t", "select 0 as n")

    started = [house.start(f"insert into t select {n}") for n in range(1, 6)]

    assert {house.wait(query_id)["Status"]["State"] for query_id in started} == {"SUCCEEDED"}
    assert house.rows("select n from t order by n") == [(str(n),) for n in range(6)]


def test_columns_are_added_renamed_and_dropped(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")

    house.run("alter table `t` add columns (`extra` string, made timestamp)")
    house.run(
        "insert into t select date '2025-08-10', 4, 40, 'new', cast('2025-08-10 00:00:00' as timestamp(6))"
    )
    house.run("alter table t change column extra more string")
    house.run("alter table t drop column made")

    assert house.rows("select id, more from t where day = date '2025-08-10' order by id") == [
        ("1", None), ("2", None), ("3", None), ("4", "new"),
    ]  # fmt: skip
    described = [line for (line,) in house.rows_of(house.run("describe t"))]
    assert described[2:6] == ["day\tdate\t", "id\tbigint\t", "n\tbigint\t", "more\tstring\t"]


def test_a_renamed_table_keeps_its_rows(house: House) -> None:
    house.iceberg("t", DAYS)
    house.iceberg("taken", "select 1 as id")

    assert house.fails("alter table t rename to taken").startswith("TABLE_ALREADY_EXISTS: ")
    house.run(f"alter table `{house.database}`.`t` rename to `{house.database}`.`u`")

    assert house.rows("select count(*) from u") == [("12",)]
    assert house.fails("select * from t").startswith("TABLE_NOT_FOUND: ")


def test_optimize_rewrites_small_files_and_vacuum_removes_old_ones(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")
    for n in range(3):
        house.run(f"insert into t select date '2025-08-10', {n}, {n}")
    before = house.rows("select * from t order by 1, 2, 3")

    house.run("optimize t rewrite data using bin_pack where day = date '2025-08-10'")

    files = house.rows('select day, count(distinct "$path") from t group by day order by day')
    assert files == [("2025-08-10", "1"), ("2025-08-11", "1"), ("2025-08-12", "1"), ("2025-08-13", "1")]
    assert house.rows("select * from t order by 1, 2, 3") == before
    house.put("iceberg/t/data/orphan.parquet", b"x")
    objects = len(house.keys("iceberg/t/data/"))
    house.run("vacuum t")
    assert len(house.keys("iceberg/t/data/")) == objects
    house.run("alter table t set tblproperties ('vacuum_max_snapshot_age_seconds' = '0')")
    house.run(f"VACUUM {house.database}.t")
    assert len(house.keys("iceberg/t/data/")) == 4
    assert len(_snapshots(house, "t")) == 1
    assert house.rows("select * from t order by 1, 2, 3") == before


@pytest.mark.truth
def test_vacuum_keeps_what_is_younger_than_five_days(house: House) -> None:
    house.iceberg("t", "select 1 as n")
    house.run("insert into t values (2)")

    house.run("vacuum t")

    assert house.rows('select count(*) from "t$snapshots"') == [("2",)]
    assert house.rows("select n from t order by n") == [("1",), ("2",)]


def test_an_object_that_is_gone_is_noticed(house: House) -> None:
    house.iceberg("t", DAYS, "'day'")
    house.rows("select * from t")

    house.s3.delete_object(Bucket=house.bucket, Key=house.keys("iceberg/t/data/day=2025-08-10/")[0])

    assert "day=2025-08-10" in house.fails("select * from t")
    assert house.rows("select count(*) from t where day = date '2025-08-11'") == [("3",)]


def test_a_dropped_table_takes_its_objects_along(house: House) -> None:
    house.iceberg("t", DAYS)

    house.run("drop table t")

    assert house.keys("iceberg/t/") == []


def test_an_empty_table_is_made_by_ddl(house: House) -> None:
    house.run(
        "create table t (id bigint comment 'key', made timestamp, day date) "
        "partitioned by (day, bucket(4, id)) "
        f"location 's3://{house.bucket}/iceberg/t/' tblproperties ('table_type' = 'ICEBERG')"
    )

    house.run("insert into t select 1, cast('2025-08-10 00:00:00' as timestamp(6)), date '2025-08-10'")

    assert house.rows("select * from t") == [("1", "2025-08-10 00:00:00.000000", "2025-08-10")]
    assert "day=2025-08-10" in house.keys("iceberg/t/data/")[0]


def test_null_lists_and_maps_of_rows_stay_null(house: House) -> None:
    null_list = "cast(null as array(row(p varchar, q array(row(r integer)))))"
    null_map = "cast(null as map(varchar, row(p varchar)))"
    house.run(f"""
        create table nested with (
            table_type = 'iceberg', is_external = false, format = 'parquet', location = 's3://{house.bucket}/nested'
        ) as select 1 as id, {null_list} as l, {null_map} as m
    """)
    house.run("""
        insert into nested
        select 2, array[cast(row('a', null) as row(p varchar, q array(row(r integer))))],
            map(array['k'], array[cast(row('b') as row(p varchar))])
    """)
    house.run(f"""
        merge into nested as target using (
            select id, {null_list} as l, {null_map} as m from (values 1, 3) as t (id)
        ) as src on (target.id = src.id)
        when matched then update set l = src.l
        when not matched then insert (id, l, m) values (src.id, src.l, src.m)
    """)

    rows = house.rows_of(
        house.run("""
        select id, l is null, m is null, cast(l as json), cast(m as json) from nested order by id
    """)
    )

    assert rows[1:] == [
        ("1", "true", "true", None, None),
        ("2", "false", "false", '[{"p":"a","q":null}]', '{"k":{"p":"b"}}'),
        ("3", "true", "true", None, None),
    ]


def test_later_versions_of_icebergs_format_are_refused_by_name(house: House) -> None:
    made = (
        f"create table t (n int) location 's3://{house.bucket}/t/' "
        "tblproperties ('table_type' = 'iceberg', 'format-version' = '3')"
    )

    assert "does not support version 3 of Iceberg's format" in house.fails(made)
    house.iceberg("t", "select 1 as n")
    for name in ("format-version", "format_version"):
        changed = house.fails(f"alter table t set tblproperties ('{name}' = '3')")
        assert "does not support version 3 of Iceberg's format" in changed
    assert house.rows("show tables") == []


@pytest.mark.parametrize(
    "sql",
    [
        'select * from "s3tablescatalog/b".ns.t',
        'insert into "s3tablescatalog/b".ns.t select 1',
        'create table "s3tablescatalog/b".ns.t as select 1 as n',
    ],
)
def test_s3_tables_are_refused_by_name(house: House, sql: str) -> None:
    assert "does not support S3 Tables (the catalog s3tablescatalog/b)" in house.fails(sql)
