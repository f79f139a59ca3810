"""`khlang user`, `school` and `invite`."""

import sys
from collections.abc import Callable
from typing import NoReturn

import click
import segno
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.commands.wired import wired_or_exit
from server.errors import AppError, NotFound
from server.models.people import Person, Role, RoleName, School, SchoolIdentifier
from server.services.invitations import make_invitation
from server.services.joining import NewPerson, fold_user_name
from server.services.password_links import make_password_link
from server.services.people import create_person
from server.services.schools import create_school
from server.wiring import Wiring

ROLES = click.Choice([role.value for role in RoleName])


@click.group()
def user() -> None:
    """Persons."""


@click.group()
def school() -> None:
    """Schools."""


@user.command("add")
@click.argument("user_name")
@click.option("--name", "display_name", default="", help="How others see them.")
@click.option("--role", type=ROLES, required=True)
@click.option("--school", "school_name", default="", help="Name or code; none for the office.")
@click.password_option(help="Asked for if not given.")
def add_user(user_name: str, display_name: str, role: str, school_name: str, password: str) -> None:
    """Make a person who can sign in."""
    new = NewPerson(user_name=user_name, display_name=display_name, password=password)

    def act(wiring: Wiring, session: Session) -> str:
        place = _school(session, school_name)
        roles = [(RoleName(role), place.id if place else None)]
        person = create_person(session, wiring.clock, new=new, roles=roles)
        return f"{person.user_name} can sign in, and then chooses another password."

    _say(act)


@user.command("reset")
@click.argument("user_name")
def reset(user_name: str) -> None:
    """Print a link, and its QR code, by which a person sets a new password, once, within 24 h."""

    def act(wiring: Wiring, session: Session) -> str:
        with session.begin():
            wanted = select(Person.id).where(Person.user_name == fold_user_name(user_name))
            person_id = session.scalar(wanted)
        if person_id is None:
            raise NotFound(f"nobody is called {user_name}; `khlang user list` shows who is there")
        token, _person = make_password_link(session, wiring.clock, person_id=person_id, by=None)
        return f"{wiring.settings.public_url}/new-password/{token}"

    link = _say(act)
    segno.make(link).terminal(compact=True)
    click.echo(
        "Once, within 24 h. Show it or send it in a private chat, never in a group.", err=True
    )


@user.command("list")
@click.option("--school", "school_name", default="", help="Name or code; none for everybody.")
def list_users(school_name: str) -> None:
    """Print who signs in with a password: user name, name, roles."""

    def act(_wiring: Wiring, session: Session) -> str:
        place = _school(session, school_name)
        with_password = select(Person).where(Person.password_hash != "").order_by(Person.user_name)
        if place is not None:
            with_password = with_password.where(Person.roles.any(Role.school_id == place.id))
        with session.begin():
            return "\n".join(_line_of(person) for person in session.scalars(with_password))

    _say(act)


def _line_of(person: Person) -> str:
    roles = [
        f"{role.name} {role.school.name if role.school else ''}".strip() for role in person.roles
    ]
    return "\t".join([person.user_name, person.display_name, ", ".join(roles)])


@school.command("add")
@click.argument("name")
@click.option("--code", "codes", multiple=True, help="SCHEME:VALUE, such as smis:12345678.")
def add_school(name: str, codes: tuple[str, ...]) -> None:
    """Make a school."""
    identifiers = [(scheme, value) for scheme, _, value in (code.partition(":") for code in codes)]

    def act(wiring: Wiring, session: Session) -> str:
        made = create_school(session, wiring.clock, name=name, by=None, identifiers=identifiers)
        return f"{made.name} is there."

    _say(act)


@click.command()
@click.option("--role", type=ROLES, required=True)
@click.option("--school", "school_name", default="", help="Name or code; none for the office.")
@click.option("--for", "invited_name", default="", help="Whom it is for, as its page shows it.")
def invite(role: str, school_name: str, invited_name: str) -> None:
    """Print a link, and its QR code, that makes one person of a role."""

    def act(wiring: Wiring, session: Session) -> str:
        place = _school(session, school_name)
        token = make_invitation(
            session,
            wiring.clock,
            role=RoleName(role),
            school_id=place.id if place else None,
            by=None,
            invited_name=invited_name,
        )
        return f"{wiring.settings.public_url}/invitations/{token}"

    link = _say(act)
    segno.make(link).terminal(compact=True)


def _say(act: Callable[[Wiring, Session], str]) -> str:
    """Do it and print what it returns; print why not and end with 1."""
    wiring = wired_or_exit()
    try:
        with wiring.sessions() as session:
            said = act(wiring, session)
    except AppError as error:
        _give_up(error)
    click.echo(said)
    return said


def _give_up(error: AppError) -> NoReturn:
    click.echo(str(error), err=True)
    sys.exit(1)


def _school(session: Session, name: str) -> School | None:
    """Return the school of this name or code; None for the office. Raises NotFound."""
    if not name:
        return None
    has_code = School.identifiers.any(SchoolIdentifier.value == name)
    with session.begin():
        found = session.scalars(select(School).where(or_(School.name == name, has_code))).all()
    if len(found) != 1:
        raise NotFound(f"{len(found)} schools are called {name}")
    return found[0]
