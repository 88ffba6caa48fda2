"""Tests the commands in the documents: the program of each must accept it, so that none is misspelt or out of date."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from cli.main import app
from tests.repository.test_files import DOCUMENTS, ROOT

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_SHELL = ("", "console", "sh")
_INLINE = re.compile(r"`((?:medlaunch|make|aws|dbt|python -m) [^`]+)`")
#: Placeholders for the reader, each with an example value.
_PLACES = [
    (re.compile(r"\[(--.*?)\]"), r"\1"),
    (re.compile(r"all\|latest"), "all"),
    (re.compile(r"stream\|athena\|auto"), "auto"),
    (re.compile(r"(--(?:run-date|date|from|to|snapshot-date)) (?:D|…)(?=\s|$)"), r"\1 2025-08-10"),
    (re.compile(r"<[^<>]+>"), "something"),
    (re.compile(r"(?<= )…$"), "something"),
]
#: What a command line begins with. Blocks without a language may also hold pictures or SQL.
PROGRAMS = {
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
    commands = [part for line in lines_in_fences(name) for part in line.split(" && ")]
    return [command for command in commands if command.split(" ")[0] in PROGRAMS]


def lines_in_fences(name: str) -> list[str]:
    """The command lines of a document's fenced blocks. A pipe or a quote may go on in the next line."""
    found: list[str] = []
    for _, language, block in _FENCE.findall((ROOT / name).read_text("utf-8")):
        if language not in _SHELL:
            continue
        begun = ""
        for line in textwrap.dedent(block).replace("\\\n", " ").splitlines():
            begun += re.sub(r"(\s{2,}|\s)#\s.*", "", line.removeprefix("$ ")).strip()
            if begun.endswith("|") or begun.count("'") % 2:
                begun += "\n"
                continue
            found.append(begun)
            begun = ""
    return found


def inline(name: str) -> list[str]:
    """The commands that a document names in its text."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / name).read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [re.sub(r"\s+", " ", command) for command in _INLINE.findall(text)]


ALL = sorted({command for name in DOCUMENTS for command in [*in_fences(name), *inline(name)]})


def arguments(command: str) -> list[str]:
    """The command's words after the program, with example values for the placeholders."""
    for pattern, filling in _PLACES:
        command = pattern.sub(filling, command)
    return shlex.split(command)[1:]


def named(*programs: str) -> Any:
    """The commands of some programs, as parameters of a test."""
    chosen = [one for one in ALL if one.split(" ")[0] in programs]
    assert chosen, programs
    return pytest.mark.parametrize("command", chosen)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_there_are_commands() -> None:
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
    from dbt.cli.main import cli  # the import takes seconds

    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    if command != "dbt docs":
        parses(cli, arguments(command), command)


def parses(group: Any, words: list[str], command: str) -> None:
    """Fail if the command line's program would not accept it. Nothing is run."""
    while hasattr(group, "commands"):
        assert words, command
        assert words[0] in group.commands, command
        group, words = group.commands[words[0]], words[1:]
    context = group.context_class(group, info_name=command)
    try:
        group.parse_args(context, words)
    except (click.UsageError, typer.BadParameter) as error:
        # A required argument, such as FILE, may be missing where the text only mentions the command.
        if "Missing" not in str(error.message) and "Missing" not in type(error).__name__:
            raise


#: Commands that exist only in version 2; the awscli on PyPI is version 1.
_VERSION_2 = ("logs tail ",)


@named("aws")
def test_aws_takes_the_arguments(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if command.removeprefix("aws ").startswith(_VERSION_2):
        return
    for name, value in {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        # Nothing listens at this address, so the command fails at its first call.
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    result = run(sys.executable, "-m", "awscli", *arguments(re.split(r" [|>]", command)[0]))
    # All other errors come after the arguments were parsed: no such host, no such file, a bad name.
    refusal = re.search(r"Unknown options|[Ii]nvalid choice|expected one argument", result.stderr)
    assert result.returncode != 0
    assert not refusal, result.stderr


@cache
def help_of(*command: str) -> str:
    result = run(*command, "--help")
    assert result.returncode == 0, result.stderr
    return result.stdout


@named("python", "local-athena")
def test_the_program_takes_the_options(command: str) -> None:
    words = shlex.split(command.partition(" -- ")[0])
    module, rest = (words[2], words[3:]) if words[0] == "python" else ("local_athena", words[1:])
    told = help_of(sys.executable, "-m", module, *(rest[:1] if rest and rest[0].isalpha() else ()))
    for word in rest:
        if word.startswith("--"):
            assert re.search(rf"{word}\b", told), told


@named("docker")
def test_the_image_s_file_is_there(command: str) -> None:
    words = shlex.split(command)
    if "-f" in words:
        assert (ROOT / words[words.index("-f") + 1]).exists()


@named("pytest", "git", "source")
def test_the_named_files_are_there(command: str) -> None:
    for word in shlex.split(command):
        if "/" in word and not word.startswith(("http", "-")):
            assert (ROOT / word.partition("::")[0]).exists(), word
