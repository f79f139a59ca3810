"""Under which type browsers' own players are given a file: by what was found in it."""

import pytest

from server.models.library import Asset, AssetKind, AssetState
from server.services.played_types import played_type

MP4 = "mov,mp4,m4a,3gp,3g2,mj2"


@pytest.mark.parametrize(
    ("kind", "container", "expected"),
    [
        (AssetKind.AUDIO, "mp3", "audio/mpeg"),
        (AssetKind.AUDIO, MP4, "audio/mp4"),
        (AssetKind.VIDEO, MP4, "video/mp4"),
        (AssetKind.AUDIO, "matroska,webm", "audio/webm"),
        (AssetKind.VIDEO, "matroska,webm", "video/webm"),
        (AssetKind.AUDIO, "ogg", "audio/ogg"),
        (AssetKind.AUDIO, "wav", "audio/wav"),
        (AssetKind.AUDIO, "amr", ""),  # no browser plays it
        (AssetKind.VIDEO, "avi", ""),
        (AssetKind.VIDEO, "", ""),
        (AssetKind.DOCUMENT, "pdf", ""),
        (AssetKind.PACKAGE, "zip", ""),
        (AssetKind.IMAGE, MP4, ""),
    ],
)
def test_sound_and_film_that_browsers_play_have_a_type_and_nothing_else_has(
    kind: AssetKind, container: str, expected: str
) -> None:
    asset = Asset(kind=kind, state=AssetState.READY, media_info={"container": container})

    assert played_type(asset) == expected


@pytest.mark.parametrize("state", [AssetState.WAITING, AssetState.PREPARING, AssetState.FAILED])
def test_what_is_not_known_to_be_sound_yet_has_none(state: AssetState) -> None:
    asset = Asset(kind=AssetKind.AUDIO, state=state, media_info={"container": "mp3"})

    assert played_type(asset) == ""
