"""Guesses of secrets on pages: each is counted before it is judged, right ones use up nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from uuid import UUID

from flask import Response, after_this_request, request

from server.errors import AppError, WrongPassword
from server.request_context import clock, db, wiring
from server.services.joining import fold_user_name
from server.services.known_devices import KNOWN_FOR, known_device_id, remember_device
from server.services.sign_ins import SignInResult
from server.services.tries import Limit, give_back, keep, take

MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
DEVICE = "khlang_device"
LONGEST_NAME = 100
CUSTOMER_BITS = 64


@contextmanager
def guess(limits: Sequence[Limit], *, wrong: type[AppError] = WrongPassword) -> Iterator[None]:
    """Judge a guess inside. Raises TooManyTries before, and counts it when `wrong` is raised."""
    taken = take(db(), clock(), limits)
    try:
        yield
    except wrong:
        keep(db(), clock(), taken)
        raise
    except AppError:
        give_back(db(), taken)
        raise
    give_back(db(), taken)


def of_sign_in(user_name: str) -> Sequence[Limit]:
    """Limit wrong passwords.

    A browser on which this person was signed in before has a count of its own: nobody else's
    tries, at the school's address or anywhere, lock its owner out.
    """
    device_id = known_device_id(db(), token=request.cookies.get(DEVICE, ""), user_name=user_name)
    if device_id is not None:
        return [Limit(what=f"sign-in on {device_id}", most=10, within=MINUTES)]
    account, address = fold_user_name(user_name)[:LONGEST_NAME], address_here()
    return [
        # A whole school shares one address.
        Limit(what=f"sign-in from {address}", most=300, within=MINUTES),
        Limit(what=f"sign-in as {account}", most=100, within=HOUR),
        Limit(what=f"sign-in as {account} from {address}", most=10, within=MINUTES),
    ]


def of_own_password(person_id: UUID) -> Sequence[Limit]:
    """Limit guesses by who holds a device on which its owner is signed in."""
    return [Limit(what=f"own password of {person_id}", most=10, within=MINUTES)]


def of_first_run() -> Sequence[Limit]:
    """Limit guesses of the setup code."""
    return [Limit(what=f"first run from {address_here()}", most=10, within=MINUTES)]


def of_class_code() -> Sequence[Limit]:
    """Limit codes of classrooms; their links hold 128 bits and are not counted."""
    return [
        Limit(what=f"class code from {address_here()}", most=60, within=MINUTES),
        # From everywhere: 148 million codes are not tried through.
        Limit(what="class code", most=3000, within=HOUR),
    ]


def of_pupil_secret(token: str) -> Sequence[Limit]:
    """Limit pictures and numbers on shared tablets, of a school and of one classroom.

    Three guesses at each child lock none of them.
    """
    return [
        Limit(what=f"pupil secret from {address_here()}", most=120, within=MINUTES),
        Limit(what=f"pupil secret of {token}", most=60, within=HOUR),
    ]


def of_pupil_on_phone(person_id: UUID) -> Sequence[Limit]:
    """Limit guesses at a pupil who is kept on a phone; four wrong ones in a row lock it anyway."""
    return [
        Limit(what=f"pupil secret from {address_here()}", most=120, within=MINUTES),
        Limit(what=f"pupil on a phone {person_id}", most=20, within=HOUR),
    ]


def address_here() -> str:
    """Return from where the request comes; of IPv6 the network, which is one customer's."""
    said = request.remote_addr or ""
    try:
        address = ip_address(said)
    except ValueError:  # a proxy that is believed may say anything
        return said[:LONGEST_NAME]
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, CUSTOMER_BITS), strict=False))


def know_this_device(result: SignInResult) -> None:
    """Have this browser known as one of the person's."""
    token = remember_device(
        db(), clock(), token=request.cookies.get(DEVICE, ""), sign_in_id=result.sign_in.id
    )
    is_https = wiring().settings.public_url.startswith("https:")

    @after_this_request
    def give_cookie(answer: Response) -> Response:
        answer.set_cookie(
            DEVICE, token, max_age=KNOWN_FOR, httponly=True, samesite="Lax", secure=is_https
        )
        return answer
