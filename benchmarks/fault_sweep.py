"""Fail each AWS call of a run in turn, retry, and compare the lake with the lake of a clean run.

    python benchmarks/fault_sweep.py [--modes crash,lost,refused] [--from N] [--to N] [--json]

Mode refused: AWS refuses the call. lost: AWS performs the call, but its answer never arrives. crash: as
lost, and the process makes no further call. A point takes some seconds, and the whole sweep about half an
hour. `make test` runs a part of it. The command exits 1 at the first difference and names mode, point and
call.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner.tables.initialise import initialise
from sandbox.local import Sandbox
from tests.conftest import Lake
from tests.pipeline.faults import Sweep


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--modes", default="crash,lost,refused", help="ways of failing, comma-separated")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first call to fail")
    parser.add_argument("--to", dest="last", type=int, default=10_000, help="the last call to fail")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    started, points = time.monotonic(), dict[str, int]()
    with Sandbox() as sandbox, pytest.MonkeyPatch.context() as patch:
        environment = sandbox.create_lake("fault-sweep", "fault_sweep") | {"LEASE_SECONDS": "1"}
        os.environ.update(environment)
        lake = Lake(sandbox, environment)
        initialise(lake.settings)
        sweep = Sweep(lake)
        for mode in options.modes.split(","):
            points[mode] = 0
            for at in range(options.first, options.last + 1):
                failed = sweep.fail(patch, mode, at)
                if not failed:
                    break
                points[mode] += 1
                print(f"{mode:8} {at:4}  {failed}", file=sys.stderr)
    figures = {"points": points, "differences": 0, "seconds": round(time.monotonic() - started)}
    print(json.dumps(figures) if options.json else figures)


if __name__ == "__main__":
    main()
