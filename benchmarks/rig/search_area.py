"""An area's worth of lessons and passages, made of words: as many and as mixed as real ones."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from benchmarks.rig.search_sets import SearchSet
from search.cutting import words_in
from search.thai import known_words, normalise
from server.models.lessons import Lesson, Visibility
from server.models.library import Asset, AssetKind, Original, Page
from server.models.people import Person, School

LESSON_COUNT, PASSAGES_EACH, PASSAGE_WORDS = 20_000, 15, 60
SCHOOL_COUNT, TEACHER_COUNT = 150, 2_000
AREAS, GRADES = "ทควสพศงต", [f"{level}{n}" for level in "PM" for n in range(1, 7)]
KINDS = (AssetKind.VIDEO, AssetKind.VIDEO, AssetKind.DOCUMENT, AssetKind.AUDIO)
WORD_COUNT = 40_000
BEGAN_AT = datetime(2026, 1, 1, tzinfo=UTC)


class Area:
    """Makes the same lessons again whenever it is asked; most words are rare, as in any text."""

    def __init__(self, golden: SearchSet, *, lesson_count: int = LESSON_COUNT) -> None:
        self._titles = [entry["title"] for entry in golden.documents]
        texts = (f"{entry['title']} {entry['body']}" for entry in golden.documents)
        own = {word for text in texts for word in words_in(normalise(text).lower())}
        others = sorted(word for word in known_words() if len(word) > 1)
        words = [*sorted(own), *random.Random(1).sample(others, WORD_COUNT)]  # noqa: S311
        self._words = np.array(words, dtype=object)
        share = 1 / (np.arange(len(words)) + 20.0)
        self._shares = np.cumsum(share / share.sum())
        self._lesson_count = lesson_count
        self.word_count = 0
        chance = random.Random(2)  # noqa: S311 (no secret)
        self._schools = [
            School(id=UUID(int=n + 1), name=f"โรงเรียนที่ {n}") for n in range(SCHOOL_COUNT)
        ]
        self._people = [
            Person(display_name=f"ครู{chance.choice(words)} {chance.choice(words)}")
            for _ in range(TEACHER_COUNT)
        ]

    def lessons(self, *, has_passages: bool = True) -> Iterator[Lesson]:
        """Yield all lessons."""
        for number in range(self._lesson_count):
            yield self.lesson(number, has_passages=has_passages)

    def lesson(self, number: int, *, has_passages: bool = True, version: int = 0) -> Lesson:
        """Return one lesson; another version has other words."""
        chance = random.Random(number)  # noqa: S311
        drawn = np.random.default_rng((number, version))
        school = self._schools[number % SCHOOL_COUNT]
        asset = Asset(kind=KINDS[number % 4], duration_s=float(60 + 97 * (number % 40)))
        texts = self._texts(drawn, PASSAGES_EACH if has_passages else 0)
        asset.pages = [Page(number=at, text=text) for at, text in enumerate(texts, 1)]
        title = f"{chance.choice(self._titles)} {''.join(self._draw(drawn, 4))}"
        return Lesson(
            id=UUID(int=number + 1),
            title=title,
            description=" ".join(self._draw(drawn, 25)),
            tags=list(self._draw(drawn, 2)),
            language="th" if number % 9 else "en",
            learning_area=AREAS[number % 8],
            grades=[GRADES[number % 12], *GRADES[number % 12 + 1 : number % 12 + 1 + number % 2]],
            indicators=[
                f"{AREAS[number % 8]} 1.{number % 3 + 1} ป.{number % 6 + 1}/{number % 5 + 1}"
            ],
            licence="cc_by",
            visibility=[Visibility.PUBLIC, Visibility.AREA, Visibility.SCHOOL][number % 3],
            ceiling=Visibility.PUBLIC,
            view_count=chance.randrange(500),
            kept_ranges=[],
            published_at=BEGAN_AT + timedelta(minutes=number),
            owner=self._people[number % TEACHER_COUNT],
            school=school,
            school_id=school.id,
            original=Original(asset=asset),
        )

    def _texts(self, drawn: np.random.Generator, count: int) -> list[str]:
        words = self._draw(drawn, count * PASSAGE_WORDS)
        starts = range(0, len(words), PASSAGE_WORDS)
        return ["".join(words[start : start + PASSAGE_WORDS]) for start in starts]

    def _draw(self, drawn: np.random.Generator, count: int) -> Sequence[str]:
        self.word_count += count
        places = np.searchsorted(self._shares, drawn.random(count))
        return list(self._words[places.clip(max=len(self._words) - 1)])
