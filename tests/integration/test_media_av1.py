"""Pictures made once more in AV1: on the timeline of the others, in a list of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.encode import encode_stretch, frames_of
from media_pipeline.ladder import choose_av1_ladder
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches
from media_pipeline.probe import MediaInfo, probe_file
from media_pipeline.timeline import Timeline
from server.models.lessons import Lesson
from server.models.library import Asset, AssetState, Original, RenditionKind
from server.services.consistency import find_faults
from server.services.play import asset_state
from server.services.playlists import find_document, opening_documents
from server.services.repair import repair_faults
from server.services.saving import save_choices
from server.services.trims import TrimDraft, save_trim
from server.settings import Settings
from server.wiring import Wiring, wire
from storage.keys import part_key
from tests.builders import a_lesson, an_arrived_file, at_noon
from tests.media_clips import TOOLS, a_clip, decoded_frames
from tests.mp4_reader import has_box, read_fragments
from tests.working import parked_jobs, work_until_idle

pytestmark = pytest.mark.slow
FILM = "av1-360p"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"av1_pictures": True})


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_clip(tmp_path_factory.mktemp("clip") / "film.mp4", seconds=14)


@pytest.fixture(scope="module")
def made(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[MadePart]]:
    return encoded(clip, probe_file(clip, TOOLS), tmp_path_factory.mktemp("made"))


def encoded(clip: Path, info: MediaInfo, out_dir: Path) -> dict[str, list[MadePart]]:
    made: dict[str, list[MadePart]] = {}
    for stretch in plan_stretches(info.duration_s):
        ladder = choose_av1_ladder(info)
        for part in encode_stretch(
            clip, stretch, ladder, out_dir, TOOLS, info, on_progress=lambda _: None
        ):
            made.setdefault(part.rendition_name, []).append(part)
    return made


def test_every_part_begins_in_its_place_and_has_its_frames(
    clip: Path, made: dict[str, list[MadePart]]
) -> None:
    info = probe_file(clip, TOOLS)
    assert list(made) == [FILM, "av1-240p"]
    for spec in choose_av1_ladder(info):
        for stretch, part in zip(plan_stretches(14), made[spec.name], strict=True):
            content = part.path.read_bytes()
            fragments = read_fragments(content)
            expected_s = [10 + part.start_s + 4 * index for index in range(len(fragments))]
            assert [one.first_shown_s for one in fragments] == pytest.approx(expected_s, abs=0.001)
            assert sum(one.frame_count for one in fragments) == frames_of(stretch, spec)
            assert not has_box(content, b"elst")
            assert part.codecs.startswith("av01.0.")


def test_the_joined_parts_decode_without_error(
    made: dict[str, list[MadePart]], tmp_path: Path
) -> None:
    for name, parts in made.items():
        joined = tmp_path / f"{name}.mp4"
        joined.write_bytes(b"".join(part.path.read_bytes() for part in parts))

        assert len(decoded_frames(joined)) == 14 * (30 if name == FILM else 15)


@pytest.fixture
def film(session: Session, wiring: Wiring, clip: Path) -> Iterator[Asset]:
    """A filmed lesson of which everything is made."""
    original = an_arrived_file(session, wiring.store, clip)
    work_until_idle(wiring)
    session.expire_all()
    yield session.get_one(Asset, original.asset_id)
    assert parked_jobs(wiring) == []


def test_a_film_is_ready_before_its_av1_and_offers_it_apart(session: Session, film: Asset) -> None:
    lines = document(session, film, "multivariant.m3u8")
    smaller = document(session, film, "av1.m3u8")
    state = asset_state(session, film.id)

    assert "av01" not in lines
    assert "avc1" not in smaller
    assert 'CODECS="av01.0.' in smaller
    listed = [line for line in smaller.splitlines() if line.endswith(".m3u8")]
    assert listed == ["av1-240p.m3u8", "av1-360p.m3u8", "audio.m3u8"]
    assert "#EXT-X-ENDLIST" in document(session, film, "av1-360p.m3u8")
    assert {row.kind for row in state.renditions} <= {"video", "audio", "remux"}
    assert [row.name for row in state.av1] == ["av1-240p", FILM]
    assert state.is_whole
    assert "av1.m3u8" in opening_documents(session, film.id, plays_av1=True)
    assert "av1.m3u8" not in opening_documents(session, film.id)
    saved = save_choices(lesson_of(session, film), state)
    assert [choice.name for choice in saved] == ["audio.m4a", "240p.mp4", "360p.mp4"]


def test_what_it_takes_is_counted_and_what_is_lost_is_made_again(
    session: Session, wiring: Wiring, film: Asset
) -> None:
    row = next(row for row in film.renditions if row.name == FILM)
    sizes = [part.size_bytes for each in film.renditions for part in each.parts]
    assert film.made_bytes == sum(sizes) + film.stills_bytes
    wiring.store.delete(part_key(film.id, row.parts[1].sha256))
    session.rollback()

    faults = find_faults(session, wiring.clock, store=wiring.store)
    repair_faults(session, wiring.clock, store=wiring.store, faults=faults)
    session.expire_all()

    assert film.state == AssetState.READY
    assert asset_state(session, film.id).av1 == []
    work_until_idle(wiring)
    session.expire_all()
    assert len(asset_state(session, film.id).av1) == 2


def test_a_trimmed_film_has_its_cuts_in_av1_too(
    session: Session, wiring: Wiring, film: Asset
) -> None:
    lesson = lesson_of(session, film)
    draft = TrimDraft(start_s=2.3, end_s=9.5)
    save_trim(session, at_noon, lesson_id=lesson.id, draft=draft, version=0, by=lesson.owner)

    work_until_idle(wiring)
    session.expire_all()

    state = asset_state(session, film.id, timeline=Timeline.of(lesson.kept_ranges))
    pieces = [part for row in film.renditions if row.name == FILM for part in row.cut_parts]
    assert lesson.is_trim_exact
    assert [row.name for row in state.av1] == ["av1-240p", FILM]
    assert len(pieces) == 2


def test_without_the_encoder_all_else_is_as_ever(
    session: Session, wiring: Wiring, clip: Path
) -> None:
    original = an_arrived_file(session, wiring.store, clip)
    poorer = wire(wiring.settings.model_copy(update={"av1_pictures": False}), clock=wiring.clock)

    work_until_idle(poorer)
    session.expire_all()

    asset = session.get_one(Asset, original.asset_id)
    assert asset.state == AssetState.READY
    assert RenditionKind.AV1 not in {row.kind for row in asset.renditions}
    assert document(session, asset, "av1.m3u8") == ""


def document(session: Session, asset: Asset, name: str) -> str:
    found = find_document(session, asset.id, name)
    session.rollback()
    return found.text if found else ""


def lesson_of(session: Session, asset: Asset) -> Lesson:
    original = session.scalars(select(Original).where(Original.asset_id == asset.id)).one()
    return a_lesson(session, original.owner, original=original)
