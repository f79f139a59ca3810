"""A code that keeps strangers from becoming the first administrator of a fresh server.

It stands in the data folder and in the log at start; on a machine's own address it is not asked.
"""

import hmac
import secrets

from server.errors import FieldError
from server.settings import Settings

OWN_ADDRESSES = frozenset({"127.0.0.1", "::1", "localhost"})


def needs_setup_code(settings: Settings) -> bool:
    """Return whether others than this machine's users can reach the first-run page."""
    return settings.host not in OWN_ADDRESSES or settings.trusted_proxy_count > 0


def setup_code_of(settings: Settings) -> str:
    """Return the code, made at the first call."""
    path = settings.data_path / "secrets" / "setup_code"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(12))
    except FileExistsError:
        pass
    return path.read_text()


def check_setup_code(settings: Settings, given: str) -> None:
    """Raise FieldError when a code is needed and this is not it."""
    expected = setup_code_of(settings) if needs_setup_code(settings) else given
    if not hmac.compare_digest(given.strip().encode(), expected.strip().encode()):
        raise FieldError("setup_code", "not the code that was printed at start", rule="wrong")
