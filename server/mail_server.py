"""SMTP_URL: the office's mail server, and which addresses mails can go to. Pure functions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from server.this_machine import is_this_machine

FORM = "use smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS, or smtps:// for TLS from the start"
PORTS = {"smtp": 587, "smtps": 465}
RELAY_PORT = 25
LONGEST = 254
# What mail servers take everywhere: no quotes, comments or folded lines; domains as in the DNS.
LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
DOMAIN = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


class Tls(StrEnum):
    """How the line to the mail server is protected."""

    FROM_THE_START = "from the start"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails go, and from which address."""

    host: str
    port: int
    tls: Tls
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


def read_smtp_url(url: str) -> MailServer:
    """Return what the URL says. Raises ValueError with all its faults, without its password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(FORM) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(FORM)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    tls = _tls_of(parts, options)
    sender = checked_address(options.get("from", user))
    if faults := _faults(parts, options, tls, sender):
        raise ValueError("; ".join(faults))
    return MailServer(
        host=parts.hostname,
        port=port or (RELAY_PORT if tls is Tls.NONE else PORTS[parts.scheme]),
        tls=tls,
        sender=sender,
        user=user,
        password=password,
    )


def checked_address(typed: str) -> str:
    """Return the address as it is sent; empty for what is none. Thai domains become their code."""
    local, _at, domain = typed.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode() if domain else ""
    except UnicodeError:
        return ""
    is_one = LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain)
    address = f"{local}@{domain.lower()}"
    return address if is_one and len(address) <= LONGEST else ""


def _tls_of(parts: SplitResult, options: dict[str, str]) -> Tls:
    if parts.scheme == "smtps":
        return Tls.FROM_THE_START
    return Tls.NONE if options.get("starttls") == "no" else Tls.STARTTLS


def _faults(parts: SplitResult, options: dict[str, str], tls: Tls, sender: str) -> Sequence[str]:
    credentials = unquote(f"{parts.username}{parts.password}")
    is_open = tls is Tls.NONE and bool(parts.username)
    checks = {
        "from=ADDRESS must be a mail address": not sender,
        "starttls= is yes or no": options.get("starttls", "yes") not in {"yes", "no"},
        "smtps:// has TLS from the start: leave starttls out": tls is Tls.FROM_THE_START
        and "starttls" in options,
        "a password is not sent in the open: starttls=no only on this machine": is_open
        and not is_this_machine(parts.hostname or ""),
        "user and password hold ASCII signs only": not credentials.isascii(),
        "a user needs a password": bool(parts.username) and not parts.password,
    }
    unknown = sorted(options.keys() - {"from", "starttls"})
    return [fault for fault, is_so in checks.items() if is_so] + [f"no option {x}" for x in unknown]
