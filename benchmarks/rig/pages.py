"""What a page weighs on the line, seen by a real Chromium."""

from collections import defaultdict
from typing import Any

from tests.services.chromium import PHONE, launch, running_playwright

FIRST_FRAME_MS = 3000
LATER = ("Media", "Font")  # of these and the player's scripts a readable page needs none


def page_weights(urls: dict[str, str]) -> dict[str, tuple[float, float]]:
    """Return, by name, KB of a readable page and KB of player and fonts more."""
    with running_playwright() as playwright:
        browser = launch(playwright)
        weights = {}
        for name, url in urls.items():
            context = browser.new_context(**PHONE, locale="th-TH")
            page = context.new_page()
            sizes = _watch(context.new_cdp_session(page))
            page.goto(url, wait_until="networkidle")
            for button in page.locator(".player button").all()[:1]:
                button.click()
                page.wait_for_timeout(FIRST_FRAME_MS)
            later = sum(size for (is_later, _), size in sizes.items() if is_later)
            readable = sum(size for (is_later, _), size in sizes.items() if not is_later)
            weights[name] = (readable / 1000, later / 1000)
            context.close()
        browser.close()
    return weights


def _watch(session: Any) -> dict[tuple[bool, str], int]:  # noqa: ANN401 (Playwright's CDP session)
    """Count the bytes of each answer, headers included, as they end."""
    kinds: dict[str, tuple[bool, str]] = {}
    sizes: dict[tuple[bool, str], int] = defaultdict(int)

    def note_kind(event: dict[str, Any]) -> None:
        url, kind = event["response"]["url"], event["type"]
        is_player = kind in {"Script", "Stylesheet"} and "player" in url.rpartition("/")[2]
        kinds[event["requestId"]] = (kind in LATER or is_player or "/v/" in url, kind)

    def note_size(event: dict[str, Any]) -> None:
        sizes[kinds.get(event["requestId"], (False, "?"))] += event["encodedDataLength"]

    session.on("Network.responseReceived", note_kind)
    session.on("Network.loadingFinished", note_size)
    session.send("Network.enable")
    return sizes
