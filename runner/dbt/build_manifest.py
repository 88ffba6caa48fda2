"""Parse the dbt project into a file while the container image is built.

The command is `python -m runner.dbt.build_manifest FILE`. DBT_TARGET and DBT_PROFILES_DIR name the profile.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from runner.dbt.dbt_run import parse_project
from runner.dbt.manifest import STAND_INS, write_manifest
from runner.settings import Settings


def main() -> None:
    """Write the parsed project to the file that the command line names."""
    os.environ.update(STAND_INS)
    settings = Settings.from_environment()
    write_manifest(Path(sys.argv[1]), settings.dbt_target, parse_project(settings))


if __name__ == "__main__":
    main()
