"""`medlaunch report`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from runner.aws.clients import s3_client
from runner.settings import Settings


def report(
    out: Annotated[Path, typer.Option(help="The HTML file.")] = Path("report.html"),
    publish: Annotated[
        bool, typer.Option("--publish", help="Put it into the lake's prod/report/ instead.")
    ] = False,
) -> None:
    """Make the report: one HTML file of states, expirations, lines not used, runs and tests."""
    from runner.report import gather, page  # loads the template engine
    from runner.report import publish as publication

    settings = Settings.from_environment()
    s3, bucket = s3_client(), settings.data_bucket
    if publish:
        print(f"report: s3://{bucket}/{publication.publish(s3, bucket)}")
        return
    _require_writable(out)
    summary = gather.gather(s3, bucket, gather.read_kept(s3, bucket).summary)
    text = page.render(summary, bucket, made_at=datetime.now(UTC))
    out.write_text(text, encoding="utf-8")
    print(f"report: {out}")


def _require_writable(path: Path) -> None:
    """Fail before the data is gathered if the file cannot be written. An existing file stays as it is.

    Raises:
        OSError: the file cannot be written.
    """
    is_new = not path.exists()
    with path.open("a"):
        pass
    if is_new:
        path.unlink()
