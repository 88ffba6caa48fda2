"""Types of options that several commands share."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from runner.lake import parse_date

#: What the help shows in the place of typer's names of types. A flag takes no value.
_VALUES = {
    "<bool>": "",
    "<float range>": "N",
    "<int range>": "N",
    "<path>": "PATH",
    "<str>": "TEXT",
}
#: How long a command waits for another run to end. This is longer than the lease of a dead run lives.
WAIT_SECONDS = 90.0


def _with_values(parameters: list[Any], context: Any) -> list[Any]:
    """The parameters of a command, with what the help shows of their values."""
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = lambda **_: None  # its name says what it is
        elif parameter.metavar is None:
            parameter.metavar = _VALUES.get(parameter.display_type(context) or "")
    return parameters


class Command(TyperCommand):
    """A command whose help says what to write behind an option."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _with_values(super().get_params(ctx), ctx)


class Group(TyperGroup):
    """The command line, whose help says what to write behind an option."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _with_values(super().get_params(ctx), ctx)


def snapshot_date(text: str) -> date:
    """Parse a date of the command line.

    Raises:
        typer.BadParameter: the text is not a real date written YYYY-MM-DD.
    """
    if isinstance(text, date):
        return text
    parsed = parse_date(text)
    if parsed is None:
        raise typer.BadParameter(f"{text!r} is not a real date written YYYY-MM-DD")
    return parsed


def date_option(*names: str, help: str) -> Any:  # noqa: A002 - typer's own word
    """An option with a date as its value."""
    return typer.Option(*names, parser=snapshot_date, metavar="YYYY-MM-DD", help=help)


WaitOption = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for another run to end.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 file`, `2 files`. `many` is the plural if it is not `one` with an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print a result as indented JSON on standard output."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    print()
