"""Writes the project's static pages to `site/`: `make pages`. They show generated records.

`docs/` is dbt's site in one file, `lineage/` the lineage of columns by dbt-colibri, `report/` the report.
CI publishes the folder.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from runner.errors import MedLaunchError
from runner.settings import PROJECT_DIR
from sandbox.built_lake import TOOLS, built_lake, run
from sandbox.data_contract import CONTRACT
from sandbox.local import exit_on_signals

_SITE = PROJECT_DIR / "site"
_TARGET = PROJECT_DIR / "target"
#: The placeholders for artifacts in dbt's page. `dbt docs generate --static` replaces the same ones.
_PLACES = {"manifest.json": '"MANIFEST.JSON INLINE DATA"', "catalog.json": '"CATALOG.JSON INLINE DATA"'}

_INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MedLaunch ELT</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
  li { margin: .5rem 0 }
</style>
<h1>MedLaunch ELT</h1>
<p>Accreditation data of health-care facilities. These pages are made from generated records.</p>
<ul>
  <li><a href="report/">The report</a>: accredited facilities per state, expirations, lines not used</li>
  <li><a href="docs/">dbt docs</a>: every table, column, test and exposure, and the lineage of tables</li>
  <li><a href="lineage/">The lineage of columns</a>: where each column comes from</li>
  <li><a href="data-contract.odcs.yaml">The data contract</a> of the public tables, as ODCS</li>
</ul>
</html>
"""


def pages(site: Path) -> None:
    """Write the pages.

    Args:
        site: the folder, which is emptied first.

    Raises:
        StepFailed: a stage, dbt or a tool failed.
    """
    shutil.rmtree(site, ignore_errors=True)
    for name in ("docs", "lineage", "report"):
        (site / name).mkdir(parents=True)
    with built_lake(_TARGET) as sandbox:
        run(sandbox, sys.executable, "-m", "cli", "report", "--out", site / "report" / "index.html")
        (site / "docs" / "index.html").write_text(docs_page(_TARGET), encoding="utf-8")
        inputs = ("--manifest", _TARGET / "manifest.json", "--catalog", _TARGET / "catalog.json")
        run(
            sandbox,
            TOOLS / "colibri",
            "generate",
            "--disable-telemetry",
            *inputs,
            "--output-dir",
            site / "lineage",
        )
    shutil.copy(CONTRACT, site)
    (site / "index.html").write_text(_INDEX, encoding="utf-8")


def docs_page(target: Path) -> str:
    """dbt's documentation in one file. Unit tests are left out, because they would hide the lineage.

    Args:
        target: the folder that `dbt docs generate` wrote.
    """
    page = (target / "index.html").read_text("utf-8")
    for name, place in _PLACES.items():
        content = json.loads((target / name).read_text("utf-8"))
        page = page.replace(place, json.dumps(_without_unit_tests(content)))
    return page


def _without_unit_tests(artifact: dict[str, Any]) -> dict[str, Any]:
    shown = {**artifact, "unit_tests": {}} if "unit_tests" in artifact else artifact
    for name in ("parent_map", "child_map"):
        if name in artifact:
            shown[name] = {
                node: [other for other in others if not other.startswith("unit_test.")]
                for node, others in artifact[name].items()
                if not node.startswith("unit_test.")
            }
    return shown


def main() -> int:
    """`python -m sandbox.pages`."""
    exit_on_signals()
    try:
        pages(_SITE)
    except MedLaunchError as error:
        print(f"pages: {error}", file=sys.stderr)
        return 1
    print(f"pages: {_SITE / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
