"""Every command in a ```console block of the documents is executed, or shown to exist where it would take too long."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer

from cli.main import app
from tests.repository.test_files import DOCUMENTS, ROOT

#: What starts a lake: in this test, the lake is there already, and what follows runs in it.
_STARTS_A_LAKE = ("medlaunch local --events -- bash", "medlaunch local --port 4566")
_SERVES = "dbt docs serve"


def commands(name: str) -> list[str]:
    """The commands of a document, without their comments."""
    blocks = re.findall(r"^```console\n(.*?)^```", (ROOT / name).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    given = [re.sub(r"\s{2,}#.*", "", line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]
    return [command.strip() for line in given for command in line.split(" && ")]


ALL = [(name, command) for name in DOCUMENTS for command in commands(name)]
MAKES = sorted({command for _, command in ALL if command.startswith("make ")})
OURS = sorted({command for _, command in ALL if command.startswith("medlaunch ")})
IN_THE_LAKE = [one for one in commands("README.md") if one.startswith(("medlaunch ", "dbt "))]


def test_the_documents_have_commands_of_known_kinds_only() -> None:
    known = ("make ", "medlaunch ", "dbt ", "pytest ", "git diff ")
    assert [one for one in ALL if not one[1].startswith(known)] == []
    assert len(IN_THE_LAKE) > 8


@pytest.mark.parametrize("command", MAKES)
def test_make_knows_its_targets(command: str) -> None:
    result = subprocess.run(
        [*shlex.split(command, comments=True), "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("command", [one for _, one in ALL if one.startswith(("pytest ", "git diff "))])
def test_the_named_files_are_there(command: str) -> None:
    for path in command.removeprefix("git diff ").removeprefix("pytest ").split():
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("command", OURS)
def test_our_commands_take_these_arguments(command: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group) or hasattr(group, "commands")
    name, *arguments = shlex.split(command.partition(" -- ")[0])[1:]
    chosen = group.commands[name]  # type: ignore[attr-defined]
    context = chosen.make_context(name, arguments, resilient_parsing=False)
    assert context.info_name == name


@pytest.mark.slow
def test_the_readme_s_commands_run_one_after_the_other_in_a_lake(tmp_path: Path) -> None:
    script = tmp_path / "readme.sh"
    steps = [step(command) for command in IN_THE_LAKE if command not in _STARTS_A_LAKE]
    script.write_text("set -eu\n" + "\n".join(f"echo '+' {shlex.quote(one)}\n{one}" for one in steps) + "\n")
    result = subprocess.run(
        [sys.executable, "-m", "cli.main", "local", "--events", "--", "bash", str(script)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    assert "FAC90001" in result.stdout


def step(command: str) -> str:
    """A command as the script runs it: what would serve until Ctrl-C is shown to exist instead."""
    return command.replace(_SERVES, f"{_SERVES} --help").replace(
        "--out s3://medlaunch-elt-datalake", '--out "s3://$DATA_BUCKET"'
    )
