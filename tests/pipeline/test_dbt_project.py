"""Tests the dbt project as a whole: its data tests find errors, a run reads only its dates, everything is documented."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any

import pytest
import yaml

from runner import lake as lake_keys
from runner.aws.invocation import Invocation
from runner.aws.queries import executions_of
from runner.dbt.dbt_run import DataTestsFailed, DbtNodeFailed, build_tables, run_data_tests
from runner.dbt.manifest import _in_memory as parsed_projects
from runner.errors import MedLaunchError
from runner.rules import DUPLICATE, PREDICATES
from runner.settings import PROJECT_DIR
from runner.tables import stage_tables

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dbt project")]

TABLES = ["stage1", "stage3"]
TABLES_BUILT = stage_tables.TABLES


def record(number: int, **fields: Any) -> str:
    """A good record, accredited in 2026."""
    content = {
        "facility_id": f"FAC{number:05d}",
        "facility_name": f"Facility {number}",
        "location": {"state": "TX"},
        "employee_count": 100,
        "accreditations": [{"valid_until": "2026-12-31"}],
        "snapshot_date": "2025-08-10",
        **fields,
    }
    return json.dumps(content)


@pytest.fixture(scope="session")
def manifest(initialised_dbt: Any) -> Any:
    """dbt's own view of the project."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        initialised_dbt.lake.use(monkeypatch)
        outcome = initialised_dbt.plain("parse")
    assert outcome.success
    return outcome.result


def test_unit_tests_pass(dbt: Any) -> None:
    dbt.build_tables((), "--empty")
    dbt("test", "--select", "test_type:unit")
    # The dates of a run do not affect unit tests.
    dbt("test", "--select", "test_type:unit,accredited_facilities_per_state", dates=["2025-08-11"])


def test_data_tests_pass_and_warn(dbt: Any) -> None:
    lines = [record(1), record(2), record(3, owner="x"), record(4, snapshot_date="2025-08-09"), "x"]
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", lines)
    dbt.lake.put_bronze("2034-12-31", "a.jsonl", [record(1, snapshot_date="2034-12-31")])
    dbt.build_tables()
    assert sorted(dbt.tests("test", "--select", "test_type:data").warned) == [
        "records_have_known_fields",
        "records_state_their_folders_date",
        "stage1_reject_ratio",
        "stage1_snapshots_are_not_in_the_future",
        "stage3_reject_ratio",
    ]
    # Tests that are confined to one date do not see the others.
    confined = dbt.tests("test", "--select", "test_type:data", dates=["2034-12-31"])
    assert confined.warned == ["stage1_snapshots_are_not_in_the_future"]


def test_data_tests_find_what_they_are_for(dbt: Any) -> None:
    """The statements write rows that no run would write, at least one for each test."""
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), record(2), "x"])
    dbt.build_tables()
    day, rejects = "date '2025-08-10'", "accredited_facilities_per_state_rejects"
    for statement in (
        f"insert into stage1_facility_metrics values ('FAC00001', 'again', 1, 1, null, {day})",
        f"insert into stage1_facility_metrics values ('X1', null, -1, 1, null, {day})",
        f"insert into stage1_facility_metrics_rejects values ({day}, 'f', 'h', 1, 'no_such_code', 'l')",
        f"insert into stage1_facility_metrics_rejects values ({day}, 'f', 'h', 1, 'bad_state', null)",
        f"insert into accredited_facilities_per_state values ({day}, 'TX', 1, 2, 'no run')",
        f"insert into accredited_facilities_per_state values ({day}, 'ZZ', 1, null, null)",
        f"insert into {rejects} values ({day}, 'f', 'h', 1, 'bad_services', 'l')",
        f"insert into {rejects} values ({day}, 'f', 'h', 1, null, 'l')",
    ):
        dbt.lake.query(statement)
    with pytest.raises(DataTestsFailed) as failed:
        dbt("test", "--select", "test_type:data", dates=["2025-08-10"])
    assert sorted(failed.value.names) == [
        "no_table_holds_a_stale_row",
        "stage1_accounts_for_every_line",
        "stage1_has_one_row_per_facility_and_date",
        "stage1_metrics_are_complete",
        "stage1_rejects_are_complete",
        "stage1_rejects_give_registered_reasons",
        "stage1_rejects_have_a_unique_key",
        "stage1_values_are_in_range",
        "stage3_accounts_for_every_line",
        "stage3_counts_are_complete",
        "stage3_counts_are_plausible",
        "stage3_has_one_row_per_state_and_date",
        "stage3_rejects_are_complete",
        "stage3_rejects_give_registered_reasons",
        "stage3_rejects_have_a_unique_key",
        "stage3_states_are_known",
    ]
    # The runner's single query finds the same errors.
    with pytest.raises(DataTestsFailed) as in_one_query:
        run_data_tests(
            dbt.lake.settings,
            stage_tables.TABLES,
            Invocation(dbt.lake.settings, "tests"),
            {"snapshot_dates": ["2025-08-10"]},
        )
    assert in_one_query.value.names == sorted(failed.value.names)


@pytest.mark.parametrize("lost", [("test.",), ("test.", "model.")])
def test_a_parsed_project_that_lacks_nodes_is_no_success(
    dbt: Any, monkeypatch: pytest.MonkeyPatch, lost: tuple[str, ...]
) -> None:
    """The run knows which tables it builds, and that each of them has tests."""
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1)])
    dbt.build_tables()
    variables = {"snapshot_dates": ["2025-08-10"]}
    ((key, manifest),) = [
        item for item in parsed_projects.items() if dbt.lake.settings.data_bucket in item[0]
    ]
    wrong = manifest.from_msgpack(manifest.to_msgpack())
    wrong.nodes = {name: node for name, node in wrong.nodes.items() if not name.startswith(lost)}
    wrong.exposures, wrong.unit_tests = {}, {}
    monkeypatch.setitem(parsed_projects, key, wrong)
    invocation = Invocation(dbt.lake.settings, "wrong")
    if "model." in lost:
        with pytest.raises(MedLaunchError, match="did not build accredited"):
            build_tables(dbt.lake.settings, stage_tables.TABLES, invocation, variables)
    with pytest.raises(MedLaunchError, match="no data test of accredited"):
        run_data_tests(dbt.lake.settings, stage_tables.TABLES, invocation, variables)


def test_a_run_reads_its_own_dates_only(dbt: Any) -> None:
    """The bytes scanned and the queries for one date are the same beside one other date and beside twenty."""
    lines = [record(number) for number in range(200)] + ["x"] * 20
    dates = [f"2025-08-{day:02d}" for day in range(1, 22)]
    for date in dates[:2]:
        dbt.lake.put_bronze(date, "a.jsonl", lines)
    dbt.build_tables()
    few = dbt(
        "build", "--select", *TABLES, "--exclude-resource-type", "unit_test", dates=dates[:1]
    ).statistics()
    for date in dates[2:]:
        dbt.lake.put_bronze(date, "a.jsonl", lines)
    dbt.build_tables(dates[2:])
    many = dbt(
        "build", "--select", *TABLES, "--exclude-resource-type", "unit_test", dates=dates[:1]
    ).statistics()
    assert few.bytes_scanned > 0
    assert many.queries == few.queries
    assert abs(many.bytes_scanned - few.bytes_scanned) <= 0.05 * few.bytes_scanned


def test_a_plain_build_reads_bronze_once_for_its_dates(dbt: Any) -> None:
    """A first build reads every date, and the next the newest date. The tests of a build do not read bronze again."""
    sizes: dict[str, int] = {}
    for date in ("2025-08-10", "2025-08-11", "2025-08-12"):
        lines = [record(number) for number in range(100)] + ["x"]
        sizes[date] = sum(len(line) + 1 for line in lines)
        dbt.lake.put_bronze(date, "a.jsonl", lines)
    build = ["build", "--select", *stage_tables.TABLES, "--exclude-resource-type", "unit_test"]
    # Apart from bronze, a build reads the seed of states, and a MERGE reads the columns that it compares.
    first = bytes_of_bronze_queries(dbt, dbt(*build))
    assert sum(sizes.values()) <= first < sum(sizes.values()) * 1.1
    newest = bytes_of_bronze_queries(dbt, dbt(*build))
    assert sizes["2025-08-12"] <= newest < sum(sizes.values()) * 0.7
    dbt("test", "--select", "judged_lines_are_those_of_bronze")
    dbt.lake.put_bronze("2025-08-10", "late.jsonl", [record(1)])
    with pytest.raises(DataTestsFailed, match="judged_lines_are_those_of_bronze"):
        dbt("test", "--select", "judged_lines_are_those_of_bronze")


def bytes_of_bronze_queries(dbt: Any, invocation: Any) -> int:
    """The bytes scanned by the statements of a run that read bronze's view."""
    executions = executions_of(invocation.athena, [query.id for query in invocation.queries])
    return sum(
        execution["Statistics"]["DataScannedInBytes"]
        for execution in executions
        if "stg_facilities" in execution["Query"]
    )


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"snapshot_dates": ["2025-02-30"]}, "day is out of range"),
        ({"snapshot_dates": ["2025-8-1"]}, "write dates as YYYY-MM-DD"),
        ({"snapshot_dates": ["2025-08-10') or true --"]}, "write dates as YYYY-MM-DD"),
        ({"snapshot_dates": "2025-08-10"}, "pass a list"),
        ({"run_ts": "x' as varchar"}, "write it as YYYYMMDDTHHMMSSZ"),
    ],
)
def test_only_dates_reach_the_sql(dbt: Any, variables: dict[str, Any], message: str) -> None:
    with pytest.raises(DbtNodeFailed, match=message):
        dbt("run", "--select", "accredited_facilities_per_state", **variables)


class Elsewhere:
    """A server in the place of AWS. Its address does not count as this machine's, and it counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

        def count(*_: Any) -> None:
            self.calls += 1

        self._server = ThreadingTCPServer(("127.0.0.2", 0), count)
        self.url = f"http://127.0.0.2:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere()
    yield server
    server.close()


@pytest.mark.parametrize(
    ("variable", "command"),
    [
        ("AWS_ENDPOINT_URL", ("run", "--select", "stg_facilities")),
        ("AWS_ENDPOINT_URL", ("build",)),
        ("AWS_ENDPOINT_URL", ("docs", "generate")),
        ("AWS_ENDPOINT_URL", ("source", "freshness")),
        ("AWS_ENDPOINT_URL", ("run-operation", "create_source_tables")),
        ("AWS_ENDPOINT_URL_ATHENA", ("build",)),
        ("AWS_ENDPOINT_URL_GLUE", ("build",)),
        ("AWS_ENDPOINT_URL_S3", ("build",)),
    ],
)
def test_target_local_refuses_an_endpoint_elsewhere_before_any_call(
    dbt: Any,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    elsewhere: Elsewhere,
    command: tuple[str, ...],
    variable: str,
) -> None:
    monkeypatch.setenv(variable, elsewhere.url)
    outcome = dbt.plain(*command)
    told = [outcome.exception, *(one.message for one in getattr(outcome.result, "results", None) or [])]
    assert not outcome.success
    # dbt only prints an error of an operation.
    said = f"{told} {capfd.readouterr().out}".replace("\\", "")
    assert f"target local works on this machine alone, but {variable} is '{elsewhere.url}'" in said
    assert elsewhere.calls == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL", ""),
        ("AWS_ENDPOINT_URL_ATHENA", "http://127.0.0.1.example.com:80"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
    ],
)
def test_target_local_refuses_no_endpoint_and_one_that_only_looks_local(
    dbt: Any, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    outcome = dbt.plain("run", "--select", "stg_facilities")
    assert not outcome.success
    assert f"target local works on this machine alone, but {variable} is '{value}'" in str(outcome.exception)


@pytest.mark.usefixtures("dbt")
def test_plain_dbt_looks_for_no_other_machine(tmp_path: Path) -> None:
    script = (
        "import socket, sys\n"
        "look_up = socket.getaddrinfo\n"
        "def recorded(host, *rest, **options):\n"
        "    print('looks for', host)\n"
        "    return look_up(host, *rest, **options)\n"
        "socket.getaddrinfo = recorded\n"
        "from dbt.cli.main import dbtRunner\n"
        "sys.exit(not dbtRunner().invoke(sys.argv[1:]).success)\n"
    )
    told_otherwise = ("DBT_SEND_ANONYMOUS_USAGE_STATS", "DO_NOT_TRACK")
    ended = subprocess.run(
        [sys.executable, "-c", script, "ls", "--project-dir", str(PROJECT_DIR), "--target-path", str(tmp_path)],
        env={name: value for name, value in os.environ.items() if name not in told_otherwise},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    assert "looks for" not in ended.stdout


def test_a_misspelt_var_is_refused_by_name(dbt: Any) -> None:
    outcome = dbt.plain("build", "--vars", '{snapshot_date: ["2025-08-10"]}')
    assert not outcome.success
    assert (
        "--vars sets 'snapshot_date', which is not a settable var. The settable vars are snapshot_dates,"
        in str(outcome.exception)
    )


def test_the_vars_that_a_command_may_set_are_those_that_are_used() -> None:
    variables = lake_keys.registry()
    settable = set(variables["settable_vars"])
    assert settable <= {*variables, "run_ts"}
    folders = [PROJECT_DIR / name for name in ("macros", "models", "tests/dbt")]
    texts = [path.read_text("utf-8") for folder in folders for path in folder.rglob("*.*")]
    used = {name for text in texts for name in re.findall(r"\bvar\('(\w+)'", text)}
    assert settable <= used <= {*variables, "run_ts"}


def test_an_empty_build_leaves_a_view_that_reads_bronze(dbt: Any) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), "x"])
    outcome = dbt.plain("build", "--empty")
    assert outcome.success, [one.message for one in outcome.result.results if one.status == "error"]
    assert dbt.tables() == {table: [] for table in TABLES_BUILT}
    (counted,) = dbt.lake.query(
        "select count(*) as n, count_if(bad_state) as bad from stg_facilities where snapshot_folder = '2025-08-10'"
    )
    assert (counted["n"], counted["bad"]) == (2, 0)


def test_a_run_that_failed_to_compile_can_be_retried(dbt: Any, tmp_path: Path) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1)])
    where = ("--target-path", str(tmp_path))
    failed = dbt.plain("build", *where, "--vars", '{snapshot_dates: "2025-08-10"}')
    assert not failed.success
    retried = dbt.plain("retry", *where, "--vars", '{snapshot_dates: ["2025-08-10"]}')
    assert retried.success, retried.exception
    assert dbt.tables(["stage1_facility_metrics"])["stage1_facility_metrics"]


def test_the_example_queries_of_the_documentation_run(dbt: Any, manifest: Any) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), "x"])
    dbt.build_tables()
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    for model in models:
        (query,) = re.findall(r"```sql\n(.*?)```", model.description, re.DOTALL)
        dbt.lake.query(query)


def test_every_table_has_its_key_in_one_form(manifest: Any) -> None:
    """The key of the MERGE is also the key in the contract and in a data test."""
    for table in stage_tables.TABLES:
        node = manifest.nodes[f"model.medlaunch_elt.{table}"]
        (declared,) = (one.columns for one in node.constraints if one.type == "primary_key")
        (proven,) = (
            test.test_metadata.kwargs["combination_of_columns"]
            for test in manifest.nodes.values()
            if getattr(test, "attached_node", None) == node.unique_id
            and test.test_metadata.name == "unique_combination_of_columns"
        )
        assert node.config.unique_key == declared == proven


def test_everything_has_an_owner_and_what_others_read_is_public(manifest: Any) -> None:
    owner = lake_keys.registry()["owner"]
    (group,) = manifest.groups.values()
    assert (group.owner.name, group.owner.email) == (owner["name"], owner["email"])
    for node in manifest.nodes.values():
        if node.resource_type in ("model", "seed"):
            assert (node.config.group, node.config.meta["owner"]) == (group.name, owner["name"]), node.name
    for exposure in manifest.exposures.values():
        assert exposure.owner.email == owner["email"]
        assert exposure.url.startswith("https://console.aws.amazon.com/s3/buckets/"), exposure.name
        for name in exposure.depends_on_nodes:
            if name.startswith("model."):
                assert manifest.nodes[name].access == "public"


def test_source_freshness(dbt: Any) -> None:
    assert not dbt.plain("source", "freshness").success
    today = dt.datetime.now(dt.UTC).date().isoformat()
    dbt.lake.put_bronze(today, "a.jsonl", [record(1)])
    assert dbt.plain("source", "freshness").success


def test_docs_generate(dbt: Any, tmp_path: Path) -> None:
    dbt.build_tables((), "--empty")
    assert dbt.plain("docs", "generate", "--target-path", str(tmp_path)).success
    catalog = json.loads((tmp_path / "catalog.json").read_text())
    assert {node.split(".")[2] for node in catalog["nodes"]} >= {"stg_facilities", *dbt.tables()}


def test_every_rule_has_column_predicate_description_and_case(manifest: Any) -> None:
    rules = {rule["code"]: rule for rule in lake_keys.registry()["reject_rules"]}
    described = manifest.nodes["model.medlaunch_elt.stg_facilities"].columns
    cases = [
        json.loads(line)
        for line in (PROJECT_DIR / "tests" / "cases" / "reject_cases.jsonl").read_text("ascii").splitlines()
    ]
    for code, rule in rules.items():
        assert rule["description"].strip()
        assert rule["stages"]
        if code == DUPLICATE:
            continue
        assert code in PREDICATES
        assert described[code].description == rule["description"]
        for stage in rule["stages"]:
            assert any(code in case[f"stage{stage}"] for case in cases), f"no case of {code} in stage {stage}"
    assert set(PREDICATES) | {DUPLICATE} == set(rules)
    assert len({case["name"] for case in cases}) == len(cases) >= 150


def test_the_runner_knows_the_tables_that_dbt_builds(manifest: Any) -> None:
    built = [
        node.name
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.config.materialized == "incremental"
    ]
    assert sorted(built) == sorted(stage_tables.TABLES)
    assert f"source.medlaunch_elt.bronze.{stage_tables.SOURCE}" in manifest.sources


def test_everything_is_documented(manifest: Any, dbt: Any) -> None:
    own = "medlaunch_elt"
    nodes = [node for node in manifest.nodes.values() if node.package_name == own]
    things = [
        *nodes,
        *(source for source in manifest.sources.values() if source.package_name == own),
        *(exposure for exposure in manifest.exposures.values() if exposure.package_name == own),
        *(test for test in manifest.unit_tests.values() if test.package_name == own),
        *(macro for macro in manifest.macros.values() if macro.package_name == own),
    ]
    hooks = {node.unique_id for node in nodes if node.resource_type == "operation"}
    assert [one.unique_id for one in things if not one.description and one.unique_id not in hooks] == []
    with_columns = [node for node in nodes if node.resource_type in ("model", "seed")]
    assert [
        f"{node.name}.{column.name}"
        for node in with_columns
        for column in node.columns.values()
        if not column.description
    ] == []
    dbt.build_tables((), "--empty")
    for node in with_columns:
        table = dbt.lake.glue.get_table(DatabaseName=dbt.lake.settings.glue_database, Name=node.name)["Table"]
        columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
        assert sorted(columns) == sorted(node.columns)
    files = {Path(node.original_file_path) for node in nodes}
    assert {path.relative_to(PROJECT_DIR) for path in (PROJECT_DIR / "models").rglob("*.sql")} <= files


def test_profile_repeats_the_prefixes() -> None:
    text = (PROJECT_DIR / "profiles.example.yml").read_text("utf-8")
    targets = yaml.safe_load(text)["medlaunch_elt"]["outputs"]
    head = "s3://{{ env_var('DATA_BUCKET') }}/"
    assert set(targets) == {"local", "dev", "prod"}
    for target in targets.values():
        assert target["s3_staging_dir"] == f"{head}{lake_keys.prefix('stage1_query_results')}/"
        assert target["s3_data_dir"] == f"{head}{lake_keys.prefix('dbt')}/"
        assert target["s3_tmp_table_dir"] == f"{head}{lake_keys.prefix('dbt_temporary')}/"
    assert targets["local"]["aws_access_key_id"] == targets["local"]["aws_secret_access_key"] == "local"
