"""Files of packages: whatever is in them runs in a sandbox, with an origin of its own.

The policy goes out with every file, so that a page opened directly is no more than one in a frame:
it has no cookies and no storage of this site, reaches no other address than its own files and the
players' scripts, and cannot move the page around it.
"""

import re
from concurrent.futures import Executor
from urllib.parse import urlsplit

from server.delivery import http
from server.delivery.object_sender import ObjectSender, Wanted
from server.delivery.package_types import content_type_of
from storage.store import ObjectStore

FOLDER = "/p/"
SANDBOX = "sandbox allow-scripts allow-forms allow-modals allow-pointer-lock allow-popups"
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](?::[0-9]{1,5})?")


def split_package_path(path: str) -> tuple[str, str]:
    """Return the part of a path that a token signs and the path inside a package, "" for none."""
    base, folder, inside = path.partition(FOLDER)
    return (base + folder.rstrip("/"), inside) if folder else (path, "")


def package_policy(host: str) -> str:
    """Return what a package may do; `host` is by what name the browser reached us.

    Without a scheme a source stands for the page's own. 'self' would stand for every address here.
    """
    own = f"{host}/v/ {host}/static/"
    return "; ".join(
        (
            SANDBOX,
            f"default-src {own} data: blob: 'unsafe-inline' 'unsafe-eval'",
            f"base-uri {own}",
            "form-action 'none'",
        )
    )


class PackageAnswers:
    """Answers requests for one file of a package each."""

    def __init__(self, store: ObjectStore, executor: Executor, public_url: str) -> None:
        """Take threads for questions to the store."""
        self._send = ObjectSender(store, executor)
        self._public_host = urlsplit(public_url).netloc

    async def __call__(
        self, scope: http.Scope, receive: http.Receive, send: http.Send, found: tuple[str, str]
    ) -> None:
        """Answer with the object `found[0]` as the file `found[1]`. Raises Refused."""
        key, path = found
        headers = http.headers_of(scope)
        etag = f'"{key.rpartition("/")[2].partition(".")[0]}"'
        described = http.encoded(
            (
                *http.OPEN_TO_ALL,
                ("Content-Type", content_type_of(path)),
                ("Content-Security-Policy", package_policy(self._host(headers.get("host", "")))),
                ("Referrer-Policy", "no-referrer"),  # the address holds the token
                ("Cache-Control", "private, max-age=43200"),
                ("ETag", etag),
            )
        )
        if headers.get("if-none-match", "") == etag:
            start = {"status": http.NOT_MODIFIED, "headers": described}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        is_same = headers.get("if-range", etag) == etag
        wanted = Wanted(key, headers.get("range", "") if is_same else "", described)
        await self._send(scope, receive, send, wanted)

    def _host(self, named: str) -> str:
        return named if _HOST.fullmatch(named) else self._public_host
