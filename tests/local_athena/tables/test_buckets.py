"""Bucketed Hive tables: only the files of the buckets that literals name are read, and no row is missed."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_athena.tables.buckets import Bucketing, bucket
from local_athena.tables.pruning import Comparison, Conjunction, Needs, Value
from tests.local_athena.conftest import House

#: A value's bucket among seven, as Trino 476 put it into the file of a table that it wrote.
WRITTEN_BY_TRINO = [
    ("boolean", {False: 0, True: 1}),
    ("tinyint", {1: 1, 0: 0, -128: 0, -1: 1, 127: 1}),
    ("smallint", {-5: 4, -32768: 1, 0: 0, 32767: 0}),
    ("integer", {7: 0, -(2**31): 0, -7: 2, 2**31 - 1: 1}),
    ("bigint", {-300_000_000_000: 3, -7: 6, 7: 0, 2**63 - 1: 0, -(2**63): 0, 300_000_000_000: 2}),
    ("varchar", {"test": 1, "ff": 2, "é": 5, "日本😀": 5, "": 0, "a": 6}),
]
COUNT = 7
KINDS = {"n": "bigint", "s": "varchar", "b": "boolean"}
ROWS = st.tuples(st.integers(-(2**63), 2**63 - 1), st.text(max_size=3), st.booleans())


@pytest.mark.parametrize(("kind", "buckets"), WRITTEN_BY_TRINO)
def test_a_value_lies_in_the_bucket_that_trino_wrote_it_into(kind: str, buckets: dict[Value, int]) -> None:
    assert {value: bucket([value], [kind], COUNT) for value in buckets} == buckets


def test_several_columns_make_the_bucket_that_trino_wrote() -> None:
    rows = [(1, "x", True), (-5, "é", False), (300_000_000_000, "", True)]
    assert [bucket(row, list(KINDS.values()), 11) for row in rows] == [7, 3, 0]


@given(st.lists(ROWS, min_size=1, max_size=8), st.data())
def test_a_needed_row_lies_in_a_bucket_that_is_read(
    rows: list[tuple[int, str, bool]], data: st.DataObject
) -> None:
    bucketing = Bucketing(tuple(KINDS), tuple(KINDS.values()), COUNT)
    needed = data.draw(st.lists(st.sampled_from(rows), min_size=1, max_size=3))
    limited = data.draw(st.sets(st.sampled_from(list(KINDS))))
    conjunction: Conjunction = {
        name: (Comparison("in", tuple(row[index] for row in needed)),)
        for index, name in enumerate(KINDS)
        if name in limited
    }

    read = [n for n in range(COUNT) if bucketing.admitting(Needs([conjunction]), n).alternatives]

    assert {bucket(row, list(KINDS.values()), COUNT) for row in needed} <= set(read)
    if limited != set(KINDS):
        assert read == list(range(COUNT))


@pytest.fixture(scope="module")
def rows() -> list[tuple[int, str, bool]]:
    chance = random.Random(20)
    return [
        (chance.randrange(-9, 9), chance.choice(["", "a", "é", "zz"]), chance.random() < 0.5)
        for _ in range(200)
    ]


def make_table(
    house: House,
    rows: list[tuple[int, str, bool]],
    *,
    name: str = "{:032x}_bucket-{:05d}.csv",
    version: str = "1",
) -> int:
    """Table `t` of rows in a file for each bucket; its bytes."""
    files: dict[int, list[str]] = defaultdict(list)
    for n, s, b in rows:
        files[bucket((n, s, b), list(KINDS.values()), COUNT)].append(f"{n},{s},{str(b).lower()}\n")
    assert len(files) == COUNT
    for number, lines in files.items():
        house.put(f"t/{name.format(4711, number)}", "".join(lines).encode())
    house.glue.create_table(
        DatabaseName=house.database,
        TableInput={
            "Name": "t",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "bucketing_version": version},
            "StorageDescriptor": {
                "Columns": [
                    {"Name": "n", "Type": "bigint"},
                    {"Name": "s", "Type": "string"},
                    {"Name": "b", "Type": "boolean"},
                ],
                "Location": f"s3://{house.bucket}/t/",
                "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "SerdeInfo": {
                    "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                    "Parameters": {"field.delim": ","},
                },
                "BucketColumns": list(KINDS),
                "NumberOfBuckets": COUNT,
            },
        },
    )
    return sum(len(line.encode()) for lines in files.values() for line in lines)


@pytest.mark.slow
def test_the_answer_is_that_of_the_whole_table(house: House, rows: list[tuple[int, str, bool]]) -> None:
    everything = make_table(house, rows)
    chance = random.Random(21)
    for _ in range(12):
        n, s, b = chance.choice(rows)
        other = chance.randrange(-9, 9)
        where = f"n in ({n}, {other}) and s = '{s}' and b = {str(b).lower()}"
        execution = house.run(f"select n, s, b from t where {where}")
        wanted = [(str(x), y, str(z).lower()) for x, y, z in rows if x in (n, other) and (y, z) == (s, b)]
        assert sorted(house.rows_of(execution)[1:]) == sorted(wanted)
        assert execution["Statistics"]["DataScannedInBytes"] < everything / 2
    # A column without a literal, a range, and an alternative read the whole table.
    for where in (
        "n = 1 and s = 'a'",
        "n > 8 and s = 'a' and b = true",
        "n = 1 and s = 'a' and b = true or n = 2",
    ):
        assert house.scanned(f"select n from t where {where}") == everything, where


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "version", "is_pruned"),
    [
        ("{1:06d}_0_{0:x}", "1", True),
        ("part-{1:05d}.csv", "1", False),
        ("{0:x}_bucket-{1:05d}.csv", "2", False),
        ("deeper/{0:x}_bucket-{1:05d}.csv", "1", False),
    ],
)
def test_files_that_do_not_show_their_bucket_are_all_read(
    house: House, rows: list[tuple[int, str, bool]], name: str, version: str, is_pruned: bool
) -> None:
    everything = make_table(house, rows, name=name, version=version)
    n, s, b = rows[0]

    scanned = house.scanned(f"select n from t where n = {n} and s = '{s}' and b = {b}")

    assert scanned < everything if is_pruned else scanned == everything


@pytest.mark.slow
def test_a_second_file_of_a_bucket_reads_all(house: House, rows: list[tuple[int, str, bool]]) -> None:
    everything = make_table(house, rows)
    house.put("t/again_bucket-00000.csv", b"1,a,true\n")

    assert house.scanned("select n from t where n = 1 and s = 'a' and b = true") == everything + 9


@pytest.mark.slow
@pytest.mark.truth
def test_create_table_as_puts_each_row_into_its_bucket(house: House) -> None:
    house.run(
        f"create table t with (format = 'parquet', external_location = 's3://{house.bucket}/t/', "
        "bucketed_by = array['n', 's', 'd'], bucket_count = 11, partitioned_by = array['p']) as "
        "select n, cast(s as varchar) as s, d, x, 'one' as p from (values "
        "(bigint '1', 'x', date '2024-02-29', 1), (-5, 'é', date '1969-12-31', 2), (null, '', null, 3), "
        "(300000000000, null, date '1970-01-01', 4)) as v (n, s, d, x)"
    )

    found = house.rows('select x, "$path" from t order by x')
    assert [int(path.rsplit("/", 1)[-1].split("_")[0]) for _, path in found if path] == [10, 2, 0, 10]
    assert house.rows("select x from t where n = 1 and s = 'x' and d = date '2024-02-29'") == [("1",)]


@pytest.mark.slow
def test_a_new_tables_buckets_are_read_one_by_one(house: House) -> None:
    house.run(
        "create table t with (format = 'textfile', bucketed_by = array['n'], bucket_count = 50) as "
        "select n, 'x' as s from unnest(sequence(1, 20)) as v (n)"
    )

    storage = house.glue.get_table(DatabaseName=house.database, Name="t")["Table"]["StorageDescriptor"]
    assert (storage["BucketColumns"], storage["NumberOfBuckets"]) == (["n"], 50)
    everything = house.scanned("select * from t")
    assert house.rows("select s from t where n = 7") == [("x",)]
    assert house.scanned("select s from t where n in (7, 8)") < everything / 5
    assert house.scanned("select s from t where n = 21") == 0
    assert "NOT_SUPPORTED: INSERT INTO is not supported on bucketed tables" in house.fails(
        "insert into t select 1, 'y'"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("bucketed_by = array['n']", "bucketed_by and bucket_count must be specified together"),
        ("bucketed_by = array['gone'], bucket_count = 2", "Bucketing columns ['gone'] not present in schema"),
        (
            "bucketed_by = array['p'], bucket_count = 2, partitioned_by = array['p']",
            "Bucketing columns ['p'] not present in schema",
        ),
        ("bucketed_by = array['x'], bucket_count = 2", "does not support buckets of"),
    ],
)
def test_buckets_that_cannot_be_made_are_told(house: House, properties: str, reason: str) -> None:
    statement = f"create table t with (format = 'parquet', {properties}) as select 1 as n, 1e0 as x, 'a' as p"
    assert reason in house.fails(statement)


@pytest.mark.slow
def test_an_external_table_names_its_buckets(house: House) -> None:
    house.run(
        f"create external table t (n bigint, s string) partitioned by (p string) clustered by (N, s) into {COUNT} buckets "
        f"row format delimited fields terminated by ',' location 's3://{house.bucket}/t/'"
    )
    for n, s in ((1, "a"), (2, "b"), (3, "é")):
        number = bucket((n, s), ["bigint", "varchar"], COUNT)
        house.put(f"t/p=x/{number:06d}_0_data", f"{n},{s}\n".encode())
    house.run("msck repair table t")

    assert house.scanned("select * from t") == 13
    assert house.rows("select n from t where n = 3 and s = 'é'") == [("3",)]
    assert house.scanned("select n from t where n = 3 and s = 'é'") == 5
    shown = "\n".join(str(line) for (line,) in house.rows_of(house.run("show create table t")))
    assert f"CLUSTERED BY ( \n  n, \n  s) \nINTO {COUNT} BUCKETS\nROW FORMAT SERDE" in shown


@pytest.mark.slow
def test_buckets_of_an_iceberg_table_are_told_apart(house: House) -> None:
    reason = house.fails(
        f"create table t (n bigint) clustered by (n) into 2 buckets location 's3://{house.bucket}/t/' "
        "tblproperties ('table_type' = 'iceberg')"
    )
    assert "CLUSTERED BY" in reason
