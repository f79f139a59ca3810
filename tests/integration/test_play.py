"""How far an asset is, and who may go on playing."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound
from server.messages import EncodeSound, EncodeStretch, ProbeOriginal
from server.models.lessons import Visibility
from server.models.library import Asset, AssetKind, AssetState, Rendition, RenditionKind
from server.models.people import EmbedSite, Person, RoleName
from server.queue import claim, enqueue
from server.services.play import asset_state, is_playback_allowed, open_playback
from server.services.playlists import find_document, opening_documents
from tests.builders import StoppedClock, a_lesson, a_person, a_ready_asset, an_asset, at_noon


def growing(session: Session) -> Asset:
    """Make a video of 36 s: sound to 20 s, 240p to 12 s and again from 20 s, 720p to 4 s."""
    asset = a_ready_asset(session, duration_s=36.0, state=AssetState.PREPARING)
    rows = {row.name: row for row in asset.renditions}
    for row in asset.renditions:
        row.is_whole = False
    rows["audio"].parts = [part for part in rows["audio"].parts if part.number < 3]
    rows["240p"].parts = [part for part in rows["240p"].parts if part.number != 2]
    rows["720p"].parts = [part for part in rows["720p"].parts if part.number < 1]
    session.commit()
    session.expire_all()
    return asset


def lines_of(session: Session, asset: Asset, name: str) -> list[str]:
    document = find_document(session, asset.id, name)
    return document.text.splitlines() if document else []


def test_what_is_watchable_ends_at_the_first_gap_of_picture_or_sound(session: Session) -> None:
    card = asset_state(session, growing(session).id)

    assert card.watchable_s == 12.0
    assert not card.is_whole
    assert card.percent == round(100 * (20 + 28 + 4) / 108)
    assert card.state == "preparing"


def test_a_whole_asset_is_all_watchable(session: Session) -> None:
    card = asset_state(session, a_ready_asset(session, duration_s=30.0).id)

    assert (card.watchable_s, card.percent, card.is_whole) == (30.0, 100, True)


def test_a_finer_picture_counts_when_it_is_whole(session: Session) -> None:
    asset = growing(session)
    row = next(row for row in asset.renditions if row.name == "720p")
    row.is_whole = True
    session.commit()

    assert asset_state(session, asset.id).watchable_s == 12.0
    assert "720p.m3u8" in lines_of(session, asset, "multivariant.m3u8")


def test_sound_alone_is_watchable_by_itself(session: Session) -> None:
    asset = growing(session)
    asset.kind = AssetKind.AUDIO
    asset.renditions = [row for row in asset.renditions if row.kind == RenditionKind.AUDIO]
    session.commit()

    assert asset_state(session, asset.id).watchable_s == 20.0


def test_nothing_is_watchable_of_what_is_not_probed(session: Session) -> None:
    card = asset_state(session, an_asset(session).id)

    assert (card.watchable_s, card.percent, card.renditions) == (0.0, 0, [])
    with pytest.raises(NotFound):
        asset_state(session, uuid4())


def test_while_it_grows_the_lowest_picture_and_sound_are_offered(session: Session) -> None:
    asset = growing(session)

    multivariant = lines_of(session, asset, "multivariant.m3u8")
    media = lines_of(session, asset, "240p.m3u8")

    assert "240p.m3u8" in multivariant
    assert "720p.m3u8" not in multivariant
    assert sum(line.startswith("#EXT-X-MAP") for line in media) == 2
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in media
    assert "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES" in media
    document = find_document(session, asset.id, "240p.m3u8")
    assert document
    assert document.max_age_s == 1


def test_a_retired_rendition_leaves_the_list_but_still_plays(session: Session) -> None:
    asset = a_ready_asset(session)
    asset.renditions.append(remux(asset))
    session.commit()
    assert "remux.m3u8" in lines_of(session, asset, "multivariant.m3u8")

    asset.renditions[-1].is_retired = True
    session.commit()

    assert "remux.m3u8" not in lines_of(session, asset, "multivariant.m3u8")
    assert "#EXT-X-ENDLIST" in lines_of(session, asset, "remux.m3u8")
    assert "remux" not in [row.name for row in asset_state(session, asset.id).renditions]


def remux(asset: Asset) -> Rendition:
    """Make a remux that has a copy of the 720p parts."""
    source = next(row for row in asset.renditions if row.name == "720p")
    columns = ("number", "sha256", "size_bytes", "init_bytes", "start_s", "duration_s", "segments")
    copies = [
        type(part)(**{name: getattr(part, name) for name in columns}) for part in source.parts
    ]
    return Rendition(
        name="remux",
        kind=RenditionKind.REMUX,
        width_px=1280,
        height_px=720,
        is_first=True,
        is_whole=True,
        peak_bps=9_000_000,
        parts=copies,
    )


def test_the_place_in_the_queue_counts_what_runs_before(
    session: Session, clock: StoppedClock
) -> None:
    assets = [an_asset(session) for _ in range(3)]
    for asset in assets:
        with session.begin():
            enqueue(session, ProbeOriginal(asset_id=asset.id), clock())
        clock.forward(seconds=1)
    with session.begin():
        enqueue(session, EncodeSound(asset_id=assets[0].id), clock())

    places = [asset_state(session, asset.id).queue_place for asset in assets]
    assert places == [1, 2, 3]

    assert claim(session, clock(), worker="w", first_work_only=False)
    places = [asset_state(session, asset.id).queue_place for asset in assets]
    assert places == [None, 1, 2]


def test_an_asset_without_jobs_has_no_place(session: Session) -> None:
    other, asset = an_asset(session), an_asset(session)
    with session.begin():
        enqueue(session, EncodeStretch(asset_id=other.id, number=0, rungs="rest"), at_noon())

    assert asset_state(session, asset.id).queue_place is None


def test_playback_lasts_twelve_hours(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    playback = open_playback(session, clock, lesson=lesson, person=None)
    asset_id = playback.asset_id

    clock.forward(hours=11, minutes=59)
    assert is_playback_allowed(session, clock, session_id=playback.id, asset_id=asset_id)
    assert not is_playback_allowed(session, clock, session_id=playback.id, asset_id=uuid4())

    clock.forward(minutes=1)
    assert not is_playback_allowed(session, clock, session_id=playback.id, asset_id=asset_id)


def test_what_may_not_be_seen_may_not_be_played(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.SCHOOL)
    stranger = a_person(session, RoleName.STUDENT)

    for person in (None, stranger):
        with pytest.raises(NotAllowed):
            open_playback(session, clock, lesson=lesson, person=person)


def test_a_person_who_is_locked_out_stops(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    student: Person = a_person(session, RoleName.STUDENT)
    playback = open_playback(session, clock, lesson=lesson, person=student)

    student.is_active = False
    session.commit()

    assert not is_playback_allowed(
        session, clock, session_id=playback.id, asset_id=playback.asset_id
    )


def test_another_file_in_its_place_ends_what_plays(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    playback = open_playback(session, clock, lesson=lesson, person=None)

    lesson.original = a_lesson(session).original
    session.commit()

    assert not is_playback_allowed(
        session, clock, session_id=playback.id, asset_id=playback.asset_id
    )


def test_a_site_that_left_the_list_stops(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    assert lesson.school_id
    site = EmbedSite(school_id=lesson.school_id, origin="https://example.ac.th")
    session.add(site)
    session.commit()
    playback = open_playback(
        session, clock, lesson=lesson, person=None, embed_origin="https://example.ac.th"
    )

    session.delete(site)
    session.commit()

    assert not is_playback_allowed(
        session, clock, session_id=playback.id, asset_id=playback.asset_id
    )


def test_a_lesson_without_a_file_has_nothing_to_play(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session, published=True)
    lesson.original = None
    session.commit()

    with pytest.raises(NotFound):
        open_playback(session, clock, lesson=lesson, person=lesson.owner)


def test_a_player_gets_what_it_asks_for_first_in_one_answer(session: Session) -> None:
    ready = a_ready_asset(session, duration_s=36.0)
    waiting = an_asset(session)

    documents = opening_documents(session, ready.id)

    assert set(documents) == {"state.json", "multivariant.m3u8", "audio.m3u8", "240p.m3u8"}
    for name, text in documents.items():
        document = find_document(session, ready.id, name)
        assert document
        assert text == document.text
    assert set(opening_documents(session, waiting.id)) == {"state.json"}
