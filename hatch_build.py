"""Refuses to build a wheel: the project is used from a checkout, which an editable install points at."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CheckoutOnly(BuildHookInterface):
    """Lets `pip install --editable .` pass, and nothing else."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling passes it by name
        """Raise unless the build is that of an editable install.

        Raises:
            RuntimeError: a wheel was asked for.
        """
        if version != "editable":
            raise RuntimeError(
                "MedLaunch ELT is used from a checkout: its dbt project and its state machine are no Python "
                "packages. Run `make .venv/.installed` in a checkout, or build the image (Dockerfile)."
            )
