"""What is missing of a file that is shown all the same, in words for everybody who watches."""

from server.models.library import Asset, AssetKind, AssetState
from server.services.holes import holes_of
from server.web.dates import clock_time, length_text
from server.web.translate import translate as _

MOST_HOLES = 5  # more are told as one sentence


def loss_texts(asset: Asset) -> list[str]:
    """Return one sentence for each thing that is missing; none when all of the file is there."""
    if asset.state == AssetState.FAILED:
        return []
    return [*_about_picture(asset), *_about_sound(asset), *_about_end(asset)]


def _about_picture(asset: Asset) -> list[str]:
    holes = holes_of(asset)
    if holes and asset.kind == AssetKind.AUDIO:
        return [_("The picture of this file cannot be read; the sound can be heard.")]
    if len(holes) > MOST_HOLES:
        return [
            _(
                "There is no picture in %(count)s places, which cannot be read in the file; "
                "everything else can be watched.",
                count=len(holes),
            )
        ]
    return [
        _(
            "There is no picture from %(begin)s to %(end)s, which cannot be read in the file; "
            "everything else can be watched.",
            begin=clock_time(begin_s),
            end=clock_time(end_s),
        )
        for begin_s, end_s in holes
    ]


def _about_sound(asset: Asset) -> list[str]:
    from_s = asset.media_info.get("unheard_from_s", 0)
    if not from_s:
        return []
    return [
        _(
            "There is no sound from %(begin)s on, which cannot be read in the file.",
            begin=clock_time(from_s),
        )
    ]


def _about_end(asset: Asset) -> list[str]:
    if asset.state != AssetState.READY or asset.missing_s < 1:
        return []
    return [
        _("The last %(length)s of the recording are missing.", length=length_text(asset.missing_s))
    ]
