"""Documents for tests: Thai pages in PDF, and lessons that show them."""

from pathlib import Path

from fpdf import FPDF
from fpdf.enums import WrapMode
from sqlalchemy.orm import Session

from server.demo.media import find_font
from server.models.lessons import Lesson, Visibility
from server.wiring import Wiring
from tests.builders import a_lesson, a_person, an_arrived_file
from tests.working import work_until_idle

SENTENCE = "พืชยืดตัวหาแสง น้ำและอากาศจำเป็นต่อการเจริญเติบโต ขนาดของต้นไม้จึงต่างกัน "


def a_thai_pdf(path: Path, *, pages: int, sentences: int = 12) -> Path:
    """Write a PDF whose pages say their number in Thai, and some sentences."""
    pdf = FPDF()
    pdf.add_font("Sarabun", fname=find_font())
    pdf.set_text_shaping(use_shaping_engine=True)
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.set_font("Sarabun", size=24)
        pdf.cell(text=f"ใบความรู้ หน้าที่ {number}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Sarabun", size=14)
        pdf.multi_cell(0, 8, SENTENCE * sentences, wrapmode=WrapMode.CHAR)
    pdf.output(str(path))
    return path


def a_document_lesson(session: Session, wiring: Wiring, path: Path, **columns: object) -> Lesson:
    """Make a public lesson of a real file, prepared by a real worker."""
    owner = a_person(session)
    original = an_arrived_file(session, wiring.store, path, owner=owner)
    work_until_idle(wiring)
    session.expire_all()
    facts = {"visibility": Visibility.PUBLIC, "published": True, **columns}
    return a_lesson(session, owner, original=original, **facts)  # type: ignore[arg-type]
