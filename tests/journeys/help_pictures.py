"""Takes the pictures of the help pages anew: `python -m tests.journeys.help_pictures`.

Starts the demo, uses it as teachers and pupils do (help_shots.py), and keeps what they see in both
languages under frontend/help/, where the build finds it. Look at them before you commit them.
"""

from contextlib import closing
from datetime import timedelta
from io import BytesIO
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from PIL.Image import Dither, Resampling
from playwright.sync_api import FloatRect, Locator
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom
from server.models.lessons import Lesson
from server.services.assignments import Recipients, Task, give_lesson
from server.services.enrolments import list_pupils
from server.services.item_progress import ItemNote, note_item
from server.services.lesson_content import newest_contents
from server.services.terms import day_in_bangkok
from server.wiring import utc_now
from tests.builders import a_progress
from tests.journeys.help_shots import HOST, PUPIL, SEEN_TO_S, STEPS, TEACHER, VIDEO, Tour
from tests.journeys.visits import Visits, make_demo
from tests.services.chromium import launch, running_playwright
from tests.services.line import Line
from tests.services.product import Product, running_product

FOLDER = Path(__file__).parents[2] / "frontend" / "help"
LANGUAGES = ("th", "en")
WIDTH_PX, HEIGHT_PX = 640, 420
PICTURE_BYTES, PAGE_BYTES = 12_000, 60_000
COLOURS = (48, 32, 24, 16)  # without loss: letters stay sharp in fewer bytes than with it
ABOVE_PX = 10
IN_DAYS = timedelta(days=3)
# Of each pupil in the register: seconds of the recording, items done of the steps, score.
LEARNED = ((60, 2, 1.0), (60, 2, 0.67), (12, 1, None), (0, 0, None), (SEEN_TO_S, 0, None))


def keep(place: Locator, path: Path) -> None:
    """Keep the picture of the page from this place on, a little above it."""
    place.page.evaluate("() => document.fonts.ready")
    assert place.page.viewport_size
    width = place.page.viewport_size["width"]
    top = place.evaluate("each => each.getBoundingClientRect().top") - ABOVE_PX
    clip: FloatRect = {"x": 0, "y": top, "width": width, "height": width * HEIGHT_PX / WIDTH_PX}
    raw = place.page.screenshot(clip=clip, animations="disabled")
    image = Image.open(BytesIO(raw)).convert("RGB").resize((WIDTH_PX, HEIGHT_PX), Resampling.BOX)
    path.parent.mkdir(parents=True, exist_ok=True)
    for colours in COLOURS:
        few = image.quantize(colours, kmeans=1, dither=Dither.NONE).convert("RGB")
        few.save(path, lossless=True, quality=100, method=6)
        if path.stat().st_size <= PICTURE_BYTES:
            return
    raise AssertionError(f"{path} is too large")


def let_them_learn(session: Session, room: Classroom) -> None:
    """Give the class the recording too, and let the pupils be at different places."""
    titles = select(Lesson).where(Lesson.title.in_((STEPS, VIDEO)))
    with session.begin():
        lessons = {each.title: each for each in session.scalars(titles)}
        steps, video = lessons[STEPS], lessons[VIDEO]
        items = newest_contents(session, [steps.id])[steps.id].items
        teacher = video.owner
    task = Task(due_on=day_in_bangkok(utc_now()) + IN_DAYS)
    to = [Recipients(classroom_id=room.id)]
    give_lesson(session, utc_now, lesson_id=video.id, to=to, task=task, by=teacher)
    pupils = [row.enrolment.person for row in list_pupils(session, utc_now, classroom=room)]
    for person, (seconds, done_count, score) in zip(pupils, LEARNED, strict=True):
        if seconds:
            a_progress(session, person, video, [0, seconds])
        with session.begin():
            for item in items[:done_count]:
                note = ItemNote(
                    person_id=person.id,
                    lesson_id=steps.id,
                    item_id=item.id,
                    is_done=True,
                    score=score if item == items[-1] else None,
                )
                note_item(session, utc_now, note)


def take_pictures(server: Product) -> None:
    """Take all pictures in both languages."""
    with server.session() as session:
        with session.begin():
            room = session.scalars(select(Classroom)).one()
        let_them_learn(session, room)
        room_path, code = f"/classrooms/{room.id}", room.code
    with closing(Line(server.port)) as line, running_playwright() as playwright:
        flags = (
            f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{line.port}",
            f"--unsafely-treat-insecure-origin-as-secure=http://{HOST}",
        )
        visits = Visits(launch(playwright, *flags), server)
        for shot, language in product((*TEACHER, *PUPIL), LANGUAGES):
            place = shot(Tour(visits, language, line, room_path, code))
            keep(place, FOLDER / language / f"{shot.__name__}.webp")
            place.page.context.close()
    assert visits.faults == []


def main() -> None:
    """Make the demo and take the pictures."""
    with TemporaryDirectory(prefix="khlang-help-") as name:
        folder = Path(name)
        make_demo(folder)
        options = {"PUBLIC_URL": f"http://{HOST}"}
        with running_product(folder, options=options, is_set_up=False) as server:
            take_pictures(server)


if __name__ == "__main__":
    main()
