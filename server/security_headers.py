"""What browsers are told to refuse, on every answer of the application."""

from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, Response, g, request

from server.request_context import db, wiring
from server.services.embed import frame_origins

PERMISSIONS = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), microphone=(), midi=(), payment=(), usb=(), "
    "autoplay=(self), fullscreen=(self), picture-in-picture=(self), screen-wake-lock=(self)"
)
EMBED_ENDPOINT_PATH = "/embed/"


def register(app: Flask) -> None:
    """Add the headers after every request."""
    app.after_request(add_headers)


def add_headers(answer: Response) -> Response:
    """Set what is the same everywhere, and who may put this page into a frame."""
    headers = answer.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    if answer.mimetype == "text/html":
        kept = "private, no-cache" if g.get("is_page_kept", True) else "no-store"
        headers.setdefault("Cache-Control", kept)  # it shows who is signed in
    if urlsplit(wiring().settings.public_url).scheme == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.path.startswith(EMBED_ENDPOINT_PATH):
        headers.setdefault("Content-Security-Policy", embed_policy())
    else:
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        policy_here = policy(own_sources(), "'none'", _frame_sources())
        headers.setdefault("Content-Security-Policy", policy_here)
    return answer


def own_sources() -> str:
    """Return what stands for this site in a policy.

    Both words: in a frame with an opaque origin 'self' is the address of the page in today's
    browsers, but older ones compare it with the opaque origin and match nothing.
    """
    public = urlsplit(wiring().settings.public_url)
    return f"'self' {public.scheme}://{public.netloc}"


def embed_policy() -> str:
    """Return the policy of a page made for frames: the sites that the lesson's school allows."""
    lesson_id = (request.view_args or {}).get("lesson_id")
    allowed = frame_origins(db(), lesson_id) if isinstance(lesson_id, UUID) else ()
    own = own_sources()
    return policy(own, " ".join([own, *allowed]), _frame_sources())


def _frame_sources() -> str:
    """Return where frames on our pages may lead: a package cannot move its own elsewhere."""
    return f"{own_sources()} {wiring().settings.package_url}".strip()


def policy(own: str, framed_by: str, frames: str) -> str:
    """Return a Content-Security-Policy: nothing from elsewhere, nothing inline, no plug-ins."""
    return "; ".join(
        (
            f"default-src {own}",
            f"script-src {own}",
            f"style-src {own}",
            f"img-src {own} data: blob:",
            f"font-src {own}",
            f"media-src {own} blob:",
            f"connect-src {own}",
            f"worker-src {own} blob:",
            f"frame-src {frames}",
            "object-src 'none'",
            "base-uri 'none'",
            f"form-action {own}",
            f"frame-ancestors {framed_by}",
        )
    )
