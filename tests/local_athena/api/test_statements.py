"""Tests which statements start, and how DDL fails, against measurements of real Athena (docs/athena-measured.md)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow

ACTIONS = "'.', 'ADD', 'DROP', 'EXECUTE', 'RENAME', 'SET'"


@pytest.mark.parametrize(
    ("sql", "code", "message"),
    [
        # semicolons
        (";", "MALFORMED_QUERY", "Empty sql statement: ;"),
        ("selec 1; -- c", "MALFORMED_QUERY", "Only one sql statement is allowed. Got: selec 1; -- c"),
        ("  select  1; select 2 ", "MALFORMED_QUERY", "Only one sql statement is allowed. Got:   select  1; select 2"),
        # incomplete statements and Trino's statements
        ("select * from", "MALFORMED_QUERY", "Queries of this type are not supported"),
        ("-- c\ncreate or replace table t as select 1 as n", "MALFORMED_QUERY",
         "line 2:19: mismatched input 'table'. Expecting: 'MATERIALIZED', 'MULTI', 'PROTECTED', 'VIEW'"),
        ("show session", "MALFORMED_QUERY", "line 1:6: no viable alternative at input 'show session'"),
        ("show stats for t", "MALFORMED_QUERY", "line 1:6: no viable alternative at input 'show stats'"),
        # names with four parts
        ("describe a.b.`c`.D", "MALFORMED_QUERY", "Invalid table name a.b.c.d"),
        ("show columns in awsdatacatalog.b.c.d", "MALFORMED_QUERY", "Invalid table name awsdatacatalog.b.c.d"),
        ("show create table a.b.c.d.e", "MALFORMED_QUERY", "Invalid table name a.b.c.d.e"),
        ("create table awsdatacatalog.b.c.d as select 1 as n", "MALFORMED_QUERY", "Invalid table name awsdatacatalog.b.c.d"),
        ("/* c */ drop table a.b.c.d", "MALFORMED_QUERY", "line 1:25: mismatched input '.' expecting {<EOF>, 'PURGE'}"),
        ("alter table a.b.c.d add columns (n int)", "MALFORMED_QUERY",
         "line 1:18: no viable alternative at input 'alter table a.b.c.'"),
        # catalogs
        ("create table nowhere.b.c (n int)", "DATACATALOG_NOT_FOUND", "Catalog 'nowhere' does not exist"),
        ("create table nowhere.b.c (n int) location 's3://b/'", "DATACATALOG_NOT_FOUND", "Catalog 'nowhere' does not exist"),
        ("create table nowhere.b.c (n int not null)", "MALFORMED_QUERY",
         "line 1:33: no viable alternative at input 'create table nowhere.b.c (n int not'"),
        # the columns of CREATE TABLE
        ("create table t (n int, m varchar(10, 2) comment ', x', a array<struct<b:int>>)", "MALFORMED_QUERY",
         "No location was specified for table. An S3 location must be specified"),
        ("create table t (n int) comment 'x'\nwith (format = 'PARQUET')", "MALFORMED_QUERY",
         "line 2:6: no viable alternative at input 'create table t (n int) comment 'x'\\nwith ('"),
        ("create table t (n int, m row(a int))", "MALFORMED_QUERY",
         "line 1:30: no viable alternative at input 'create table t (n int, m row(a'"),
        ('create table t ("n" int)', "MALFORMED_QUERY", "line 1:17: no viable alternative at input 'create table t (\"n\"'"),
        ("create table t (d timestamp(3) with time zone)", "MALFORMED_QUERY",
         "line 1:32: no viable alternative at input 'create table t (d timestamp(3) with'"),
        # ALTER TABLE in Trino's spellings
        ("ALTER TABLE IF EXISTS a.t RENAME TO u", "MALFORMED_QUERY", "line 1:16: no viable alternative at input 'ALTER TABLE IF EXISTS'"),
        ("alter table if exists t drop column m", "MALFORMED_QUERY", "line 1:16: no viable alternative at input 'alter table if exists'"),
        ("alter table if exists t alter column m set data type bigint", "MALFORMED_QUERY",
         "line 1:25: mismatched input 'alter'. Expecting: '.', 'ADD', 'DROP', 'RENAME'"),
        ("alter table if exists t add columns (m int)", "MALFORMED_QUERY", "line 1:29: mismatched input 'columns'. Expecting: '.', 'ADD'"),
        ("/* c */ ALTER TABLE t\nADD COLUMN m int", "MALFORMED_QUERY",
         "line 2:5: no viable alternative at input 'ALTER TABLE t\\nADD COLUMN'"),
        ("alter table t rename column a to b", "MALFORMED_QUERY", "line 1:22: missing 'TO' at 'column'"),
        ("alter table t set properties x = 1", "MALFORMED_QUERY", "line 1:19: no viable alternative at input 'alter table t set properties'"),
        ("alter table t set authorization x", "MALFORMED_QUERY", "line 1:19: no viable alternative at input 'alter table t set authorization'"),
        ("alter table t execute optimize", "MALFORMED_QUERY", "line 1:15: no viable alternative at input 'alter table t execute'"),
        ("alter table t alter column m set data type bigint", "MALFORMED_QUERY", f"line 1:15: mismatched input 'alter'. Expecting: {ACTIONS}"),
        ("alter table t drop column if exists m", "MALFORMED_QUERY", "line 1:30: mismatched input 'exists' expecting {<EOF>, '.'}"),
        ("alter table t drop columns (m)", "MALFORMED_QUERY", "line 1:20: mismatched input 'columns'. Expecting: '.', 'DROP'"),
        ("alter table t replace column (m int)", "MALFORMED_QUERY", f"line 1:15: mismatched input 'replace'. Expecting: {ACTIONS}"),
    ],
)  # fmt: skip
def test_athena_does_not_start(house: House, sql: str, code: str, message: str) -> None:
    with pytest.raises(ClientError) as caught:
        house.start(sql)

    assert caught.value.response["AthenaErrorCode"] == code
    assert caught.value.response["Error"]["Message"] == message


@pytest.mark.parametrize("sql", ["select 1;;", ";select 1", "  select 1 ; ;\n", "\nselect 1"])
def test_semicolons_and_white_space_around_a_statement_are_not_shown(house: House, sql: str) -> None:
    assert house.run(sql)["Query"] == "select 1"


def test_a_request_token_is_bound_to_the_text_as_it_was_sent(house: House) -> None:
    token = uuid.uuid4().hex
    house.start("select 1;", ClientRequestToken=token)

    for sql in ("select 1", "select 1;;", "select 1 "):
        with pytest.raises(ClientError, match="Idempotent parameters do not match"):
            house.start(sql, ClientRequestToken=token)


def test_a_name_with_four_parts_changes_no_table(house: House) -> None:
    house.iceberg("t", "select 1 as n")

    for sql in (
        "insert into {}.t select 2",
        "delete from {}.t",
        "update {}.t set n = 2",
        "merge into {}.t using (values 1) as s (n) on false when not matched then insert values (2)",
        "create view {}.v as select 1 as n",
        "drop view {}.v",
    ):
        with pytest.raises(ClientError, match="Invalid table name awsdatacatalog"):
            house.start(sql.format(f"awsdatacatalog.{house.database}.x"))
    assert house.rows("select n from t") == [("1",)]


def failure(house: House, sql: str) -> tuple[int, int, str, str]:
    """The category, type and message of a statement's failure, and its reason."""
    status: dict[str, Any] = house.wait(house.start(sql))["Status"]
    assert status["State"] == "FAILED", sql
    error = status["AthenaError"]
    return error["ErrorCategory"], error["ErrorType"], error["ErrorMessage"], status["StateChangeReason"]


def test_ddl_fails_with_hives_reasons_and_athenas_messages(house: House) -> None:
    house.run(f"create external table h (n int) location 's3://{house.bucket}/h/'")
    house.run("create view v as select 1 as n")
    task = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask."
    semantic = "FAILED: SemanticException"
    dropped = "mismatched input 'column' expecting"
    not_by_ddl = "Query type not supported by DDL engine."

    for sql, expected in {
        f"create external table h (n int) location 's3://{house.bucket}/g/'": (
            2, 1006, "Table h already exists.", f"{task} AlreadyExistsException(message:Table h already exist)",
        ),
        "alter table h rename to g": (2, 1006, not_by_ddl, f"{task} Table cannot be renamed"),
        "alter table nope rename to g": (
            2, 1006, not_by_ddl, f"{semantic} [Error 10001]: Table not found {house.database}.nope",
        ),
        "alter table h drop column n": (
            2, 1006, f"line 1:20: {dropped} 'PARTITION'",
            f"FAILED: ParseException line 1:19 {dropped} PARTITION near 'drop' in drop partition statement",
        ),
        "alter  table nope\ndrop   column n": (
            2, 1006, f"line 2:6: {dropped} 'PARTITION'",
            f"FAILED: ParseException line 2:5 {dropped} PARTITION near 'drop' in drop partition statement",
        ),
    }.items():  # fmt: skip
        assert failure(house, sql) == expected, sql
    for sql, category, number, reason in (
        (f"create database {house.database}", 2, 1003, f"{task} Database {house.database} already exists"),
        ("show tables in nodb", 1, 1502, f"{semantic} [Error 10072]: Database does not exist: nodb"),
        ("drop table nope", 2, 1003, f"{semantic} [Error 10001]: Table not found {house.database}.nope"),
        ("show tblproperties nope", 2, 1301, f"{semantic} [Error 10001]: Table not found {house.database}.nope"),
        ("msck repair table v", 2, 1100, f"{task} Can not create a Path from an empty string"),
        ("show databases like '*x'", 2, 1006,
         f"{task} MetaException(message:Unable to get databases: java.util.regex.PatternSyntaxException: "
         "Dangling meta character '*' near index 0\n*x\n^)"),
    ):  # fmt: skip
        assert failure(house, sql) == (category, number, reason, reason), sql


def test_failures_of_iceberg_tables_have_athenas_types(house: House) -> None:
    location = f"s3://{house.bucket}/i/"
    house.run(
        f"create table i with (table_type = 'iceberg', is_external = false, location = '{location}') "
        "as select time '01:02:03' as t"
    )

    for sql, number, reason in (
        (
            "alter table i set tblproperties ('comment' = 'x')",
            1200,
            "Unsupported table property key: comment",
        ),
        ("msck repair table i", 1200, "Query type not supported by Athena Iceberg at this time"),
        ("describe i", 1100, "Table has unsupported column types"),
    ):
        assert failure(house, sql) == (2, number, reason, reason), sql
    assert failure(house, "create table t as select 1")[1] == 1100


def test_repairing_a_missing_table_says_so(house: House) -> None:
    assert house.rows_of(house.run("msck repair table nope")) == [("Tables not in metastore:\tnope",)]


def test_work_groups_without_a_description_and_wrong_tokens(house: House) -> None:
    assert "Description" not in house.athena.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert house.athena.list_work_groups()["WorkGroups"][0]["Description"] == ""
    with pytest.raises(ClientError, match="The nextPageToken is malformed: nope"):
        house.athena.list_work_groups(NextToken="nope")


def test_ddl_is_shown_without_the_name_of_the_catalog(house: House) -> None:
    house.run(f"create external table h (n int) location 's3://{house.bucket}/h/'")
    house.run("create view v as select 1 as n")
    d = house.database

    for sql, query in {
        f"DESCRIBE {d}.h": "DESCRIBE h",
        f"-- d\ndesc AwsDataCatalog . {d} . h ;": "-- d\ndesc h",
        f"describe {d}.v": f"describe {d}.v",
        f"show columns in awsdatacatalog.{d}.h": f"show columns in {d}.h",
        f"show columns in {d}.h": f"show columns in {d}.h",
        f"show columns in awsdatacatalog.{d}.v": f"show columns in awsdatacatalog.{d}.v",
        f"show create table awsdatacatalog.{d}.h": f"show create table {d}.h",
        f"show tables in AwsDataCatalog.{d}": f"show tables in {d}",
        f"show tblproperties awsdatacatalog.{d}.h": f"show tblproperties {d}.h",
        f"msck repair table awsdatacatalog.{d}.h": f"msck repair table {d}.h",
        f"alter table awsdatacatalog.{d}.h set tblproperties ('a' = 'b')": f"alter table {d}.h set tblproperties ('a' = 'b')",
        f"select n from awsdatacatalog.{d}.h": f"select n from awsdatacatalog.{d}.h",
        f"drop table if exists awsdatacatalog.{d}.h": f"drop table if exists {d}.h",
    }.items():
        assert house.run(sql)["Query"] == query, sql
    house.run(f"create external table h (n int) location 's3://{house.bucket}/h/'")
    execution = house.athena.start_query_execution(
        QueryString=f"describe {d.upper()}.h",
        QueryExecutionContext={"Database": "other"},
        ResultConfiguration={"OutputLocation": f"s3://{house.bucket}/results/"},
    )
    assert house.wait(execution["QueryExecutionId"])["QueryExecutionContext"] == {"Database": d.upper()}


def test_a_block_comment_in_other_changes_of_a_hive_table_fails(house: House) -> None:
    house.run(f"create external table h (n int) partitioned by (p string) location 's3://{house.bucket}/h/'")
    in_alter = "line 1:0 cannot recognize input near 'alter' '/' '*' in alter statement"
    not_by_ddl = "Query type not supported by DDL engine."

    for sql, expected, message in (
        ("alter /* c */ table h rename to g", in_alter, not_by_ddl),
        ("/* c */ alter table nope rename to g", "line 1:0 cannot recognize input near '/' '*' 'c'", not_by_ddl),
        ("alter table  /* c */ h rename to g", "line 1:12 cannot recognize input near '/' '*' 'c' in table name", not_by_ddl),
        ("alter /* c */ table h replace columns (n int)", in_alter, not_by_ddl),
        ("alter /* c */ table h change column n m int", in_alter, not_by_ddl),
        ("alter  /* c */ table nope drop column n", in_alter, "line 1:31: mismatched input 'column' expecting 'PARTITION'"),
    ):  # fmt: skip
        reason = f"FAILED: ParseException {expected}"
        assert failure(house, sql) == (2, 1006, message, reason), sql
    repaired = failure(house, f"msck repair table {house.database}.h /* c */")
    place = len(f"msck repair table {house.database}.h ")
    assert repaired[:2] == (1, 1003)
    assert repaired[3] == f"FAILED: ParseException line 1:{place} missing EOF at '/' near 'h'"
    for sql in (
        "alter /* c */ table h add partition (p = 'a')",
        "alter /* c */ table h set tblproperties ('a' = 'b')",
        "alter /* c */ table h drop partition (p = 'a')",
        f"alter /* c */ table h set location 's3://{house.bucket}/h/'",
    ):
        house.run(sql)
    moved = house.run(f"alter table h set location 's3://{house.bucket}/g/'")
    assert (moved["StatementType"], moved["SubstatementType"]) == ("DDL", "ALTER_TABLE_SET_LOCATION")
