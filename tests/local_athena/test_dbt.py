"""Builds a small dbt project with every materialization of dbt-athena through the real adapter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.local_athena.conftest import REGION, House, Servers, make_house

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("local-athena-dbt")]

FILES = {
    "dbt_project.yml": """
        name: small
        version: "1.0"
        profile: small
        flags: {send_anonymous_usage_stats: false}
    """,
    "macros/generate_schema_name.sql": """
        {% macro generate_schema_name(name, node) %}{{ target.schema }}{% endmacro %}
    """,
    "seeds/states.csv": """
        code,name,joined,people
        CA,California,1850-09-09,39
        NY,"New York, the state",1788-07-26,19
    """,
    "models/schema.yml": """
        models:
          - name: a_view
            description: The view's description.
            columns:
              - name: id
                description: The key.
                data_tests: [unique, not_null]
          - name: merged
            config: {contract: {enforced: true}}
            columns:
              - {name: id, data_type: integer, data_tests: [unique]}
              - {name: day, data_type: date}
              - {name: n, data_type: integer}
    """,
    "models/a_view.sql": """
        {{ config(materialized='view', persist_docs={'relation': true, 'columns': true}) }}
        select id, n, day
        from (values
            (1, 10, date '2025-08-10'), (2, 20, date '2025-08-10'), (3, 30, date '2025-08-11')
        ) as v (id, n, day)
        {% if var('run', 1) == 2 %}
        where id <> 1
        union all select 2 + 2, 40, date '2025-08-12'
        {% endif %}
    """,
    "models/hive_table.sql": """
        {{ config(materialized='table', partitioned_by=['day']) }}
        select id, n, day from {{ ref('a_view') }}
    """,
    "models/ha_table.sql": """
        {{ config(materialized='table', ha=true, s3_data_naming='table_unique') }}
        select code, name, joined, people from {{ ref('states') }}
    """,
    "models/iceberg_table.sql": """
        {{ config(materialized='table', table_type='iceberg', partitioned_by=['day(at)', 'bucket(id, 4)']) }}
        select id, n, cast(day as timestamp(6)) as at from {{ ref('a_view') }}
    """,
    "models/appended.sql": """
        {{ config(materialized='incremental', incremental_strategy='append') }}
        select id, n from {{ ref('a_view') }}
    """,
    "models/appended_iceberg.sql": """
        {{ config(materialized='incremental', incremental_strategy='append', table_type='iceberg') }}
        select id, n from {{ ref('a_view') }}
    """,
    "models/overwritten.sql": """
        {{ config(
            materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['day']
        ) }}
        select id, n, day from {{ ref('a_view') }}
    """,
    "models/merged.sql": """
        {{ config(
            materialized='incremental', incremental_strategy='merge', table_type='iceberg', unique_key='id',
            partitioned_by=['day'], unique_tmp_table_suffix=true, on_schema_change='append_new_columns',
            delete_condition='src.n = 30', incremental_predicates=["target.day < date '2025-09-01'"]
        ) }}
        select id, day, n + {{ var('run', 1) }} as n from {{ ref('a_view') }}
        {% if is_incremental() %}
        where id <> 3
        union all select 3, date '2025-08-11', 30
        {% endif %}
    """,
    "models/widened.sql": """
        {{ config(
            materialized='incremental', incremental_strategy='merge', table_type='iceberg', unique_key='id',
            on_schema_change='sync_all_columns'
        ) }}
        select id, n {% if var('run', 1) == 2 %}, 'new' as extra{% endif %} from {{ ref('a_view') }}
    """,
    "models/many.sql": """
        {{ config(materialized='table', table_type='iceberg', partitioned_by=['p']) }}
        select n, n as p from unnest(sequence(1, 101)) as v (n)
    """,
    "snapshots/snapshots.yml": """
        snapshots:
          - name: snapped_iceberg
            relation: ref('a_view')
            config: {unique_key: id, strategy: check, check_cols: [n], table_type: iceberg}
          - name: snapped_hive
            relation: ref('a_view')
            config: {unique_key: id, strategy: check, check_cols: all, hard_deletes: invalidate}
    """,
}


@dataclass
class Built:
    """The house after two builds, and dbt's output of each."""

    house: House
    results: list[list[dict[str, Any]]]
    project: Path

    def rows(self, sql: str) -> list[tuple[str | None, ...]]:
        return self.house.rows(sql)


@pytest.fixture(scope="module")
def built(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Built:
    house = make_house(servers, "small-dbt")
    project = tmp_path_factory.mktemp("small")
    for name, text in FILES.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = text.strip("\n").splitlines()
        indent = len(lines[0]) - len(lines[0].lstrip())
        path.write_text("\n".join(line[indent:] for line in lines).rstrip() + "\n")
    profile = {
        "type": "athena", "database": "awsdatacatalog", "schema": house.database, "region_name": REGION,
        "work_group": "primary", "s3_staging_dir": f"s3://{house.bucket}/results/",
        "s3_data_dir": f"s3://{house.bucket}/data/", "s3_tmp_table_dir": f"s3://{house.bucket}/temporary/",
        "s3_data_naming": "table_unique", "poll_interval": 0.05, "num_retries": 1, "threads": 2,
    }  # fmt: skip
    (project / "profiles.yml").write_text(json.dumps({"small": {"target": "it", "outputs": {"it": profile}}}))
    results = []
    for arguments in (["build"], ["build", "--vars", "{run: 2}"], ["docs", "generate"]):
        done = subprocess.run(
            [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments],
            cwd=project,
            env={**os.environ, **house.environment, "DBT_PROFILES_DIR": str(project)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        if arguments[0] == "build":
            results.append(json.loads((project / "target" / "run_results.json").read_text())["results"])
    return Built(house, results, project)


def test_every_node_succeeds_twice(built: Built) -> None:
    for results in built.results:
        assert {result["status"] for result in results} == {"success", "pass"}
        assert len(results) == 16


def test_a_seed_keeps_text_with_commas(built: Built) -> None:
    assert built.rows("select code, name, joined, people from states order by code") == [
        ("CA", "California", "1850-09-09", "39"),
        ("NY", "New York, the state", "1788-07-26", "19"),
    ]


def test_tables_hold_the_last_run(built: Built) -> None:
    assert built.rows("select id, day from hive_table order by id") == [
        ("2", "2025-08-10"), ("3", "2025-08-11"), ("4", "2025-08-12"),
    ]  # fmt: skip
    assert built.rows("select id, at from iceberg_table order by id")[0] == (
        "2",
        "2025-08-10 00:00:00.000000",
    )
    assert built.rows("select count(*) from ha_table") == [("2",)]


def test_append_adds_and_insert_overwrite_replaces_partitions(built: Built) -> None:
    assert built.rows("select count(*) from appended") == [("6",)]
    assert built.rows("select count(*) from appended_iceberg") == [("6",)]
    assert built.rows("select id, day from overwritten order by id") == [
        ("2", "2025-08-10"), ("3", "2025-08-11"), ("4", "2025-08-12"),
    ]  # fmt: skip


def test_merge_deletes_updates_and_inserts(built: Built) -> None:
    assert built.rows("select id, n from merged order by id") == [("1", "11"), ("2", "22"), ("4", "42")]


def test_a_table_of_more_than_100_partitions_is_built_in_batches(built: Built) -> None:
    assert built.rows("select count(*), sum(n) from many") == [("101", "5151")]


def test_a_schema_change_adds_its_column(built: Built) -> None:
    assert built.rows("select id, extra from widened order by id") == [
        ("1", None), ("2", "new"), ("3", "new"), ("4", "new"),
    ]  # fmt: skip


@pytest.mark.parametrize("table", ["snapped_iceberg", "snapped_hive"])
def test_a_snapshot_keeps_history(built: Built, table: str) -> None:
    rows = built.rows(f"select id, dbt_valid_to is null from {table} order by id")

    assert rows == [
        ("1", "true" if table == "snapped_iceberg" else "false"),
        ("2", "true"),
        ("3", "true"),
        ("4", "true"),
    ]


def test_docs_know_every_column(built: Built) -> None:
    catalog = json.loads((built.project / "target" / "catalog.json").read_text())

    described = catalog["nodes"]["model.small.a_view"]
    assert catalog["errors"] is None
    assert len(catalog["nodes"]) == 13
    assert described["metadata"]["comment"] == "The view's description."
    assert described["columns"]["id"]["type"] == "int"
    assert catalog["nodes"]["model.small.overwritten"]["columns"]["day"]["type"] == "date"
