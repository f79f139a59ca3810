"""Lessons in frames of other sites: which sites may, and the ticket that starts playback there."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.errors import FieldError, LinkExpired, NotAllowed
from server.models.lessons import Lesson, PlaybackSession
from server.models.people import EmbedSite, Person, School
from server.policy import may_embed_lesson, may_manage_school
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.lessons import get_lesson_for
from server.services.play import open_playback
from server.services.share import find_shared_lesson

TICKET_FOR = timedelta(minutes=10)
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class EmbedLesson:
    """A lesson that a frame may show, and the ticket its player exchanges for playback."""

    lesson: Lesson
    ticket: str


def open_embed(
    session: Session,
    now: Clock,
    *,
    secret: str,
    lesson_id: UUID,
    share_token: str | None = None,
    referrer: str = "",
) -> EmbedLesson:
    """Return a lesson for a frame, with a fresh ticket. Nobody is signed in there.

    `referrer` is what the browser says of the page around it: playback there ends when its site is
    taken off the list. It opens nothing: anyone can send one, and some browsers send none.

    Raises NotFound when the lesson is not for everyone and no link opens it, or LinkExpired.
    """
    link_id: UUID | None = None
    if share_token:
        shared = find_shared_lesson(session, share_token)
        link_id = shared.share_link_id
    lesson = get_lesson_for(session, now, lesson_id=lesson_id, by=None, share_token=share_token)
    site = _listed_site(session, lesson, referrer)
    ticket = make_ticket(secret, now, lesson_id=lesson_id, share_link_id=link_id, site=site)
    return EmbedLesson(lesson, ticket)


def make_ticket(
    secret: str, now: Clock, *, lesson_id: UUID, share_link_id: UUID | None = None, site: str = ""
) -> str:
    """Return a signed permission to start playback of one lesson once, within ten minutes."""
    content = {
        "id": secrets.token_urlsafe(16),
        "lesson": str(lesson_id),
        "share": str(share_link_id) if share_link_id else None,
        "site": site,
        "until": int((now() + TICKET_FOR).timestamp()),
    }
    return _signer(secret).dumps(content)


def exchange_ticket(
    session: Session, now: Clock, *, secret: str, ticket: str, lesson_id: UUID
) -> PlaybackSession:
    """Start playback with a ticket.

    Raises LinkExpired when it is forged, too old, of another lesson, used, or its link revoked.
    """
    try:
        content = _signer(secret).loads(ticket)
    except BadSignature as error:
        raise LinkExpired("not a ticket of ours") from error
    if content["lesson"] != str(lesson_id) or content["until"] < now().timestamp():
        raise LinkExpired("the ticket is too old or of another lesson")
    link_id = UUID(content["share"]) if content["share"] else None
    with session.begin():
        lesson = find_row(session, Lesson, lesson_id)
        is_open = link_id is None or _is_open(lesson, link_id)
        if not is_open or not may_embed_lesson(lesson, has_share_link=link_id is not None):
            raise LinkExpired("the lesson is no longer shown in frames")
    try:
        return open_playback(
            session,
            now,
            lesson=lesson,
            person=None,
            share_link_id=link_id,
            ticket_id=content["id"],
            embed_origin=content["site"],
        )
    except IntegrityError as error:  # the ticket's id is unique among playback sessions
        raise LinkExpired("the ticket was used") from error


def add_embed_site(
    session: Session, now: Clock, *, school_id: UUID, origin: str, by: Person
) -> EmbedSite:
    """Allow a site to show the school's lessons. Raises NotFound, NotAllowed, FieldError."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("embed sites are the school administrators' to choose")
    origin = normalise_origin(origin)
    with session.begin():
        find_row(session, School, school_id)
        same = select(EmbedSite).where(EmbedSite.school_id == school_id, EmbedSite.origin == origin)
        site = session.scalar(same)
        if site is None:
            site = EmbedSite(school_id=school_id, origin=origin)
            session.add(site)
            note_act(
                session, now, action="embed_site.add", by=by, thing_id=school_id, origin=origin
            )
    return site


def remove_embed_site(session: Session, now: Clock, *, embed_site_id: UUID, by: Person) -> None:
    """Stop allowing a site; its frames are empty from the next load.

    Raises NotFound or NotAllowed.
    """
    with session.begin():
        site = find_row(session, EmbedSite, embed_site_id)
        if not may_manage_school(by, site.school_id):
            raise NotAllowed("embed sites are the school administrators' to choose")
        session.delete(site)
        note_act(
            session,
            now,
            action="embed_site.remove",
            by=by,
            thing_id=site.school_id,
            origin=site.origin,
        )


def list_embed_sites(session: Session, *, school_id: UUID, by: Person) -> list[EmbedSite]:
    """Return the sites that a school allows. Raises NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("embed sites are the school administrators' to see")
    wanted = select(EmbedSite).where(EmbedSite.school_id == school_id).order_by(EmbedSite.origin)
    with session.begin():
        return list(session.scalars(wanted))


def allowed_origins(session: Session, lesson: Lesson) -> tuple[str, ...]:
    """Return the sites that may show this lesson in a frame; the office's own: any school's."""
    wanted = select(EmbedSite.origin).distinct().order_by(EmbedSite.origin)
    if lesson.school_id is not None:
        wanted = wanted.where(EmbedSite.school_id == lesson.school_id)
    with session.begin():
        return tuple(session.scalars(wanted))


def frame_origins(session: Session, lesson_id: UUID) -> tuple[str, ...]:
    """Return the same by id; none for a lesson that is not there."""
    with session.begin():
        lesson = session.get(Lesson, lesson_id)
    return allowed_origins(session, lesson) if lesson else ()


def normalise_origin(text: str) -> str:
    """Return `https://host[:port]` as browsers write it; `http` only for this machine itself.

    A whole address is taken too, and its path dropped. Raises FieldError.
    """
    typed = text.strip()
    try:
        url = urlsplit(typed if "//" in typed else f"https://{typed}")
        port = url.port
        host = _ascii_host(url)
    except ValueError as error:
        raise FieldError("origin", "not an address", rule="address") from error
    if url.scheme not in DEFAULT_PORTS or url.username or url.password or not host:
        raise FieldError("origin", "not the address of a web site", rule="address")
    if url.scheme == "http" and host not in LOCAL_HOSTS:
        raise FieldError("origin", "https is needed", rule="https")
    shown_port = "" if port in (None, DEFAULT_PORTS[url.scheme]) else f":{port}"
    return f"{url.scheme}://{host}{shown_port}"


def _ascii_host(url: SplitResult) -> str:
    """Return the host in lower-case ASCII; Thai names become xn--…. Raises ValueError."""
    host = (url.hostname or "").encode("idna").decode("ascii").lower().rstrip(".")
    is_name = bool(host) and all(c.isascii() and (c.isalnum() or c in "-.") for c in host)
    if not is_name or ("." not in host and host not in LOCAL_HOSTS) or len(host) > 200:  # noqa: PLR2004
        raise ValueError("not a host name")
    return host


def _listed_site(session: Session, lesson: Lesson, referrer: str) -> str:
    """Return the site of the page around a frame if it is one of the lesson's; else nothing."""
    try:
        origin = normalise_origin(referrer)
    except FieldError:
        return ""
    return origin if origin in allowed_origins(session, lesson) else ""


def _is_open(lesson: Lesson, link_id: UUID) -> bool:
    return any(link.id == link_id and link.revoked_at is None for link in lesson.share_links)


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="khlang embed ticket")
