"""The lake's prefixes and the keys below them. Only dbt_project.yml defines the prefixes."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import yaml

from runner.settings import PROJECT_DIR

#: The suffixes of keys below the bronze prefix that hold records.
RECORD_SUFFIXES = (".jsonl", ".jsonl.gz")

#: The most bytes of a key in S3.
MAX_KEY_BYTES = 1024

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@cache
def registry() -> dict[str, Any]:
    """The `vars` of dbt_project.yml: prefixes and reject rules."""
    text = (PROJECT_DIR / "dbt_project.yml").read_text("utf-8")
    variables: dict[str, Any] = yaml.safe_load(text)["vars"]
    return variables


def prefix(name: str) -> str:
    """The prefix of that name in dbt_project.yml, without a slash at its end.

    Raises:
        KeyError: dbt_project.yml has no prefix of that name.
    """
    return registry()["prefixes"][name]


class BronzeKey(NamedTuple):
    """A key in a date folder of the bronze prefix."""

    snapshot_date: date
    name: str

    @property
    def hidden(self) -> bool:
        """Athena does not read files whose name starts with an underscore or a dot."""
        return self.name.startswith(("_", "."))

    @property
    def holds_records(self) -> bool:
        """Whether Stages 1 to 3 read this key."""
        return not self.hidden and self.name.endswith(RECORD_SUFFIXES)


def parse_date(text: str) -> date | None:
    """A real date written YYYY-MM-DD in ASCII digits, else None.

    `date.fromisoformat` alone also takes 20251115 and 2025-W46-6.
    """
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_bronze_key(key: str) -> BronzeKey | None:
    """The date and file name of a key directly in a bronze date folder, else None."""
    head = prefix("bronze") + "/"
    if not key.startswith(head):
        return None
    folder, slash, name = key[len(head) :].partition("/")
    snapshot_date = parse_date(folder)
    if snapshot_date is None or not slash or not name or "/" in name:
        return None
    return BronzeKey(snapshot_date, name)


def bronze_folder(snapshot_date: date) -> str:
    """The prefix of one date's raw files, with a slash at its end."""
    return f"{prefix('bronze')}/{snapshot_date.isoformat()}/"


def expiring_soon_key(run_date: date) -> str:
    """The key of Stage 2's CSV."""
    return f"{prefix('expiring_soon')}/run_date={run_date.isoformat()}/expiring_soon.csv"


def quarantine_key(key: BronzeKey) -> str:
    """The key of the quarantine object of one input file.

    If the key would be longer than S3 allows, the name is cut and ends in a digest of the whole name.
    """
    folder, end = f"{prefix('quarantine')}/{key.snapshot_date.isoformat()}/", "_rejects.jsonl"
    name = key.name
    if len(f"{folder}{name}{end}".encode()) > MAX_KEY_BYTES:
        end = f"~{hashlib.sha256(name.encode()).hexdigest()}{end}"
        name = name.encode()[: MAX_KEY_BYTES - len(f"{folder}{end}".encode())].decode("utf-8", "ignore")
    return f"{folder}{name}{end}"
