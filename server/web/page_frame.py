"""What every page has: who is signed in, the office's name, the language, and filters for text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask, request

from server.models.people import Person, RoleName
from server.policy import (
    hats_of,
    is_only_pupil,
    may_make_any_classroom,
    may_manage_any_school,
    may_see_queue,
    may_upload,
    owns_account,
)
from server.request_context import (
    db,
    hat,
    is_of_several,
    tablet_classroom_id,
    viewer,
    wiring,
)
from server.services.names import split_title
from server.services.news import unread_news
from server.services.people import office_of
from server.services.school_joining import requests_of_person
from server.web import assets, dates
from server.web.choices import role_labels
from server.web.class_screen import class_screen_card
from server.web.disk_notice import disk_notice
from server.web.error_texts import asset_error_text, error_text
from server.web.membership_cards import NewsCard, news_card
from server.web.password_cards import news_for_frame
from server.web.saving_cards import owner_mark
from server.web.words import preparing_words, ready_words, site_words, suggestion_words


@dataclass(frozen=True, slots=True, kw_only=True)
class HatCard:
    """One role in which the person may act."""

    id: UUID
    role: str
    school: str
    is_on: bool


LONGEST_ADDRESS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """The person signed in, in which of their roles they act, and which areas are for them."""

    name: str
    given_name: str
    hats: Sequence[HatCard]
    is_pupil: bool
    is_on_tablet: bool
    has_account: bool  # here: a session that came through a classroom opens none
    may_change: bool  # with other pupils who use the same phone
    mark: str  # where several do: of whom the browser keeps lessons
    may_upload: bool
    may_teach: bool
    may_manage: bool
    may_see_queue: bool
    news: Sequence[NewsCard] = ()
    asked: Sequence[str] = ()  # schools that have not decided yet, where there is no role at all


def register(app: Flask) -> None:
    """Give templates their filters and what every page shows."""
    app.jinja_env.filters.update(
        date=dates.shown_date,
        time=dates.shown_time,
        hour=dates.shown_hour,
        clock_time=dates.clock_time,
        duration=dates.length_text,
        about_length=dates.about_length,
        size=dates.size_text,
    )
    app.jinja_env.globals.update(
        vite_entry=assets.vite_entry,
        built_address=assets.built_address,
        icon_url=assets.ICON_URL,
        error_text=error_text,
        asset_error_text=asset_error_text,
        site_words=site_words,
        suggestion_words=suggestion_words,
        preparing_words=preparing_words,
        ready_words=ready_words,
        language=dates.language,
        page_address=page_address,
        disk_notice=disk_notice,
    )
    app.jinja_env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(page_frame)


def page_frame() -> dict[str, Any]:
    """Return what the frame of every page needs."""
    office = office_of(db())
    office_name = office.name if office else ""
    return {
        "office_name": office_name,
        "is_demo": bool(office and office.is_demo),
        "person": person_card(office_name),
        "news_of_password": news_for_frame(viewer()),
        "together": class_screen_card(),
        "public_url": wiring().settings.public_url,
    }


def person_card(office_name: str = "") -> PersonCard | None:
    """Return who is signed in; None for guests."""
    person = viewer()
    if person is None:
        return None
    labels = role_labels()
    role_on = hat()
    return PersonCard(
        name=person.display_name,
        given_name=split_title(person.display_name).name.split(" ")[0],
        hats=[
            HatCard(
                id=role.id,
                role=labels[role.name],
                school=role.school.name if role.school else "",
                is_on=role is role_on,
            )
            for role in hats_of(person)
        ],
        is_pupil=all(role.name == RoleName.STUDENT for role in person.roles),
        is_on_tablet=tablet_classroom_id() is not None,
        has_account=owns_account(person),
        may_change=is_only_pupil(person) and tablet_classroom_id() is None,
        mark=owner_mark() if is_of_several() else "",
        may_teach=may_make_any_classroom(person),
        may_upload=may_upload(person),
        may_manage=may_manage_any_school(person),
        may_see_queue=may_see_queue(person),
        news=_news(person, office_name),
        asked=[] if person.roles else _asked(person),
    )


def _news(person: Person, office_name: str) -> list[NewsCard]:
    """Return what the person is told; pupils without a password are at no school by themselves."""
    if not person.has_password or tablet_classroom_id() is not None:
        return []
    return [news_card(row, office_name) for row in unread_news(db(), person=person)]


def _asked(person: Person) -> list[str]:
    return [row.school.name for row in requests_of_person(db(), person=person)]


def page_address() -> str:
    """Return this page's path and query, to come back to it; without a query that is too long."""
    address = request.full_path.rstrip("?")
    return address if len(address) <= LONGEST_ADDRESS else request.path
