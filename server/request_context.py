"""What a request of a page or of the API stands on: one session, the clock, who is asking.

The session is a RequestSession: a page may read after one service and before the next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast
from uuid import UUID

from flask import Response, after_this_request, current_app, g, has_request_context, request
from flask import session as cookie
from flask_login import current_user, login_user, logout_user
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidRequestError, OperationalError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, sessionmaker
from sqlalchemy.orm.session import SessionTransactionOrigin

from media_pipeline.tools import Tools
from search.index import SearchIndex
from server.errors import NotAllowed, SignInNeeded
from server.models.class_sessions import ClassSession
from server.models.people import Person, Role, SignIn
from server.policy import acting_role, owns_account
from server.services.ballast import Ballast
from server.services.class_sessions import running_class
from server.services.clock import Clock
from server.services.codes import new_token
from server.services.given import is_learnt_here
from server.services.room import Room
from server.services.sign_ins import Device, SignInResult, is_shared_device
from server.services.turns import TO_WRITE
from server.settings import Settings
from storage.store import ObjectStore

CLASS_SESSION = "class_session"  # in the cookie
DEVICE, TABLET_OF, SEVERAL = "device", "tablet_of", "several"  # whoever uses the browser
WRITTEN = "written"  # in a session's info: rows were changed in the present transaction
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Wired(Protocol):
    """What pages use of server.wiring.Wiring, which stands above them."""

    @property
    def settings(self) -> Settings:
        """Every option."""

    @property
    def engine(self) -> Engine:
        """The database."""

    @property
    def sessions(self) -> sessionmaker[Session]:
        """Sessions each of whose transactions takes the turn to write."""

    @property
    def room(self) -> Room:
        """What the disks still take."""

    @property
    def ballast(self) -> Ballast | None:
        """What the database gets when the disk is full."""

    @property
    def store(self) -> ObjectStore:
        """Where originals and parts are."""

    @property
    def index(self) -> SearchIndex:
        """Where lessons are found."""

    @property
    def tools(self) -> Tools:
        """Where ffmpeg is."""

    @property
    def clock(self) -> Clock:
        """The time."""


class RequestSession(Session):
    """A session in which a service may begin after a page has read something.

    Reading (also a lazy relationship) begins a transaction by itself, and `begin()` would refuse to
    start another. Such a transaction has changed nothing, so it ends here. If it has, the page has
    changed rows outside of any service, and a service that then refuses would keep the change.
    """

    def begin(self, nested: bool = False) -> SessionTransaction:  # noqa: FBT001, FBT002 (inherited)
        """Begin; raises InvalidRequestError inside another service's transaction, as ever.

        Also where something was changed before: views change nothing themselves.
        """
        current = self.get_transaction()
        if not nested and current and current.origin is SessionTransactionOrigin.AUTOBEGIN:
            if self._has_changes():
                raise InvalidRequestError("something was changed before a service has begun")
            self.commit()  # not rollback: that would forget what was loaded
        transaction = super().begin(nested=nested)
        if not nested and self.info.get("changes"):
            self.connection(execution_options=TO_WRITE)
        return transaction

    def _has_changes(self) -> bool:
        """Tell whether this transaction has changed rows, or would when it ended."""
        is_told = bool(self.new or self.deleted or self.info.get(WRITTEN))
        return is_told or any(self.is_modified(row) for row in self.dirty)


def _note_flush(session: Session, _context: object) -> None:
    session.info[WRITTEN] = True


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info[WRITTEN] = True


def _forget_written(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(WRITTEN, None)


event.listen(RequestSession, "after_flush", _note_flush)
event.listen(RequestSession, "do_orm_execute", _note_statement)
event.listen(RequestSession, "after_transaction_end", _forget_written)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What flask-login keeps of the person of a cookie."""

    person: Person
    sign_in: SignIn
    token: str
    is_authenticated: bool = True
    is_anonymous: bool = False

    @property
    def is_active(self) -> bool:
        """Whether the person may still sign in."""
        return self.person.is_active

    def get_id(self) -> str:
        """Return what the cookie holds: the sign-in's token, never the person's id."""
        return self.token


def wiring() -> Wired:
    """Return everything outside the process."""
    return cast(Wired, current_app.extensions["khlang"])


def clock() -> Clock:
    """Return the clock to pass to services."""
    return wiring().clock


def db() -> Session:
    """Return this request's session; it is closed when the request ends."""
    if "db" not in g:
        changes = has_request_context() and request.method not in SAFE_METHODS
        g.db = RequestSession(wiring().engine, expire_on_commit=False, info={"changes": changes})
    return cast(Session, g.db)


def close_db(_error: BaseException | None = None) -> None:
    """Close the request's session, if it had one."""
    session = g.pop("db", None)
    if session is not None:
        session.close()


def after_answer(act: Callable[[Session], None]) -> None:
    """Do something small in the database when the answer has been sent: nobody waits for it.

    If the database is busy or away it is left undone.
    """
    here = wiring()
    log = current_app.logger

    def do() -> None:
        try:
            with RequestSession(here.engine, info={"changes": True}) as session:
                act(session)
        except OperationalError:
            log.warning("left undone after an answer", exc_info=True)

    @after_this_request
    def later(answer: Response) -> Response:
        answer.call_on_close(do)
        return answer


def viewer() -> Person | None:
    """Return who is asking; None is a guest."""
    return cast(Person, current_user.person) if current_user.is_authenticated else None


def signed_in() -> Person:
    """Return who is asking. Raises SignInNeeded for guests."""
    person = viewer()
    if person is None:
        raise SignInNeeded("sign in first")
    return person


def learner(lesson_id: UUID) -> Person | None:
    """Return of whom is kept how far they are with this lesson; asked once a request.

    None for guests, and where the session came through a classroom that was not given it.
    """
    known = g.setdefault("learners", {})
    if lesson_id not in known:
        person = viewer()
        if person is not None and not person.scope.is_whole:
            with db().begin():
                is_here = is_learnt_here(db(), person=person, lesson_id=lesson_id)
            person = person if is_here else None
        known[lesson_id] = person
    return cast("Person | None", known[lesson_id])


def current_sign_in_id() -> UUID | None:
    """Return the sign-in of this cookie; None for guests."""
    return cast(UUID, current_user.sign_in.id) if current_user.is_authenticated else None


def hat() -> Role | None:
    """Return the role in which the person acts; None for guests and persons without a role."""
    chosen_id = current_user.sign_in.hat_id if current_user.is_authenticated else None
    return acting_role(viewer(), chosen_id)


def hat_id() -> UUID | None:
    """Return the id of that role."""
    role = hat()
    return role.id if role else None


def tablet_classroom_id() -> UUID | None:
    """Return through which classroom somebody came in on a shared tablet; None on other devices."""
    if not current_user.is_authenticated or not is_shared_device(current_user.sign_in):
        return None
    return cast("UUID | None", current_user.sign_in.classroom_id)


def class_before_screen() -> ClassSession | None:
    """Return the class that this browser shows lessons to; None mostly. Asked once a request."""
    if "class_before_screen" not in g:
        by, id_ = viewer(), cookie.get(CLASS_SESSION)
        runs = running_class(db(), clock(), class_session_id=id_, by=by) if by and id_ else None
        g.class_before_screen = runs
    return cast("ClassSession | None", g.class_before_screen)


def show_to_class(id_: UUID | None) -> None:
    """Remember in this browser before which class it stands from now on."""
    if id_ is None:
        cookie.pop(CLASS_SESSION, None)
    else:
        cookie[CLASS_SESSION] = id_


def owner_of_account() -> Person:
    """Return who is asking, where the whole account is open. Raises SignInNeeded, NotAllowed.

    What came through a classroom that is not the pupil's home is too easily somebody else's.
    """
    person = signed_in()
    if not owns_account(person):
        raise NotAllowed("this session opens a classroom, not the account")
    return person


def this_device(*, is_shared: bool = False) -> Device:
    """Return this browser; the secret of its cookie is made when it is first asked for.

    It outlives who is signed in: it says which pupils a phone keeps. A shared computer keeps none.
    """
    key = "" if is_shared else cookie.setdefault(DEVICE, new_token())
    held = current_user.sign_in if current_user.is_authenticated else None
    name = request.headers.get("User-Agent", "")
    return Device(name=name, key=key, is_shared=is_shared, held=held)


def proved_at() -> datetime | None:
    """Return when the password was given last in this session; None for guests and never."""
    sign_in = current_user.sign_in if current_user.is_authenticated else None
    return cast("datetime | None", sign_in.proved_at if sign_in else None)


def keep_signed_in(result: SignInResult) -> None:
    """Put a fresh sign-in into this browser's cookie; nothing of an earlier person stays in it.

    On a shared computer it goes when the browser is closed.
    """
    _forget_person()
    cookie.permanent = not result.sign_in.is_shared
    login_user(SignedIn(result.person, result.sign_in, result.token))


def is_of_several() -> bool:
    """Return whether several pupils share this browser: it keeps no page for the next one."""
    return bool(cookie.get(SEVERAL))


def note_several() -> None:
    """Remember that several pupils share this browser."""
    cookie[SEVERAL] = True
    cookie.permanent = True


def put_aside() -> None:
    """Let somebody else use this browser; who was on it is still kept there."""
    logout_user()
    _forget_person()
    note_several()


def is_tablet_of(classroom_id: UUID) -> bool:
    """Return whether pupils of this classroom came in here with their pictures or numbers before.

    Its link shows them their names again.
    """
    return bool(cookie.get(TABLET_OF) == str(classroom_id))


def keep_tablet_of(classroom_id: UUID) -> None:
    """Remember that a pupil of this classroom came in here with what only they know."""
    cookie[TABLET_OF] = str(classroom_id)


def _forget_person() -> None:
    kept = {name: cookie[name] for name in (DEVICE, TABLET_OF, SEVERAL) if name in cookie}
    cookie.clear()
    cookie.update(kept)


def forget_signed_in() -> None:
    """Empty this browser's cookie; sign_out ends the sessions themselves."""
    logout_user()
    _forget_person()
