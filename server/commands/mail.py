"""`khlang mail`."""

import sys
from datetime import UTC, datetime
from typing import NoReturn

import click

from server.commands.wired import settings_or_exit
from server.mail_server import checked_address
from server.models.base import uuid7
from server.services.post import MailNotSent, deliver, message_of

TEXT = "This is a test of Khlang's mail server. Nothing needs to be done.\n"


@click.group()
def mail() -> None:
    """Mails."""


@mail.command("test")
@click.argument("address")
def send_test(address: str) -> None:
    """Send a mail to ADDRESS at once, and say what the mail server answers."""
    server, to = settings_or_exit().mail_server, checked_address(address)
    if server is None:
        _give_up("SMTP_URL is not set: no mails are written.")
    if not to:
        _give_up(f"{address} is no mail address.")
    message = message_of(
        server,
        mail_id=uuid7(),
        made_at=datetime.now(UTC),
        sender_name="Khlang",
        to=to,
        subject="ทดสอบการส่งอีเมล · Khlang",
        text=TEXT,
    )
    try:
        deliver(server, message)
    except MailNotSent as error:
        _give_up(f"{server.host}:{server.port} did not take it: {error}")
    click.echo(f"{server.host}:{server.port} took it, from {server.sender}. Look into the mailbox.")


def _give_up(why: str) -> NoReturn:
    click.echo(why, err=True)
    sys.exit(1)
