"""The dbt project's version: a digest of all its files."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from runner.settings import PROJECT_DIR

_PROJECT_FILES = ("dbt_project.yml", "models/**/*", "macros/**/*", "seeds/**/*", "tests/dbt/**/*")


@cache
def project_version(project: Path = PROJECT_DIR) -> str:
    """SHA-256 of the dbt project's files, names and contents."""
    digest = hashlib.sha256()
    for path in sorted(
        path for pattern in _PROJECT_FILES for path in project.glob(pattern) if path.is_file()
    ):
        digest.update(f"{path.relative_to(project)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
