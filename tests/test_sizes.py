"""Tests that modules, classes and functions stay small enough to be read at once.

For a function, its statements count, and not its signature and docstring, because the options of a command are its
signature.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("benchmarks", "cli", "infra", "local_athena", "runner", "sandbox")
MOST_LINES = {"module": 500, "class": 300, "function": 50}


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def lengths(module: Path) -> Iterator[tuple[str, str, int]]:
    """The kind, name and number of lines of a module and of each class and function in it."""
    text = module.read_text("utf-8")
    yield "module", module.name, text.count("\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            yield "class", node.name, (node.end_lineno or 0) - node.lineno + 1
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = node.body[1:] if ast.get_docstring(node) else node.body
            first = statements[0].lineno if statements else node.lineno
            yield "function", node.name, (node.end_lineno or 0) - first + 1


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_and_what_it_defines_are_small(module: Path) -> None:
    too_long = [(kind, name, lines) for kind, name, lines in lengths(module) if lines > MOST_LINES[kind]]
    assert too_long == []


@pytest.mark.parametrize("package", PACKAGES[1:])
def test_a_package_says_what_lives_in_it(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("__init__.py")
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []
