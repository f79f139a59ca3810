"""People of one story: their taps are counted, their pages looked through for faults."""

from playwright.sync_api import Browser, Locator, Page

from tests.builders import PASSWORD
from tests.journeys.test_accessibility import faults_of
from tests.journeys.visits import Visits
from tests.services.chromium import DESKTOP, PHONE
from tests.services.product import Product


class Story:
    """Opens pages for the people of a story.

    Counted are presses and fields that are tapped; not typing, nor the camera that reads a link.
    """

    def __init__(self, browser: Browser, product: Product) -> None:
        self.visits = Visits(browser, product)
        self.tap_count = 0
        self.faults: list[str] = []

    def begin(self, *, on_phone: bool = True) -> Page:
        return self.visits.begin(device=PHONE if on_phone else DESKTOP)

    def tap(self, place: Locator) -> None:
        """Press something."""
        self.tap_count += 1
        place.click()

    def type_into(self, place: Locator, text: str) -> None:
        """Tap a field and type: the tap counts."""
        self.tap(place)
        place.fill(text)

    def look_at(self, page: Page) -> None:
        """Note what axe-core finds, and what sticks out at the side."""
        page.wait_for_load_state()
        self.faults += faults_of(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.faults.append(f"{page.url} is too wide")

    def introduce(self, page: Page, name: str, user_name: str) -> None:
        """Fill in who somebody is, and send it; without a name, what stands there stays."""
        if name:
            self.type_into(page.locator("[name=display_name]"), name)
        self.type_into(page.locator("[name=user_name]"), user_name)
        self.type_into(page.locator("[name=password]"), PASSWORD)
        self.look_at(page)
        self.tap(page.locator("main form button[type=submit]").first)

    def end(self) -> None:
        """Close all pages; fail with what was found in them."""
        self.visits.end()
        assert self.faults == []
        assert self.visits.faults == []
