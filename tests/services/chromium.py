"""A real Chromium, steered by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.services.programs import needed_program

INSTALL = "install Debian's package chromium"
FLAGS = [
    "--no-sandbox",  # tests may run as root
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}


def chromium_path() -> Path:
    """Return the browser; fail the test with what to install if there is none."""
    return needed_program("chromium", install=INSTALL)


@contextmanager
def running_playwright() -> Iterator[Playwright]:
    """Start Playwright's driver."""
    with sync_playwright() as playwright:
        yield playwright


def launch(playwright: Playwright, *extra_flags: str) -> Browser:
    """Start a browser without a window."""
    return playwright.chromium.launch(
        executable_path=str(chromium_path()), args=[*FLAGS, *extra_flags]
    )
