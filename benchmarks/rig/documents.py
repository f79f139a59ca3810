"""What a document costs to prepare, and how soon its first page shows on a poor line."""

import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import BrowserContext

from benchmarks.rig.line import poor_line
from media_pipeline.documents import read_document
from media_pipeline.pages import MadeDocument
from server.models.lessons import Visibility
from tests.builders import a_lesson, a_person, an_arrived_file
from tests.documents import a_thai_pdf
from tests.services.chromium import PHONE, launch, running_playwright
from tests.services.product import Product, running_product
from tests.working import work_until_idle

POOR_BPS, ROUND_TRIP_S = 150_000, 0.3
PAGES = 100
FULL_PAGE = 25  # sentences: A4 from top to bottom
PATIENCE_MS = 60_000
FIRST_IMAGE = "document.querySelector('.pages img')"
SHOWN_AT = f"""() => {{
  const found = performance.getEntriesByName({FIRST_IMAGE}.currentSrc)[0];
  return {FIRST_IMAGE}.complete && found ? found.responseEnd / 1000 : 0;
}}"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What preparing one document took and gave."""

    cpu_s: float
    memory_bytes: int
    first_bytes: int
    most_small_bytes: int


@dataclass(frozen=True, slots=True)
class FirstPage:
    """One visit of a document's page on a poor line."""

    shown_s: float
    line_bytes: int


def prepare_document(folder: Path) -> Prepared:
    """Read a hundred full pages of Thai text in the limited child."""
    source = a_thai_pdf(folder / "hundred pages.pdf", pages=PAGES, sentences=FULL_PAGE)
    with TemporaryDirectory(dir=folder) as out:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        made = read_document(source, Path(out), on_progress=lambda _share: None)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    sizes = _small_bytes(made)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Prepared(cpu_s, after.ru_maxrss * 1024, sizes[0], max(sizes))


def _small_bytes(made: MadeDocument) -> list[int]:
    return [page.small.size_bytes for page in made.pages if page.small]


def first_page(folder: Path) -> FirstPage:
    """Open a document of forty pages on a phone at 150 kb/s and 300 ms, with an empty cache."""
    folder.mkdir()
    source = a_thai_pdf(folder / "forty pages.pdf", pages=40, sentences=FULL_PAGE)
    with running_product(folder) as product:
        path = _published(product, source)
        return _on_a_poor_line(product.port, path)


def _published(product: Product, source: Path) -> str:
    """Publish the document as a lesson; return the path of its page."""
    with product.wired() as wiring, product.session() as session:
        teacher = a_person(session)
        original = an_arrived_file(session, wiring.store, source, owner=teacher)
        work_until_idle(wiring)
        public = Visibility.PUBLIC
        lesson = a_lesson(session, teacher, original=original, visibility=public, published=True)
        return f"/lessons/{lesson.id}"


def _on_a_poor_line(port: int, path: str) -> FirstPage:
    with (
        poor_line(port, rate_bps=POOR_BPS, round_trip_s=ROUND_TRIP_S) as line,
        running_playwright() as playwright,
    ):
        browser = launch(playwright)
        context = browser.new_context(locale="th-TH", **PHONE)
        shown_s = _open(context, f"http://127.0.0.1:{line.port}{path}")
        carried_bytes = line.down.carried_bytes
        browser.close()
    return FirstPage(shown_s, carried_bytes)


def _open(context: BrowserContext, url: str) -> float:
    """Return the seconds from entering the address until the first page's last byte is there."""
    page = context.new_page()
    page.goto(url, wait_until="commit", timeout=PATIENCE_MS)
    page.wait_for_function(f"() => !!{FIRST_IMAGE}", timeout=PATIENCE_MS)
    shown = page.wait_for_function(SHOWN_AT, timeout=PATIENCE_MS)
    shown_s: float = shown.json_value()
    return shown_s


def document_figures(
    folder: Path, figure: Callable[..., dict[str, object]]
) -> list[dict[str, object]]:
    """Return the figures of documents; `figure` writes one with its bar."""
    prepared, opened = prepare_document(folder), first_page(folder / "first page")
    hundred = "100 full pages of Thai text to page images and text"
    return [
        figure(f"{hundred}, CPU", prepared.cpu_s, "s", 10),
        figure(f"{hundred}, memory", prepared.memory_bytes / 1e6, "MB", 300),
        figure("page image for phones, largest", prepared.most_small_bytes / 1e3, "KB", 50),
        figure("first page on 150 kb/s and 300 ms, wall", opened.shown_s, "s", 6),
        figure("the same, everything that was carried", opened.line_bytes / 1e3, "KB"),
    ]
