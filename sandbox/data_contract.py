"""Writes the data contract of the public tables, in the Open Data Contract Standard (ODCS).

datacontract-cli makes it from dbt's manifest. This module adds what is missing from the same manifest: keys
of several columns, columns that are never null, the owner, and the location of the tables.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from runner.settings import PROJECT_DIR
from sandbox.built_lake import TOOLS

#: The contract file in the repository.
CONTRACT = PROJECT_DIR / "docs" / "data-contract.odcs.yaml"
#: The server that `make scores` tests: the tables that Athena unloads on this machine.
UNLOADED = "unloaded"
#: The folder of that server's files, below the project.
UNLOADED_FOLDER = Path("target") / "unloaded"

Manifest = dict[str, Any]


def public_models(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """The nodes of the public models, by name, in order."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return {
        node["name"]: node
        for node in sorted(nodes, key=lambda one: one["name"])
        if node["access"] == "public"
    }


def data_contract(manifest: Manifest, manifest_path: Path) -> str:
    """The contract as YAML.

    Args:
        manifest: dbt's `manifest.json`.
        manifest_path: where it is.
    """
    models = public_models(manifest)
    group = next(iter(manifest["groups"].values()))
    contract = _imported(manifest_path, list(models))
    contract |= {
        "id": "medlaunch-elt",
        "name": "Accreditation data of health-care facilities",
        "version": _version(),
        "status": "active",
        "description": {
            "purpose": group["description"],
            "usage": "Query the tables in Athena, or read the CSVs below prod/ (dbt's exposures list them).",
            "limitations": "Tables may be minutes ahead of prod/, which has only what passed every test.",
        },
        "team": {
            "name": group["owner"]["name"],
            "members": [{"username": group["owner"]["email"], "role": "owner"}],
        },
        "servers": _servers(),
    }
    contract["schema"] = [
        _completed(one, models[one["name"]], manifest)
        for one in sorted(contract["schema"], key=lambda one: one["name"])
    ]
    head = "# Written by `make contract` from the dbt project. `make scores` compares and tests it.\n"
    return head + yaml.safe_dump(contract, sort_keys=False, allow_unicode=True, width=120)


def _imported(manifest_path: Path, names: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "contract.yaml"
        chosen = [argument for name in names for argument in ("--model", name)]
        subprocess.run(
            [TOOLS / "datacontract", "import", "dbt", "--source", manifest_path, *chosen, "--output", output],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return yaml.safe_load(output.read_text("utf-8"))


def _version() -> str:
    return yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))["version"]


def _servers() -> list[dict[str, str]]:
    return [
        {
            "server": "lake",
            "type": "athena",
            "description": "The tables on AWS; set your region and staging folder.",
            "catalog": "awsdatacatalog",
            "schema": "medlaunch_db",
            "regionName": "us-east-1",
            "stagingDir": "s3://YOUR-BUCKET/stage1-athena-query-results/",
        },
        {
            "server": UNLOADED,
            "type": "local",
            "description": "The tables as Athena unloads them on this machine, for `make scores`.",
            "format": "parquet",
            "path": f"{UNLOADED_FOLDER}/{{model}}/*.parquet",
        },
    ]


def _completed(schema: dict[str, Any], node: dict[str, Any], manifest: Manifest) -> dict[str, Any]:
    """One table of the contract, with its key and the columns that are never null."""
    key = next(one["columns"] for one in node["constraints"] if one["type"] == "primary_key")
    never_null = {
        column
        for test in manifest["nodes"].values()
        if test.get("attached_node") == node["unique_id"] and test["test_metadata"]["name"] == "never_null"
        for column in test["test_metadata"]["kwargs"]["columns"]
    }
    schema = {name: value for name, value in schema.items() if name != "customProperties"}
    schema["physicalType"] = "table"
    schema["properties"] = [
        column
        | ({"required": True} if column["name"] in never_null else {})
        | (
            {"primaryKey": True, "primaryKeyPosition": key.index(column["name"]) + 1}
            if column["name"] in key
            else {}
        )
        for column in schema["properties"]
    ]
    return schema
