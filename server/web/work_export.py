"""A classroom's work as one ZIP: marks, what was handed in with its files, answers to quizzes."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy.orm import Session

from server.models.assignments import HandIn
from server.models.content import QuizItem
from server.services.work_export import LessonWork, read_file, work_by_lesson
from server.web.classroom_cards import numbered
from server.web.grid_exports import harmless
from server.web.hand_in_cards import number_text
from server.web.lesson_steps import item_title
from server.web.quiz_results import given_text
from server.web.translate import translate as _
from storage.store import ObjectStore

Entry = tuple[str, Iterable[bytes]]
NOT_IN_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
LONGEST_NAME = 80


class _Sink(io.RawIOBase):
    """Where the archive is written to: what came since the last look is taken and sent."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(content))
        return len(content)

    def taken(self) -> bytes:
        whole, self._pieces = b"".join(self._pieces), []
        return whole


def zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield an archive while it is made; no more of it is held than one piece."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, pieces in entries:
            with archive.open(ZipInfo(name), "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
                    yield sink.taken()
    yield sink.taken()


def entries_of(session: Session, store: ObjectStore, classroom_id: UUID) -> Iterator[Entry]:
    """Yield the files of all lessons, a folder each."""
    for number, work in enumerate(work_by_lesson(session, classroom_id), 1):
        folder = f"{number:03} {_named(work.lesson.title)}"
        if work.hand_ins:
            yield f"{folder}/{_('Handed in')}.csv", [_table(_handed_in(work))]
        if work.tries:
            yield f"{folder}/{_('Answers')}.csv", [_table(_answers(work))]
        for row in work.hand_ins:
            yield from _files(store, folder, numbered(work.pupils[row.person_id]), row)


def _files(store: ObjectStore, folder: str, pupil: str, row: HandIn) -> Iterator[Entry]:
    for number, file in enumerate(row.files, 1):
        pieces = read_file(store, file.original.asset)
        name = f"{folder}/{_named(pupil)} {number} {_named(file.original.file_name)}"
        if pieces is not None:
            yield name, pieces


def _handed_in(work: LessonWork) -> Iterator[list[str]]:
    yield [_("Pupil"), _("Task"), _("Handed in"), _("Work"), _("Points"), _("Comment")]
    for row in work.hand_ins:
        item = work.items.get(row.item_id)
        yield [
            numbered(work.pupils[row.person_id]),
            item_title(item, work.lesson) if item else "",
            row.handed_in_at.isoformat() if row.handed_in_at else "",
            row.text,
            number_text(row.mark),
            row.comment,
        ]


def _answers(work: LessonWork) -> Iterator[list[str]]:
    yield [_("Pupil"), _("Quiz"), _("Try"), _("Points"), _("Question"), _("Answer")]
    for each in work.tries:
        quiz = work.items.get(each.item_id)
        pupil = numbered(work.pupils[each.person_id])
        for question in quiz.questions if isinstance(quiz, QuizItem) else ():
            yield [
                pupil,
                item_title(quiz, work.lesson) if quiz else "",
                str(each.number),
                f"{number_text(each.points)}/{number_text(each.most_points)}",
                question.text,
                given_text(question, each.answers.get(str(question.id), [])),
            ]


def _table(rows: Iterable[list[str]]) -> bytes:
    """Return UTF-8 with a mark in front, in which spreadsheets take nothing for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([harmless(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _named(text: str) -> str:
    """Return what may stand in a path on every system."""
    return NOT_IN_NAMES.sub(" ", text).strip(" .")[:LONGEST_NAME] or "-"
