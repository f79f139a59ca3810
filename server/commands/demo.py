"""`khlang demo`."""

import sys

import click

from server.commands.wired import wired_or_exit
from server.demo.classroom import install_classroom
from server.demo.install import (
    ADMINISTRATOR,
    PERSONS,
    DemoSite,
    NotADemo,
    demo_password,
    install_lessons,
    install_people,
)
from server.demo.media import FontMissing, find_font


@click.command()
def demo() -> None:
    """Make demo schools, persons and lessons; a running worker prepares the files."""
    wiring = wired_or_exit()
    site = DemoSite(
        sessions=wiring.sessions, now=wiring.clock, store=wiring.store, tools=wiring.tools
    )
    password = demo_password(wiring.settings.data_path)
    try:
        find_font()
        install_people(site, password)
    except FontMissing as missing:
        click.echo(f"No demo: {missing}", err=True)
        sys.exit(1)
    except NotADemo:
        click.echo("No demo: this installation has a real office.", err=True)
        sys.exit(1)
    for user_name in (*(person[0] for person in PERSONS), ADMINISTRATOR[0]):
        click.echo(f"Demo sign-in: {user_name} / {password}")
    if classroom := install_classroom(site):
        click.echo(f"Demo classroom: {classroom}")
    for title in install_lessons(site):
        click.echo(f"Demo lesson: {title}")
