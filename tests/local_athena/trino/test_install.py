"""Tests the download of the Trino server (what is kept of the archive, and what is refused), and a failed start."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
import threading
from pathlib import Path

import pytest

from local_athena.trino import install as trino_install
from local_athena.trino.install import TRINO_VERSION, TrinoUnavailableError, install_trino
from local_athena.trino.server import TrinoServer

ROOT = f"trino-server-{TRINO_VERSION}"
#: Stands in for Maven's client: puts the archive where Maven's repository would have it.
MVN = """\
#!/bin/sh
for argument; do
    case "$argument" in -Dmaven.repo.local=*) repository="${argument#*=}" ;; esac
done
mkdir -p "$repository/io/trino" && cp "$ARCHIVE" "$repository/io/trino/"
"""

#: Stand in for Java: one is deleted before it could run the server, the other ends at once.
MISSING_JAVA = '#!/bin/sh\necho \'version "25"\' >&2; rm "$0"\n'
BROKEN_JAVA = "#!/bin/sh\necho 'version \"25\"' >&2; exit 1\n"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small archive with the server's layout: a jar of one plugin is a hard link to a jar of another."""
    path = tmp_path / f"{ROOT}.tar.gz"
    with tarfile.open(path, "w:gz") as stream:
        for name in (
            "lib/a.jar",
            "plugin/bigquery/shared.jar",
            "plugin/bigquery/own.jar",
            "plugin/hive/b.jar",
        ):
            member = tarfile.TarInfo(f"{ROOT}/{name}")
            member.size = len(name)
            stream.addfile(member, io.BytesIO(name.encode()))
        link = tarfile.TarInfo(f"{ROOT}/plugin/iceberg/shared.jar")
        link.type, link.linkname = tarfile.LNKTYPE, f"{ROOT}/plugin/bigquery/shared.jar"
        stream.addfile(link)
    mvn = tmp_path / "bin" / "mvn"
    mvn.parent.mkdir()
    mvn.write_text(MVN)
    mvn.chmod(0o755)
    monkeypatch.setenv("PATH", f"{mvn.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ARCHIVE", str(path))
    monkeypatch.setenv("TRINO_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(trino_install, "TRINO_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_only_the_plugins_that_run_are_unpacked(archive: Path) -> None:
    home = install_trino()

    files = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    assert files == {"lib/a.jar", "plugin/hive/b.jar", "plugin/iceberg/shared.jar"}
    assert (home / "plugin/iceberg/shared.jar").read_text() == "plugin/bigquery/shared.jar"
    # Trino takes every folder here for a plugin.
    assert sorted(path.name for path in (home / "plugin").iterdir()) == ["hive", "iceberg"]


def test_an_installed_server_is_not_fetched_again(archive: Path) -> None:
    home = install_trino()
    archive.unlink()

    assert install_trino() == home


def test_another_archive_is_refused_and_leaves_nothing(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes() + b"x")

    with pytest.raises(TrinoUnavailableError, match="has SHA-256"):
        install_trino()

    assert list((archive.parent / "cache").iterdir()) == []


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize("java", [MISSING_JAVA, BROKEN_JAVA], ids=["missing", "broken"])
def test_a_server_that_does_not_start_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, java: str
) -> None:
    program = tmp_path / "java" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(java)
    program.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    with pytest.raises((TrinoUnavailableError, FileNotFoundError)):
        TrinoServer("http://127.0.0.1:9").start()

    assert list(temporary.iterdir()) == []
    assert "glue-proxy" not in {thread.name for thread in threading.enumerate()}
