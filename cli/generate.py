"""`medlaunch generate`: synthetic facility records."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cli.options import counted, date_option


def generate(
    snapshot: Annotated[date, date_option("--snapshot", help="The date folder.")],
    n: Annotated[int, typer.Option("--n", min=0, help="Good records.")] = 1000,
    chunk: Annotated[int, typer.Option(min=1, help="Lines of one file.")] = 100,
    start_index: Annotated[int, typer.Option(min=0, help="Number of the first facility.")] = 1,
    bad: Annotated[
        int, typer.Option(min=0, help="Bad lines, spread among them; each shows another mistake.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    gzip: Annotated[bool, typer.Option("--gzip", help="Write .jsonl.gz.")] = False,
    out: Annotated[
        str, typer.Option(help="A directory, s3://BUCKET (its bronze prefix) or s3://BUCKET/PREFIX.")
    ] = "generated-data",
) -> None:
    """Write synthetic facility records as NDJSON chunks under batch/SNAPSHOT/."""
    # The import of the sandbox is slow, and most commands do not need it.
    from sandbox.generate import Spec
    from sandbox.generate import generate as write_chunks

    spec = Spec(snapshot, n=n, bad=bad, start_index=start_index, seed=seed)
    messages = Console(stderr=True)
    with Progress(console=messages, transient=True, disable=not messages.is_terminal) as bar:
        task = bar.add_task("records", total=n + bad)
        written = write_chunks(
            out, spec, chunk=chunk, gzip=gzip, on_records=lambda more: bar.advance(task, more)
        )
    print(f"{counted(written.records, 'record')} in {counted(written.files, 'file')}: {written.location}/")
