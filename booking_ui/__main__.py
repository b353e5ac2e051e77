"""`python -m booking_ui COMMAND`: the clinic's one command line.

The modules of the commands import the rest of the clinic only when they run: help comes at once, without settings or a
database.
"""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = (
    "api_docs", "audit", "backup", "build", "demo", "invariants", "restore", "sandbox", "serve", "smoke", "staff", "tasks", "worker",
)  # fmt: skip


class CommandLine(click.Group):
    """Every command refuses alike, with one sentence: a wrong setting is exit code 2, a database of another schema 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):  # click's own ways to end, --help among them
            raise
        except Exception as exc:
            # Late: pydantic and SQLAlchemy take longer than all of help.
            from booking_ui.config.settings import SettingsError
            from booking_ui.db.schema import SchemaError

            if not isinstance(exc, SettingsError | SchemaError):
                raise
            click.echo(exc, err=True)
            raise SystemExit(2 if isinstance(exc, SettingsError) else 1) from exc


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The clinic's command line."""


for _name in COMMANDS:
    cli.add_command(import_module(f"booking_ui.commands.{_name}").command)


if __name__ == "__main__":
    cli(prog_name="python -m booking_ui")
