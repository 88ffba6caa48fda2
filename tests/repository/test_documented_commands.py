"""The commands that the documents show: those of the README run in one lake, all are parsed by their programs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from cli.main import app
from tests.repository.test_files import DOCUMENTS, ROOT

#: What starts a lake: in this test a lake is there already, and what follows in the README runs in it.
_STARTS_A_LAKE = ("medlaunch local --events -- bash", "medlaunch local --port 4566")
_FENCE = re.compile(r"^```(?:console|sh)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`((?:medlaunch|make|aws|dbt|python -m) [^`]+)`")
#: What a reader fills in, and something that may stand there.
_PLACES = [
    (re.compile(r"\[(.*?)\]"), r"\1"),
    (re.compile(r"all\|latest"), "all"),
    (re.compile(r"stream\|athena\|auto"), "auto"),
    (re.compile(r"(--(?:run-date|date|from|to|snapshot-date)) (?:D|…)(?=\s|$)"), r"\1 2025-08-10"),
    (re.compile(r"<[^<>]+>"), "something"),
    (re.compile(r"(?<= )…$"), "something"),
]
_PROGRAMS = {
    *(
        "aws",
        "dbt",
        "docker",
        "git",
        "local-athena",
        "make",
        "medlaunch",
        "pip",
        "pytest",
        "python",
        "source",
    ),
}


def in_fences(name: str) -> list[str]:
    """The commands of a document's fenced blocks, without prompts and comments."""
    found: list[str] = []
    for block in _FENCE.findall((ROOT / name).read_text("utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            command = re.sub(r"(\s{2,}|\s)#\s.*", "", line.removeprefix("$ ")).strip()
            if command.split(" ")[0] in _PROGRAMS:
                found += command.split(" && ")
    return found


def inline(name: str) -> list[str]:
    """The commands that a document names in its text."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / name).read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [re.sub(r"\s+", " ", command) for command in _INLINE.findall(text)]


ALL = sorted({command for name in DOCUMENTS for command in [*in_fences(name), *inline(name)]})
README = [one for one in in_fences("README.md") if one.startswith(("medlaunch ", "dbt "))]


def arguments(command: str) -> list[str]:
    """The command's words after the program, with something in the places that a reader fills in."""
    for pattern, filling in _PLACES:
        command = pattern.sub(filling, command)
    return shlex.split(command)[1:]


def named(*programs: str) -> Any:
    """The commands of some programs, as a test's parameters."""
    chosen = [one for one in ALL if one.split(" ")[0] in programs]
    assert chosen, programs
    return pytest.mark.parametrize("command", chosen)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_there_are_commands() -> None:
    assert len(README) > 10
    assert len(ALL) > 60


@named("make")
def test_make_knows_the_target(command: str) -> None:
    result = run("make", "--dry-run", *arguments(command))
    assert result.returncode == 0, result.stderr


@named("medlaunch")
def test_medlaunch_takes_the_arguments(command: str) -> None:
    parses(typer.main.get_command(app), arguments(command.partition(" -- ")[0]), command)


@named("dbt")
def test_dbt_takes_the_arguments(command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from dbt.cli.main import cli  # takes seconds

    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    if command != "dbt docs":
        parses(cli, arguments(command), command)


def parses(group: Any, words: list[str], command: str) -> None:
    """Fail if a command line's program would not take it; nothing runs."""
    while hasattr(group, "commands"):
        assert words, command
        assert words[0] in group.commands, command
        group, words = group.commands[words[0]], words[1:]
    context = group.context_class(group, info_name=command)
    try:
        group.parse_args(context, words)
    except (click.UsageError, typer.BadParameter) as error:
        # What must be given, such as FILE, may be missing where the text only speaks of the command.
        if "Missing" not in str(error.message) and "Missing" not in type(error).__name__:
            raise


@named("aws")
def test_aws_takes_the_arguments(command: str) -> None:
    words = arguments(command)
    without_call = "--dryrun" if words[0] == "s3" else "--generate-cli-skeleton"
    result = run(sys.executable, "-m", "awscli", *words, without_call)
    # A copy without a file is refused after its arguments were parsed.
    assert result.returncode == 0 or "does not exist" in result.stderr, result.stderr


@cache
def help_of(*command: str) -> str:
    result = run(*command, "--help")
    assert result.returncode == 0, result.stderr
    return result.stdout


@named("python", "local-athena")
def test_the_program_takes_the_options(command: str) -> None:
    words = shlex.split(command.partition(" -- ")[0])
    module = words[2] if words[0] == "python" else "local_athena"
    told = help_of(sys.executable, "-m", module)
    for word in words:
        if word.startswith("--"):
            assert re.search(rf"{word}\b", told), told


@named("pytest", "git", "docker", "source")
def test_the_named_files_are_there(command: str) -> None:
    for word in shlex.split(command):
        if "/" in word and not word.startswith(("http", "-")):
            assert (ROOT / word.partition("::")[0]).exists(), word


@pytest.mark.slow
def test_the_commands_of_the_readme_run_one_after_the_other(tmp_path: Path) -> None:
    steps = [one for one in README if one not in _STARTS_A_LAKE]
    script = tmp_path / "readme.sh"
    lines = [f"echo {shlex.quote(f'+ {one}')}\n{as_run(one)}\n" for one in steps]
    script.write_text("set -eu\n" + "".join(lines))
    result = run(sys.executable, "-m", "cli.main", "local", "--events", "--", "bash", str(script))
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    assert "1 rejected lines = 1 corrected + 0 rejected again + 0 open" in result.stdout
    (ROOT / "report.html").unlink()


def as_run(command: str) -> str:
    """A command as the test runs it: what would serve until Ctrl-C is only shown to exist."""
    return command.replace("dbt docs serve", "dbt docs serve --help")
