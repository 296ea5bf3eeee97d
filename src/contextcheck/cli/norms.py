"""`contextcheck norms` and `contextcheck rules`: reading and checking the definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contextcheck.cli.options import SettingsPath
from contextcheck.cli.output import give, say
from contextcheck.errors import ExitCode

app = typer.Typer(no_args_is_help=True, help="What is normal where: list, show and check regions/*.yaml.")
rules_app = typer.Typer(no_args_is_help=True, help="Metrics, detection rules, explanations and decisions.")
