"""Where an asset's picture or sound cannot be read, and what is shown all the same.

Every function runs inside the transaction of a handler, which holds its job's lease there.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.models.library import Asset, AssetKind, RenditionKind
from server.services.assets import reject

Hole = tuple[float, float]
SAME_S = 0.05


def holes_of(asset: Asset) -> list[Hole]:
    """Return (from, to) in seconds of everything whose picture is missing, in order."""
    return [(begin_s, end_s) for begin_s, end_s in asset.media_info.get("holes", ())]


def is_in_hole(asset: Asset, at_s: float) -> bool:
    """Tell whether the picture of this moment is missing."""
    return any(begin_s - SAME_S <= at_s < end_s - SAME_S for begin_s, end_s in holes_of(asset))


def note_hole(session: Session, asset: Asset, begin_s: float, end_s: float) -> None:
    """Write down that there is no picture from `begin_s` to `end_s`.

    Without any picture at all the asset becomes one to listen to; without sound too it fails.
    """
    holes = joined([*holes_of(asset), (begin_s, end_s)])
    asset.media_info = asset.media_info | {"holes": holes}
    if sum(end_s - begin_s for begin_s, end_s in holes) >= asset.duration_s - SAME_S:
        _give_up_picture(session, asset)


def close_hole(asset: Asset, begin_s: float, end_s: float) -> None:
    """The picture from `begin_s` to `end_s` is there after all."""
    left = [
        part
        for hole in holes_of(asset)
        for part in ((hole[0], min(hole[1], begin_s)), (max(hole[0], end_s), hole[1]))
        if part[1] - part[0] > SAME_S
    ]
    asset.media_info = asset.media_info | {"holes": left}


def joined(holes: Sequence[Hole]) -> list[Hole]:
    """Return holes in order, those that touch as one."""
    found: list[Hole] = []
    for begin_s, end_s in sorted(holes):
        if found and begin_s <= found[-1][1] + SAME_S:
            found[-1] = (found[-1][0], max(found[-1][1], end_s))
        else:
            found.append((begin_s, end_s))
    return found


def _give_up_picture(session: Session, asset: Asset) -> None:
    sounds = [row for row in asset.renditions if row.kind == RenditionKind.AUDIO]
    if not sounds:
        reject(asset, "broken_file", "no picture can be read")
        return
    asset.kind = AssetKind.AUDIO
    asset.media_info = asset.media_info | {"kind": AssetKind.AUDIO.value}
    asset.renditions = sounds
    asset.stretches.clear()
    session.flush()
