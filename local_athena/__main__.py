"""`python -m local_athena`: serve until interrupted."""

from __future__ import annotations

import argparse
import threading

from local_athena.server import LocalAthena


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local_athena", description="Athena's API on a laptop")
    parser.add_argument("--aws-endpoint-url", required=True, help="where S3 and Glue answer")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--engine", choices=("duckdb", "trino"), default="duckdb")
    options = parser.parse_args()
    with LocalAthena(
        options.aws_endpoint_url,
        host=options.host,
        port=options.port,
        region=options.region,
        engine=options.engine,
    ) as athena:
        print(f"AWS_ENDPOINT_URL_ATHENA={athena.url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
