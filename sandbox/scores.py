"""Checks the dbt project with external rules, and the data against its contract: `make scores`.

dbt-score must give at least 9.9 of 10. dbt-bouncer's preset `strict` must find nothing except the exceptions
in `dbt-bouncer.yml`, each with its reason. datacontract-cli must find that the contract is valid and that the
tables of a built lake follow it.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import yaml

from runner.errors import MedLaunchError
from runner.lake import prefix
from runner.settings import PROJECT_DIR
from sandbox.built_lake import TOOLS, built_lake, run
from sandbox.data_contract import CONTRACT, UNLOADED, UNLOADED_FOLDER, Manifest, data_contract, public_models
from sandbox.local import BUCKET, Sandbox, exit_on_signals
from sandbox.statements import run_statement

_LEAST_SCORE = "9.9"
_TARGET = PROJECT_DIR / "target"


class WeakerThanPreset(MedLaunchError):
    """dbt-bouncer.yml is less strict than the preset and gives no reason."""


class ContractOutdated(MedLaunchError):
    """The contract in the repository differs from the dbt project."""


def scores() -> None:
    """Build a lake and check the project.

    Raises:
        StepFailed: a tool finds something. Its output is above.
        WeakerThanPreset: dbt-bouncer is less strict than its preset, without a reason.
        ContractOutdated: the contract differs from the project.
    """
    _compare_with_preset()
    with built_lake(_TARGET) as sandbox:
        manifest_path, manifest = _manifest()
        run(
            sandbox,
            TOOLS / "dbt-score",
            "lint",
            "--manifest",
            manifest_path,
            "--fail-project-under",
            _LEAST_SCORE,
        )
        run(sandbox, TOOLS / "dbt-bouncer", "run", "--config-file", "dbt-bouncer.yml", "--show-all-failures")
        if CONTRACT.read_text("utf-8") != data_contract(manifest, manifest_path):
            raise ContractOutdated(
                f"{CONTRACT.relative_to(PROJECT_DIR)} is not what the dbt project says: run `make contract`, "
                "and look at what changes for those who read the tables"
            )
        run(sandbox, TOOLS / "datacontract", "lint", CONTRACT)
        _unload(sandbox, list(public_models(manifest)))
        run(sandbox, TOOLS / "datacontract", "test", CONTRACT, "--server", UNLOADED)


def _compare_with_preset() -> None:
    """Require that every check of the preset `strict` is in dbt-bouncer.yml unchanged or gives a reason."""
    (preset,) = TOOLS.parent.glob("lib/python*/site-packages/dbt_bouncer/presets/strict.yml")
    wanted, ours = (
        {check["name"]: check for check in yaml.safe_load(path.read_text("utf-8"))["manifest_checks"]}
        for path in (preset, PROJECT_DIR / "dbt-bouncer.yml")
    )
    for name, check in wanted.items():
        if ours.get(name) != check and not ours.get(name, {}).get("description"):
            raise WeakerThanPreset(
                f"dbt-bouncer.yml has {name} otherwise than the preset strict: say why in its description"
            )


def write_contract() -> None:
    """Write the contract from the current project."""
    with Sandbox() as sandbox:
        run(sandbox, "dbt", "--quiet", "parse", "--target-path", _TARGET)
        manifest_path, manifest = _manifest()
        CONTRACT.write_text(data_contract(manifest, manifest_path), encoding="utf-8")


def _manifest() -> tuple[Path, Manifest]:
    path = _TARGET / "manifest.json"
    return path, json.loads(path.read_text("utf-8"))


def _unload(sandbox: Sandbox, tables: list[str]) -> None:
    """Unload the tables as Parquet files on this machine."""
    athena, s3 = sandbox.client("athena"), sandbox.client("s3")
    shutil.rmtree(PROJECT_DIR / UNLOADED_FOLDER, ignore_errors=True)
    for table in tables:
        head = f"{prefix('dbt_temporary')}/unloaded/{table}/"
        run_statement(
            athena, f"unload (select * from {table}) to 's3://{BUCKET}/{head}' with (format = 'PARQUET')"
        )
        folder = PROJECT_DIR / UNLOADED_FOLDER / table
        folder.mkdir(parents=True)
        for number, item in enumerate(s3.list_objects_v2(Bucket=BUCKET, Prefix=head).get("Contents", [])):
            s3.download_file(BUCKET, item["Key"], str(folder / f"{number}.parquet"))


def main() -> int:
    """`python -m sandbox.scores`, or with the argument `contract` only write the contract."""
    exit_on_signals()
    try:
        write_contract() if sys.argv[1:] == ["contract"] else scores()
    except MedLaunchError as error:
        print(f"scores: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
