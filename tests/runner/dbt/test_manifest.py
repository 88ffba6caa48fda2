"""Tests the parsed project in the image: it is used if it is this project's, and otherwise parsed again."""

from __future__ import annotations

import logging
import shutil
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.parser.manifest import ManifestLoader

from runner.dbt import manifest as kept
from runner.dbt.dbt_run import parse_project
from runner.dbt.manifest import STAND_INS, kept_manifest, write_manifest
from runner.settings import PROJECT_DIR, Settings

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("manifest")]

PARSED_ANEW: Any = object()


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of the profile, as in the image."""
    folder = tmp_path_factory.mktemp("profiles")
    shutil.copy(PROJECT_DIR / "profiles.example.yml", folder / "profiles.yml")
    return str(folder)


@pytest.fixture(scope="module")
def parsed(profiles: str) -> Any:
    """The project, parsed as in the build of the image."""
    with pytest.MonkeyPatch.context() as patch:
        environment(patch, profiles, STAND_INS)
        return parse_project(Settings.from_environment())


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profiles: str) -> Settings:
    """The settings of a deployment whose image has its parsed project in a folder of the test."""
    environment(monkeypatch, profiles, {"DATA_BUCKET": "my-lake"})
    monkeypatch.setattr(kept, "BUILT_IN", tmp_path / "manifest.bin")
    monkeypatch.setattr(kept, "_in_memory", {})
    return Settings.from_environment()


def environment(patch: pytest.MonkeyPatch, profiles: str, names: dict[str, str]) -> None:
    for name in STAND_INS:
        patch.delenv(name, raising=False)
    for name, value in {**names, "DBT_TARGET": "prod", "DBT_PROFILES_DIR": profiles}.items():
        patch.setenv(name, value)


def test_it_is_taken_with_the_deployments_own_names(settings: Settings, parsed: Any) -> None:
    write_manifest(kept.BUILT_IN, settings.dbt_target, parsed)
    found = kept_manifest(settings, lambda: PARSED_ANEW)
    assert found.nodes.keys() == parsed.nodes.keys()
    assert STAND_INS["DATA_BUCKET"] in str(parsed.to_dict())
    assert not [name for name in STAND_INS.values() if name in str(found.to_dict())]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xff\xfe\n", b"{}", b"0" * 64 + b"\n" + zlib.compress(b"\x80")]
)
def test_another_file_is_not_used(
    settings: Settings, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    kept.BUILT_IN.write_bytes(content)
    with caplog.at_level(logging.WARNING, logger="medlaunch-elt"):
        assert kept_manifest(settings, lambda: PARSED_ANEW) is PARSED_ANEW
    assert "parsing again" in caplog.text


@pytest.mark.parametrize(
    "body", [b"", b"not zlib", *map(zlib.compress, (b"", b"\x80", b"\xc0", b"\x93\x01", b"{}"))]
)
def test_a_broken_or_empty_one_is_not_used(
    settings: Settings, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    nothing = SimpleNamespace(to_msgpack=lambda: b"")
    write_manifest(kept.BUILT_IN, settings.dbt_target, nothing)  # type: ignore[arg-type]
    head = kept.BUILT_IN.read_bytes().partition(b"\n")[0]
    kept.BUILT_IN.write_bytes(head + b"\n" + body)
    with caplog.at_level(logging.WARNING, logger="medlaunch-elt"):
        assert kept_manifest(settings, lambda: PARSED_ANEW) is PARSED_ANEW
    assert "parsing again" in caplog.text


def test_one_that_lacks_a_model_is_not_used(settings: Settings, parsed: Any) -> None:
    content = parsed.from_msgpack(parsed.to_msgpack())
    del content.nodes["model.medlaunch_elt.stage1_facility_metrics"]
    write_manifest(kept.BUILT_IN, settings.dbt_target, content)
    assert kept_manifest(settings, lambda: PARSED_ANEW) is PARSED_ANEW


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit])
def test_an_interruption_while_dbt_parses_is_no_failure_of_dbt(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, raised: type[BaseException]
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise raised

    # Ctrl-C interrupts whatever runs at that moment.
    monkeypatch.setattr(ManifestLoader, "load", interrupted)
    with pytest.raises(raised):
        parse_project(settings)
