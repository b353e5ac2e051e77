"""`python -m booking_ui COMMAND`: the clinic's one command line.

The modules of the commands import the rest of the clinic only when they run: help comes at once, without settings or a
database.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import ParamSpec

import click

P = ParamSpec("P")

COMMANDS = (
    "api_docs", "audit", "backup", "build", "demo", "invariants", "restore", "sandbox", "serve", "smoke", "staff", "tasks", "worker",
)  # fmt: skip
WITHOUT_SETTINGS = {"api_docs", "sandbox", "smoke"}  # they read none of the clinic's


class CommandLine(click.Group):
    """Every command refuses alike, with one sentence: a wrong setting is exit code 2, a database of another schema 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):  # click's own ways to end, --help among them
            raise
        except Exception as exc:
            raise SystemExit(_refused(exc)) from exc


def _refused(exc: Exception) -> int:
    """Print the sentence of a refusal and return the exit code. Raises `exc` when it is none."""
    # Late, and one after the other: pydantic takes longer than all of help, SQLAlchemy longer than a wrong setting.
    from booking_ui.config.settings import SettingsError

    code = 2
    if not isinstance(exc, SettingsError):
        from booking_ui.db.schema import SchemaError

        if not isinstance(exc, SchemaError):
            raise exc
        code = 1
    click.echo(exc, err=True)
    return code


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The clinic's command line."""


def _after_settings(work: Callable[P, object]) -> Callable[P, object]:
    """Refuse a wrong setting before the command loads the rest of the clinic, which takes five times as long."""

    @wraps(work)
    def checked(*args: P.args, **kwargs: P.kwargs) -> object:
        if click.get_current_context().invoked_subcommand is None:  # a group's help needs no settings
            from booking_ui.config.settings import settings

            settings()
        return work(*args, **kwargs)

    return checked


def _load(name: str) -> click.Command:
    command: click.Command = import_module(f"booking_ui.commands.{name}").command
    for one in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
        if name not in WITHOUT_SETTINGS and one.callback is not None:
            one.callback = _after_settings(one.callback)
    return command


for _name in COMMANDS:
    cli.add_command(_load(_name))


if __name__ == "__main__":
    cli(prog_name="python -m booking_ui")
