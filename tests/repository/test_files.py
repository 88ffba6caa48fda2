"""Tests what a new owner relies on: one version, files that parse, and links that work."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from sandbox.local import Sandbox

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT, capture_output=True, text=True, check=True,
).stdout.splitlines()  # fmt: skip
DOCUMENTS = [name for name in TRACKED if name.endswith(".md")]
#: The hosts in examples (RFC 2606), of this machine, and of standards and services that documents name.
_ALLOWED_HOSTS = re.compile(
    r"(^|\.)(example\.(org|com)|127\.0\.0\.1|localhost)$|^(keepachangelog|semver)\.|^docs\.aws\.amazon\.com$"
)


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    dbt_version = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))["version"]
    changelog = re.findall(
        r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert project["version"] == dbt_version == changelog[0] == version(project["name"])


@pytest.mark.parametrize(
    "name",
    [
        one
        for one in TRACKED
        if one.startswith((".github/", ".pre-commit")) and one.endswith((".yml", ".yaml"))
    ],
)
def test_yaml_files_parse(name: str) -> None:
    assert yaml.safe_load((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize("name", [one for one in TRACKED if one.startswith((".vscode/", ".devcontainer/"))])
def test_json_files_parse(name: str) -> None:
    assert json.loads((ROOT / name).read_text("utf-8"))


def test_the_hooks_are_commands_of_the_environment() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    for entry in [".venv/bin/pre-commit", *(hook["entry"].split()[0] for hook in hooks)]:
        assert (ROOT / entry).exists(), entry


@pytest.mark.parametrize("copied", [".env", "profiles.yml"])
def test_settings_that_a_user_copies_are_not_committed(copied: str) -> None:
    # They may hold keys. The examples say to copy them under these names.
    assert subprocess.run(["git", "check-ignore", "--quiet", copied], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("folder", ["cdk.out", ".venv-audit", "target"])
def test_no_linter_reads_what_is_generated(folder: str) -> None:
    # cdk.out holds a copy of the whole project after `make synth`, and in infra/ after `make diff`.
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    ignored = {
        name: (ROOT / name).read_text("utf-8").splitlines() for name in (".gitignore", ".sqlfluffignore")
    }

    assert f"{folder}/" in ignored[".gitignore"]
    assert f"{folder}/" in ignored[".sqlfluffignore"]
    # Ruff respects .gitignore, and pyright reads only the packages.
    assert "**/cdk.out" in tools["pyright"]["exclude"]


def test_the_owners_own_what_is_there() -> None:
    for line in (ROOT / ".github" / "CODEOWNERS").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.split()[0]
            assert pattern == "*" or (ROOT / pattern.strip("/")).exists(), line


def test_every_environment_variable_of_the_example_is_one_that_the_laptop_lake_sets(sandbox: Sandbox) -> None:
    names = {
        line.partition("=")[0]
        for line in (ROOT / ".env.example").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    }
    assert names == set(sandbox.environment)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files_and_headings(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if host := re.match(r"https?://([^/:]+)", target):
            assert _ALLOWED_HOSTS.search(host[1]), f"{name} links to {target}"
            continue
        path, _, heading = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        # `../../actions` and similar paths are pages of the hosting site beside the repository.
        if file.resolve().is_relative_to(ROOT):
            assert file.exists(), f"{name} links to {target}"
            if heading:
                slugs = {
                    re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
                    for title in re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
                }
                assert heading in slugs, f"{name} links to {target}"


def test_the_decisions_are_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("0*.md"))
    listed = re.findall(r"\((0[^)]+)\)", (folder / "README.md").read_text("utf-8"))
    assert listed == pages
    for page in pages:
        text = (folder / page).read_text("utf-8")
        for heading in ("Status: ", "## Context", "## Decision", "## Consequences"):
            assert heading in text, page
        assert len(text.split()) < 500, f"{page} is longer than a page"
