"""A code that keeps strangers from becoming the first administrator of a fresh server.

It stands in the data folder, and in the log at start. Only who sits at the machine itself is not
asked, and only while nothing speaks of a proxy: a forgotten setting must not open the door.
"""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from server.errors import FieldError
from server.settings import Settings
from server.this_machine import is_this_machine
from storage.syncing import kept_text

# What proxies, tunnels and the networks in front of servers add.
OF_PROXIES = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original-host"}
    | {"true-client-ip", "cf-connecting-ip", "cf-ray", "cdn-loop", "fly-client-ip"}
)
BEGIN_OF_PROXIES = ("x-forwarded", "x-envoy-")
OF_BROWSERS = "HTTP/1.1"  # nginx speaks HTTP/1.0 to what is behind it, if nobody says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a request came: who connected, to which name, and with which headers."""

    peer: str
    host: str
    protocol: str
    header_names: Collection[str]


def is_public(settings: Settings) -> bool:
    """Return whether the settings say that others than this machine's users come."""
    is_own = is_this_machine(_name_in(settings.public_url))
    return not is_own or settings.trusted_proxy_count > 0


def needs_setup_code(settings: Settings, came: Arrival) -> bool:
    """Return whether it is asked: unless all says that this comes from the machine itself."""
    is_from_here = (
        is_this_machine(came.peer)
        and is_this_machine(_name_in(f"//{came.host}"))
        and came.protocol == OF_BROWSERS
    )
    return is_public(settings) or not is_from_here or _is_forwarded(came)


def _name_in(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # such as a bracket that is not closed
        return ""


def _is_forwarded(came: Arrival) -> bool:
    names = {name.lower() for name in came.header_names}
    return bool(names & OF_PROXIES) or any(name.startswith(BEGIN_OF_PROXIES) for name in names)


def setup_code_of(settings: Settings) -> str:
    """Return the code, made at the first call."""
    path = settings.data_path / "secrets" / "setup_code"
    return kept_text(path, secrets.token_urlsafe(12))


def check_setup_code(settings: Settings, came: Arrival, given: str) -> None:
    """Raise FieldError when a code is needed and this is not it."""
    expected = setup_code_of(settings) if needs_setup_code(settings, came) else given
    if not hmac.compare_digest(given.strip().encode(), expected.strip().encode()):
        raise FieldError("setup_code", "not the code that was printed at start", rule="wrong")
