"""Provides the parsed dbt project: from this process, from the container image, or parsed now.

Parsing takes seconds, and loading takes milliseconds. A manifest is code: its macros run with this process's
rights. It is never read from the bucket. It is only read from the project folder, where the image's build has
put it:

    python -m runner.dbt.build_manifest FILE

The build does not know the names of a deployment. It parses the project with placeholders for the names,
which are replaced when the file is loaded.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import zlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runner.dbt.project import project_version
from runner.settings import PROJECT_DIR, Settings
from runner.telemetry import logger

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

#: The file with the parsed project in the image.
BUILT_IN = PROJECT_DIR / "manifest.bin"
#: The environment variables that profiles.yml and the project read, and their placeholders in the image.
STAND_INS = {
    "ATHENA_WORKGROUP": "stand-in-for-the-workgroup",
    "AWS_REGION": "stand-in-for-the-region",
    "DATA_BUCKET": "stand-in-for-the-bucket",
    "GLUE_DATABASE": "stand_in_for_the_database",
}
_DEFAULTS = {"ATHENA_WORKGROUP": "primary", "AWS_REGION": "us-east-1", "GLUE_DATABASE": "medlaunch_db"}
_PACKAGES = ("dbt-core", "dbt-athena", "dbt-adapters", "dbt-common")

_in_memory: dict[str, Manifest] = {}


def kept_manifest(settings: Settings, parse: Callable[[], Manifest]) -> Manifest:
    """The parsed project. It comes from memory or the image, or is parsed now and kept in memory."""
    environment = _environment()
    key = json.dumps([_version(settings.dbt_target), environment])
    if key not in _in_memory:
        _in_memory[key] = _built_in(settings, environment) or parse()
    return _in_memory[key]


def write_manifest(path: Path, target: str, manifest: Manifest) -> None:
    """Write a project that was parsed with the placeholders in the environment. `kept_manifest` reads it."""
    head = _version(target).encode()
    path.write_bytes(head + b"\n" + zlib.compress(cast("Any", manifest).to_msgpack(), 6))


def _built_in(settings: Settings, environment: dict[str, str]) -> Manifest | None:
    if not BUILT_IN.exists():
        return None
    head, _, body = BUILT_IN.read_bytes().partition(b"\n")
    if head != _version(settings.dbt_target).encode():
        logger.warning("%s was parsed from another project or by another dbt: parsing again", BUILT_IN)
        return None
    try:
        manifest = _unpacked(body, environment)
    except (zlib.error, ValueError, LookupError, TypeError, AttributeError) as error:
        logger.warning("%s is not a parsed project (%s): parsing again", BUILT_IN, error)
        return None
    parsed = {node.name for node in manifest.nodes.values()}
    if missing := sorted({path.stem for path in (PROJECT_DIR / "models").rglob("*.sql")} - parsed):
        logger.warning("%s lacks %s: parsing again", BUILT_IN, ", ".join(missing))
        return None
    return manifest


def _unpacked(body: bytes, environment: dict[str, str]) -> Manifest:
    # Imported late, because importing dbt takes seconds.
    from dbt.contracts.graph.manifest import Manifest

    msgpack: Any = importlib.import_module("msgpack")
    content = msgpack.unpackb(zlib.decompress(body), strict_map_key=False)
    return Manifest.from_msgpack(msgpack.packb(_replaced(content, environment)))


def _replaced(value: Any, environment: dict[str, str]) -> Any:
    """A value with the deployment's names in place of the placeholders."""
    if isinstance(value, str):
        for name, stand_in in STAND_INS.items():
            if stand_in in value:
                value = value.replace(stand_in, environment[name])
        return value
    if isinstance(value, list):
        return [_replaced(item, environment) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return {_replaced(key, environment): _replaced(item, environment) for key, item in items}
    return value


def _environment() -> dict[str, str]:
    return {name: os.environ.get(name) or _DEFAULTS.get(name, "") for name in STAND_INS}


def _version(target: str) -> str:
    """SHA-256 of what a manifest depends on, without the environment: project, profile, target, dbt."""
    profiles = Path(os.environ.get("DBT_PROFILES_DIR", ".")) / "profiles.yml"
    parts = [
        project_version(),
        profiles.read_text("utf-8") if profiles.exists() else "",
        [version(name) for name in _PACKAGES],
        target,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
