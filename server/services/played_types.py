"""Files as browsers' own players take them: Safari and Firefox play nothing of unknown type."""

from server.models.library import Asset, AssetKind, AssetState

FAMILIES = {AssetKind.AUDIO: "audio", AssetKind.VIDEO: "video"}
SUBTYPES = {  # by what was found in the file, not by its name
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
    "matroska,webm": "webm",
    "ogg": "ogg",
    "mp3": "mpeg",
    "aac": "aac",
    "wav": "wav",
    "flac": "flac",
}


def played_type(asset: Asset) -> str:
    """Return the type of sound or film that browsers play; empty for everything else."""
    family = FAMILIES.get(asset.kind) if asset.state == AssetState.READY else None
    subtype = SUBTYPES.get(asset.media_info.get("container", ""))
    return f"{family}/{subtype}" if family and subtype else ""
