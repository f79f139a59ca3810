"""What is said in a lesson, cut to places that a hit can show: pages, captions, texts of items."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from media_pipeline.caption_reading import Cue, read_captions
from media_pipeline.captions import plain_text
from media_pipeline.timeline import WHOLE, Timeline
from search.index import Lines
from search.thai import normalise
from server.models.content import AnyItem, Content, HandInItem, LinkItem, QuizItem, TextItem
from server.models.lessons import TextTrack
from server.models.library import Page
from server.services.markdown import as_plain

PASSAGE_S = 30
PASSAGE_CHARACTERS = 1_500  # a longer page becomes several passages: a hit shows one line of it
MOST_ITEM_CHARACTERS = 8_000  # of all items of a lesson: what is changed is found at once


@dataclass(frozen=True, slots=True)
class Place:
    """Text at one place of a lesson."""

    text: str
    at_s: float | None = None
    page: int | None = None
    item_id: str = ""
    language: str = ""
    field: str = "text"
    lines: Lines = ()


def page_places(pages: Iterable[Page]) -> Iterator[Place]:
    """Yield the text of pages, long ones in several pieces."""
    for page in pages:
        for text in _pieces(page.text):
            yield Place(text, page=page.number)


def caption_places(tracks: Iterable[TextTrack], timeline: Timeline = WHOLE) -> Iterator[Place]:
    """Yield half minutes of captions; `at_s` is where the first line of each begins.

    In seconds of the original; what is cut out is not found.
    """
    for track in tracks:
        cues = [
            cue
            for cue in read_captions(track.text.encode()).cues
            if timeline.shown_spans(cue.start_ms / 1000, cue.end_ms / 1000)
        ]
        for _, group in groupby(cues, key=_half_minute_of):
            text, lines = _joined(group)
            if not lines:
                continue
            yield Place(
                text,
                at_s=lines[0][1],
                language=track.language,
                field="unread" if track.is_automatic else "text",
                lines=lines,
            )


def item_places(content: Content) -> Iterator[Place]:
    """Yield the texts of a lesson's items; what is asked inside a recording stands at its second.

    Never what is right, and not what can be chosen: nobody finds an answer by searching.
    """
    left = MOST_ITEM_CHARACTERS
    for item in content.items:
        text = _text_of(item)[:left]
        left -= len(text)
        at_s = item.at_s if isinstance(item, QuizItem) else None
        for piece in _pieces(text):
            yield Place(piece, at_s=at_s, item_id=str(item.id))


def _text_of(item: AnyItem) -> str:
    match item:
        case TextItem() | HandInItem():
            said = [as_plain(item.markdown)]
        case QuizItem():
            said = [as_plain(question.text) for question in item.questions]
        case LinkItem():
            said = [item.note]
        case _:
            said = []
    return "\n".join(filter(None, [item.title, *said]))


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PASSAGE_CHARACTERS):
        piece = text[start : start + PASSAGE_CHARACTERS]
        if piece.strip():
            yield piece


def _joined(cues: Iterable[Cue]) -> tuple[str, list[tuple[int, float]]]:
    """Return the text of captions, and where in it each begins, with its second."""
    text, lines = "", []
    for cue in cues:
        words = " ".join(normalise(plain_text(cue)).split())
        if words:
            text += " " if text else ""
            lines.append((len(text), cue.start_ms / 1000))
            text += words
    return text, lines


def _half_minute_of(cue: Cue) -> int:
    return cue.start_ms // 1000 // PASSAGE_S
