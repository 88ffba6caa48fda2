"""The commands of the documents run in a lake on this machine. Those that cannot are listed here with the reason.

`test_readme_in_a_lake.py` runs the commands of README.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.lake import prefix
from sandbox.event_path import EventPath
from sandbox.local import Sandbox
from tests.conftest import Lake
from tests.pipeline.facts import initialised_lake
from tests.repository.test_documented_commands import PROGRAMS, lines_in_fences
from tests.repository.test_files import DOCUMENTS, ROOT

AWS, DOCKER, HOURS, REGISTRY = (
    "needs a deployment on AWS",
    "needs Docker",
    "runs for minutes or hours",
    "needs a package registry",
)
#: What does not run here, by its beginning, and why.
ELSEWHERE = {
    "aws cloudformation ": AWS,
    "aws lakeformation ": AWS,
    "aws lambda ": AWS,
    "aws sts assume-role ": AWS,
    "docker ": DOCKER,
    "export ": "the values are those of a deployment on AWS",
    "head -c 600 ": "prepares the file of the next command",
    "local-athena --aws-endpoint-url ": "serves until it is stopped: tests/local_athena/test_package.py starts it",
    "local-athena --moto": "serves until it is stopped: tests/local_athena/test_package.py starts it",
    "local-athena conformance ": "needs a server to compare with: tests/local_athena runs the comparison",
    "make audit": "CI runs it",
    "make check": "CI runs all of its parts",
    "make crashtest": HOURS,
    "make demo": "tests/sandbox/test_demo.py runs it",
    "make deploy": AWS,
    "make destroy": AWS,
    "make diff": AWS,
    "make histories": HOURS,
    "make meetings": HOURS,
    "make proven ": "tests/guides runs it on a copy of the project",
    "make smoke-aws": AWS,
    "make test": "CI runs it",
    "medlaunch land --date 2025-08-12 cut.jsonl.gz": "fails after a minute: tests/cli/test_living_lake.py has it",
    "medlaunch local -- dbt build --select ": "tests/guides builds the changed model",
    "pip install ": REGISTRY,
    "pytest": "CI runs these tests",
    "source ": "the tests run in the environment",
}
OPERATIONS, RUNS, SIMULATOR = "docs/operations.md", "docs/runs.md", "docs/simulator.md"
#: What runs here, by document and the beginning of the command, in the order of the tests.
HERE = {
    OPERATIONS: [
        "aws s3 cp facilities.jsonl ",
        "medlaunch status",
        "medlaunch transform --from ",
        "aws stepfunctions start-execution ",
        "aws s3api list-object-versions --bucket <bucket> --prefix <key> ",
        "aws s3api copy-object ",
        "aws s3api list-object-versions --bucket <bucket> --prefix bronze-raw",
        "aws glue get-table ",
        "jq ",
        "aws glue update-table ",
    ],
    RUNS: [
        "medlaunch transform --snapshot-date 2025-08-10 --force",
        "medlaunch transform --snapshot-date 2025-08-10 --allow-empty",
        "medlaunch transform --snapshot-date 2025-08-10",
        "medlaunch transform --from ",
        "medlaunch transform --all --full-refresh",
        "medlaunch maintain --recent-days 2",
        "medlaunch maintain",
    ],
    SIMULATOR: ["python -m tests.simulator.histories --replay ", "python -m tests.simulator.model "],
}
BRONZE_KEY = f"{prefix('bronze')}/2025-08-10/facilities.jsonl"


class Reader:
    """Someone who types the commands of a document into a shell, in the order of `HERE`."""

    def __init__(self, document: str, folder: Path, environment: dict[str, str]) -> None:
        self._document = document
        self._left = list(HERE[document])
        self._folder = folder
        self._environment = {
            **os.environ,
            **environment,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }

    def types(self, beginning: str, **places: str) -> str:
        """Run the next command, which begins so, and return what it prints.

        Args:
            beginning: how the command begins, as `HERE` has it.
            places: values for what the reader fills in, by its name between `<` and `>`, with `_` for spaces.
        """
        assert beginning == self._left.pop(0)
        command = next(line for line in lines_in_fences(self._document) if line.startswith(beginning))
        for name, value in places.items():
            command = command.replace(f"<{name.replace('_', ' ')}>", value)
        # The reader's own database has another name.
        command = command.replace("medlaunch_db", self._environment.get("GLUE_DATABASE", ""))
        ended = subprocess.run(
            ["bash", "-o", "pipefail", "-ec", command],
            cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def has_finished(self) -> bool:
        return self._left == []


@pytest.fixture
def made(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Lake]:
    """A lake with versions, as on AWS, which the environment of the process points at."""
    with pytest.MonkeyPatch.context() as patch:
        lake = initialised_lake(sandbox, patch, request.node.name.replace("_", "-"))
        lake.s3.put_bucket_versioning(
            Bucket=lake.settings.data_bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        yield lake


def test_every_command_runs_or_has_a_reason_not_to() -> None:
    shown = {
        (document, line)
        for document in DOCUMENTS
        if document != "README.md"
        for line in lines_in_fences(document)
        if line.split(" ")[0] in {*PROGRAMS, "export", "head", "jq"}
    }
    left = {
        (document, line)
        for document, line in shown
        if not line.startswith(tuple(ELSEWHERE)) and not line.startswith(tuple(HERE.get(document, ())))
    }
    assert left == set()
    assert [start for start in ELSEWHERE if not any(line.startswith(start) for _, line in shown)] == []


@pytest.mark.slow
def test_the_commands_of_operations(made: Lake, sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "facilities.jsonl").write_bytes((ROOT / "docs/three-facilities.jsonl").read_bytes())
    bucket = made.settings.data_bucket
    with EventPath(sandbox, made.environment, lambda _: None) as path:
        reader = Reader(OPERATIONS, tmp_path, path.environment)
        reader.types("aws s3 cp facilities.jsonl ", bucket=bucket)
        while made.keys(f"{prefix('prod_report')}/") == []:
            path.drain(120)
        assert "2025-08-10   published" in reader.types("medlaunch status")
        assert "unchanged: 2025-08-10" in reader.types("medlaunch transform --from ")
        arn = path.environment["STATE_MACHINE_ARN"]
        assert arn.rpartition(":")[2] in reader.types("aws stepfunctions start-execution ", ARN=arn)
        path.drain(120)

    listed = reader.types(
        "aws s3api list-object-versions --bucket <bucket> --prefix <key> ", bucket=bucket, key=BRONZE_KEY
    )
    reader.types("aws s3api copy-object ", bucket=bucket, key=BRONZE_KEY, id=listed.split()[1])
    made.delete(BRONZE_KEY)
    assert made.keys(BRONZE_KEY) == []
    reader.types("aws s3api list-object-versions --bucket <bucket> --prefix bronze-raw", bucket=bucket)
    assert made.keys(BRONZE_KEY) == [BRONZE_KEY]

    earlier = metadata_file(made)
    reader.types("aws glue get-table ")
    reader.types("jq ", bucket=bucket, metadata_file=earlier.removeprefix(f"s3://{bucket}/"))
    reader.types("aws glue update-table ")
    assert metadata_file(made) == earlier
    assert reader.has_finished()


def metadata_file(lake: Lake) -> str:
    table = lake.glue.get_table(DatabaseName=lake.settings.glue_database, Name="stage1_facility_metrics")
    return table["Table"]["Parameters"]["metadata_location"]


@pytest.mark.slow
def test_the_commands_of_runs(made: Lake, tmp_path: Path) -> None:
    made.put_bronze("2025-08-10", "a.jsonl", (ROOT / "docs/three-facilities.jsonl").read_bytes())
    reader = Reader(RUNS, tmp_path, made.environment)
    assert "built 2025-08-10" in reader.types("medlaunch transform --snapshot-date 2025-08-10 --force")
    unchanged = "nothing to do, unchanged: 2025-08-10\n"
    assert reader.types("medlaunch transform --snapshot-date 2025-08-10 --allow-empty") == unchanged
    assert reader.types("medlaunch transform --snapshot-date 2025-08-10") == unchanged
    assert "nothing was written" in reader.types("medlaunch transform --from ")
    assert "built 2025-08-10" in reader.types("medlaunch transform --all --full-refresh")
    assert reader.types("medlaunch maintain --recent-days 2").startswith("optimized ")
    assert reader.types("medlaunch maintain").startswith("optimized and vacuumed ")
    assert reader.has_finished()


@pytest.mark.slow
def test_the_short_commands_of_the_simulator(tmp_path: Path) -> None:
    reader = Reader(SIMULATOR, tmp_path, {})
    assert "all is well" in reader.types("python -m tests.simulator.histories --replay ")
    assert "204418 states" in reader.types("python -m tests.simulator.model ")
    assert reader.has_finished()
