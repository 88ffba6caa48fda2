"""`medlaunch replay`: corrects rejected lines and lands them again."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli.land import wait_until_published
from cli.options import JsonOption, counted, date_option, print_json
from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError, UsageError
from runner.replay.ledger import Correction, balance, open_lines, write_replay
from runner.replay.rejected_lines import RejectedLine, rejected_lines
from runner.rules import reject_codes
from runner.settings import Settings

_LINE_SHOWN = 120
_LINES_NAMED = 5


class CorrectionFailed(MedLaunchError):
    """The filter or the editor failed. Nothing landed."""


def replay(
    snapshot_date: Annotated[date, date_option("--date", help="The date whose rejects are corrected.")],
    file: Annotated[str, typer.Option("--file", help="Only rejects of the bronze file of this name.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Only rejects with this reject code.")] = "",
    filter_command: Annotated[
        str, typer.Option("--filter", help="A shell command that reads the lines and writes as many.")
    ] = "",
    edit: Annotated[bool, typer.Option("--edit", help="Correct the lines in $VISUAL or $EDITOR.")] = False,
    allow_rejects: Annotated[
        bool, typer.Option("--allow-rejects", help="Land also corrections that still fail a rule.")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for the result; 0 does not wait.")
    ] = 600.0,
    as_json: JsonOption = False,
) -> None:
    """List a date's rejected lines, or land them again, corrected by --filter or --edit.

    A line that the filter or the editor leaves as it is, or makes empty, does not land.
    """
    if filter_command and edit:
        raise UsageError("correct the lines in one way: --filter or --edit")
    invocation = Invocation(Settings.from_environment(), "replay")
    everything = rejected_lines(invocation, snapshot_date)
    lines = [
        line
        for line in open_lines(invocation, snapshot_date, everything)
        if _wanted(line, file=file, reason=reason)
    ]
    if filter_command or edit:
        if not lines:
            raise UsageError(f"snapshot {snapshot_date} has no open rejects of that kind: nothing to correct")
        before = [line.raw_line for line in lines]
        after = _filtered(filter_command, before) if filter_command else _edited(before)
        corrections = _corrections(lines, after)
        if not allow_rejects:
            _require_sound(lines, corrections, snapshot_date)
        started_at = time.time()
        key = write_replay(invocation, snapshot_date, corrections)
        if not as_json:
            landed = counted(len(corrections), "corrected line")
            print(f"landed {landed}: s3://{invocation.settings.data_bucket}/{key}")
        if wait:
            wait_until_published(invocation, [snapshot_date], wait, started_at)
            everything = rejected_lines(invocation, snapshot_date)
    elif not as_json:
        _print_lines(lines)
    told = balance(invocation, snapshot_date, everything)
    if as_json:
        print_json({"snapshot_date": str(snapshot_date), **told.to_dict()})
    else:
        rejected = counted(told.rejected, "rejected line")
        print(
            f"snapshot {snapshot_date}: {rejected} = {told.corrected} corrected "
            f"+ {told.rejected_again} rejected again + {told.open} open"
        )


def _wanted(line: RejectedLine, *, file: str, reason: str) -> bool:
    codes = {code for codes in line.reasons.values() for code in codes.split(";")}
    if file and line.id.key.rpartition("/")[2] != file:
        return False
    # A duplicate has no fault of its own, so it is corrected only on request.
    return reason in codes if reason else not line.is_duplicate_only


def _filtered(command: str, lines: Sequence[bytes]) -> list[bytes]:
    """The lines after correction by a shell command.

    Raises:
        CorrectionFailed: the command failed.
    """
    ended = subprocess.run(  # noqa: S602 - the user's own command, from their own command line
        command,
        shell=True,
        input=b"".join(line + b"\n" for line in lines),
        stdout=subprocess.PIPE,
        check=False,
    )
    if ended.returncode != 0:
        raise CorrectionFailed(
            f"the filter {command!r} ended with exit code {ended.returncode}: nothing landed"
        )
    return ended.stdout.splitlines()


def _edited(lines: Sequence[bytes]) -> list[bytes]:
    """The lines after correction by the user in an editor.

    Raises:
        UsageError: no editor is set.
        CorrectionFailed: the editor failed.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("--edit needs an editor: set VISUAL or EDITOR")
    with tempfile.TemporaryDirectory(prefix="medlaunch-") as folder:
        path = Path(folder) / "rejected-lines.jsonl"
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        code = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode
        if code != 0:
            raise CorrectionFailed(f"the editor {editor!r} ended with exit code {code}: nothing landed")
        return path.read_bytes().splitlines()


def _corrections(lines: Sequence[RejectedLine], after: Sequence[bytes]) -> list[Correction]:
    """The lines that were corrected.

    Raises:
        UsageError: there are more or fewer lines than before, or none was changed.
    """
    if len(after) != len(lines):
        raise UsageError(
            f"{len(lines)} lines became {len(after)}: each line must stay on its own line; "
            "make it empty to leave it out"
        )
    corrections = [
        Correction(line.id, corrected)
        for line, corrected in zip(lines, after, strict=True)
        if corrected.strip() and corrected != line.raw_line
    ]
    if not corrections:
        raise UsageError("no line was changed: nothing landed")
    return corrections


def _require_sound(
    lines: Sequence[RejectedLine], corrections: Sequence[Correction], snapshot_date: date
) -> None:
    """Raise if a correction still fails a rule of a stage that rejects the line.

    Raises:
        UsageError: a correction still fails a rule. The message names the first few.
    """
    stages = {line.id: sorted(line.reasons) for line in lines}
    failing: list[str] = []
    for correction in corrections:
        codes = {
            code: None
            for stage in stages[correction.rejected]
            for code in reject_codes(correction.line, stage, snapshot_date)
        }
        if codes:
            failing.append(f"{';'.join(codes)} in {_shortened(correction.line)}")
    if failing:
        more = f" and {len(failing) - _LINES_NAMED} more" if len(failing) > _LINES_NAMED else ""
        raise UsageError(
            f"{len(failing)} of {len(corrections)} corrected lines still fail a rule: "
            f"{', '.join(failing[:_LINES_NAMED])}{more}; --allow-rejects lands them anyway"
        )


def _print_lines(lines: Sequence[RejectedLine]) -> None:
    for line in lines:
        reasons = ", ".join(f"Stage {stage}: {codes}" for stage, codes in sorted(line.reasons.items()))
        print(f"{line.id.key.rpartition('/')[2]}: {reasons}: {_shortened(line.raw_line)}")


def _shortened(line: bytes) -> str:
    text = line.decode("utf-8", errors="replace")
    return text if len(text) <= _LINE_SHOWN else f"{text[:_LINE_SHOWN]}…"
