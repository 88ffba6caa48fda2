"""The parsed dbt project, kept in memory and in the lake: parsing takes seconds, loading it milliseconds.

It does not depend on the run. The key at `pipeline-state/manifests/` covers everything that it depends on:
the project's files, the profile, dbt's version, and the environment that both read.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from runner.aws.errors import get_or_none
from runner.aws.invocation import Invocation
from runner.dbt.project import project_version
from runner.lake import prefix

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

#: What profiles.yml and the project read from the environment.
_ENVIRONMENT = ("ATHENA_WORKGROUP", "AWS_REGION", "DATA_BUCKET", "DBT_TARGET", "GLUE_DATABASE")
_PACKAGES = ("dbt-core", "dbt-athena", "dbt-adapters", "dbt-common")

_in_memory: dict[str, Manifest] = {}


def kept_manifest(invocation: Invocation, parse: Callable[[], Manifest]) -> Manifest:
    """The parsed project: from memory, from the lake, or parsed now and kept in both."""
    digest = _digest(invocation)
    if digest not in _in_memory:
        key = f"{prefix('pipeline_state')}/manifests/{digest}.msgpack.z"
        manifest = _load(invocation, key)
        if manifest is None:
            manifest = parse()
            invocation.s3.put_object(
                Bucket=invocation.settings.data_bucket, Key=key, Body=zlib.compress(manifest.to_msgpack(), 1)
            )
        _in_memory[digest] = manifest
    return _in_memory[digest]


def _load(invocation: Invocation, key: str) -> Manifest | None:
    from dbt.contracts.graph.manifest import Manifest

    bucket = invocation.settings.data_bucket
    answer = get_or_none(lambda: invocation.s3.get_object(Bucket=bucket, Key=key))
    return Manifest.from_msgpack(zlib.decompress(answer["Body"].read())) if answer else None


def _digest(invocation: Invocation) -> str:
    profiles = Path(os.environ.get("DBT_PROFILES_DIR", ".")) / "profiles.yml"
    parts = [
        project_version(),
        profiles.read_text("utf-8") if profiles.exists() else "",
        [version(name) for name in _PACKAGES],
        [os.environ.get(name, "") for name in _ENVIRONMENT],
        invocation.settings.dbt_target,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
