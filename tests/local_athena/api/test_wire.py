"""Tests requests and answers against measurements of real Athena (docs/athena-measured.md)."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from tests.local_athena.conftest import House

pytestmark = pytest.mark.slow

_POOL = urllib3.PoolManager(retries=False)


def post(
    house: House, action: str, body: bytes | dict[str, Any]
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Send a request over HTTP. Returns the status, the answer and the headers."""
    response = _POOL.request(
        "POST",
        house.server.url,
        headers={"X-Amz-Target": f"AmazonAthena.{action}", "Content-Type": "application/x-amz-json-1.1"},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )
    return (
        response.status,
        json.loads(response.data),
        {name.lower(): value for name, value in response.headers.items()},
    )


def refused(house: House, sql: str, **request: Any) -> tuple[str, str]:
    """The code and message with which StartQueryExecution refuses a statement."""
    with pytest.raises(ClientError) as caught:
        house.start(sql, **request)
    return caught.value.response["AthenaErrorCode"], caught.value.response["Error"]["Message"]


def info(
    house: House, execution: dict[str, Any]
) -> tuple[list[tuple[str, str]], list[list[str | None]], int | None]:
    """The columns, rows and update count of a result."""
    found = house.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    columns = found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    rows = [[datum.get("VarCharValue") for datum in row["Data"]] for row in found["ResultSet"]["Rows"]]
    return [(column["Name"], column["Type"]) for column in columns], rows, found.get("UpdateCount")


@pytest.mark.parametrize(
    ("action", "body", "message"),
    [
        ("ListWorkGroups", {"MaxResults": "1"}, "STRING_VALUE can not be converted to an Integer"),
        ("ListWorkGroups", {"MaxResults": True}, "TRUE_VALUE can not be converted to an Integer"),
        ("ListWorkGroups", {"MaxResults": []}, "Start of list found where not expected"),
        ("ListWorkGroups", {"MaxResults": {}}, "Start of structure or map found where not expected."),
        ("GetQueryExecution", {"QueryExecutionId": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("StartQueryExecution", {"ExecutionParameters": "1"}, "Expected list or null"),
        ("StartQueryExecution", {"ResultConfiguration": "s3://b/"}, "Expected null"),
        ("ListWorkGroups", b"[]", "Start of list found where not expected"),
    ],
)
def test_a_value_of_the_wrong_type_is_a_serialization_error(
    house: House, action: str, body: Any, message: str
) -> None:
    status, answer, headers = post(house, action, body)

    assert status == 400
    assert answer == {"__type": "SerializationException", "Message": message}
    assert "x-amzn-errortype" not in headers


@pytest.mark.parametrize("body", [b"{", b"", b"null", b'"x"', b'{"MaxResults": 1,}'])
def test_what_is_no_json_object_is_a_serialization_error_without_a_message(house: House, body: bytes) -> None:
    assert post(house, "ListWorkGroups", body)[1] == {"__type": "SerializationException"}


def test_nulls_and_unknown_members_do_not_count_and_fractions_are_cut_off(house: House) -> None:
    status, answer, _ = post(house, "ListWorkGroups", {"MaxResults": 1.5, "NextToken": None, "Colour": "red"})

    assert status == 200
    assert len(answer["WorkGroups"]) == 1


@pytest.mark.parametrize(
    ("action", "body", "problems"),
    [
        ("GetQueryExecution", {}, "1 validation error detected: Value null at 'queryExecutionId' failed to satisfy constraint: Member must not be null"),
        ("GetQueryResults", {"QueryExecutionId": "x", "NextToken": "", "MaxResults": 0},
         "2 validation errors detected: Value at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1; "
         "Value at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1"),
        ("GetWorkGroup", {"WorkGroup": "bad name"}, "1 validation error detected: Value at 'workGroup' failed to satisfy constraint: "
         "Member must satisfy regular expression pattern: [a-zA-Z0-9._-]{1,128}"),
        ("BatchGetQueryExecution", {"QueryExecutionIds": []}, "1 validation error detected: Value at 'queryExecutionIds' failed to satisfy constraint: "
         "Member must have length greater than or equal to 1"),
        ("BatchGetQueryExecution", {"QueryExecutionIds": ["x"] * 51}, "1 validation error detected: Value at 'queryExecutionIds' failed to satisfy constraint: "
         "Member must have length less than or equal to 50"),
        ("UpdateWorkGroup", {"WorkGroup": "primary", "State": "OFF"}, "1 validation error detected: Value at 'state' failed to satisfy constraint: "
         "Member must satisfy enum value set: [ENABLED, DISABLED]"),
        ("ListWorkGroups", {"MaxResults": 51}, "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50"),
    ],
)  # fmt: skip
def test_what_is_missing_or_out_of_bounds_is_listed(
    house: House, action: str, body: Any, problems: str
) -> None:
    assert post(house, action, body)[1] == {
        "__type": "InvalidRequestException",
        "AthenaErrorCode": "INVALID_INPUT",
        "ErrorCode": "INVALID_INPUT",
        "Message": problems,
    }


def test_a_request_token_is_needed_and_bound_to_its_request(house: House) -> None:
    request = {
        "QueryString": "select 1",
        "ResultConfiguration": {"OutputLocation": f"s3://{house.bucket}/results/"},
    }
    token = uuid.uuid4().hex

    assert post(house, "StartQueryExecution", request)[1]["Message"] == "clientRequestToken is null or empty"
    short = post(house, "StartQueryExecution", {**request, "ClientRequestToken": token[:31]})[1]["Message"]
    assert short.endswith(
        "'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 32"
    )
    first = post(house, "StartQueryExecution", {**request, "ClientRequestToken": token})[1]
    again = post(
        house, "StartQueryExecution", {**request, "ClientRequestToken": token, "WorkGroup": "primary"}
    )[1]
    other = post(
        house, "StartQueryExecution", {**request, "ClientRequestToken": token, "QueryString": "select 2"}
    )[1]
    assert first == again
    assert (other["AthenaErrorCode"], other["Message"]) == (
        "IDEMPOTENT_PARAMETER_MISMATCH",
        "Idempotent parameters do not match",
    )


@pytest.mark.parametrize(
    "sql",
    [
        "selec 1",
        "select * from",
        "select 1; select 2",
        "create or replace table t as select 1 as n",
        "-- only",
        "/* c select 1",
        "alter table t add column m int",
        "select x is null = true from (values 1) as t (x)",
        "select 1 = x is null from (values 1) as t (x)",
    ],
)
def test_a_syntax_error_starts_nothing(house: House, sql: str) -> None:
    before = house.athena.list_query_executions()["QueryExecutionIds"]

    code, message = refused(house, sql)

    assert code == "MALFORMED_QUERY"
    assert message
    assert not message.startswith("SYNTAX_ERROR")
    assert house.athena.list_query_executions()["QueryExecutionIds"] == before


def test_the_location_is_looked_at_before_the_syntax(house: House) -> None:
    assert refused(house, "select 1", WorkGroup="nowhere") == ("INVALID_INPUT", "WorkGroup is not found.")
    with pytest.raises(ClientError, match="outputLocation is not a valid S3 path"):
        house.athena.start_query_execution(
            QueryString="selec 1", ResultConfiguration={"OutputLocation": "not-a-valid-s3-path"}
        )


def test_a_catalog_that_is_not_there_is_refused(house: House) -> None:
    with pytest.raises(ClientError, match="Catalog 'elsewhere' does not exist"):
        house.athena.start_query_execution(
            QueryString="select 1",
            QueryExecutionContext={"Catalog": "elsewhere"},
            ResultConfiguration={"OutputLocation": f"s3://{house.bucket}/results/"},
        )


@pytest.mark.parametrize(
    ("sql", "kind", "result"),
    [
        ("-- select\nshow tables", ("UTILITY", "SHOW_TABLES"), ".txt"),
        ("/* show tables */ select 1", ("DML", "SELECT"), ".csv"),
        ("show /* c */ schemas", ("UTILITY", "SHOW_DATABASES"), ".txt"),
        ("values 1", ("DML", "SELECT"), ".csv"),
        ("(select 1)", ("DML", "SELECT"), ".csv"),
    ],
)
def test_comments_count_for_nothing(house: House, sql: str, kind: tuple[str, str], result: str) -> None:
    execution = house.run(sql)

    assert (execution["StatementType"], execution["SubstatementType"]) == kind
    assert execution["ResultConfiguration"]["OutputLocation"].endswith(result)


def test_states_stand_in_the_messages(own_server: House) -> None:
    own_server.server.set_limits(hold=True)
    query_id = own_server.start("select 1")

    with pytest.raises(ClientError, match="Query has not yet finished") as caught:
        own_server.athena.get_query_results(QueryExecutionId=query_id)
    assert caught.value.response["AthenaErrorCode"] == "INVALID_QUERY_EXECUTION_STATE"
    own_server.athena.stop_query_execution(QueryExecutionId=query_id)
    with pytest.raises(ClientError, match="Could not find results") as caught:
        own_server.athena.get_query_results(QueryExecutionId=query_id)
    assert caught.value.response["AthenaErrorCode"] == "RESULT_NOT_FOUND"


def test_pages_end_as_athenas_do(house: House) -> None:
    query_id = house.run("select * from (values 1, 2, 3, 4, 5) as t (n)")["QueryExecutionId"]
    answer = house.athena.get_query_results(QueryExecutionId=query_id, MaxResults=6)
    after = house.athena.get_query_results(QueryExecutionId=query_id, NextToken=answer["NextToken"])

    assert len(answer["ResultSet"]["Rows"]) == 6
    assert after["ResultSet"]["Rows"] == []
    assert "NextToken" not in after
    too_many = post(house, "GetQueryResults", {"QueryExecutionId": query_id, "MaxResults": 1001})[1][
        "Message"
    ]
    assert too_many == "MaxResults is more than maximum allowed length 1000"
    wrong = post(house, "GetQueryResults", {"QueryExecutionId": query_id, "NextToken": "x"})[1]["Message"]
    assert wrong == "Malformed nextPageToken x"


def test_what_writes_shows_a_column_of_counts_and_leaves_metadata(house: House) -> None:
    created = house.run("create table h with (format = 'parquet') as select 1 as n")
    iceberg = house.run(
        f"create table i with (table_type = 'iceberg', is_external = false, location = 's3://{house.bucket}/i/') as select 1 as n"
    )
    inserted = house.run("insert into h select 2")
    nothing = house.run("insert into h select 2 where false")
    empty = house.run("create table e with (format = 'parquet') as select 1 as n where false")
    deleted = house.run("delete from i where n = 1")

    for execution, count in (
        (created, 1),
        (iceberg, 1),
        (inserted, 1),
        (nothing, 0),
        (empty, 0),
        (deleted, 1),
    ):
        assert info(house, execution) == ([("rows", "bigint")], [], count)
        location = execution["ResultConfiguration"]["OutputLocation"]
        assert house.read(f"{location}.metadata")
    assert created["ResultConfiguration"]["OutputLocation"].endswith(f"tables/{created['QueryExecutionId']}")
    assert iceberg["ResultConfiguration"]["OutputLocation"].endswith(f"tables/{iceberg['QueryExecutionId']}")
    manifests = [
        execution["Statistics"].get("DataManifestLocation", "")
        for execution in (created, inserted, iceberg, deleted)
    ]
    assert manifests[0].endswith(f"tables/{created['QueryExecutionId']}-manifest.csv")
    assert manifests[1].endswith(f"/{inserted['QueryExecutionId']}-manifest.csv")
    assert manifests[2:] == ["", ""]
    assert "DataManifestLocation" not in nothing["Statistics"]
    key = nothing["ResultConfiguration"]["OutputLocation"].partition(f"{house.bucket}/")[2]
    assert house.keys(key) == [f"{key}.metadata"]
    assert house.read(empty["Statistics"]["DataManifestLocation"]) == b""


def test_a_failed_hive_statement_leaves_its_reason(house: House) -> None:
    execution = house.wait(house.start("drop table missing"))

    assert execution["Status"]["State"] == "FAILED"
    reason = execution["Status"]["StateChangeReason"]
    assert house.read(execution["ResultConfiguration"]["OutputLocation"]) == reason.encode()


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("select * from missing", 1301),
        ("select missing from (values 1) as t (n)", 1006),
        ("select 1 / 0", 1001),
        ("select 1 = 'a'", 1002),
        ("select cast('x' as integer)", 1100),
        ("explain (format json) select 1", 1200),
    ],
)
def test_a_failure_has_athenas_number(house: House, sql: str, number: int) -> None:
    error = house.wait(house.start(sql))["Status"]["AthenaError"]

    assert (error["ErrorCategory"], error["ErrorType"], error["Retryable"]) == (2, number, False)


def test_rows_and_maps_are_shown_as_athena_shows_them(house: House) -> None:
    assert house.rows("select row(1, 'x')") == [("{1, x}",)]
    assert house.rows('select cast(json_parse(\'{"b": 2, "a": 1}\') as map(varchar, integer))') == [
        ("{a=1, b=2}",)
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("'abc'", "abc"),
        ("1 + 1", "2"),
        ("abc def", "abc def"),
        ("it's", "it's"),
        ("123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
        ("abc", "abc"),
        ("x + 1", "x + 1"),
        ("date '2020-01-01'", "2020-01-01"),
    ],
)
def test_a_parameter_is_an_expression_or_else_a_text(house: House, value: str, shown: str) -> None:
    assert house.rows("select ? as v", ExecutionParameters=[value]) == [(shown,)]


def test_parameters_fill_question_marks_in_the_order_of_the_text(house: House) -> None:
    sql = "select * from (select n from (values 1, 2, 3, 4, 5) as t (n) where n > ?) where n < ?"

    assert house.rows(sql, ExecutionParameters=["1", "4"]) == [("2",), ("3",)]
    assert house.rows("select 1", ExecutionParameters=["2"]) == [("1",)]
    wrong = house.wait(house.start("select ?", ExecutionParameters=["1", "2"]))["Status"]
    assert wrong["StateChangeReason"].startswith("INVALID_PARAMETER_USAGE")


def test_prepared_statements_are_run_by_name(own_server: House) -> None:
    own_server.run("prepare one from select ? as a, ? as b")
    own_server.athena.create_prepared_statement(
        StatementName="two", WorkGroup="primary", QueryStatement="select 2 as n"
    )

    assert own_server.rows("execute one using 'x, y', 1 + 1") == [("x, y", "2")]
    assert own_server.rows("execute one", ExecutionParameters=["1", "2"]) == [("1", "2")]
    assert own_server.rows("execute two") == [("2",)]
    assert own_server.rows("execute immediate 'select ? || ''!''' using 'a'") == [("a!",)]
    names = [
        s["StatementName"]
        for s in own_server.athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]
    ]
    assert names == ["one", "two"]
    own_server.run("deallocate prepare one")
    with pytest.raises(own_server.athena.exceptions.ResourceNotFoundException):
        own_server.athena.get_prepared_statement(StatementName="one", WorkGroup="primary")
    with pytest.raises(ClientError, match="one was not found"):
        own_server.start("execute one")


def test_named_queries_catalogs_and_tags_are_kept(own_server: House) -> None:
    athena = own_server.athena
    query_id = athena.create_named_query(Name="q", Database="d", QueryString="select 1")["NamedQueryId"]
    athena.update_named_query(NamedQueryId=query_id, Name="r", QueryString="select 2")
    athena.create_data_catalog(
        Name="other", Type="GLUE", Parameters={"catalog-id": "1"}, Tags=[{"Key": "k", "Value": "v"}]
    )

    assert athena.list_named_queries()["NamedQueryIds"] == [query_id]
    assert athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]["QueryString"] == "select 2"
    assert [c["CatalogName"] for c in athena.list_data_catalogs()["DataCatalogsSummary"]] == [
        "AwsDataCatalog",
        "other",
    ]
    arn = "arn:aws:athena:us-east-1:123456789012:datacatalog/other"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    athena.untag_resource(ResourceARN=arn, TagKeys=["k"])
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
    athena.delete_named_query(NamedQueryId=query_id)
    with pytest.raises(ClientError, match="was not found"):
        athena.get_named_query(NamedQueryId=query_id)


def test_a_workgroups_state_and_settings_are_changed(own_server: House) -> None:
    athena = own_server.athena
    athena.create_work_group(Name="w", Configuration={"BytesScannedCutoffPerQuery": 10_000_000})
    athena.update_work_group(WorkGroup="w", State="DISABLED", Description="no more")

    found = athena.get_work_group(WorkGroup="w")["WorkGroup"]
    assert (found["State"], found["Description"]) == ("DISABLED", "no more")
    assert found["Configuration"]["BytesScannedCutoffPerQuery"] == 10_000_000
    assert refused(own_server, "select 1", WorkGroup="w")[1] == "WorkGroup is disabled."


def test_table_metadata_says_where_and_how_and_is_filtered(house: House) -> None:
    house.text_table("lines")
    house.iceberg("things", "select 1 as id")

    names = house.athena.list_table_metadata(
        CatalogName="AwsDataCatalog", DatabaseName=house.database, Expression="thin.*"
    )["TableMetadataList"]
    found = house.athena.get_table_metadata(
        CatalogName="AwsDataCatalog", DatabaseName=house.database, TableName="lines"
    )["TableMetadata"]["Parameters"]

    assert [table["Name"] for table in names] == ["things"]
    assert found["location"] == f"s3://{house.bucket}/lines"
    assert found["serde.serialization.lib"].endswith("LazySimpleSerDe")
    assert found["serde.param.field.delim"] == "\n"
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        house.athena.get_table_metadata(
            CatalogName="AwsDataCatalog", DatabaseName=house.database, TableName="missing"
        )


# --- comments in DDL ---


def test_a_block_comment_in_the_ddl_of_a_hive_table_is_a_parse_error(house: House) -> None:
    house.run(f"create external table h (n int) partitioned by (p string) location 's3://{house.bucket}/h/'")

    for sql, reason in {
        "/* c */ show create table h": "line 1:0 cannot recognize input near '/' '*' 'c'",
        "show\n/* abc */ create table h": "line 2:0 cannot recognize input near 'show' '/' '*' in ddl statement",
        "SHOW CREATE  /* c */ TABLE h": "line 1:12 mismatched input '/' expecting TABLE near 'CREATE' in show statement",
        "show create table /* 1.5 */ h": "line 1:18 cannot recognize input near '/' '*' '1.5' in table name",
        "describe /**/ h": "line 1:0 cannot recognize input near 'describe' '/' '*' in describe statement",
        "MSCK REPAIR /* c */ TABLE nosuch": "line 1:12 missing EOF at '/' near 'REPAIR'",
        "-- x\n/* c */ msck repair table h": "line 2:0 cannot recognize input near '/' '*' 'c'",
        "alter /* c */ table h add columns (m int)": "line 1:0 cannot recognize input near 'alter' '/' '*' in alter statement",
        "alter table h /* c */ add columns (m int)": "line 1:14 cannot recognize input near '/' '*' 'c' in alter table statement",
    }.items():
        status = house.wait(house.start(sql))["Status"]
        assert status["StateChangeReason"] == f"FAILED: ParseException {reason}", sql
        assert (status["AthenaError"]["ErrorCategory"], status["AthenaError"]["ErrorType"]) == (1, 1003)


def test_other_comments_in_ddl_do_not_count(house: House) -> None:
    house.run(f"create external table h (n int) location 's3://{house.bucket}/h/'")
    house.iceberg("i", "select 1 as n")
    house.run("create view v as select 1 as n")

    for sql in (
        "show create /* c */ table i",
        "/* c */ describe i",
        "describe /* c */ v",
        "alter /* c */ table i add columns (m int)",
        "-- c\nshow create table h",
        "describe -- c\nh",
        "show columns from /* c */ h",
        "show create /* c */ view v",
        "alter table h set tblproperties ('a' = '/* b */')",
        "drop /* c */ table h",
    ):
        house.run(sql)


def test_repairing_a_table_without_a_folder_says_so(house: House) -> None:
    house.run(f"create external table h (n int) partitioned by (p string) location 's3://{house.bucket}/h/'")

    execution = house.run("msck repair table h")

    assert house.rows_of(execution) == [("Tables missing on filesystem:\th",)]


@pytest.mark.parametrize(
    ("sql", "place"), [("-- only", "1:8"), ("/* only */", "1:11"), ("-- a\n-- b\n", "2:5")]
)
def test_comments_alone_end_too_early(house: House, sql: str, place: str) -> None:
    assert refused(house, sql) == ("MALFORMED_QUERY", f"line {place}: mismatched input '<EOF>'")


def test_hive_tables_keep_their_columns_and_names(house: House) -> None:
    house.run(f"create external table h (n int) location 's3://{house.bucket}/h/'")

    for sql in ("alter table h drop column n", "alter table h rename to g"):
        error = house.wait(house.start(sql))["Status"]["AthenaError"]
        assert (error["ErrorCategory"], error["ErrorType"]) == (2, 1006), sql
