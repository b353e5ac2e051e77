"""`sandbox`: the local Razorpay by itself."""

from __future__ import annotations

import logging

import click

from booking_ui.sandbox.settings import FLAGS, PortTakenError, SettingsError, from_text


@click.command("sandbox")
def command(**given: str) -> None:
    """Run the local Razorpay on 127.0.0.1 until SIGTERM or Ctrl-C."""
    from booking_ui.sandbox import server

    try:
        logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
        server.run(from_text(given), click.echo)
    except (SettingsError, PortTakenError) as exc:
        click.echo(exc, err=True)
        raise SystemExit(1 if isinstance(exc, PortTakenError) else 2) from exc


command.params.extend(
    click.Option(
        [f"--{flag.name}"],
        type=str,
        default=flag.default,
        envvar=flag.variable,
        show_default=bool(flag.default),
        help=f"{flag.meaning} ({flag.variable}).",
    )
    for flag in FLAGS
)
