"""Tests the life of a query execution, as GetQueryExecution and related calls show it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_athena.api import queries
from tests.local_athena.conftest import ENDLESS, REGION, House, Servers

pytestmark = pytest.mark.slow


def error_of(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """The code and message that an API call fails with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_a_query_ends_succeeded_with_its_statistics(house: House) -> None:
    execution = house.run("select 1 as one, 'a' as a")

    assert execution["StatementType"] == "DML"
    assert execution["SubstatementType"] == "SELECT"
    assert execution["Statistics"]["DataScannedInBytes"] == 0
    assert execution["WorkGroup"] == "primary"
    assert execution["Status"]["CompletionDateTime"] >= execution["Status"]["SubmissionDateTime"]
    assert house.rows_of(execution) == [("one", "a"), ("1", "a")]


def test_a_failure_has_a_reason_a_category_and_a_type(house: House) -> None:
    execution = house.wait(house.start("select nothing"))

    error = execution["Status"]["AthenaError"]
    assert execution["Status"]["State"] == "FAILED"
    assert execution["Status"]["StateChangeReason"].startswith("COLUMN_NOT_FOUND: line 1:8: Column 'nothing'")
    assert error["ErrorMessage"] == execution["Status"]["StateChangeReason"]
    assert error["ErrorCategory"] == 2
    assert error["Retryable"] is False


def test_results_come_in_pages(house: House) -> None:
    query_id = house.run("select * from unnest(sequence(1, 5)) as t (n) order by n")["QueryExecutionId"]

    first = house.athena.get_query_results(QueryExecutionId=query_id, MaxResults=4)
    second = house.athena.get_query_results(
        QueryExecutionId=query_id, MaxResults=4, NextToken=first["NextToken"]
    )

    values = [
        row["Data"][0]["VarCharValue"] for row in (first["ResultSet"]["Rows"] + second["ResultSet"]["Rows"])
    ]
    assert values == ["n", "1", "2", "3", "4", "5"]
    assert "NextToken" not in second


def test_results_of_what_has_not_succeeded_are_an_error(house: House) -> None:
    failed = house.wait(house.start("select nothing"))["QueryExecutionId"]

    code, message = error_of(house.athena.get_query_results, QueryExecutionId=failed)

    assert code == "InvalidRequestException"
    assert "FAILED" in message


def test_an_unknown_id_is_an_invalid_request(house: House) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"

    assert (
        error_of(house.athena.get_query_execution, QueryExecutionId=unknown)[0] == "InvalidRequestException"
    )
    answer = house.athena.batch_get_query_execution(QueryExecutionIds=[unknown, house.start("select 1")])
    assert len(answer["QueryExecutions"]) == 1
    assert answer["UnprocessedQueryExecutionIds"][0]["QueryExecutionId"] == unknown


def test_a_statement_needs_a_place_for_its_result(house: House) -> None:
    code, message = error_of(house.athena.start_query_execution, QueryString="select 1")

    assert code == "InvalidRequestException"
    assert message.startswith("No output location provided")


def test_a_request_token_starts_one_query_only(house: House) -> None:
    token = "0123456789abcdef0123456789abcdef"

    first = house.start("select 1", ClientRequestToken=token)

    assert house.start("select 1", ClientRequestToken=token) == first
    with pytest.raises(ClientError, match="Idempotent"):
        house.start("select 2", ClientRequestToken=token)


def test_a_running_query_is_stopped_and_its_engine_with_it(own_server: House) -> None:
    query_id = own_server.start(ENDLESS)
    own_server.wait(query_id, "RUNNING")

    own_server.athena.stop_query_execution(QueryExecutionId=query_id)

    assert own_server.execution(query_id)["Status"]["State"] == "CANCELLED"
    # The server runs only one query at a time, so the next one starts when the engine has released the stopped one.
    own_server.server.set_limits(running=1)
    assert own_server.rows("select 2") == [("2",)]
    own_server.athena.stop_query_execution(QueryExecutionId=query_id)
    assert own_server.execution(query_id)["Status"]["State"] == "CANCELLED"


def test_a_query_may_be_stopped_at_any_moment(own_server: House) -> None:
    # DuckDB loses an interrupt that arrives while a query is being prepared. In these milliseconds, one in eight was
    # lost.
    for number in range(40):
        query_id = own_server.start(ENDLESS)
        time.sleep(number * 0.0005)
        own_server.athena.stop_query_execution(QueryExecutionId=query_id)

    own_server.server.set_limits(running=1)
    assert own_server.rows("select 1") == [("1",)]


def test_queries_run_side_by_side_and_none_blocks_the_api(own_server: House) -> None:
    long = own_server.start(ENDLESS)
    own_server.wait(long, "RUNNING")

    assert own_server.rows("select 1") == [("1",)]
    assert own_server.execution(long)["Status"]["State"] == "RUNNING"
    own_server.athena.stop_query_execution(QueryExecutionId=long)


def test_more_queries_than_may_run_wait_as_queued(own_server: House) -> None:
    own_server.server.set_limits(running=1)
    running = own_server.start(ENDLESS)
    own_server.wait(running, "RUNNING")
    waiting = own_server.start("select 1")

    assert own_server.execution(waiting)["Status"]["State"] == "QUEUED"
    own_server.athena.stop_query_execution(QueryExecutionId=running)
    assert own_server.wait(waiting)["Status"]["State"] == "SUCCEEDED"


def test_one_more_than_the_queue_holds_is_refused(own_server: House) -> None:
    own_server.server.set_limits(queued=1, hold=True)
    held = own_server.start("select 1")

    client = own_server.athena
    client.meta.config.merge(Config(retries={"max_attempts": 0}))
    with pytest.raises(ClientError) as caught:
        own_server.start("select 2")
    assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert caught.value.response["Reason"] == "CONCURRENT_QUERY_LIMIT_EXCEEDED"

    own_server.server.set_limits(hold=False)
    assert own_server.wait(held)["Status"]["State"] == "SUCCEEDED"


def test_a_held_query_can_be_stopped(own_server: House) -> None:
    own_server.server.set_limits(hold=True)
    held = own_server.start("select 1")

    own_server.athena.stop_query_execution(QueryExecutionId=held)

    assert own_server.wait(held)["Status"]["State"] == "CANCELLED"


def test_throttled_requests_are_retried_by_clients(own_server: House) -> None:
    query_id = own_server.run("select 1")["QueryExecutionId"]
    own_server.server.set_limits(throttled_requests=2)

    assert own_server.execution(query_id)["Status"]["State"] == "SUCCEEDED"
    assert own_server.server.limits.throttled_requests == 0


def test_an_unknown_limit_is_an_error(servers: Servers) -> None:
    with pytest.raises(ValueError, match="the limit 'sleep' does not exist"):
        servers.athena.set_limits(sleep=1)


def test_workgroups_are_made_listed_and_enforced(own_server: House) -> None:
    enforced = f"s3://{own_server.bucket}/enforced/"
    own_server.athena.create_work_group(
        Name="strict",
        Configuration={
            "ResultConfiguration": {"OutputLocation": enforced},
            "EnforceWorkGroupConfiguration": True,
        },
    )

    names = [group["Name"] for group in own_server.athena.list_work_groups()["WorkGroups"]]
    execution = own_server.run("select 1", WorkGroup="strict")

    assert names == ["primary", "strict"]
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(enforced)
    listed = own_server.athena.list_query_executions(WorkGroup="strict")["QueryExecutionIds"]
    assert listed == [execution["QueryExecutionId"]]
    with pytest.raises(ClientError, match="WorkGroup is not found"):
        own_server.start("select 1", WorkGroup="nowhere")


def test_the_catalog_is_shown_through_athena_too(house: House) -> None:
    house.iceberg("things", "select 1 as id")

    catalog = house.athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]
    tables = house.athena.list_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=house.database)
    one = house.athena.get_table_metadata(
        CatalogName="AwsDataCatalog", DatabaseName=house.database, TableName="things"
    )
    pages = house.athena.get_paginator("list_databases").paginate(CatalogName="AwsDataCatalog")
    names = {item["Name"] for page in pages for item in page["DatabaseList"]}

    assert catalog["Type"] == "GLUE"
    assert [table["Name"] for table in tables["TableMetadataList"]] == ["things"]
    assert one["TableMetadata"]["Columns"][0]["Type"] == "int"
    assert house.database in names


def test_an_action_that_is_not_there_is_named(house: House) -> None:
    code, message = error_of(house.athena.list_notebook_metadata, WorkGroup="primary")

    assert code == "UnknownOperationException"
    assert "ListNotebookMetadata" in message


def test_execution_parameters_fill_the_question_marks(house: House) -> None:
    rows = house.rows("select ?, ? + 1", ExecutionParameters=["'it''s'", "41"])

    assert rows == [("it's", "42")]
    wrong = house.wait(house.start("select ?", ExecutionParameters=["1", "2"]))
    assert "Incorrect number of parameters: expected 1 but found 2" in wrong["Status"]["StateChangeReason"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("grant all on t to x", "local Athena does not support"),
        ("explain (format json) select 1", "local Athena does not support"),
    ],
)
def test_what_is_not_supported_says_so(house: House, sql: str, reason: str) -> None:
    assert reason in house.fails(sql)


def test_the_server_runs_as_a_command(servers: Servers) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "local_athena", "--aws-endpoint-url", servers.aws_url],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            name, _, url = process.stdout.readline().strip().partition("=")
            client = boto3.client(
                "athena",
                endpoint_url=url,
                region_name=REGION,
                aws_access_key_id="local",
                aws_secret_access_key="local",
            )
            groups = client.list_work_groups()["WorkGroups"]
        finally:
            process.terminate()
    assert name == "AWS_ENDPOINT_URL_ATHENA"
    assert groups[0]["Name"] == "primary"


def test_a_forgotten_execution_takes_its_request_token_along(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "a-token-of-at-least-32-characters"
    first = house.run("select 1 as a", ClientRequestToken=token)["QueryExecutionId"]
    assert house.start("select 1 as a", ClientRequestToken=token) == first
    monkeypatch.setattr(queries, "_REMEMBERED", 1)
    house.run("select 2 as a")

    with pytest.raises(ClientError, match="was not found"):
        house.execution(first)
    assert house.start("select 1 as a", ClientRequestToken=token) != first
